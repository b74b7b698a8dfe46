/**
 * An entry of a ledger: a fact that one device recorded, numbered and chained.
 *
 * Format 1. Readers keep and flag kinds they do not know.
 *
 * @module
 */

import type { BusinessDate } from "./business-date.ts";
import type { Hlc } from "./hlc.ts";
import type { DeviceId, LocationId, StaffId } from "./ids.ts";
import type { Json } from "./json.ts";
import type { Movement } from "./movement.ts";

export interface Entry<Kind extends string = string, Body extends Json = Json> {
  readonly v: 1;
  readonly kind: Kind;
  readonly device: DeviceId;
  readonly incarnation: number;
  readonly part: number;
  /** From 1 within an incarnation, without a gap. */
  readonly sequence: number;
  /** Hex SHA-256 of the canonical JSON of the entry before. */
  readonly previous: string;
  readonly actor: string;
  readonly at: Hlc;
  readonly location: LocationId;
  readonly businessDate: BusinessDate;
  readonly by: EntryBy;
  /** Idempotency key of the request that made the entry, and the hash of that request's body. */
  readonly key?: string;
  readonly bodyHash?: string;
  readonly movements?: readonly Movement[];
  readonly body: Body;
}

/** Who is answerable: a member of staff, a machine token by its name, or the device itself. */
export type EntryBy =
  | { readonly staff: StaffId }
  | { readonly token: string }
  | { readonly device: DeviceId };

/** What a domain hands to the engine, which adds place, number and chain. */
export type EntryDraft<Kind extends string = string, Body extends Json = Json> = Pick<
  Entry<Kind, Body>,
  "kind" | "businessDate" | "by" | "key" | "bodyHash" | "movements" | "body"
>;

export interface EntryRef {
  readonly device: DeviceId;
  readonly incarnation: number;
  readonly sequence: number;
}

/** `"dev_…/1/42"` */
export function entryRefKey(ref: EntryRef): string {
  return `${ref.device}/${ref.incarnation}/${ref.sequence}`;
}

export type EntryFlag = "fork" | "unknown-kind" | "revoked";

/** An entry as a replica holds it and folds receive it. */
export interface HeldEntry<Kind extends string = string, Body extends Json = Json> {
  readonly entry: Entry<Kind, Body>;
  /** Hex SHA-256 of the entry's canonical JSON. */
  readonly hash: string;
  readonly flags: readonly EntryFlag[];
}
