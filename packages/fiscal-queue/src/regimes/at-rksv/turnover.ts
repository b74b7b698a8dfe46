/**
 * The turnover counter, encrypted, and what stands in its place. SPEC.md §9 (RAT).
 *
 * Cents, signed, big-endian two's complement of N bytes under AES-256 in counter mode; the initial value is the hash of cash
 * box and receipt number, so that no key stream is used twice as long as numbers are not.
 *
 * @module
 */

import { utf8 } from "@tillmesh/kernel";
import type { FiscalCrypto } from "../../ports.ts";
import { base64, fromBase64 } from "../../base64.ts";

/** base64 of `TRA`. */
export const trainingMark = "VFJB";
/** base64 of `STO`. */
export const voidMark = "U1RP";

export interface TurnoverKey {
  readonly aesKey: Uint8Array;
  readonly crypto: FiscalCrypto;
}

export interface TurnoverPlace {
  readonly cashBoxId: string;
  readonly number: string;
}

export function encryptTurnover(
  turnover: { readonly minor: bigint; readonly sizeBytes: number },
  place: TurnoverPlace,
  { aesKey, crypto }: TurnoverKey,
): string {
  const plain = twosComplement(turnover.minor, turnover.sizeBytes);
  return base64(crypto.aes256Ctr(aesKey, initialValue(place, crypto), plain));
}

/** `undefined` where the field is no counter of 5 to 8 bytes. */
export function decryptTurnover(
  field: string,
  place: TurnoverPlace,
  { aesKey, crypto }: TurnoverKey,
): { readonly minor: bigint; readonly sizeBytes: number } | undefined {
  const bytes = fromBase64(field);
  if (bytes === undefined || bytes.length < 5 || bytes.length > 8) return undefined;
  const plain = crypto.aes256Ctr(aesKey, initialValue(place, crypto), bytes);
  return { minor: fromTwosComplement(plain), sizeBytes: bytes.length };
}

/** Does a counter of that size hold it? */
export function fitsCounter(minor: number, sizeBytes: number): boolean {
  const limit = 2n ** BigInt(sizeBytes * 8 - 1);
  return Number.isSafeInteger(minor) && BigInt(minor) >= -limit && BigInt(minor) < limit;
}

/** The first 16 bytes of the hash of KassenID and Belegnummer, nothing between them. */
export function initialValue(
  { cashBoxId, number }: TurnoverPlace,
  crypto: FiscalCrypto,
): Uint8Array {
  return crypto.sha256(utf8(cashBoxId + number)).slice(0, 16);
}

function twosComplement(minor: bigint, sizeBytes: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigInt64(0, minor);
  return bytes.slice(8 - sizeBytes);
}

function fromTwosComplement(bytes: Uint8Array): bigint {
  const whole = new Uint8Array(8).fill((bytes[0] ?? 0) >= 0x80 ? 0xff : 0);
  whole.set(bytes, 8 - bytes.length);
  return new DataView(whole.buffer).getBigInt64(0);
}
