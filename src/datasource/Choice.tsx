import { Combobox, type ComboboxOption } from '@grafana/ui';
import { useEffect, useRef } from 'react';

interface Props<T extends string> {
  id: string;
  options: Array<ComboboxOption<T>>;
  value: T;
  /** Called once for each choice of another value. */
  onChange: (value: T) => void;
  createCustomValue?: boolean;
  width: number;
}

/**
 * A Combobox that tells of a choice once. Grafana's own tells of it from within
 * an effect; where the page renders while it is being announced, as Explore does, it
 * tells again and again.
 */
export function Choice<T extends string>({ value, onChange, ...props }: Props<T>) {
  const announced = useRef(value);
  useEffect(() => {
    announced.current = value;
  }, [value]);
  return (
    <Combobox
      {...props}
      value={value}
      onChange={(option) => {
        if (option.value !== announced.current) {
          announced.current = option.value;
          onChange(option.value);
        }
      }}
    />
  );
}
