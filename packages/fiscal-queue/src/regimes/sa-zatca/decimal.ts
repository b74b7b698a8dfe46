/**
 * Decimal texts of amounts, rates and quantities, compared and multiplied exactly. SPEC.md §11 (RSA).
 *
 * @module
 */

/** Units of 10^-10; `undefined` for what is no plain decimal. */
export function parseDecimal(text: string): bigint | undefined {
  const match = /^(-?)(\d{1,18})(?:\.(\d{1,10}))?$/.exec(text);
  if (match === null) return undefined;
  const [, minus, whole = "0", fraction = ""] = match;
  const size = BigInt(whole + fraction.padEnd(scaleDigits, "0"));
  return minus === "-" ? -size : size;
}

/** Digits behind the point, as written. */
export function fractionDigits(text: string): number {
  return text.split(".")[1]?.length ?? 0;
}

export function equalDecimals(a: string, b: string): boolean {
  const left = parseDecimal(a);
  return left !== undefined && left === parseDecimal(b);
}

/** One of two scaled factors times the other. */
export function multiply(a: bigint, b: bigint): bigint {
  return divideHalfUp(a * b, scale);
}

/** To two digits, half away from zero. */
export function roundToCents(value: bigint): bigint {
  const cents = divideHalfUp(value < 0n ? -value : value, centScale) * centScale;
  return value < 0n ? -cents : cents;
}

/** Of a sum that is not negative; half goes up. */
export function divideHalfUp(dividend: bigint, divisor: bigint): bigint {
  return (2n * dividend + divisor) / (2n * divisor);
}

/** Minor units of two digits as text: `231.15`, `-0.01`. */
export function amountText(minor: number): string {
  const size = String(Math.abs(minor)).padStart(3, "0");
  return `${minor < 0 ? "-" : ""}${size.slice(0, -2)}.${size.slice(-2)}`;
}

/** The VAT of an amount that is not negative, rounded half up once. */
export function taxOf(netMinor: number, rateBp: number): number {
  return Number(divideHalfUp(BigInt(netMinor) * BigInt(rateBp), 10_000n));
}

const scaleDigits = 10;
const scale = 10n ** BigInt(scaleDigits);
const centScale = 10n ** 8n;

/** One hundredth. */
export const oneCent: bigint = centScale;
