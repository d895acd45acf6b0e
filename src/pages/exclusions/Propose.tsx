import {
  Alert,
  Button,
  ClipboardButton,
  Combobox,
  Drawer,
  Field,
  Input,
  MultiCombobox,
  Stack,
  TextArea,
} from '@grafana/ui';
import { getTimeZones } from '@grafana/data';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useId, useState } from 'react';
import { Controller, type Control, useForm, useWatch } from 'react-hook-form';
import { useNavigate, useSearchParams } from 'react-router-dom';
import { callResource, getResource, type ResourceError } from '../../api/client';
import { useDataSource } from '../../api/DataSource';
import { writeDocument } from '../../api/documents';
import { type Choice, type ExclusionDraft, type ExclusionForm } from '../../api/types';
import { resourceKey } from '../../api/useResource';
import { usePaths, withoutBase } from '../../paths';
import { Effect } from './ExclusionDrawer';

const nothing: ExclusionForm = {
  title: '',
  reason: '',
  category: 'maintenance',
  mode: 'exclude',
  services: [],
  agreements: [],
  from: '',
  to: '',
  timeZone: 'UTC',
  repeats: '',
  requestedBy: '',
};

/** Proposes an exclusion; its effect on every agreement concerned is shown before anything is saved. */
export function Propose({ onClose }: { onClose: () => void }) {
  const { uid } = useDataSource();
  const paths = usePaths();
  const navigate = useNavigate();
  const client = useQueryClient();
  const [search] = useSearchParams();
  const { register, control } = useForm<ExclusionForm>({
    defaultValues: {
      ...nothing,
      timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC',
      services: search.getAll('service'),
      agreements: search.getAll('agreement'),
      requestedBy: search.get('team') ?? '',
    },
  });
  const draft = useDraft(useWatch({ control }) as ExclusionForm);
  const save = useMutation<unknown, ResourceError, ExclusionDraft>({
    mutationFn: ({ name, text }) => writeDocument(uid, { kind: 'Exclusion', name }, text),
    onSuccess: async (_, { name }) => {
      await client.invalidateQueries({ queryKey: resourceKey(uid) });
      navigate(withoutBase(paths.exclusions({ open: name })));
    },
  });
  const { value, error } = draft;
  const ready = value && !value.missing && value.valid;
  return (
    <Drawer title="Propose exclusion" subtitle="Another party has to approve it." onClose={onClose} size="lg">
      <Stack direction="column" gap={1}>
        <Text name="title" label="Title" register={register} />
        <Field label="Reason" required>
          <TextArea id="reason" rows={2} {...register('reason')} />
        </Field>
        <Names control={control} name="agreements" label="Agreements" path="pages/agreements" />
        <Names control={control} name="services" label="Services: every agreement on them" filter="service" />
        <Stack wrap="wrap">
          <Text name="from" label="From" type="datetime-local" register={register} />
          <Text name="to" label="To" type="datetime-local" register={register} />
          <One control={control} name="timeZone" label="Time zone" options={zones} />
          <One control={control} name="repeats" label="Repeats" options={rules} />
        </Stack>
        <Stack wrap="wrap">
          <One control={control} name="category" label="Category" options={categories} />
          <One control={control} name="mode" label="Effect" options={modes} />
          <One control={control} name="requestedBy" label="Requested by" path="pages/teams" />
        </Stack>
        {error && <Alert severity="error" title={error.message} />}
        {value?.missing && <p role="status">{value.missing}</p>}
        {value?.problems.map(({ message }) => (
          <Alert key={message} severity="warning" title={message} />
        ))}
        {save.error && (
          <Alert severity="error" title="It was not saved">
            {save.error.message}
          </Alert>
        )}
        <Stack wrap="wrap">
          <Button
            icon="save"
            disabled={!ready || save.isPending || draft.waiting}
            onClick={() => value && save.mutate(value)}
          >
            Save as a proposal
          </Button>
          <ClipboardButton variant="secondary" icon="copy" disabled={!ready} getText={() => value?.text ?? ''}>
            Copy as YAML
          </ClipboardButton>
        </Stack>
        {ready && value.tried && (
          <Effect
            text={value.tried}
            says={`How it would be once ${value.approvers[0].displayName || value.approvers[0].name} approves`}
          />
        )}
      </Stack>
    </Drawer>
  );
}

/** What the backend makes of the form, a moment after the last change. */
function useDraft(form: ExclusionForm) {
  const { uid } = useDataSource();
  const typed = JSON.stringify(form);
  const [settled, setSettled] = useState(typed);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(typed), 400);
    return () => clearTimeout(timer);
  }, [typed]);
  const { data, error, isFetching } = useQuery<ExclusionDraft, ResourceError>({
    queryKey: resourceKey(uid, 'pages/exclusions/draft', settled),
    queryFn: async ({ signal }) => {
      const call = { method: 'POST', data: JSON.parse(settled) as ExclusionForm, signal } as const;
      return (await callResource<ExclusionDraft>(uid, 'pages/exclusions/draft', call)).data;
    },
    placeholderData: (before) => before,
  });
  return { value: data, error, waiting: isFetching || settled !== typed };
}

interface TextProps {
  name: 'title' | 'from' | 'to';
  label: string;
  type?: string;
  register: ReturnType<typeof useForm<ExclusionForm>>['register'];
}

function Text({ name, label, type, register }: TextProps) {
  return (
    <Field label={label} required={type !== undefined}>
      <Input id={name} type={type} {...register(name)} />
    </Field>
  );
}

interface NamesProps {
  control: Control<ExclusionForm>;
  name: 'services' | 'agreements';
  label: string;
  /** The list whose rows are offered, or the filter of the agreements whose values are. */
  path?: string;
  filter?: string;
}

function Names({ control, name, label, path, filter }: NamesProps) {
  const options = useOptions(path, filter);
  const id = useId();
  return (
    <Field label={<span id={id}>{label}</span>}>
      <Controller
        control={control}
        name={name}
        render={({ field: { value, onChange } }) => (
          <MultiCombobox
            aria-labelledby={id}
            options={options}
            value={value}
            onChange={(chosen) => onChange(chosen.map((one) => one.value))}
          />
        )}
      />
    </Field>
  );
}

type Option = { value: string; label: string };

interface OneProps {
  control: Control<ExclusionForm>;
  name: 'timeZone' | 'repeats' | 'category' | 'mode' | 'requestedBy';
  label: string;
  options?: Option[];
  path?: string;
}

function One({ control, name, label, options, path }: OneProps) {
  const found = useOptions(path);
  const id = useId();
  return (
    <Field label={<span id={id}>{label}</span>}>
      <Controller
        control={control}
        name={name}
        render={({ field: { value, onChange } }) => (
          <Combobox
            aria-labelledby={id}
            width={28}
            options={options ?? found}
            value={value}
            onChange={(chosen) => onChange(chosen.value)}
          />
        )}
      />
    </Field>
  );
}

/** Looks up what is typed among the rows of a list, or the values of a filter. */
function useOptions(path = '', filter = '') {
  const { uid } = useDataSource();
  return async (typed: string): Promise<Option[]> => {
    if (filter) {
      const params = { filter, typed };
      const { choices } = await getResource<{ choices: Choice[] }>(uid, 'pages/agreements/choices', params);
      return choices.map(({ value, label }) => ({ value, label }));
    }
    const { rows } = await getResource<{ rows: Array<{ name: string; displayName?: string }> }>(uid, path, {
      search: typed,
    });
    return rows.map(({ name, displayName }) => ({ value: name, label: displayName || name }));
  };
}

const zones = getTimeZones()
  .filter((zone) => zone !== 'browser')
  .map((zone) => ({ value: zone === 'utc' ? 'UTC' : zone, label: zone === 'utc' ? 'UTC' : zone }));

const rules = [
  { value: '', label: 'Never' },
  { value: 'FREQ=DAILY', label: 'Every day' },
  { value: 'FREQ=WEEKLY', label: 'Every week' },
  { value: 'FREQ=MONTHLY', label: 'Every month, on that date' },
];

const categories = [
  { value: 'maintenance', label: 'Maintenance' },
  { value: 'third-party', label: 'Fault of a third party' },
  { value: 'force-majeure', label: 'Force majeure' },
  { value: 'test', label: 'Test' },
  { value: 'other', label: 'Other' },
];

const modes = [
  { value: 'exclude', label: 'The time does not count' },
  { value: 'good', label: 'The time counts as good' },
];
