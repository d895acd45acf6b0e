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

/** What filters and variables offer; empty where there is no agreement at all. */
interface Names {
  names: Array<{ name: string; displayName?: string }>;
  empty: boolean;
}

/** A Prometheus and a folder of agreements; all figures come from its backend. */
export class AccordDataSource extends DataSourceWithBackend<Query, Options> {
  /** Where its catalog stands in answers to people: the page of its settings. */
  readonly settingsAddress: string;

  constructor(settings: DataSourceInstanceSettings<Options>) {
    super(settings);
    this.settingsAddress = `/connections/datasources/edit/${settings.uid}`;
    this.variables = new Variables(this);
    this.annotations = { prepareAnnotation: migrateAnnotation };
  }

  /** What a new query asks: an alert rule for what fires, everything else for how it stands. */
  getDefaultQuery(app: CoreApp): Partial<Query> {
    return { schemaVersion, queryType: isAlerting(app) ? 'alert' : 'status' };
  }

  query(request: DataQueryRequest<Query>): Observable<DataQueryResponse> {
    const answers = super.query(request);
    return request.app === CoreApp.Explore ? answers.pipe(map(tabulate)) : answers;
  }

  /** A query of a kind that this version does not know is sent too: the backend says what to do. */
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

  /** The names of a kind that hold the text, of what the filters keep. */
  names(of: FilterField, search = '', filters: FilterValues = {}): Promise<Names> {
    const params = new URLSearchParams({ of, search });
    for (const field of filterFields) {
      [filters[field] ?? []].flat().forEach((value) => params.append(field, value));
    }
    return this.getResource<Names>(`names?${params}`);
  }

  /** The filters with the variables of the dashboard replaced. */
  expandFilters(filters: FilterValues, scoped?: ScopedVars): FilterValues {
    return expandFilters(filters, getTemplateSrv(), scoped);
  }
}
