/**
 * How far whoever is at the till may go. SPEC.md §18 (MD).
 *
 * @module
 */

import type { LineFault, ManualFault } from "../basket-fault.ts";
import type { CatalogueItem } from "../items.ts";
import type { BasketLine } from "./basket-input.ts";
import type { ActorLimits, DiscountLimit, ManualDiscount, ManualReason } from "./manual-input.ts";

/** 1 to 200 characters and a code of up to 64. */
export function isReason({ reason, reasonCode = "" }: ManualReason): boolean {
  return reason.trim() !== "" && reason.length <= 200 && reasonCode.length <= 64;
}

/** Of a line: discounts and comps that are none, or of an article that has none. */
export function manualValueFaults(
  { sku, discount, comp }: BasketLine,
  { isDiscountable = true }: Pick<CatalogueItem, "isDiscountable">,
): readonly LineFault[] {
  const isWrong = { discount: discount && !isDiscount(discount), comp: comp && !isReason(comp) };
  const asked = ["discount", "comp"] as const;
  return asked.flatMap((name): readonly LineFault[] => {
    const pointer = `/${name}`;
    if (isWrong[name] === undefined) return [];
    if (!isDiscountable) return [{ pointer, code: "NotDiscountable", sku }];
    return isWrong[name] ? [{ pointer, code: "ManualValueInvalid" }] : [];
  });
}

/** A percentage of 1 to 10,000 basis points, or a positive amount; with a reason. */
export function isDiscount(discount: ManualDiscount): boolean {
  const value = "percentBp" in discount ? discount.percentBp : discount.amountMinor;
  const max = "percentBp" in discount ? wholeBp : Number.MAX_SAFE_INTEGER;
  return Number.isSafeInteger(value) && value > 0 && value <= max && isReason(discount);
}

/** `takenMinor` of what cost `ofMinor`; a percentage is held to the limit as it was asked for. */
export function discountFaults(
  kind: "lineBp" | "orderBp",
  { discount, takenMinor, ofMinor }: TakenDiscount,
  limits: ActorLimits | undefined,
): readonly ManualFault[] {
  const share =
    "percentBp" in discount
      ? { taken: discount.percentBp, of: wholeBp }
      : { taken: takenMinor, of: ofMinor };
  return aboveLimit(limits, (limit) => limit[kind], share);
}

export interface TakenDiscount {
  readonly discount: ManualDiscount;
  readonly takenMinor: number;
  readonly ofMinor: number;
}

export function overrideFaults(
  { listPriceMinor, unitPriceMinor }: OverriddenPrice,
  limits: ActorLimits | undefined,
): readonly ManualFault[] {
  const taken = Math.max(0, listPriceMinor - unitPriceMinor);
  return aboveLimit(limits, ({ overrideBp }) => overrideBp, { taken, of: listPriceMinor });
}

export interface OverriddenPrice {
  readonly listPriceMinor: number;
  readonly unitPriceMinor: number;
}

export function compFaults(limits: ActorLimits | undefined): readonly ManualFault[] {
  const limitBp = ({ canComp }: DiscountLimit) => (canComp ? wholeBp : 0);
  return aboveLimit(limits, limitBp, { taken: wholeBp, of: wholeBp });
}

const wholeBp = 10_000;

interface Share {
  readonly taken: number;
  readonly of: number;
}

// A role that nobody described may take off nothing.
function aboveLimit(
  limits: ActorLimits | undefined,
  limitOf: (limit: DiscountLimit) => number,
  share: Share,
): readonly ManualFault[] {
  if (limits === undefined) return [];
  const { role, byRole } = limits;
  const own = Object.hasOwn(byRole, role) ? byRole[role] : undefined;
  const limitBp = own === undefined ? 0 : limitOf(own);
  if (isWithin(share, limitBp)) return [];
  const allowed = Object.entries(byRole).filter(([, limit]) => isWithin(share, limitOf(limit)));
  const allowedRoles = allowed.map(([name]) => name).toSorted();
  return [{ code: "DiscountAboveLimit", role, limitBp, allowedRoles }];
}

function isWithin({ taken, of }: Share, limitBp: number): boolean {
  return BigInt(taken) * BigInt(wholeBp) <= BigInt(limitBp) * BigInt(of);
}
