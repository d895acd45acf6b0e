import { CodeEditor, type Monaco, type MonacoEditor } from '@grafana/ui';
import { type Ref, useEffect, useImperativeHandle, useRef, useState } from 'react';
import { type Problem } from '../../api/types';
import { completing, type Known } from './completion';

/** Moves in the text from elsewhere on the page. */
export interface EditorHandle {
  /** Puts the cursor there; both count from 1. */
  goTo: (line: number, column: number) => void;
}

interface Props {
  /** What is edited, for screen readers. */
  label: string;
  text: string;
  onChange: (text: string) => void;
  onSave: () => void;
  readOnly: boolean;
  /** Those of this text. */
  problems: Problem[];
  known: Known;
  /** Not called ref, which React 18 does not hand to a component. */
  handle?: Ref<EditorHandle>;
}

/** Grafana's editor for YAML, with completion from the schema and the problems where they are. */
export function Editor({ label, text, onChange, onSave, readOnly, problems, known, handle }: Props) {
  const [mounted, setMounted] = useState<{ editor: MonacoEditor; monaco: Monaco }>();
  // The editor takes what it calls once, when it is made.
  const latest = useRef({ known, onChange });
  useEffect(() => {
    latest.current = { known, onChange };
  });

  useEffect(() => {
    const model = mounted?.editor.getModel();
    return mounted && model ? completing(mounted.monaco, model, () => latest.current.known) : undefined;
  }, [mounted]);

  useEffect(() => {
    const model = mounted?.editor.getModel();
    if (mounted && model) {
      mounted.monaco.editor.setModelMarkers(
        model,
        'accord',
        problems.map((problem) =>
          marker(mounted.monaco, model.getLineMaxColumn.bind(model), model.getLineCount(), problem),
        ),
      );
    }
  }, [mounted, problems]);

  useEffect(() => mounted?.editor.updateOptions({ ariaLabel: label }), [mounted, label]);

  useImperativeHandle(
    handle,
    () => ({
      goTo: (lineNumber, column) => {
        mounted?.editor.setPosition({ lineNumber, column });
        mounted?.editor.revealLineInCenter(lineNumber);
        mounted?.editor.focus();
      },
    }),
    [mounted],
  );

  return (
    <CodeEditor
      value={text}
      language="yaml"
      height="100%"
      showMiniMap={false}
      showLineNumbers
      readOnly={readOnly}
      onChange={(typed) => latest.current.onChange(typed)}
      onSave={onSave}
      onEditorDidMount={(editor, monaco) => setMounted({ editor, monaco })}
      monacoOptions={{
        tabSize: 2,
        wordWrap: 'on',
        scrollBeyondLastLine: false,
        quickSuggestions: { strings: true, other: true, comments: false },
      }}
    />
  );
}

function marker(
  monaco: Monaco,
  endOf: (line: number) => number,
  lines: number,
  { line, column, message, severity }: Problem,
) {
  const at = Math.min(Math.max(line, 1), lines);
  return {
    message,
    severity: severity === 'error' ? monaco.MarkerSeverity.Error : monaco.MarkerSeverity.Warning,
    startLineNumber: at,
    endLineNumber: at,
    startColumn: Math.max(column, 1),
    endColumn: Math.max(endOf(at), column + 1),
  };
}
