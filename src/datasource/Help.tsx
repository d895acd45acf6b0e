import { css } from '@emotion/css';
import { type GrafanaTheme2, type QueryEditorHelpProps } from '@grafana/data';
import { Button, Text, useStyles2 } from '@grafana/ui';
import { type Query, queryTypes, schemaVersion } from './types';

const examples: Array<[label: string, query: Omit<Query, 'refId' | 'schemaVersion'>]> = [
  ['Status now', { queryType: 'status' }],
  ['Status of the last whole month', { queryType: 'status', window: { calendar: 'month', offset: -1 } }],
  ['Raw compliance', { queryType: 'compliance', scope: 'raw' }],
  ['Error budget of $agreement', { queryType: 'budget', agreements: ['$agreement'] }],
  ['The last four quarters', { queryType: 'history', window: { calendar: 'quarter' }, periods: 4 }],
  ['Pages', { queryType: 'alert', severity: 'page' }],
];

/** Help on queries, with examples. */
export function Help({ onClickExample }: QueryEditorHelpProps<Query>) {
  const styles = useStyles2(getStyles);
  return (
    <div>
      <Text element="h3">Query types</Text>
      <dl className={styles.list}>
        {Object.entries(queryTypes).map(([type, { label, description }]) => (
          <div key={type}>
            <dt>{label}</dt>
            <dd>{description}.</dd>
          </div>
        ))}
      </dl>
      <Text element="h3">Filters</Text>
      <p>
        Each filter is a list of names, $variables or /regular expressions/: one of them has to match. An empty filter
        keeps all. Different filters must all match.
      </p>
      <Text element="h3">Alerts</Text>
      <p>
        Put a threshold «is above 1» on a query of type Alert, and set «no data» and «error» to Keep Last State. One
        rule covers the whole catalog: an instance for each objective and severity, and for each kind of notice.
      </p>
      <Text element="h3">Examples</Text>
      <ul className={styles.examples}>
        {examples.map(([label, query]) => (
          <li key={label}>
            <Button
              variant="secondary"
              size="sm"
              onClick={() => onClickExample({ refId: 'A', schemaVersion, ...query } as Query)}
            >
              {label}
            </Button>
          </li>
        ))}
      </ul>
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  list: css({ dt: { fontWeight: theme.typography.fontWeightMedium }, dd: { marginBottom: theme.spacing(1) } }),
  examples: css({ listStyle: 'none', li: { marginBottom: theme.spacing(1) } }),
});
