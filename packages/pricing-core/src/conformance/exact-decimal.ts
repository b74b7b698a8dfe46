/**
 * Decimal text of outside cases as integers, and back. Nothing is rounded unless asked.
 *
 * @module
 */

import { assert } from "@tillmesh/kernel";
import { roundRatio, type RoundingMode } from "../rounding.ts";

/** Of a text without more decimals than `decimals`. */
export function minorOf(text: string, decimals: number): number {
  const { numerator, denominator } = ratioOf(text);
  const scaled = numerator * 10n ** BigInt(decimals);
  assert(scaled % denominator === 0n, `${text} has no more than ${decimals} decimals`);
  const minor = Number(scaled / denominator);
  assert(Number.isSafeInteger(minor), `${text} is safe`);
  return minor;
}

/** Without zeros at its end: `1050` with three decimals is `"1.05"`. */
export function textOf(minor: number, decimals: number): string {
  const digits = String(Math.abs(minor)).padStart(decimals + 1, "0");
  const whole = digits.slice(0, digits.length - decimals);
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, "");
  return `${minor < 0 ? "-" : ""}${whole}${fraction === "" ? "" : `.${fraction}`}`;
}

export function roundText(text: string, decimals: number, mode: RoundingMode): number {
  const { numerator, denominator } = ratioOf(text);
  return Number(roundRatio(numerator * 10n ** BigInt(decimals), denominator, mode));
}

/** `"20"` and `"8.5"` percent are 2000 and 850 basis points. */
export function basisPointsOf(percent: string): number {
  return minorOf(percent, 2);
}

function ratioOf(text: string): { readonly numerator: bigint; readonly denominator: bigint } {
  const parts = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
  assert(parts !== null, `${text} is a decimal number`);
  const [, sign, whole, fraction = ""] = parts;
  const magnitude = BigInt(`${whole}${fraction}`);
  const denominator = 10n ** BigInt(fraction.length);
  return { numerator: sign === "-" ? -magnitude : magnitude, denominator };
}
