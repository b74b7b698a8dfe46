/**
 * The words that every package of Tillmesh shares. It imports nothing.
 *
 * @module
 */

export { assert, unreachable } from "./assert.ts";
export type { Brand } from "./brand.ts";
export {
  addDays,
  businessDateAt,
  isBusinessDate,
  isTimeZone,
  type BusinessDate,
} from "./business-date.ts";
export { formatInstant, parseInstant } from "./calendar.ts";
export {
  canonicalJson,
  isCanonicalJson,
  parseJson,
  type JsonError,
  type JsonLimits,
} from "./canonical-json.ts";
export type { Clock } from "./clock.ts";
export {
  base64url,
  fromBase64url,
  fromHex,
  hex,
  utf8,
  type BytesError,
  type Crypto,
  type Signer,
} from "./crypto.ts";
export {
  entryRefKey,
  type Entry,
  type EntryBy,
  type EntryDraft,
  type EntryFlag,
  type EntryRef,
  type HeldEntry,
} from "./entry.ts";
export {
  createHlc,
  hlcMs,
  isHlc,
  nextHlc,
  observeHlc,
  type Hlc,
  type HlcClock,
  type HlcMoment,
  type HlcOptions,
} from "./hlc.ts";
export {
  crockfordBase32,
  isId,
  newId,
  type DeviceId,
  type IdOf,
  type LocationId,
  type OrganisationId,
  type SaleId,
  type ShiftId,
  type Sku,
  type StaffId,
} from "./ids.ts";
export { addSafe, subtractSafe, sumSafe, type OverflowError } from "./integer.ts";
export type { Json, JsonObject } from "./json.ts";
export type { Movement, MovementKind } from "./movement.ts";
export type { Publication, PublicationItem } from "./publication.ts";
export {
  formatQuantity,
  isQuantityMilli,
  parseQuantity,
  quantityMaxMilli,
  type QuantityError,
  type QuantityMilli,
} from "./quantity.ts";
export type { Random } from "./random.ts";
export { err, ok, type Result } from "./result.ts";
