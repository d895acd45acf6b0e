import { Alert, Button, ClipboardButton, Drawer, Grid, Stack } from '@grafana/ui';
import { type KeyboardEvent } from 'react';
import { FormProvider, useForm, useWatch } from 'react-hook-form';
import { useSearchParams } from 'react-router-dom';
import { useExclusionDraft, writeDocument } from '../../api/documents';
import { type ExclusionDraft, type ExclusionForm, type Permission } from '../../api/types';
import { useChange } from '../../api/useResource';
import { Choice, Choices, labelled, ownTimeZone, TextLine, timeZones } from '../../components/fields';
import { Failure } from '../../components/Loaded';
import { titleOf } from '../../components/Named';
import { setParams } from '../../paths';
import { useLeaving } from '../documents/useLeaving';
import { Effect } from './ExclusionDrawer';
import { categories, modes } from './words';

interface Props {
  /** Undefined until it is known. */
  permission?: Permission;
  onClose: () => void;
}

/** Proposes an exclusion. Its effect on every agreement concerned is shown before it is saved. */
export function Propose({ permission, onClose }: Props) {
  const [search] = useSearchParams();
  const methods = useForm<ExclusionForm>({
    defaultValues: {
      title: '',
      reason: '',
      category: 'maintenance',
      mode: 'exclude',
      services: search.getAll('service'),
      agreements: search.getAll('agreement'),
      from: '',
      to: '',
      timeZone: ownTimeZone(),
      repeats: '',
      requestedBy: search.get('team') ?? '',
    },
  });
  const { value, error, current } = useExclusionDraft(useWatch({ control: methods.control }) as ExclusionForm);
  const save = useChange((uid, { name, text }: ExclusionDraft) =>
    writeDocument(uid, { kind: 'Exclusion', name }, text),
  );
  // Not called if the form was left meanwhile.
  const onSuccess = ({ name }: { name: string }) =>
    setParams({ open: name, propose: '', page: search.get('page') ?? '' });
  const question = useLeaving(
    methods.formState.isDirty && !save.isPending && !save.isSuccess,
    'What you typed is lost.',
  );
  const ready = value && !value.missing && value.valid;
  return (
    <>
      {question}
      <Drawer
        title="Propose exclusion"
        subtitle="Another party has to approve it."
        onClose={onClose}
        closeOnMaskClick={false}
        size="lg"
      >
        <div role="presentation" onKeyDown={keepEscapeOfList}>
          <FormProvider {...methods}>
            <TextLine name="title" label="Title" />
            <TextLine name="reason" label="Reason" rows={2} />
            <Choices name="agreements" label="Agreements" options={{ of: 'agreement' }} />
            <Choices name="services" label="Services: every agreement on them" options={{ of: 'service' }} />
            <Grid columns={{ xs: 1, sm: 2 }} gap={2}>
              <TextLine name="from" label="From" type="datetime-local" />
              <TextLine name="to" label="To" type="datetime-local" />
              <Choice name="timeZone" label="Time zone" options={timeZones} />
              <Choice name="repeats" label="Repeats" options={rules} />
              <Choice name="category" label="Category" options={ways.category} />
              <Choice name="mode" label="Effect" options={ways.mode} />
              <Choice name="requestedBy" label="Requested by" options={{ of: 'team' }} />
            </Grid>
          </FormProvider>
        </div>
        <Stack direction="column" gap={1}>
          {error && <Alert severity="error" title={error.message} />}
          {value?.missing && <p role="status">{value.missing}</p>}
          {value?.problems.map(({ message }) => (
            <Alert key={message} severity="warning" title={message} />
          ))}
          {permission && !permission.writable && (
            <Alert severity="info" title="Copy it, for a pull request">
              {permission.reason}
            </Alert>
          )}
          {save.error && <Failure error={save.error} title="It was not saved" />}
          <Stack wrap="wrap">
            {permission?.writable && (
              <Button
                icon="save"
                disabled={!ready || !current || save.isPending}
                onClick={() => value && save.mutate(value, { onSuccess })}
              >
                Save as a proposal
              </Button>
            )}
            <ClipboardButton
              variant="secondary"
              icon="copy"
              disabled={!ready || !current}
              getText={() => value?.text ?? ''}
            >
              Copy as YAML
            </ClipboardButton>
          </Stack>
          {ready && value.tried && permission?.mayPropose && (
            <Effect text={value.tried} says={`How it would be once ${titleOf(value.approvers[0])} approves`} />
          )}
        </Stack>
      </Drawer>
    </>
  );
}

/** Escape that closes an open list is not for the form, which would be left by it. */
function keepEscapeOfList(event: KeyboardEvent) {
  if (event.key === 'Escape' && (event.target as HTMLElement).ariaExpanded === 'true') {
    event.stopPropagation();
  }
}

const rules = labelled({
  '': 'Never',
  'FREQ=DAILY': 'Every day',
  'FREQ=WEEKLY': 'Every week',
  'FREQ=MONTHLY': 'Every month, on that date',
});

// The same objects each time, which a Combobox needs.
const ways = { category: labelled(categories), mode: labelled(modes) };
