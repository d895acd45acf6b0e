import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import { type Objective, type ObjectiveStatus } from '../../api/types';
import { explanation } from '../../components/terms';
import { instant } from '../../components/words';
import { computations } from './computed';
import { Disclosure } from './Disclosure';

interface Props {
  status: ObjectiveStatus;
  /** What was promised, where it is known. */
  objective?: Objective;
  timeZone: string;
}

/** Each figure of an objective as it was computed, with the real numbers. */
export function HowComputed({ status, objective, timeZone }: Props) {
  const styles = useStyles2(getStyles);
  return (
    <Disclosure label={'How this is computed'}>
      <p className={styles.said}>
        {`Counted from ${instant(status.from, timeZone)} to ${instant(status.to, timeZone)} (${timeZone}).`}
      </p>
      <dl className={styles.list}>
        {computations(status, objective).map(({ title, term, formula, numbers }, index, all) => (
          <div key={title}>
            <dt>{title}</dt>
            {term !== all[index - 1]?.term && <dd className={styles.said}>{explanation(term)}</dd>}
            <dd className={styles.formula}>{formula}</dd>
            <dd className={styles.numbers}>{numbers}</dd>
          </div>
        ))}
      </dl>
    </Disclosure>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return {
    said: css({ margin: 0, color: theme.colors.text.secondary }),
    list: css({ margin: 0, '& > div': { marginTop: theme.spacing(1.5) }, '& dd': { marginLeft: 0 } }),
    formula: css({ fontStyle: 'italic' }),
    numbers: css({ fontVariantNumeric: 'tabular-nums' }),
  };
}
