import { ChoiceField, NamesField, TextField } from './fields';
import { type Finished, type PartProps } from './Form';
import { beginMeasured, type MeasuredDraft, MeasuredFields, measuredErrors, measuredOf } from './MeasuredFields';
import { serviceText, sloText, teamText } from './newDocument';
import { beginPromise, type PromiseDraft, PromiseFields, promiseErrors, promiseOf } from './PromiseFields';

interface Named {
  name: string;
  displayName: string;
}

interface SLODraft extends Named, PromiseDraft {
  service: string;
  measured: MeasuredDraft;
}

export function beginSLO(search: URLSearchParams): SLODraft {
  return {
    name: '',
    displayName: '',
    service: search.get('service') ?? '',
    measured: beginMeasured(),
    ...beginPromise(),
  };
}

export function finishSLO(draft: SLODraft): Finished {
  const errors = {
    ...(draft.service ? {} : { service: 'Is needed' }),
    ...measuredErrors(draft.measured),
    ...promiseErrors(draft),
  };
  return Object.keys(errors).length > 0
    ? { errors }
    : { text: sloText({ ...draft, ...promiseOf(draft), ...measuredOf(draft.measured) }) };
}

export function SLOFields({ value, onChange, errors, names }: PartProps<SLODraft>) {
  return (
    <>
      <ChoiceField
        label={'Service'}
        value={value.service}
        options={names('Service').map((one) => ({ value: one }))}
        error={errors.service}
        onChange={(service) => onChange({ service })}
      />
      <MeasuredFields value={value.measured} errors={errors} onChange={(measured) => onChange({ measured })} />
      <PromiseFields value={value} errors={errors} onChange={onChange} />
    </>
  );
}

interface TeamDraft extends Named {
  members: string[];
  email: string;
}

export function beginTeam(): TeamDraft {
  return { name: '', displayName: '', members: [], email: '' };
}

export function finishTeam(draft: TeamDraft): Finished {
  return { text: teamText({ ...draft, email: draft.email.trim() }) };
}

export function TeamFields({ value, onChange }: PartProps<TeamDraft>) {
  return (
    <>
      <NamesField
        label={'Members'}
        description={'Logins or e-mail addresses in Grafana. Only members sign and approve for the team.'}
        value={value.members}
        options={[]}
        custom
        onChange={(members) => onChange({ members })}
      />
      <TextField label={'E-mail address of the team'} value={value.email} onChange={(email) => onChange({ email })} />
    </>
  );
}

interface ServiceDraft extends Named {
  description: string;
}

export function beginService(): ServiceDraft {
  return { name: '', displayName: '', description: '' };
}

export function finishService(draft: ServiceDraft): Finished {
  return { text: serviceText(draft) };
}

export function ServiceFields({ value, onChange }: PartProps<ServiceDraft>) {
  return (
    <TextField label={'What it does'} value={value.description} onChange={(description) => onChange({ description })} />
  );
}
