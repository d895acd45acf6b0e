import { EmptyState } from '@grafana/ui';
import { type ReactNode } from 'react';

interface Props {
  /** What there is nothing of. */
  title: string;
  /** What to do next, in words. */
  children?: ReactNode;
  /** What to do next, as a button or a link. */
  action?: ReactNode;
  /** Whether nothing has been made yet, nothing was found, or all is done. */
  kind?: 'start' | 'not-found' | 'done';
}

const variants = { start: 'call-to-action', 'not-found': 'not-found', done: 'completed' } as const;

/** Says that there is nothing, and what to do next. */
export function Empty({ title, children, action, kind = 'start' }: Props) {
  return (
    <EmptyState variant={variants[kind]} message={title} button={action} role="status">
      {children}
    </EmptyState>
  );
}
