import { type Monaco, type monacoTypes } from '@grafana/ui';
import { placeOf } from './place';
import { type Schema } from './schema';
import { aboutName, type Names, type Suggestion, suggestionsAt } from './suggestions';

/** What is known for completing a text; read each time, so that it may come later. */
export interface Known {
  schema?: Schema;
  names: Names;
}

/** Completes and explains the text of one editor from the schema; the answer ends it. */
export function completing(monaco: Monaco, model: monacoTypes.editor.ITextModel, known: () => Known): () => void {
  const at = (position: monacoTypes.Position) =>
    placeOf(model.getValue(), position.lineNumber - 1, position.column - 1);

  const completion = monaco.languages.registerCompletionItemProvider('yaml', {
    triggerCharacters: [' ', '-', '{', '[', ','],
    provideCompletionItems: (asked, position) => {
      const { schema, names } = known();
      if (asked !== model || !schema) {
        return { suggestions: [] };
      }
      const place = at(position);
      const { lineNumber, column } = position;
      const range = {
        startLineNumber: lineNumber,
        endLineNumber: lineNumber,
        startColumn: column - place.word.length,
        endColumn: column,
      };
      return { suggestions: suggestionsAt(schema, names, place).map((one) => item(monaco, one, range)) };
    },
  });

  const hover = monaco.languages.registerHoverProvider('yaml', {
    provideHover: (asked, position) => {
      const { schema } = known();
      const word = model.getWordAtPosition(position);
      if (asked !== model || !schema || !word) {
        return null;
      }
      const place = placeOf(model.getValue(), position.lineNumber - 1, word.startColumn - 1);
      const about = aboutName(schema, place, word.word);
      // As plain text: what is shown as Markdown could hold links.
      return about ? { contents: [{ value: about, isTrusted: false, supportHtml: false }] } : null;
    },
  });

  return () => {
    completion.dispose();
    hover.dispose();
  };
}

function item(
  monaco: Monaco,
  { text, kind, about, takes }: Suggestion,
  range: monacoTypes.IRange,
): monacoTypes.languages.CompletionItem {
  const { Property, Value } = monaco.languages.CompletionItemKind;
  const after = { value: ': ', mapping: ':\n  ', list: ':\n  - ' };
  return {
    label: text,
    kind: kind === 'name' ? Property : Value,
    documentation: about,
    insertText: kind === 'name' ? text + after[takes ?? 'value'] : text,
    range,
    // Asks at once what the value could be.
    command: kind === 'name' ? { id: 'editor.action.triggerSuggest', title: '' } : undefined,
  };
}
