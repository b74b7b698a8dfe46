/**
 * PINs of staff: kept as scrypt hashes in the staff publication, checked off the main thread.
 *
 * @module
 */

import { scrypt, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { base64url, fromBase64url, type Random } from "@tillmesh/kernel";

export interface PinHash {
  /** base64url, 16 bytes. */
  readonly salt: string;
  /** base64url, 32 bytes. */
  readonly hash: string;
}

export async function hashPin(pin: string, random: Random): Promise<PinHash> {
  const salt = random(16);
  return { salt: base64url(salt), hash: base64url(await derive(pin, salt)) };
}

/** False also for a hash that is malformed. */
export async function isPin(pin: string, { salt, hash }: PinHash): Promise<boolean> {
  const saltBytes = fromBase64url(salt);
  const expected = fromBase64url(hash);
  if (!saltBytes.ok || !expected.ok || expected.value.length !== hashSizeBytes) return false;
  return timingSafeEqual(await derive(pin, saltBytes.value), expected.value);
}

/** Six digits, none of them likelier than another. */
export function newPin(random: Random): string {
  for (;;) {
    const [a = 0, b = 0, c = 0] = random(3);
    const value = (a << 16) | (b << 8) | c;
    // 16,000,000 is the largest multiple of a million below 2^24.
    if (value < 16_000_000) return String(value % 1_000_000).padStart(6, "0");
  }
}

const hashSizeBytes = 32;
const cost = { N: 16_384, r: 8, p: 1 };
const scryptAsync = promisify<string, Uint8Array, number, typeof cost, Buffer>(scrypt);

function derive(pin: string, salt: Uint8Array): Promise<Buffer> {
  return scryptAsync(pin, salt, hashSizeBytes, cost);
}
