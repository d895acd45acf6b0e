import { type ReactNode } from 'react';

/** The name of a field for screen readers alone. A Combobox of Grafana 12 is named by nothing but `aria-labelledby`. */
export function HiddenLabel({ id, children }: { id: string; children: ReactNode }) {
  return (
    <span id={id} className="sr-only">
      {children}
    </span>
  );
}
