import { Portal } from '@grafana/ui';
import { useEffect } from 'react';
import { absent, amount, groupWords, instant, percent, share, stateWord } from '../../components/words';
import { type Row } from './rows';

interface Props {
  title: string;
  rows: Row[];
  /** Called when the dialog of the browser was closed. */
  onDone: () => void;
}

/** Only the sheet, in black on white, whatever the theme. */
const style = `
.accord-sheet { display: none; }
@media print {
  @page { margin: 15mm; }
  html, body { background: #fff !important; height: auto !important; overflow: visible !important; }
  body > *:not(:has(.accord-sheet)) { display: none !important; }
  .accord-sheet { display: block; position: static; color: #000; background: #fff; font-size: 9pt; }
  .accord-sheet table { width: 100%; border-collapse: collapse; }
  .accord-sheet thead { display: table-header-group; }
  .accord-sheet tr { break-inside: avoid; }
  .accord-sheet th, .accord-sheet td { padding: 1mm 2mm; border-bottom: 0.2mm solid #999; text-align: left; vertical-align: top; }
}`;

/** All rows on paper, not only those on the page; opens the browser's dialog. */
export function PrintSheet({ title, rows, onDone }: Props) {
  useEffect(() => {
    window.addEventListener('afterprint', onDone);
    window.print();
    return () => window.removeEventListener('afterprint', onDone);
    // Once: printing is what this is for.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);
  return (
    <Portal>
      <style>{style}</style>
      <div className="accord-sheet" aria-hidden>
        <h1>{title}</h1>
        <p>{`Printed ${instant(new Date().toISOString())}`}</p>
        <table>
          <thead>
            <tr>
              {headings().map((heading) => (
                <th key={heading}>{heading}</th>
              ))}
            </tr>
          </thead>
          <tbody>{rows.flatMap(lines)}</tbody>
        </table>
      </div>
    </Portal>
  );
}

function headings(): string[] {
  return [
    'Agreement',
    'Between',
    'Objective',
    'State',
    'Target',
    'Compliance',
    'Raw',
    'Bad of allowed',
    'Budget left',
    'Frozen',
  ];
}

function lines({ agreement, title, objectives, statement }: Row) {
  return objectives.map((one, index) => (
    <tr key={JSON.stringify([agreement.name, one.name, one.group])}>
      <td>{index === 0 ? title : ''}</td>
      <td>{index === 0 ? [agreement.provider, agreement.consumers.join(', ')].join(' → ') : ''}</td>
      <td>{[one.name, groupWords(one.group)].filter(Boolean).join(' ')}</td>
      <td>{stateWord(one.state)}</td>
      <td>{percent(one.target)}</td>
      <td>{percent(one.compliance)}</td>
      <td>{percent(one.raw)}</td>
      <td>{one.compliance === null ? absent : `${amount(one.bad, one.unit)} / ${amount(one.allowed, one.unit)}`}</td>
      <td>{share(one.remaining)}</td>
      <td>{statement ? `${instant(statement.frozenAt)}, ${statement.digest.slice(0, 19)}` : absent}</td>
    </tr>
  ));
}
