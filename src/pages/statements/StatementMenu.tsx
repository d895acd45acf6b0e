import {
  Alert,
  Button,
  Dropdown,
  Field,
  IconButton,
  LoadingPlaceholder,
  Menu,
  Modal,
  Stack,
  TextArea,
} from '@grafana/ui';
import { useQuery } from '@tanstack/react-query';
import { useId, useRef, useState } from 'react';
import { callResource, resourceUrl, type ResourceError, segment } from '../../api/client';
import { useDataSource } from '../../api/DataSource';
import { type StatementEntry, type Verification } from '../../api/types';
import { Failure } from '../../components/Loaded';
import { titleOf } from '../../components/Named';
import { useFreeze } from './Freeze';

interface Props {
  statement: StatementEntry;
  /** Whether this user may restate. */
  mayFreeze: boolean;
}

const formats = [
  ['html', 'HTML, to print'],
  ['json', 'JSON, to verify'],
  ['csv', 'CSV'],
  ['markdown', 'Markdown'],
];

const pathOf = ({ period, agreement }: StatementEntry) => `statements/${segment(period)}/${segment(agreement)}`;

/** What can be done with a statement: verify, restate, download. */
export function StatementMenu({ statement, mayFreeze }: Props) {
  const { uid } = useDataSource();
  const [verifying, setVerifying] = useState(false);
  const place = useRef<HTMLDivElement>(null);
  const close = () => {
    setVerifying(false);
    // The dialog would return the focus to the menu item, which no longer exists.
    setTimeout(() => place.current?.querySelector('button')?.focus());
  };
  const name = titleOf({ ...statement, name: statement.agreement });
  const menu = (
    <Menu>
      <Menu.Item label="Verify" icon="shield" onClick={() => setVerifying(true)} />
      <Menu.Divider />
      {formats.map(([format, label]) => (
        <Menu.Item
          key={format}
          label={label}
          icon="download-alt"
          url={resourceUrl(uid, `${pathOf(statement)}?number=${statement.number}&format=${format}`)}
          target="_blank"
        />
      ))}
    </Menu>
  );
  return (
    <>
      <div ref={place}>
        <Dropdown overlay={menu} placement="bottom-end">
          <IconButton name="ellipsis-v" aria-label={`Verify or download the statement of ${name}`} />
        </Dropdown>
      </div>
      {verifying && (
        <Modal isOpen title={`Verify ${statement.period} of ${name}`} onDismiss={close}>
          <Verify statement={statement} mayFreeze={mayFreeze} onDone={close} />
        </Modal>
      )}
    </>
  );
}

/** Counts the period again and shows the differences from the statement. */
function Verify({ statement, mayFreeze, onDone }: Props & { onDone: () => void }) {
  const { uid } = useDataSource();
  const { data, error } = useQuery<Verification, ResourceError>({
    queryKey: ['verify', uid, statement.digest],
    queryFn: ({ signal }) => callResource(uid, `${pathOf(statement)}/verify?number=${statement.number}`, { signal }),
    gcTime: 0,
    staleTime: Infinity,
  });
  if (error) {
    return <Failure error={error} title="It could not be verified" />;
  }
  if (!data) {
    return <LoadingPlaceholder text="Every slot is counted again …" />;
  }
  const { verified, verdict, differences, notes, restated } = data;
  return (
    <>
      <Alert severity={verified ? 'success' : 'warning'} title={verdict} />
      <List texts={[...differences.map(({ text }) => text), ...notes]} />
      {restated.length > 0 && <h5>A restatement would say</h5>}
      <List texts={restated} />
      {!verified && mayFreeze && <Restate statement={statement} onDone={onDone} />}
    </>
  );
}

const List = ({ texts }: { texts: string[] }) => (
  <ul style={{ marginLeft: 20, overflowWrap: 'anywhere' }}>
    {texts.map((text, index) => (
      <li key={index}>{text}</li>
    ))}
  </ul>
);

function Restate({ statement: { agreement, period }, onDone }: { statement: StatementEntry; onDone: () => void }) {
  const id = useId();
  const [reason, setReason] = useState('');
  const { mutate, isPending, error } = useFreeze();
  return (
    <Stack direction="column">
      <Field
        label="Reason for a restatement"
        description="A new statement takes its place; this one is kept, and named in it."
        required
        invalid={!!error}
        error={error?.message}
        htmlFor={id}
        noMargin
      >
        <TextArea id={id} rows={2} value={reason} onChange={(event) => setReason(event.currentTarget.value)} />
      </Field>
      <div>
        <Button
          icon={isPending ? 'spinner' : 'lock'}
          disabled={isPending || !reason.trim()}
          onClick={() => mutate({ period, agreement, restate: true, reason: reason.trim() }, { onSuccess: onDone })}
        >
          Restate
        </Button>
      </div>
    </Stack>
  );
}
