/**
 * Prices a basket: what each line costs, what is taken off, the tax in it, and which publications say
 * so. SPEC.md §8 (BA).
 *
 * Nothing is looked up but the books that are passed in, so the same basket at the same
 * publications gives the same result on every till, byte by byte.
 *
 * @module
 */

import { err, sumSafe, type Result } from "@tillmesh/kernel";
import type { BasketFault } from "./basket-fault.ts";
import { assemble } from "./basket/assemble.ts";
import type { BasketInput } from "./basket/basket-input.ts";
import { inCanonicalOrder } from "./basket/canonical-order.ts";
import { listsOf } from "./basket/choose-price.ts";
import { listLines } from "./basket/list-lines.ts";
import { basisOf } from "./basket/one-basis.ts";
import type { PricedBasket } from "./basket/priced-basket.ts";
import { chargeService } from "./basket/service-charge.ts";
import { takeManual } from "./basket/take-manual.ts";
import { takePromotions } from "./basket/take-promotions.ts";

export type { BasketInput, BasketLine } from "./basket/basket-input.ts";
export type { PricedBasket, PricedLine } from "./basket/priced-basket.ts";

/** Either every line is priced, or all that is wrong with the basket is said at once. */
export function priceBasket(input: BasketInput): Result<PricedBasket, BasketError> {
  const size = sizeFaults(input.lines.length);
  if (size.length > 0) return basketError(size);
  const lists = listsOf(input);
  const listing = listLines(input, lists);
  if (listing.faults.length > 0) return basketError(listing.faults);
  const basis = basisOf(listing.lines, lists);
  if (!basis.ok) return basketError(basis.error.faults);
  const listTotal = sumSafe(listing.lines.map(({ listed }) => listed.listAmountMinor));
  if (!listTotal.ok) return basketError([tooLarge]);
  const promoted = takePromotions(inCanonicalOrder(listing.lines), input);
  const manual = takeManual(promoted.lines, input);
  const charged = chargeService(manual.lines, input);
  const faults = [...manual.faults, ...(charged.ok ? [] : charged.error.faults)];
  if (faults.length > 0 || !charged.ok) return basketError(faults);
  const basket = assemble({
    input,
    order: listing.lines.map(({ listed }) => listed.lineId),
    goods: manual.lines,
    service: charged.value,
    basis: basis.value,
    deal: promoted.deal,
  });
  return basket.ok ? basket : basketError([tooLarge]);
}

export interface BasketError {
  readonly type: "Basket";
  readonly faults: readonly BasketFault[];
}

/** More than a till sells at once, and the bound of the work that one request can ask for. */
export const linesMax = 500;

const tooLarge: BasketFault = { pointer: "/lines", code: "AmountTooLarge" };

function sizeFaults(count: number): readonly BasketFault[] {
  if (count === 0) return [{ pointer: "/lines", code: "EmptyBasket" }];
  if (count <= linesMax) return [];
  return [{ pointer: "/lines", code: "TooManyLines", count, linesMax }];
}

function basketError(faults: readonly BasketFault[]): Result<never, BasketError> {
  return err({ type: "Basket", faults });
}
