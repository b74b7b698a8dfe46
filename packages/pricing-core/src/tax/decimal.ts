/**
 * Exact decimals for what has more of them than a minor unit: prices, quantities, percentages of an
 * invoice. SPEC.md §15 (EI).
 *
 * @module
 */

import { err, ok, type Result } from "@tillmesh/kernel";
import { roundRatio } from "../rounding.ts";

/** `units` / 10^`scale`. */
export type Decimal = {
  readonly units: bigint;
  /** Not negative. */
  readonly scale: number;
};

/** `"-12.3450"`: up to 30 digits before the point and 20 behind it, exactly, without zeros at the end. */
export function parseDecimal(text: string): Result<Decimal, DecimalTextError> {
  const found = /^([+-]?)(\d{1,30})(?:\.(\d{0,20}))?$/.exec(text);
  if (found === null) return err({ type: "DecimalText", text });
  const [, sign, whole = "", fraction = ""] = found;
  const kept = fraction.replace(/0+$/, "");
  const units = BigInt(whole + kept);
  return ok({ units: sign === "-" ? -units : units, scale: kept.length });
}

export interface DecimalTextError {
  readonly type: "DecimalText";
  readonly text: string;
}

/** Equal for equal numbers. */
export function decimalKey({ units, scale }: Decimal): string {
  let [rest, places] = [units, scale];
  while (places > 0 && rest % 10n === 0n) [rest, places] = [rest / 10n, places - 1];
  return `${rest}e-${places}`;
}

/** The product, over `over` which is positive, rounded once to an amount with so many decimals, half up. */
export function roundedMinor(factors: readonly Decimal[], over: Decimal, decimals: number): bigint {
  const units = factors.reduce((product, factor) => product * factor.units, 1n);
  const scale = factors.reduce((sum, factor) => sum + factor.scale, 0);
  const numerator = units * 10n ** BigInt(over.scale + decimals);
  return roundRatio(numerator, over.units * 10n ** BigInt(scale), "half-up");
}

export const oneDecimal: Decimal = { units: 1n, scale: 0 };
export const hundred: Decimal = { units: 100n, scale: 0 };
