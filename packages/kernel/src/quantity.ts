/**
 * Quantities: integer thousandths inside, decimal text outside. SPEC.md §4 (QT).
 *
 * @module
 */

import { assert } from "./assert.ts";
import type { Brand } from "./brand.ts";
import { err, ok, type Result } from "./result.ts";

/** Thousandths of a unit: 1.5 kg is 1500. */
export type QuantityMilli = Brand<number, "QuantityMilli">;

/** A billion units; every sum of movements of a lifetime stays a safe integer. */
export const quantityMaxMilli = 1_000_000_000_000;

/** `"1.5"` is 1500. Up to three decimals, an optional minus, no exponent, no leading zero. */
export function parseQuantity(text: string): Result<QuantityMilli, QuantityError> {
  const match = text.length <= textMaxLength ? pattern.exec(text) : null;
  if (match === null) return err({ type: "QuantityFormat", text: text.slice(0, textMaxLength) });
  const [, minus, whole = "0", decimals = ""] = match;
  const magnitude = Number(whole) * 1000 + Number(decimals.padEnd(3, "0"));
  const quantity = minus === "-" && magnitude !== 0 ? -magnitude : magnitude;
  return isQuantityMilli(quantity) ? ok(quantity) : err({ type: "QuantityTooLarge", text });
}

export type QuantityError =
  | { readonly type: "QuantityFormat"; readonly text: string }
  | { readonly type: "QuantityTooLarge"; readonly text: string };

/** An integer of at most a billion units in either direction. */
export function isQuantityMilli(value: number): value is QuantityMilli {
  return Number.isSafeInteger(value) && Math.abs(value) <= quantityMaxMilli;
}

/** `1500` is `"1.5"`, `-2000` is `"-2"`; the shortest text that `parseQuantity` reads back. */
export function formatQuantity(quantityMilli: number): string {
  assert(Number.isSafeInteger(quantityMilli), `${quantityMilli} is not a number of thousandths`);
  const magnitude = Math.abs(quantityMilli);
  const decimals = String(magnitude % 1000)
    .padStart(3, "0")
    .replace(/0+$/, "");
  const whole = `${quantityMilli < 0 ? "-" : ""}${Math.floor(magnitude / 1000)}`;
  return decimals === "" ? whole : `${whole}.${decimals}`;
}

const textMaxLength = 20;
const pattern = /^(-)?(0|[1-9]\d*)(?:\.(\d{1,3}))?$/;
