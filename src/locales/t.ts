import { t as translate } from '@grafana/i18n';

/**
 * A text in the user's language, with the English one as default. Values are
 * put in as they are: React shows them as text, never as HTML.
 */
export function t(id: string, english: string, values?: Record<string, unknown>): string {
  return translate(id, english, { ...values, interpolation: { escapeValue: false } });
}

/** A text that depends on how many there are; `{{count}}` stands for the number, `{{amount}}` for it as written. */
export function plural(
  id: string,
  count: number,
  one: string,
  other: string,
  values?: Record<string, unknown>,
): string {
  return t(id, other, {
    amount: count.toLocaleString('en'),
    ...values,
    count,
    defaultValue_one: one,
    defaultValue_other: other,
  });
}
