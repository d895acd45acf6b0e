import { Drawer, LinkButton, Stack, Text } from '@grafana/ui';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ResourceError, segment } from '../../api/client';
import { useDataSource } from '../../api/DataSource';
import { deleteDocument, usePreview, writeDocument } from '../../api/documents';
import { type ExclusionPage } from '../../api/types';
import { resourceKey, useLateRefusal, useResource } from '../../api/useResource';
import { AskedButton } from '../../components/AskedButton';
import { instant } from '../../components/figures';
import { Failure, Loaded } from '../../components/Loaded';
import { AgreementLink, titleOf } from '../../components/Named';
import { Section } from '../../components/Section';
import { usePaths } from '../../paths';
import { Preview } from '../documents/Preview';
import { Approval } from './ExclusionsPage';
import { categories, modes } from './words';

interface Props {
  name: string;
  onClose: () => void;
}

const exclusionPath = (name: string) => `pages/exclusions/${segment(name)}`;

/** An exclusion: its time, who approved it or can, its effect, and the actions. */
export function ExclusionDrawer({ name, onClose }: Props) {
  const exclusion = useResource<ExclusionPage>(exclusionPath(name));
  return (
    <Drawer title={titleOf(exclusion.value ?? { name })} subtitle={exclusion.value?.reason} onClose={onClose} size="md">
      <Loaded resource={exclusion}>{(value) => <Details exclusion={value} onClose={onClose} />}</Loaded>
    </Drawer>
  );
}

// Keeps the bullets, which Grafana puts before the text, inside the drawer.
const list = { marginLeft: 20 };

function Details({ exclusion, onClose }: { exclusion: ExclusionPage; onClose: () => void }) {
  const paths = usePaths();
  const { name, category, mode, occurrences, repeats, timeZone, requestedBy, concerns, tried, triedText } = exclusion;
  return (
    <>
      <div>
        <Approval row={exclusion} />
      </div>
      <Text>{`${categories[category]}. ${modes[mode]}.`}</Text>
      {requestedBy && <Text>{`Requested by ${titleOf(requestedBy)}`}</Text>}
      <Section title="When">
        <ul style={list}>
          {occurrences.map(({ from, to }) => (
            <li key={from}>{`${instant(from, timeZone)} – ${instant(to, timeZone)} (${timeZone})`}</li>
          ))}
        </ul>
        {repeats && <Text color="secondary">{`Repeats: ${repeats}`}</Text>}
      </Section>
      <Section title="Agreements">
        <ul style={list}>
          {concerns.map((one) => (
            <li key={one.name}>
              <AgreementLink agreement={one} />
              {one.hasEffect ? ': in effect' : ': no effect yet'}
            </li>
          ))}
        </ul>
      </Section>
      <Actions exclusion={exclusion} onClose={onClose} />
      <LinkButton variant="secondary" icon="pen" href={paths.documents({ kind: 'Exclusion', name })}>
        Edit document
      </LinkButton>
      {exclusion.permission.mayPropose && tried && <Effect text={tried} says={triedText ?? ''} />}
    </>
  );
}

/** Approves or withdraws the exclusion; the backend refuses users who may not. */
function Actions({ exclusion, onClose }: { exclusion: ExclusionPage; onClose: () => void }) {
  const { uid } = useDataSource();
  const client = useQueryClient();
  const showLateRefusal = useLateRefusal();
  const { name, hash, approveAs, approvedText, approvers, permission } = exclusion;
  const id = { kind: 'Exclusion', name };
  const change = useMutation<unknown, ResourceError, 'approve' | 'withdraw'>({
    mutationFn: (what) =>
      what === 'approve' ? writeDocument(uid, id, approvedText ?? '', hash) : deleteDocument(uid, id, hash),
    onSettled: (_, error, what) => {
      // A withdrawn exclusion cannot be requested again.
      const gone = what === 'withdraw' && !error ? exclusionPath(name) : '';
      void client.invalidateQueries({
        queryKey: resourceKey(uid),
        predicate: ({ queryKey }) => queryKey[2] !== gone,
      });
      showLateRefusal(error?.message);
    },
  });
  const team = approveAs && titleOf(approveAs);
  const disabled = !permission.writable || change.isPending;
  return (
    <>
      {approvers.length > 0 && (
        <Section title="Who can approve">
          <ul style={list}>
            {approvers.map((one) => (
              <li key={one.name}>
                {`${titleOf(one)}: ${one.members.join(', ') || 'has no members who could approve here'}`}
              </li>
            ))}
          </ul>
        </Section>
      )}
      {change.error && <Failure error={change.error} />}
      {!permission.writable && permission.reason && <Text color="secondary">{permission.reason}</Text>}
      <Stack wrap="wrap">
        {team && (
          <AskedButton
            icon="check"
            disabled={disabled}
            ask={{
              title: `Approve this exclusion for ${team}?`,
              body: 'What happens in that time no longer counts against the provider.',
              confirmText: 'Approve',
              confirmVariant: 'primary',
            }}
            onConfirm={() => change.mutate('approve')}
          >
            {`Approve for ${team}`}
          </AskedButton>
        )}
        <AskedButton
          icon="trash-alt"
          variant="destructive"
          fill="outline"
          disabled={disabled}
          ask={{
            title: 'Withdraw this exclusion?',
            body: 'Its document is deleted, and all of its time counts. Git, and the audit log, keep what it was.',
            confirmText: 'Withdraw',
          }}
          // Not called if the drawer was closed meanwhile, where another one may be open.
          onConfirm={() => change.mutate('withdraw', { onSuccess: onClose })}
        >
          Withdraw
        </AskedButton>
      </Stack>
    </>
  );
}

/** The effect of an exclusion on the figures: with and without it. */
export function Effect({ text, says }: { text: string; says: string }) {
  const preview = usePreview(text);
  return (
    <Section title="Effect">
      <p>{says}</p>
      <Preview answer={preview} valid />
    </Section>
  );
}
