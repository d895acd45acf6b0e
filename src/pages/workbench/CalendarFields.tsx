import { NamesField, ownTimeZone, TextField, TimeZoneField } from './fields';
import { type Finished, type PartProps } from './Form';
import { calendarText, type NewCalendar } from './newDocument';

export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

export function beginCalendar(): NewCalendar {
  return {
    name: '',
    displayName: '',
    timeZone: ownTimeZone(),
    days: weekdays.slice(0, 5),
    from: '08:00',
    to: '18:00',
    country: '',
  };
}

export function finishCalendar(draft: NewCalendar): Finished {
  const time = /^([01]\d|2[0-3]):[0-5]\d$/;
  const errors = {
    ...(draft.days.length > 0 ? {} : { days: 'Is needed' }),
    ...(time.test(draft.from) ? {} : { from: 'A time of day, as 08:00' }),
    ...((time.test(draft.to) || draft.to === '24:00') && draft.to > draft.from
      ? {}
      : { to: 'A time of day after the start, at most 24:00' }),
    ...(/^([A-Z]{2})?$/.test(draft.country) ? {} : { country: 'A code of two capitals, as DE' }),
  };
  return Object.keys(errors).length > 0 ? { errors } : { text: calendarText(draft) };
}

export function CalendarFields({ value, onChange, errors }: PartProps<NewCalendar>) {
  return (
    <>
      <TimeZoneField value={value.timeZone} onChange={(timeZone) => onChange({ timeZone })} />
      <NamesField
        label={'Days'}
        value={value.days}
        options={weekdays}
        error={errors.days}
        onChange={(days) => onChange({ days: weekdays.filter((one) => days.includes(one)) })}
      />
      <TextField label={'From'} value={value.from} error={errors.from} onChange={(from) => onChange({ from })} />
      <TextField label={'To'} value={value.to} error={errors.to} onChange={(to) => onChange({ to })} />
      <TextField
        label={'Country whose holidays are kept'}
        placeholder="DE"
        value={value.country}
        error={errors.country}
        onChange={(country) => onChange({ country: country.toUpperCase() })}
      />
    </>
  );
}
