import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { Badge, Button, CodeEditor, type Monaco, type MonacoEditor, TextLink, useStyles2 } from '@grafana/ui';
import { useEffect, useRef, useState } from 'react';
import { type Problem } from '../../api/types';
import { Small } from '../../components/Section';
import { severities } from '../../components/StateBadge';
import { usePaths } from '../../paths';

interface Props {
  /** The label for screen readers. */
  label: string;
  text: string;
  onChange: (text: string) => void;
  onSave: () => void;
  readOnly: boolean;
  /** Problems of this text, and those it causes in other documents. */
  problems: Problem[];
  /** The file name of this text in its problems. */
  file?: string;
}

/** Grafana's editor for YAML. Problems that the backend found are marked in the text and listed below. */
export function YamlEditor({ label, text, onChange, onSave, readOnly, problems, file: typedFile }: Props) {
  const styles = useStyles2(getStyles);
  const [mounted, setMounted] = useState<{ editor: MonacoEditor; monaco: Monaco }>();
  // The editor takes its callbacks only when it is created.
  const latest = useRef({ onChange, onSave });
  useEffect(() => {
    latest.current = { onChange, onSave };
  });
  useEffect(() => mounted?.editor.updateOptions({ ariaLabel: label }), [mounted, label]);
  useEffect(() => {
    const model = mounted?.editor.getModel();
    if (mounted && model) {
      const typed = problems.filter(({ file, line }) => file === typedFile && line <= model.getLineCount());
      mounted.monaco.editor.setModelMarkers(
        model,
        'accord',
        typed.map(({ line, column, message, severity }) => ({
          message,
          severity: severity === 'error' ? mounted.monaco.MarkerSeverity.Error : mounted.monaco.MarkerSeverity.Warning,
          startLineNumber: line,
          endLineNumber: line,
          startColumn: column,
          endColumn: Math.max(model.getLineMaxColumn(line), column + 1),
        })),
      );
    }
  }, [mounted, problems, typedFile]);

  function goTo({ line, column }: Problem) {
    mounted?.editor.setPosition({ lineNumber: line, column });
    mounted?.editor.revealLineInCenter(line);
    mounted?.editor.focus();
  }

  return (
    <>
      <div className={styles.editor}>
        <CodeEditor
          value={text}
          language="yaml"
          height="100%"
          showMiniMap={false}
          showLineNumbers
          readOnly={readOnly}
          onChange={(typed) => latest.current.onChange(typed)}
          onSave={() => latest.current.onSave()}
          onEditorDidMount={(editor, monaco) => setMounted({ editor, monaco })}
          monacoOptions={{ tabSize: 2, wordWrap: 'on', scrollBeyondLastLine: false }}
        />
      </div>
      {!readOnly && <Small>Tab indents; after Ctrl+M, on a Mac Ctrl+Shift+M, it leaves the text.</Small>}
      {problems.length > 0 && (
        <ul className={styles.list} aria-label="Problems">
          {problems.map((problem, i) => (
            <li key={i} className={styles.problem}>
              <Badge {...severities[problem.severity]} />
              {problem.file === typedFile ? (
                <Button size="sm" fill="text" onClick={() => goTo(problem)}>
                  {`Line ${problem.line}`}
                </Button>
              ) : (
                <Place problem={problem} />
              )}
              <span>{[problem.field, problem.message].filter(Boolean).join(': ')}</span>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function Place({ problem: { file, line, kind, name } }: { problem: Problem }) {
  const paths = usePaths();
  const place = `${file}:${line}`;
  return kind && name ? <TextLink href={paths.documents({ kind, name })}>{place}</TextLink> : <span>{place}</span>;
}

function getStyles(theme: GrafanaTheme2) {
  return {
    editor: css({ height: 'clamp(280px, 50vh, 800px)', '& > div': { height: '100%' } }),
    list: css({ listStyle: 'none', maxHeight: 200, overflow: 'auto', margin: 0 }),
    problem: css({
      display: 'grid',
      gridTemplateColumns: 'auto auto 1fr',
      alignItems: 'baseline',
      gap: theme.spacing(1),
    }),
  };
}
