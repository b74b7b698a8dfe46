/**
 * What is signed of an Austrian receipt, as text of thirteen fields. SPEC.md §9 (RAT).
 *
 * Source: Detailspezifikation to the RKSV, as the ministry's model cash box writes it.
 *
 * @module
 */

export interface RksvPayload {
  /** `AT0` in a closed system, `AT1` and up in an open one. */
  readonly trustProvider: string;
  /** KassenID. */
  readonly cashBoxId: string;
  /** Belegnummer. */
  readonly number: string;
  /** Local, without a zone: `2016-03-11T03:57:08`. */
  readonly time: string;
  /** In cents: normal, reduced 1, reduced 2, zero, special. */
  readonly amountsMinor: readonly number[];
  /** The encrypted counter, or the mark of a training or void receipt. */
  readonly counter: string;
  /** Serial of the certificate in hex, or company id and key id. */
  readonly serial: string;
  /** First eight bytes of the hash of the receipt before, base64. */
  readonly chain: string;
}

export function payloadText(payload: RksvPayload): string {
  const { trustProvider, cashBoxId, number, time, counter, serial, chain } = payload;
  const amounts = payload.amountsMinor.map(amountText);
  return [
    "",
    `R1-${trustProvider}`,
    cashBoxId,
    number,
    time,
    ...amounts,
    counter,
    serial,
    chain,
  ].join("_");
}

/** `undefined` unless `payloadText` writes exactly this text again. */
export function readPayload(text: string): RksvPayload | undefined {
  const match = payloadPattern.exec(text);
  if (match === null) return undefined;
  const [trustProvider, cashBoxId, number, time, amounts, counter, serial, chain] = match.slice(
    1,
  ) as PayloadFields;
  const amountsMinor = amounts.split("_").map((amount) => Number(amount.replace(",", "")));
  const payload = { trustProvider, cashBoxId, number, time, amountsMinor, counter, serial, chain };
  return payloadText(payload) === text ? payload : undefined;
}

export function sumMinor(amountsMinor: readonly number[]): number {
  return amountsMinor.reduce((sum, amount) => sum + amount, 0);
}

type PayloadFields = [string, string, string, string, string, string, string, string];

const time = String.raw`\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3])(?::[0-5]\d){2}`;
const amount = String.raw`-?\d{1,14},\d{2}`;
const payloadPattern = new RegExp(
  `^_R1-(AT\\d+)_([^_]+)_([^_]+)_(${time})_(${amount}(?:_${amount}){4})_([^_]+)_([^_]+)_([^_]+)$`,
);

function amountText(minor: number): string {
  const digits = String(Math.abs(minor)).padStart(3, "0");
  return `${minor < 0 ? "-" : ""}${digits.slice(0, -2)},${digits.slice(-2)}`;
}
