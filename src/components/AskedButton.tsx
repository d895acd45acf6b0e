import { Button, type ButtonProps, ConfirmModal } from '@grafana/ui';
import { type ComponentProps, useState } from 'react';

type Props = ButtonProps & {
  /** The confirmation dialog. */
  ask: Pick<ComponentProps<typeof ConfirmModal>, 'title' | 'body' | 'confirmText' | 'confirmVariant'>;
  onConfirm: () => void;
};

/** A button that asks for confirmation. */
export function AskedButton({ ask, onConfirm, ...button }: Props) {
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Button {...button} onClick={() => setAsking(true)} />
      <ConfirmModal
        {...ask}
        isOpen={asking}
        onDismiss={() => setAsking(false)}
        onConfirm={() => {
          setAsking(false);
          onConfirm();
        }}
      />
    </>
  );
}
