/** The categories of exclusions, as documents have them. */
export const categories = ['maintenance', 'third-party', 'force-majeure', 'test', 'other'] as const;

/** A category in words; one that is not known as it is. */
export function categoryWords(category: string): string {
  switch (category) {
    case 'maintenance':
      return 'Maintenance';
    case 'third-party':
      return 'Fault of a third party';
    case 'force-majeure':
      return 'Force majeure';
    case 'test':
      return 'Test';
    case 'other':
      return 'Something else';
    default:
      return category;
  }
}

/** What becomes of the time. */
export function modeWords(mode: 'exclude' | 'good'): string {
  return mode === 'good' ? 'The time counts as good.' : 'The time does not count.';
}
