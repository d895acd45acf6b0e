import { Text } from '@grafana/ui';
import { type ReactNode } from 'react';

/** A part of a page with a heading. */
export function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <Text element="h2" variant="h5">
        {title}
      </Text>
      {children}
    </section>
  );
}

/** A paragraph of secondary text. */
export function Small({ children }: { children: NonNullable<ReactNode> }) {
  return (
    <Text element="p" variant="bodySmall" color="secondary">
      {children}
    </Text>
  );
}
