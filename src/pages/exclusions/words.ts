/** Why time is left out. */
export const categories: Record<string, string> = {
  maintenance: 'Maintenance',
  'third-party': 'Fault of a third party',
  'force-majeure': 'Force majeure',
  test: 'Test',
  other: 'Other',
};

/** What becomes of it. */
export const modes = { exclude: 'The time does not count', good: 'The time counts as good' };
