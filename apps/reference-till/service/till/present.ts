/**
 * Members that say nothing are left out of what is recorded and published.
 *
 * @module
 */

/** The members that are not undefined. */
export function present<T extends object>(
  members: T,
): { readonly [Name in keyof T]?: Exclude<T[Name], undefined> } {
  const said = Object.entries(members).filter(([, value]) => value !== undefined);
  return Object.fromEntries(said) as { [Name in keyof T]?: Exclude<T[Name], undefined> };
}
