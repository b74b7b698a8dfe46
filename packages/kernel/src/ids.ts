/**
 * Opaque ids, one brand per kind of thing. SPEC.md §1 (ID).
 *
 * An id says what it names (its prefix) and nothing else: no time, no place, no
 * number that a stranger could count.
 *
 * @module
 */

import { assert } from "./assert.ts";
import type { Brand } from "./brand.ts";
import type { Random } from "./random.ts";

export type OrganisationId = Brand<string, "OrganisationId">;
export type LocationId = Brand<string, "LocationId">;
export type DeviceId = Brand<string, "DeviceId">;
export type StaffId = Brand<string, "StaffId">;
export type SaleId = Brand<string, "SaleId">;
export type ShiftId = Brand<string, "ShiftId">;

/** What a shop calls an article; given by its owner, so any text from 1 to 64 characters. */
export type Sku = Brand<string, "Sku">;

interface IdByPrefix {
  readonly org: OrganisationId;
  readonly loc: LocationId;
  readonly dev: DeviceId;
  readonly staff: StaffId;
  readonly sale: SaleId;
  readonly shift: ShiftId;
}

export type IdOf<Prefix extends string> = Prefix extends keyof IdByPrefix
  ? IdByPrefix[Prefix]
  : string;

/** `dev_` and 26 lower-case Crockford base32 characters of 16 random bytes. */
export function newId<const Prefix extends string>(prefix: Prefix, random: Random): IdOf<Prefix> {
  assert(prefixPattern.test(prefix), `"${prefix}" is no prefix of an id`);
  const id: string = `${prefix}_${crockfordBase32(random(randomSizeBytes))}`;
  assert(isId(prefix, id), `"${id}" is an id`);
  return id;
}

/** Is `text` an id that `newId(prefix)` could have made? */
export function isId<const Prefix extends string>(
  prefix: Prefix,
  text: string,
): text is IdOf<Prefix> & string {
  return text.startsWith(`${prefix}_`) && idPattern.test(text.slice(prefix.length + 1));
}

const randomSizeBytes = 16;
const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
const prefixPattern = /^[a-z]{2,16}$/;
const idPattern = /^[0-9a-hjkmnp-tv-z]{25}[048cgmrw]$/;

/** Five bits a character, most significant first; the last character is padded with zero bits. */
export function crockfordBase32(bytes: Uint8Array): string {
  let text = "";
  let pending = 0;
  let pendingBits = 0;
  for (const byte of bytes) {
    pending = (pending << 8) | byte;
    pendingBits += 8;
    for (; pendingBits >= 5; pendingBits -= 5) {
      text += alphabet.charAt((pending >> (pendingBits - 5)) & 31);
    }
    pending &= (1 << pendingBits) - 1;
  }
  return pendingBits === 0 ? text : text + alphabet.charAt((pending << (5 - pendingBits)) & 31);
}
