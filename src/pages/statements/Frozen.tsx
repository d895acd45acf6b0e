import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { Button, Dropdown, Icon, Menu, useStyles2 } from '@grafana/ui';
import { useState } from 'react';
import { useDataSource } from '../../api/DataSource';
import { type StatementEntry, type StatementList } from '../../api/types';
import { type Resource } from '../../api/useResource';
import { instant, sentence } from '../../components/words';
import { FreezeButton } from './FreezeButton';
import { type Period } from './periods';
import { addressOf, type Format } from './resources';
import { type Row } from './rows';
import { VerifyDialog } from './VerifyDialog';

interface Props {
  row: Row;
  period: Period;
  list: Resource<StatementList>;
}

/** Whether an agreement's period was frozen: when and by whom, how to get and to check it; else how to freeze it. */
export function Frozen({ row, period, list }: Props) {
  const styles = useStyles2(getStyles);
  const { statement, unfrozen, agreement } = row;
  if (statement) {
    return <FrozenStatement statement={statement} list={list} />;
  }
  if (!unfrozen) {
    return null;
  }
  if (!unfrozen.closed) {
    return <span className={styles.why}>{sentence(unfrozen.reason ?? '')}</span>;
  }
  return list.value?.mayFreeze ? (
    <FreezeButton agreement={agreement.name} title={row.title} period={period.name} onDone={list.reload} />
  ) : (
    <span className={styles.why}>{'Not frozen'}</span>
  );
}

function FrozenStatement({ statement, list }: { statement: StatementEntry; list: Resource<StatementList> }) {
  const styles = useStyles2(getStyles);
  const { uid } = useDataSource();
  const [verifying, setVerifying] = useState(false);
  if (statement.error) {
    return (
      <span className={styles.why}>
        <Icon name="exclamation-triangle" aria-hidden /> {`${statement.file} cannot be read: ${statement.error}`}
      </span>
    );
  }
  return (
    <div>
      <div title={statement.digest}>
        <Icon name="lock" aria-hidden /> {`Frozen ${instant(statement.frozenAt)} by ${statement.frozenBy}`}
        {statement.replaces && `, ${`restated: ${statement.replaces.reason ?? ''}`}`}
      </div>
      <div className={styles.actions}>
        <Button size="sm" variant="secondary" fill="text" icon="shield" onClick={() => setVerifying(true)}>
          {'Verify'}
        </Button>
        <Dropdown overlay={<Forms uid={uid} statement={statement} />}>
          <Button size="sm" variant="secondary" fill="text" icon="download-alt">
            {'Get it'}
          </Button>
        </Dropdown>
      </div>
      {verifying && <VerifyDialog statement={statement} list={list} onDismiss={() => setVerifying(false)} />}
    </div>
  );
}

function Forms({ uid, statement }: { uid: string; statement: StatementEntry }) {
  const forms: Array<[Format, string]> = [
    ['html', 'HTML, to print'],
    ['json', 'JSON, to verify'],
    ['csv', 'CSV'],
    ['markdown', 'Markdown'],
  ];
  return (
    <Menu>
      {forms.map(([format, label]) => (
        <Menu.Item key={format} label={label} url={addressOf(uid, statement, format)} target="_blank" />
      ))}
    </Menu>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return {
    why: css({ color: theme.colors.text.secondary }),
    actions: css({ display: 'flex', flexWrap: 'wrap' }),
  };
}
