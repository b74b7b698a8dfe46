/**
 * What may be taken of vouchers and gift cards while nobody can be asked. SPEC.md §19 (TN).
 *
 * Rights are parts of a balance that belong to one device each, so spending them can never
 * add up to more than the balance. What is beyond them is the shop's risk, up to its budget.
 *
 * @module
 */

import type { SoundTender } from "./read-tenders.ts";
import type { StoredValueLimits, StoredValueUse, TenderFault } from "./settlement.ts";

/** In the order of the tenders: rights first, then the budget. A tender that neither covers takes nothing. */
export function coverStoredValue(
  tenders: readonly SoundTender[],
  limits: StoredValueLimits = { rightsMinor: {}, riskBudgetMinor: 0 },
): Covered {
  const uses = new Map<string, StoredValueUse>();
  const faults: TenderFault[] = [];
  let budgetMinor = Math.max(0, limits.riskBudgetMinor);
  for (const { kind, reference = "", amountMinor, index } of tenders) {
    if (kind !== "voucher" && kind !== "gift-card") continue;
    const before = uses.get(reference) ?? { kind, reference, fromRightsMinor: 0, atRiskMinor: 0 };
    const rightsMinor = rightsOf(limits, reference) - before.fromRightsMinor;
    const fromRightsMinor = Math.min(amountMinor, rightsMinor);
    const atRiskMinor = amountMinor - fromRightsMinor;
    if (atRiskMinor > budgetMinor) {
      const facts = { reference, amountMinor, rightsMinor, riskBudgetMinor: budgetMinor };
      faults.push({ pointer: `/tenders/${index}/amount`, code: "StoredValueNotCovered", ...facts });
      continue;
    }
    budgetMinor -= atRiskMinor;
    uses.set(reference, {
      ...before,
      fromRightsMinor: before.fromRightsMinor + fromRightsMinor,
      atRiskMinor: before.atRiskMinor + atRiskMinor,
    });
  }
  return { uses: [...uses.values()], faults };
}

export interface Covered {
  /** By reference, in the order of their first tender. */
  readonly uses: readonly StoredValueUse[];
  readonly faults: readonly TenderFault[];
}

function rightsOf({ rightsMinor }: StoredValueLimits, reference: string): number {
  return Object.hasOwn(rightsMinor, reference) ? Math.max(0, rightsMinor[reference] ?? 0) : 0;
}
