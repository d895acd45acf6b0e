import { EditorField } from '@grafana/plugin-ui';
import { useId } from 'react';
import { Choice } from './Filters';
import { type QueryType, type QueryWindow } from './types';

interface Props {
  queryType: QueryType;
  window?: QueryWindow;
  onChange: (window?: QueryWindow) => void;
}

const periods = ['day', 'week', 'month', 'quarter', 'year'];

const rolling = ['1d', '7d', '28d', '30d', '90d'].map((length) => ({
  label: `Last ${length}`,
  value: length,
  description: 'Rolling',
}));

const each = (word: string, offset: number, description?: string) =>
  periods.map((period) => ({ label: `${word} ${period}`, value: `${period}:${offset}`, description }));

const current = each('This', 0, 'Calendar, until now');
const past = each('Last', -1, 'Calendar, whole');
const byPeriod = each('By', 0);

const own = { label: 'As agreed', value: '', description: 'The window of each objective' };

/** Overrides the window of the objectives; a length such as 45d, month:-3 or a $variable can be typed. */
export function WindowPicker({ queryType, window, onChange }: Props) {
  const id = useId();
  return (
    <EditorField label="Window" htmlFor={id} tooltip={tooltips[queryType] ?? typed}>
      <Choice
        id={id}
        options={options(queryType)}
        value={format(window)}
        onChange={(text) => onChange(parse(text))}
        createCustomValue
      />
    </EditorField>
  );
}

const typed =
  'As agreed, or another one for all: choose, or type a length such as 45d, a past period such as month:-3, or a $variable.';

const tooltips: Partial<Record<QueryType, string>> = {
  history: 'The periods of the rows: those that were agreed, or others for all.',
};

const forHistory = [own, ...byPeriod];
const forAlert = [own, ...rolling, ...current]; // alerts are about now, so no past periods
const forAll = [...forAlert, ...past];

// Must return the same objects each time; see QueryEditor.
function options(queryType: QueryType) {
  return queryType === 'history' ? forHistory : queryType === 'alert' ? forAlert : forAll;
}

/** A window as text: 30d, month:-1, or empty. */
export function format(window?: QueryWindow): string {
  if (window?.calendar) {
    return `${window.calendar}:${window.offset ?? 0}`;
  }
  return window?.rolling ?? '';
}

/** The window of a text; anything but a calendar period is a length, which the backend checks. */
export function parse(text: string): QueryWindow | undefined {
  const [period, offset = '0'] = text.trim().split(':');
  if (periods.includes(period) && Number.isInteger(Number(offset))) {
    return Number(offset) !== 0 ? { calendar: period, offset: Number(offset) } : { calendar: period };
  }
  return text.trim() ? { rolling: text.trim() } : undefined;
}
