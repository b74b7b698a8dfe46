/**
 * What is taxed on a line, and how: one tax or several, one after the other. SPEC.md §13 (LT).
 *
 * @module
 */

/** The taxes of a line in the order in which they are computed. No component: nothing is taxed. */
export type TaxRule = {
  readonly taxCode: string;
  readonly name: string;
  readonly components: readonly TaxComponent[];
  /** Absent unless customer or line is exempt. */
  readonly exemption?: TaxExemption;
};

/** One tax. A published `{taxCode, name, rateBp}` is one component whose id is the tax code. */
export type TaxComponent = {
  /** Lines with one id, category, rate and amount per unit share a row of the summary. */
  readonly id: string;
  readonly name: string;
  readonly category: TaxCategory;
  readonly rateBp: number;
  /** Of 1000 thousandths of the line's unit; 0 for a tax by rate only. */
  readonly perUnitMinor: number;
  /** On the net and the taxes before it, instead of the net alone. */
  readonly isCompound: boolean;
};

/**
 * EN 16931 (UNCL 5305): standard, zero, exempt, outside the scope, reverse charge, intra-community
 * supply, export.
 */
export type TaxCategory = "S" | "Z" | "E" | "O" | "AE" | "K" | "G";

/** `relieved` is what would have been taxed: it comes off a tax-inclusive price. Empty: the price stays. */
export type TaxExemption = {
  readonly reason: string;
  readonly relieved: readonly TaxComponent[];
};

export const taxCategories = ["S", "Z", "E", "O", "AE", "K", "G"] as const;

/** `S` for what has a rate or an amount per unit, else `Z`. */
export function usualCategory({
  rateBp,
  perUnitMinor,
}: Pick<TaxComponent, "rateBp" | "perUnitMinor">): TaxCategory {
  return rateBp > 0 || perUnitMinor > 0 ? "S" : "Z";
}

/** One usual tax by rate, which a line tells by `taxCode`, `rateBp` and `taxMinor` alone. */
export function isPlainRule(rule: TaxRule): boolean {
  const [first, ...others] = rule.components;
  if (first === undefined || others.length > 0 || rule.exemption !== undefined) return false;
  return first.id === rule.taxCode && isPlainComponent(first);
}

/** Nothing but a rate, in its usual category. */
export function isPlainComponent(component: TaxComponent): boolean {
  const { category, perUnitMinor, isCompound } = component;
  return perUnitMinor === 0 && !isCompound && category === usualCategory(component);
}
