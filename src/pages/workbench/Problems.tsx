import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { Button, Icon, TextLink, useStyles2 } from '@grafana/ui';
import { type Problem } from '../../api/types';
import { plural } from '../../components/words';
import { usePaths } from '../../paths';

const typedFile = 'document.yaml';

interface Props {
  problems: Problem[];
  /** What is going on, in words. */
  status: string;
  goTo: (line: number, column: number) => void;
}

/** What is wrong, each with the way to its place. */
export function Problems({ problems, status, goTo }: Props) {
  const styles = useStyles2(getStyles);
  const errors = problems.filter((one) => one.severity === 'error').length;
  const warnings = problems.length - errors;
  return (
    <div className={styles.whole}>
      <p className={styles.status} role="status">
        {[
          errors > 0 && plural(errors, '1 error', `${errors} errors`),
          warnings > 0 && plural(warnings, '1 warning', `${warnings} warnings`),
          status,
        ]
          .filter(Boolean)
          .join(' · ')}
      </p>
      {problems.length > 0 && (
        <ul className={styles.list} aria-label={'What is wrong'}>
          {problems.map((problem, i) => (
            <li key={i} className={styles.problem}>
              <Icon
                name={problem.severity === 'error' ? 'times-circle' : 'exclamation-triangle'}
                title={problem.severity === 'error' ? 'Error' : 'Warning'}
                className={problem.severity === 'error' ? styles.error : styles.warning}
              />
              <Where problem={problem} goTo={goTo} />
              <span>
                {problem.field && <code>{problem.field}</code>} {problem.message}
              </span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function Where({ problem, goTo }: { problem: Problem; goTo: Props['goTo'] }) {
  const paths = usePaths();
  const { file, line, column, kind, name } = problem;
  if (file === typedFile) {
    return (
      <Button size="sm" fill="text" onClick={() => goTo(line, column)}>
        {`Line ${line}`}
      </Button>
    );
  }
  const place = `${file}:${line}`;
  return kind && name ? (
    <TextLink href={paths.documents({ kind, name })} variant="bodySmall">
      {place}
    </TextLink>
  ) : (
    <code>{place}</code>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return {
    // Room for a few lines is kept, so that what is below does not jump.
    whole: css({ minHeight: theme.spacing(8), margin: theme.spacing(1, 0) }),
    status: css({ margin: 0, color: theme.colors.text.secondary }),
    list: css({ listStyle: 'none', maxHeight: 220, overflow: 'auto' }),
    problem: css({
      display: 'grid',
      gridTemplateColumns: 'auto auto 1fr',
      alignItems: 'baseline',
      gap: theme.spacing(1),
      padding: theme.spacing(0.25, 0),
    }),
    error: css({ color: theme.colors.error.text }),
    warning: css({ color: theme.colors.warning.text }),
  };
}
