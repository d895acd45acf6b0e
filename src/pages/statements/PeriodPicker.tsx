import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { Combobox, Field, IconButton, RadioButtonGroup, useStyles2 } from '@grafana/ui';
import { useState } from 'react';
import { type Period, periods, units, unitWord } from './periods';

interface Props {
  period: Period;
  /** Without a name: the last whole one. */
  onChange: (unit: string, name?: string) => void;
}

/** Chooses the period: its kind, and which. */
export function PeriodPicker({ period, onChange }: Props) {
  const styles = useStyles2(getStyles);
  const [now] = useState(Date.now);
  const all = periods(period.unit, now);
  const place = all.findIndex(({ name }) => name === period.name);
  const [later, earlier] = [all[place - 1], all[place + 1]];
  return (
    <div className={styles.row}>
      <Field label={'By'} noMargin>
        <RadioButtonGroup
          options={units.map((value) => ({ value, label: unitWord(value) }))}
          value={period.unit}
          onChange={(unit) => onChange(unit)}
          aria-label={'By'}
        />
      </Field>
      <Field label={'Period'} htmlFor="accord-period" noMargin>
        <div className={styles.which}>
          <IconButton
            name="angle-left"
            size="lg"
            disabled={!earlier}
            tooltip={'The one before'}
            onClick={() => onChange(period.unit, earlier.name)}
          />
          <Combobox
            id="accord-period"
            width={26}
            options={all.map(({ name, closed }) => ({
              value: name,
              label: closed ? name : `${name}, to date`,
            }))}
            value={period.name}
            onChange={({ value }) => onChange(period.unit, value)}
          />
          <IconButton
            name="angle-right"
            size="lg"
            disabled={!later}
            tooltip={'The one after'}
            onClick={() => onChange(period.unit, later.name)}
          />
        </div>
      </Field>
    </div>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return {
    row: css({
      display: 'flex',
      flexWrap: 'wrap',
      gap: theme.spacing(2),
      marginBottom: theme.spacing(2),
      '@media print': { display: 'none' },
    }),
    which: css({ display: 'flex', alignItems: 'center', gap: theme.spacing(0.5) }),
  };
}
