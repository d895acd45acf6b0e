/** Why time is excluded. */
export const categories: Record<string, string> = {
  maintenance: 'Maintenance',
  'third-party': 'Fault of a third party',
  'force-majeure': 'Force majeure',
  test: 'Test',
  other: 'Other',
};

/** How excluded time counts. */
export const modes = { exclude: 'The time does not count', good: 'The time counts as good' };
