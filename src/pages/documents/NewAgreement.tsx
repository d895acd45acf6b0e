import { Alert, Button, FieldSet, Grid, Stack } from '@grafana/ui';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { FormProvider, useForm, useWatch } from 'react-hook-form';
import { useNavigate, useSearchParams } from 'react-router-dom';
import { type ResourceError } from '../../api/client';
import { useDataSource } from '../../api/DataSource';
import { writeDocument } from '../../api/documents';
import { type Draft, type DraftForm } from '../../api/types';
import { resourceKey } from '../../api/useResource';
import { ErrorPage } from '../../components/ErrorPage';
import { LoadingPage } from '../../components/LoadingPage';
import { Page } from '../../components/Page';
import { usePaths, withoutBase } from '../../paths';
import { CopyTools } from './CopyTools';
import { readDraft, useDraft } from './newAgreement';
import { Complaints, Parties, Terms, TextLine } from './NewAgreementFields';
import { Measured } from './NewAgreementMeasured';
import { Preview } from './NewAgreementPreview';

/** A form for a new agreement, empty or of the query of a panel, with what it comes to beside it. */
export default function NewAgreement() {
  const [search] = useSearchParams();
  const first = useDraft({ query: search.get('query') ?? '', title: search.get('title') ?? '' });
  return (
    <Page pageNav={{ text: 'New agreement' }}>
      {first.draft ? (
        <Form first={first.draft} />
      ) : first.error ? (
        <ErrorPage error={first.error} reload={first.reload} />
      ) : (
        <LoadingPage />
      )}
    </Page>
  );
}

/** Nothing was written, since the form is not complete. */
class Incomplete extends Error {}

function Form({ first }: { first: Draft }) {
  const { uid } = useDataSource();
  const paths = usePaths();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const methods = useForm<DraftForm>({ defaultValues: { ...first.form, timeZone: ownTimeZone() } });
  const form = useWatch({ control: methods.control }) as DraftForm;
  const now = useDraft({ form });
  const draft = now.draft ?? first;
  // History is that of what is measured, whoever promises it and however it is called.
  const measured = { ...form, name: '', displayName: '', service: '', provider: '', consumers: [] };
  const past = useDraft({ form: measured, history: true }, draft.figures !== null);

  const create = useMutation<string, ResourceError | Incomplete>({
    mutationFn: async () => {
      const { complaints, documents, form: complete } = await readDraft(uid, { form: methods.getValues() });
      if (complaints.length > 0) {
        throw new Incomplete('Something is missing or wrong: see the fields.');
      }
      // Each needs those before it. After a failure those that were written are not new any more.
      for (const { kind, name, text } of documents) {
        await writeDocument(uid, { kind, name }, text);
      }
      return complete.name;
    },
    onSettled: () => queries.invalidateQueries({ queryKey: resourceKey(uid) }),
    onSuccess: (name) => navigate(withoutBase(paths.agreement(name))),
  });
  const tried = create.error instanceof Incomplete;

  return (
    <FormProvider {...methods}>
      <Complaints.Provider value={draft.complaints.filter(({ message }) => tried || message !== 'Required')}>
        <Grid columns={{ xs: 1, lg: 2 }} gap={4} alignItems="start">
          <form noValidate onSubmit={methods.handleSubmit(() => create.mutate())}>
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
              <Terms achievable={past.draft?.figures?.achievableTarget} />
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
              {create.error && (
                <Alert severity="error" title="The agreement was not created">
                  {create.error.message}
                </Alert>
              )}
              <Stack wrap="wrap">
                {draft.writable && (
                  <Button type="submit" icon="plus" disabled={create.isPending}>
                    Create draft
                  </Button>
                )}
                <CopyTools text={draft.text} />
              </Stack>
            </FieldSet>
          </form>
          <Preview
            draft={draft}
            past={past.draft}
            updating={now.updating}
            reading={past.updating}
            error={now.error ?? past.error}
          />
        </Grid>
      </Complaints.Provider>
    </FormProvider>
  );
}

/** The time zone of this browser. */
const ownTimeZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
