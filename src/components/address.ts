/** The address in texts of people, if it is one that may be followed; scripts and the like are not. */
export function followable(address: string): string | undefined {
  try {
    return ['http:', 'https:', 'mailto:'].includes(new URL(address).protocol) ? address : undefined;
  } catch {
    return undefined;
  }
}

/** Where a contact is reached by a click, if it can be. */
export function contactAddress(type: string, target: string): string | undefined {
  return type === 'email' ? followable(`mailto:${encodeURI(target)}`) : followable(target);
}
