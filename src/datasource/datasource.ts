import {
  CoreApp,
  type DataQueryRequest,
  type DataQueryResponse,
  type DataSourceInstanceSettings,
  type ScopedVars,
} from '@grafana/data';
import { DataSourceWithBackend, getTemplateSrv } from '@grafana/runtime';
import { map, type Observable } from 'rxjs';
import { tabulate } from './explore';
import { expandFilters, interpolate } from './interpolate';
import { isKnown, migrate, migrateAnnotation } from './migrate';
import {
  filterFields,
  type FilterField,
  type FilterValues,
  type Options,
  type Query,
  isAlerting,
  queryTypes,
  schemaVersion,
} from './types';
import { Variables } from './Variables';

/** Names for filters and variables; `empty` if there are no agreements at all. */
interface Names {
  names: Array<{ name: string; displayName?: string }>;
  empty: boolean;
}

/** The data source: a Prometheus and a folder of agreements. Its backend computes all figures. */
export class AccordDataSource extends DataSourceWithBackend<Query, Options> {
  /** The path of its settings page, for links in messages. */
  readonly settingsAddress: string;

  constructor(settings: DataSourceInstanceSettings<Options>) {
    super(settings);
    this.settingsAddress = `/connections/datasources/edit/${settings.uid}`;
    this.variables = new Variables(this);
    this.annotations = { prepareAnnotation: migrateAnnotation };
  }

  /** A new query: in an alert rule for alerts, elsewhere for the status. */
  getDefaultQuery(app: CoreApp): Partial<Query> {
    return { schemaVersion, queryType: isAlerting(app) ? 'alert' : 'status' };
  }

  query(request: DataQueryRequest<Query>): Observable<DataQueryResponse> {
    const answers = super.query(request);
    return request.app === CoreApp.Explore ? answers.pipe(map(tabulate)) : answers;
  }

  /** Queries of unknown types are sent, too: the backend reports what to do. */
  filterQuery(query: Query): boolean {
    return !query.hide;
  }

  applyTemplateVariables(query: Query, scoped: ScopedVars): Query {
    return interpolate(migrate(query), getTemplateSrv(), scoped);
  }

  interpolateVariablesInQueries(queries: Query[], scoped: ScopedVars): Query[] {
    return queries.map((query) => this.applyTemplateVariables(query, scoped));
  }

  getQueryDisplayText(query: Query): string {
    const migrated = migrate(query);
    const label = isKnown(migrated) ? queryTypes[migrated.queryType].label : migrated.queryType;
    return [label, ...filterFields.flatMap((field) => migrated[field] ?? [])].join(' ');
  }

  /** The names of a kind that contain the text and match the filters. */
  names(of: FilterField, search = '', filters: FilterValues = {}): Promise<Names> {
    const params = new URLSearchParams({ of, search });
    for (const field of filterFields) {
      [filters[field] ?? []].flat().forEach((value) => params.append(field, value));
    }
    return this.getResource<Names>(`names?${params}`);
  }

  /** Replaces the variables of the dashboard in filters. */
  expandFilters(filters: FilterValues, scoped?: ScopedVars): FilterValues {
    return expandFilters(filters, getTemplateSrv(), scoped);
  }
}
