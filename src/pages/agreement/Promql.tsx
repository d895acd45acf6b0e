import { css } from '@emotion/css';
import { type DataSourceInstanceSettings, type GrafanaTheme2 } from '@grafana/data';
import { getDataSourceSrv } from '@grafana/runtime';
import { ClipboardButton, LinkButton, useStyles2 } from '@grafana/ui';
import { Disclosure } from './Disclosure';
import { exploreLink } from './links';
import { type Definition } from './promise';
import { type History } from './useHistory';

interface Props {
  history: History;
  definition: Definition | undefined;
}

/** The indicator as it is written, and the PromQL that is sent for it. */
export function Promql({ history, definition }: Props) {
  const sent = history.state === 'ready' ? history.promql : [];
  const written = definition ? parts(definition) : [];
  if (sent.length + written.length === 0) {
    return null;
  }
  return (
    <Disclosure label={'The queries behind these figures'}>
      {written.length > 0 && (
        <>
          <h4>{'As it is written'}</h4>
          {written.map(([part, text]) => (
            <Code key={part} label={part} text={text} />
          ))}
        </>
      )}
      {sent.length > 0 && (
        <>
          <h4>{'As Prometheus is asked'}</h4>
          {sent.map((text) => (
            <Code key={text} text={text} explorable />
          ))}
        </>
      )}
    </Disclosure>
  );
}

function parts({ good, bad, total, gauge }: Definition): Array<[string, string]> {
  return Object.entries({ good, bad, total, gauge }).filter((part): part is [string, string] => Boolean(part[1]));
}

function Code({ label, text, explorable = false }: { label?: string; text: string; explorable?: boolean }) {
  const styles = useStyles2(getStyles);
  const prometheus = explorable ? somePrometheus() : undefined;
  return (
    <div className={styles.row}>
      <pre className={styles.code}>
        {label && `# ${label}\n`}
        {text}
      </pre>
      <ClipboardButton variant="secondary" size="sm" icon="copy" getText={() => text}>
        {'Copy'}
      </ClipboardButton>
      {prometheus && (
        <LinkButton variant="secondary" size="sm" icon="compass" href={explorePromql(prometheus, text)}>
          {`Explore in ${prometheus.name}`}
        </LinkButton>
      )}
    </div>
  );
}

function explorePromql({ type, uid }: DataSourceInstanceSettings, expr: string): string {
  return exploreLink({ type, uid }, { expr, range: true, editorMode: 'code' });
}

/** PromQL can be looked at in a Prometheus data source only; which of several is asked can be changed in Explore. */
function somePrometheus(): DataSourceInstanceSettings | undefined {
  const all = getDataSourceSrv().getList({ type: 'prometheus' });
  return all.find(({ isDefault }) => isDefault) ?? all[0];
}

function getStyles(theme: GrafanaTheme2) {
  return {
    row: css({ display: 'flex', flexWrap: 'wrap', gap: theme.spacing(1), marginBottom: theme.spacing(1) }),
    code: css({
      flex: '1 1 320px',
      minWidth: 0,
      margin: 0,
      whiteSpace: 'pre-wrap',
      overflowWrap: 'anywhere',
      fontSize: theme.typography.bodySmall.fontSize,
    }),
  };
}
