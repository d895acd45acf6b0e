import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { Alert, Button, FilterInput, Pagination, useStyles2 } from '@grafana/ui';
import { useDeferredValue, useState } from 'react';
import { type Report, type StatementList, type Summary } from '../../api/types';
import { type Resource } from '../../api/useResource';
import { csvText, download } from '../../components/csv';
import { Empty } from '../../components/Empty';
import { ErrorPage } from '../../components/ErrorPage';
import { LoadingPage } from '../../components/LoadingPage';
import { Section } from '../../components/Section';
import { sentence } from '../../components/words';
import { count, plural } from '../../components/words';
import { FreezeAll } from './FreezeAll';
import { type Period } from './periods';
import { PrintSheet } from './PrintSheet';
import { csvLines, found, type Row, rows } from './rows';
import { StatementTable } from './StatementTable';

interface Props {
  period: Period;
  agreements: Summary[];
  status: Resource<Report>;
  list: Resource<StatementList>;
}

/** The agreements in a period. What was frozen is shown also while nothing can be measured. */
export function PeriodView({ period, agreements, status, list }: Props) {
  if (status.state === 'loading' || list.state === 'loading') {
    return <LoadingPage lines={10} />;
  }
  if (status.state === 'forbidden') {
    return <ErrorPage error={status.error} reload={status.reload} />;
  }
  return (
    <>
      {[status, list].map(
        ({ error, reload }, index) =>
          error && (
            <Alert
              key={index}
              severity="error"
              title={index === 0 ? 'The period cannot be measured just now' : 'What was frozen cannot be read'}
              buttonContent={'Try again'}
              onRemove={reload}
            >
              {error.message}
            </Alert>
          ),
      )}
      <PeriodTable period={period} all={rows(agreements, status.value, list.value)} list={list} />
    </>
  );
}

const rowsOnPage = 50;

function PeriodTable({ period, all, list }: { period: Period; all: Row[]; list: Resource<StatementList> }) {
  const styles = useStyles2(getStyles);
  const [search, setSearch] = useState('');
  const [page, setPage] = useState(1);
  const [printing, setPrinting] = useState(false);
  const words = useDeferredValue(search);
  const shown = all.filter((row) => found(row, words.trim()));
  const pages = Math.max(1, Math.ceil(shown.length / rowsOnPage));
  const current = Math.min(page, pages);
  const title = period.closed ? `Statement of ${period.name}` : `${period.name}, to date`;
  if (all.length === 0) {
    return (
      <Empty kind="not-found" title={`Nothing was promised in ${period.name}`}>
        {'No agreement was in force then, or nothing is known of how it did.'}
      </Empty>
    );
  }
  return (
    <Section title={title} aside={<span>{tally(all, period)}</span>}>
      {list.value?.reason && period.closed && (
        <p className={styles.why}>{sentence(`You cannot freeze here: ${list.value.reason}`)}</p>
      )}
      <div className={styles.bar}>
        <div className={styles.search}>
          <FilterInput
            placeholder={'Search agreements, services and teams'}
            aria-label={'Search agreements, services and teams'}
            value={search}
            onChange={setSearch}
          />
        </div>
        {list.value && period.closed && <FreezeAll rows={shown} period={period} list={list} />}
        <Button variant="secondary" icon="file-alt" onClick={() => setPrinting(true)}>
          {'Print'}
        </Button>
        <Button
          variant="secondary"
          icon="download-alt"
          onClick={() => download(`statement-${period.name}.csv`, csvText(csvLines(period.name, shown)))}
        >
          {'CSV'}
        </Button>
      </div>
      {shown.length === 0 ? (
        <Empty kind="not-found" title={'No agreement has these words'} />
      ) : (
        <StatementTable
          caption={title}
          rows={shown.slice((current - 1) * rowsOnPage, current * rowsOnPage)}
          period={period}
          list={list}
        />
      )}
      <Pagination currentPage={current} numberOfPages={pages} onNavigate={setPage} hideWhenSinglePage />
      {printing && <PrintSheet title={title} rows={shown} onDone={() => setPrinting(false)} />}
    </Section>
  );
}

function tally(all: Row[], { closed }: Period): string {
  const size = plural(all.length, '1 agreement', `${count(all.length)} agreements`);
  if (!closed) {
    return size;
  }
  const frozen = all.filter(({ statement }) => statement).length;
  return `${size}, ${frozen} frozen`;
}

function getStyles(theme: GrafanaTheme2) {
  return {
    bar: css({ display: 'flex', flexWrap: 'wrap', gap: theme.spacing(1), marginBottom: theme.spacing(2) }),
    why: css({ color: theme.colors.text.secondary }),
    search: css({ flex: '1 1 240px' }),
  };
}
