/**
 * What part of a line's money goes back with part of its goods. SPEC.md §10 (RS).
 *
 * A refund is the share of everything refunded so far minus what was refunded before, so the
 * steps add up to the whole however it is divided. The tax follows the amount that was
 * reached, so there is never tax without an amount.
 *
 * @module
 */

import { assert, err, ok, type Result } from "@tillmesh/kernel";
import { roundRatio } from "../rounding.ts";

/**
 * The share of `quantityMilli` of a line that was `sold`, after `refunded` (all refunds of that line that
 * are known here, summed).
 */
export function refundShare(
  sold: LineMoney,
  refunded: LineMoney,
  quantityMilli: number,
): Result<LineMoney, RefundError> {
  const leftMilli = Math.max(0, sold.quantityMilli - refunded.quantityMilli);
  if (!Number.isSafeInteger(quantityMilli) || quantityMilli <= 0) {
    return err({ type: "RefundQuantity", quantityMilli, leftMilli });
  }
  if (quantityMilli > leftMilli) return err({ type: "OverRefund", quantityMilli, leftMilli });
  const throughMilli = refunded.quantityMilli + quantityMilli;
  const amountMinor = increment(
    { whole: sold.amountMinor, before: refunded.amountMinor },
    { reached: throughMilli, of: sold.quantityMilli },
  );
  const throughMinor = refunded.amountMinor + amountMinor;
  const taxMinor = increment(
    { whole: sold.taxMinor, before: refunded.taxMinor },
    { reached: throughMinor, of: sold.amountMinor },
  );
  return ok({ quantityMilli, amountMinor, taxMinor });
}

/** Quantity and money of a line or of a part of it; none is negative. */
export interface LineMoney {
  readonly quantityMilli: number;
  readonly amountMinor: number;
  readonly taxMinor: number;
}

/** `leftMilli` is what can still be refunded of the line. */
export type RefundError =
  | {
      readonly type: "RefundQuantity";
      readonly quantityMilli: number;
      readonly leftMilli: number;
    }
  | { readonly type: "OverRefund"; readonly quantityMilli: number; readonly leftMilli: number };

/**
 * What is still to be given of `whole`, of which `before` was, to come to the share `reached / of`, half up.
 * Refunds made apart may have gone further than that: then it is nothing, and later ones catch up. Never
 * beyond the whole.
 */
export function increment(
  { whole, before }: { readonly whole: number; readonly before: number },
  { reached, of }: { readonly reached: number; readonly of: number },
): number {
  if (of === 0) return 0;
  const share = roundRatio(BigInt(whole) * BigInt(Math.min(reached, of)), BigInt(of), "half-up");
  const result = Math.max(0, Number(share) - before);
  assert(Number.isSafeInteger(result), "a share is no more than the whole");
  return result;
}
