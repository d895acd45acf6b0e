import { css, cx } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { Alert, Button, ClipboardButton, Modal, useStyles2 } from '@grafana/ui';
import { useMutation } from '@tanstack/react-query';
import { createTwoFilesPatch } from 'diff';
import { type ResourceError } from '../../api/client';
import { useDataSource } from '../../api/DataSource';
import { type DocumentId, tryChange } from '../../api/documents';
import { asFile } from './useEditor';

interface Props {
  text: string;
  /** The one document that the text is, where it is one; only then there is a diff. */
  target?: DocumentId;
}

/** Takes a text elsewhere, as into a pull request: copy, download, or the diff of its file. */
export function CopyTools({ text, target }: Props) {
  const { uid } = useDataSource();
  const diff = useMutation<string, ResourceError, DocumentId>({
    mutationFn: async (id) => {
      const { file, before, after } = await tryChange(uid, id, asFile(text));
      return patchOf(file, before, after);
    },
  });
  const name = target ? `${target.kind}-${target.name}`.toLowerCase().replace(/[^a-z0-9]/g, '-') : 'document';
  return (
    <>
      {/* Its text hides while it says that it has copied. */}
      <ClipboardButton variant="secondary" icon="copy" aria-label="Copy" getText={() => text}>
        Copy
      </ClipboardButton>
      <Button variant="secondary" icon="download-alt" onClick={() => download(`${name}.yaml`, asFile(text))}>
        Download
      </Button>
      <Button
        variant="secondary"
        icon="code-branch"
        disabled={!target || diff.isPending}
        onClick={() => target && diff.mutate(target)}
      >
        Diff
      </Button>
      <Modal isOpen={!diff.isIdle && !diff.isPending} title="Diff for a pull request" onDismiss={diff.reset}>
        {diff.error && <Alert severity="error" title={diff.error.message} />}
        {diff.data === '' && <p>Nothing would change.</p>}
        {diff.data && (
          <>
            <p>
              Apply it in the folder of documents with <code>git apply</code>.
            </p>
            <Patch label="The change" patch={diff.data} />
            <Modal.ButtonRow>
              <ClipboardButton icon="copy" aria-label="Copy" getText={() => diff.data}>
                Copy
              </ClipboardButton>
              <Button variant="secondary" icon="download-alt" onClick={() => download(`${name}.patch`, diff.data)}>
                Download
              </Button>
            </Modal.ButtonRow>
          </>
        )}
      </Modal>
    </>
  );
}

/** A unified diff of a file as git apply takes it; empty when nothing changes. */
export function patchOf(file: string, before: string | null, after: string): string {
  if (before === after) {
    return '';
  }
  const patch = createTwoFilesPatch(before === null ? '/dev/null' : `a/${file}`, `b/${file}`, before ?? '', after);
  return patch.replace(/^=+\n/, '').replace(/^(---|\+\+\+) (.*?)\t?$/gm, '$1 $2');
}

/** The lines of a diff, removed and added ones coloured; the signs say it too. */
export function Patch({ label, patch }: { label: string; patch: string }) {
  const styles = useStyles2(getStyles);
  return (
    // It scrolls, so the keyboard must reach it.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <pre className={styles.whole} tabIndex={0} role="region" aria-label={label}>
      {patch
        .trimEnd()
        .split('\n')
        .map((line, i) => (
          <span
            key={i}
            className={cx(styles.line, line.startsWith('+') && styles.added, line.startsWith('-') && styles.removed)}
          >
            {line || ' '}
          </span>
        ))}
    </pre>
  );
}

/** Gives a text to the browser as a file. */
function download(name: string, text: string) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

function getStyles(theme: GrafanaTheme2) {
  return {
    whole: css({ maxHeight: '40vh', overflow: 'auto', fontSize: theme.typography.bodySmall.fontSize }),
    line: css({ display: 'block', whiteSpace: 'pre-wrap' }),
    added: css({ background: theme.colors.success.transparent, color: theme.colors.success.text }),
    removed: css({ background: theme.colors.error.transparent, color: theme.colors.error.text }),
  };
}
