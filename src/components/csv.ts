import Papa from 'papaparse';

/** What stands in a cell; nothing where a figure is absent. */
export type Cell = string | number | undefined;

/** Lines as CSV, with the names of their columns first. */
export function csvText(lines: Array<Record<string, Cell>>): string {
  // A text that a spreadsheet would take for a formula gets a ' before it, numbers stay numbers.
  return Papa.unparse(lines, { escapeFormulae: /^\s*[=+\-@＝＋－＠]|^[\t\r\n]/ });
}

/** Gives the browser a CSV to save. */
export function download(name: string, text: string) {
  const address = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}
