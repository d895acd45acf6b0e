import { Alert, Field, RadioButtonGroup, TextLink } from '@grafana/ui';
import { usePaths } from '../../paths';
import { ChoiceField, NamesField, ownTimeZone, TimeZoneField } from './fields';
import { type Errors, type Finished, type PartProps } from './Form';
import { draftOf, type Remark } from './fromQuery';
import { beginMeasured, type MeasuredDraft, MeasuredFields, measuredErrors, measuredOf } from './MeasuredFields';
import { agreementText } from './newDocument';
import { beginPromise, type PromiseDraft, PromiseFields, promiseErrors, promiseOf } from './PromiseFields';

interface AgreementDraft extends PromiseDraft {
  name: string;
  displayName: string;
  service: string;
  provider: string;
  consumers: string[];
  timeZone: string;
  supportHours: string;
  /** Whether an SLO is named, or what is measured is written in place. */
  by: 'slo' | 'place';
  slo: string;
  measured: MeasuredDraft;
  remarks: Remark[];
}

/** Begun from the query of a panel where the address has one: see extensions.ts. */
export function beginAgreement(search: URLSearchParams): AgreementDraft {
  const query = search.get('query');
  const draft = query ? draftOf(query) : undefined;
  return {
    name: '',
    displayName: search.get('title') ?? '',
    service: search.get('service') ?? '',
    provider: search.get('provider') ?? '',
    consumers: search.getAll('consumer'),
    timeZone: ownTimeZone(),
    supportHours: '',
    by: draft ? 'place' : 'slo',
    slo: search.get('slo') ?? '',
    measured: beginMeasured(draft?.measured),
    remarks: draft?.remarks ?? [],
    ...beginPromise(),
  };
}

export function finishAgreement(draft: AgreementDraft): Finished {
  const { service, provider, consumers, by, slo, measured } = draft;
  const required = 'Is needed';
  const errors: Errors = {
    ...(service ? {} : { service: required }),
    ...(provider ? {} : { provider: required }),
    ...(consumers.length > 0 ? {} : { consumers: required }),
    ...(consumers.includes(provider) ? { consumers: 'Nobody promises something to themselves' } : {}),
    ...(by === 'slo' ? (slo ? {} : { slo: required }) : measuredErrors(measured)),
    ...promiseErrors(draft),
  };
  if (Object.keys(errors).length > 0) {
    return { errors };
  }
  return {
    text: agreementText({ ...draft, ...promiseOf(draft), measures: by === 'slo' ? { slo } : measuredOf(measured) }),
  };
}

export function AgreementFields({ value, onChange, errors, names }: PartProps<AgreementDraft>) {
  const paths = usePaths();
  const options = (kind: string) => names(kind).map((one) => ({ value: one }));
  return (
    <>
      <ChoiceField
        label={'Service'}
        value={value.service}
        options={options('Service')}
        error={errors.service}
        onChange={(service) => onChange({ service })}
      />
      <ChoiceField
        label={'Provider: the team that promises'}
        value={value.provider}
        options={options('Team')}
        error={errors.provider}
        onChange={(provider) => onChange({ provider })}
      />
      <NamesField
        label={'Consumers: the teams to which it is promised'}
        value={value.consumers}
        options={names('Team')}
        error={errors.consumers}
        onChange={(consumers) => onChange({ consumers })}
      />
      <p>
        {'Is a team or a service not there yet?'}{' '}
        <TextLink href={paths.documents(undefined, { new: 'Team' })}>{'Begin a team'}</TextLink>{' '}
        <TextLink href={paths.documents(undefined, { new: 'Service' })}>{'Begin a service'}</TextLink>
      </p>
      <TimeZoneField value={value.timeZone} onChange={(timeZone) => onChange({ timeZone })} />
      <ChoiceField
        label={'Support hours'}
        description={'Without them it counts around the clock.'}
        value={value.supportHours}
        options={options('Calendar')}
        clearable
        onChange={(supportHours) => onChange({ supportHours })}
      />
      <Field noMargin label={'What is measured'}>
        <RadioButtonGroup
          aria-label={'What is measured'}
          options={[
            { value: 'slo' as const, label: 'An SLO that is there' },
            { value: 'place' as const, label: 'A query' },
          ]}
          value={value.by}
          onChange={(by) => onChange({ by })}
        />
      </Field>
      {value.by === 'slo' ? (
        <ChoiceField
          label={'SLO'}
          value={value.slo}
          options={options('SLO')}
          error={errors.slo}
          onChange={(slo) => onChange({ slo })}
        />
      ) : (
        <>
          <Remarks remarks={value.remarks} />
          <MeasuredFields value={value.measured} errors={errors} onChange={(measured) => onChange({ measured })} />
        </>
      )}
      <PromiseFields value={value} errors={errors} onChange={onChange} />
    </>
  );
}

/** What somebody who comes from a panel should look at. */
function Remarks({ remarks }: { remarks: Remark[] }) {
  if (remarks.length === 0) {
    return null;
  }
  const texts: Record<Remark, string> = {
    part: 'The query counts all that happened. Write which part of it is bad, for example with code=~"5..".',
    bucket: 'The query is of a histogram. What is within the bound le is good; choose a bound that its buckets have.',
    variables: 'The query has variables of its dashboard. Put values in their place.',
  };
  return (
    <Alert severity="info" title={'Begun from the query of a panel'}>
      {remarks.map((one) => (
        <p key={one}>{texts[one]}</p>
      ))}
    </Alert>
  );
}
