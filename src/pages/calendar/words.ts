import { t } from '../../locales/t';

/** The categories of exclusions, as documents have them. */
export const categories = ['maintenance', 'third-party', 'force-majeure', 'test', 'other'] as const;

/** A category in words; one that is not known as it is. */
export function categoryWords(category: string): string {
  switch (category) {
    case 'maintenance':
      return t('calendar.category.maintenance', 'Maintenance');
    case 'third-party':
      return t('calendar.category.third-party', 'Fault of a third party');
    case 'force-majeure':
      return t('calendar.category.force-majeure', 'Force majeure');
    case 'test':
      return t('calendar.category.test', 'Test');
    case 'other':
      return t('calendar.category.other', 'Something else');
    default:
      return category;
  }
}

/** What becomes of the time. */
export function modeWords(mode: 'exclude' | 'good'): string {
  return mode === 'good'
    ? t('calendar.mode.good', 'The time counts as good.')
    : t('calendar.mode.exclude', 'The time does not count.');
}
