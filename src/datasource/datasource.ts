import { CoreApp, type DataSourceInstanceSettings, type ScopedVars } from '@grafana/data';
import { DataSourceWithBackend, getTemplateSrv } from '@grafana/runtime';
import { type Catalog, type Filters } from './catalog';
import { expandFilters, interpolate } from './interpolate';
import { isKnown, migrate, migrateAnnotation } from './migrate';
import { sentence } from './sentence';
import { schemaVersion, type Options, type Query } from './types';
import { Variables } from './variables';

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
    const alerting = app === CoreApp.UnifiedAlerting || app === CoreApp.CloudAlerting;
    return { schemaVersion, queryType: alerting ? 'alert' : 'status' };
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
    return isKnown(migrated) ? sentence(migrated) : migrated.queryType;
  }

  /** The names that filters and variables offer. */
  getCatalog(): Promise<Catalog> {
    return this.getResource<Catalog>('catalog');
  }

  /** The filters with the variables of the dashboard replaced. */
  expandFilters(filters: Filters, scoped?: ScopedVars): Filters {
    return expandFilters(filters, getTemplateSrv(), scoped);
  }
}
