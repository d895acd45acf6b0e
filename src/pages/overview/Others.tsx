import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { TextLink, useStyles2 } from '@grafana/ui';
import { type Problem, type Stage } from '../../api/types';
import { plural } from '../../locales/t';
import { usePaths } from '../../paths';
import { withoutAgreement } from '../agreements/filters';
import { type AgreementRow } from '../agreements/agreementRow';

interface Props {
  agreementRows: AgreementRow[];
  problems: Problem[];
}

/** What is there beside the agreements in force, each a link to it. */
export function Others({ agreementRows, problems }: Props) {
  const styles = useStyles2(getStyles);
  const paths = usePaths();
  const slos = agreementRows.filter(({ alone }) => alone).length;
  const of = (stage: Stage) => agreementRows.filter(({ alone, summary }) => !alone && summary.stage === stage).length;
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  const lines = [
    {
      count: errors,
      text: plural('overview.errors', errors, '{{amount}} error in documents', '{{amount}} errors in documents'),
      href: paths.health(),
    },
    {
      count: of('proposed'),
      text: plural('overview.proposed', of('proposed'), '{{amount}} proposed', '{{amount}} proposed'),
      href: paths.agreements({ stage: 'proposed' }),
    },
    {
      count: of('draft'),
      text: plural('overview.drafts', of('draft'), '{{amount}} draft', '{{amount}} drafts'),
      href: paths.agreements({ stage: 'draft' }),
    },
    {
      count: of('retired'),
      text: plural('overview.retired', of('retired'), '{{amount}} retired', '{{amount}} retired'),
      href: paths.agreements({ stage: 'retired' }),
    },
    {
      count: slos,
      text: plural('overview.slos', slos, '{{amount}} SLO without agreement', '{{amount}} SLOs without agreement'),
      href: paths.agreements({ stage: withoutAgreement }),
    },
  ].filter(({ count }) => count > 0);
  if (lines.length === 0) {
    return null;
  }
  return (
    <ul className={styles.list}>
      {lines.map(({ text, href }) => (
        <li key={href}>
          <TextLink href={href} color="secondary">
            {text}
          </TextLink>
        </li>
      ))}
    </ul>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return {
    list: css({
      display: 'flex',
      flexWrap: 'wrap',
      gap: theme.spacing(0.5, 2),
      listStyle: 'none',
      margin: theme.spacing(0, 0, 3),
    }),
  };
}
