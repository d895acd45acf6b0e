import { Alert, Button, FieldSet, Grid, Stack, Text } from '@grafana/ui';
import { isEqual, pick } from 'lodash';
import { useEffect, useState } from 'react';
import { FormProvider, useForm, useWatch } from 'react-hook-form';
import { useNavigate, useSearchParams } from 'react-router-dom';
import { callResource, ResourceError } from '../../api/client';
import { useDataSource } from '../../api/DataSource';
import { createDocuments, useDraft } from '../../api/documents';
import { type Draft, type DraftForm } from '../../api/types';
import { useChange } from '../../api/useResource';
import { Complaints, ownTimeZone, TextLine } from '../../components/fields';
import { Failure, ErrorPage, LoadingPage } from '../../components/Loaded';
import { Page } from '../../components/Page';
import { usePaths, withoutBase } from '../../paths';
import { CopyTools } from './CopyTools';
import { keepDraft, KeptDraft, keptDraft } from './drafts';
import { Measured, Parties, Terms } from './NewAgreementFields';
import { Preview } from './NewAgreementPreview';

/** A form for a new agreement, empty or from the query of a panel, with a preview. */
export default function NewAgreement() {
  const [search] = useSearchParams();
  const query = search.get('query') ?? '';
  const first = useDraft({ query, title: search.get('title') ?? '' });
  return (
    <Page pageNav={{ text: 'New agreement' }}>
      {first.value ? (
        <Form first={first.value} query={query || undefined} />
      ) : first.error ? (
        <ErrorPage error={first.error} reload={first.reload} />
      ) : (
        <LoadingPage />
      )}
    </Page>
  );
}

/** The form, stored in this browser until the agreement is created or the changes discarded. */
function useKeptForm(first: Draft, query?: string) {
  const { uid } = useDataSource();
  const [start] = useState<DraftForm>(() => ({ ...first.form, timeZone: ownTimeZone() }));
  const [kept, setKept] = useState(() => keptDraft(uid, { kind: 'Agreement', query }));
  // Drafts of other versions may lack fields, or have some that the backend would refuse.
  const methods = useForm<DraftForm>({
    defaultValues: { ...start, ...(kept && pick(JSON.parse(kept.text) as DraftForm, Object.keys(start))) },
  });
  const form = useWatch({ control: methods.control }) as DraftForm;
  const unsaved = !isEqual(form, start);
  const text = JSON.stringify(form);
  useEffect(() => {
    keepDraft(uid, { kind: 'Agreement', query }, unsaved ? { text } : undefined);
  }, [uid, query, unsaved, text]);
  const discard = () => {
    methods.reset(start);
    setKept(undefined);
  };
  return { methods, form, unsaved, kept, discard, forget: () => keepDraft(uid, { kind: 'Agreement', query }) };
}

function Form({ first, query }: { first: Draft; query?: string }) {
  const paths = usePaths();
  const navigate = useNavigate();
  const { methods, form, unsaved, kept, discard, forget } = useKeptForm(first, query);
  const now = useDraft({ form });
  const draft = now.value ?? first;
  // History depends only on what is measured, not on names and parties.
  const measured = { ...form, name: '', displayName: '', service: '', provider: '', consumers: [] };
  const past = useDraft(draft.figures ? { form: measured, history: true } : undefined);
  const history = past.current ? past.value : undefined;

  const create = useChange(async (uid) => {
    const request = { method: 'POST', data: { form: methods.getValues() } } as const;
    const { complaints, documents, form: complete } = await callResource<Draft>(uid, 'draft', request);
    if (complaints.length > 0) {
      throw new Error('Something is missing or wrong: see the fields.');
    }
    await createDocuments(uid, documents);
    forget();
    return complete.name;
  });
  // Not called if the form was left meanwhile.
  const onSuccess = (name: string) => navigate(withoutBase(paths.agreement({ name })));
  const tried = create.error && !(create.error instanceof ResourceError);

  return (
    <FormProvider {...methods}>
      <Complaints.Provider value={draft.complaints.filter(({ message }) => tried || message !== 'Required')}>
        <Grid columns={{ xs: 1, lg: 2 }} gap={4} alignItems="start">
          <form noValidate onSubmit={methods.handleSubmit(() => create.mutate(undefined, { onSuccess }))}>
            {kept && unsaved && <KeptDraft draft={kept} discard={discard} />}
            {first.notes.length > 0 && (
              <Alert severity="info" title="Created from the query of a panel">
                {first.notes.join(' ')}
              </Alert>
            )}
            <FieldSet label="1. Service and teams">
              <Parties />
            </FieldSet>
            <FieldSet label="2. What is measured">
              <Measured />
            </FieldSet>
            <FieldSet label="3. Promise">
              <Terms achievable={history?.figures?.achievableTarget} />
            </FieldSet>
            <FieldSet label="4. Review">
              <TextLine
                name="name"
                label="Name"
                description="How documents and addresses refer to the agreement."
                placeholder={draft.form.name}
              />
              {!draft.writable && (
                <Alert severity="info" title="Copy the documents, for a pull request">
                  {draft.reason}
                </Alert>
              )}
              {create.error && <Failure error={create.error} title="The agreement was not created" />}
              <Stack wrap="wrap" alignItems="center">
                {draft.writable && (
                  <Button type="submit" icon="plus" disabled={create.isPending}>
                    Create draft
                  </Button>
                )}
                <CopyTools text={draft.text} disabled={!now.current} />
                <Button variant="secondary" icon="history" type="button" disabled={!unsaved} onClick={discard}>
                  Discard changes
                </Button>
                <span role="status">
                  <Text color="secondary">{unsaved ? 'Not saved; kept in this browser' : ''}</Text>
                </span>
              </Stack>
            </FieldSet>
          </form>
          <Preview
            draft={now.error ? { ...draft, figures: null } : draft}
            past={history}
            updating={now.waiting}
            reading={past.waiting}
            error={now.error ?? past.error}
          />
        </Grid>
      </Complaints.Provider>
    </FormProvider>
  );
}
