import { type Field, FieldColorModeId, FieldType, getMinMaxAndDelta } from '@grafana/data';
import { Sparkline, useTheme2 } from '@grafana/ui';
import { useMemo } from 'react';
import { type State, type Trends } from '../../api/types';
import { absent } from '../../components/figures';

const colors: Record<State, string> = {
  breached: 'red',
  at_risk: 'orange',
  met: 'green',
  no_data: 'text',
  inactive: 'text',
};

/** The error budget over the last 30 days in a cell, between nothing and all of it. */
export function Trend({ trend, state }: { trend?: Trends['trends'][string]; state: State }) {
  const theme = useTheme2();
  const sparkline = useMemo(() => {
    const y: Field = {
      name: 'Budget left',
      type: FieldType.number,
      values: trend?.values ?? [],
      config: { min: 0, max: 1, color: { mode: FieldColorModeId.Fixed, fixedColor: colors[state] } },
    };
    return { y: { ...y, state: { range: getMinMaxAndDelta(y) } } };
  }, [trend, state]);
  return trend ? (
    <div role="img" aria-label={trend.text} title={trend.text}>
      <Sparkline theme={theme} width={120} height={28} sparkline={sparkline} />
    </div>
  ) : (
    <div style={{ width: 120 }}>{absent}</div>
  );
}
