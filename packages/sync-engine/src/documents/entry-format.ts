/**
 * Reads the envelope of an entry that came from elsewhere. SPEC.md §2 (EF).
 *
 * Only the envelope is judged here. A kind or body this version does not know is
 * kept as it is: readers flag it, nobody drops it.
 *
 * @module
 */

import {
  err,
  isBusinessDate,
  isHlc,
  ok,
  type Entry,
  type Json,
  type Movement,
  type Result,
} from "@tillmesh/kernel";
import { incrementsOf } from "./counter-key.ts";

/** No entry is longer than this as text; an import is split into several. */
export const entryMaxLength = 65_536;

/** No entry moves more than this many counters. */
export const entryMovementsMax = 256;

/** The entry in `json`, or the first member that is wrong. */
export function readEntry(json: Json): Result<Entry, EntryFormatError> {
  if (!isObject(json)) return err({ type: "EntryFormat", member: "" });
  const wrong = entryMembers.find(([member, isRight]) => !isRight(json[member]));
  if (wrong) return err({ type: "EntryFormat", member: wrong[0] });
  return ok(json as unknown as Entry);
}

/** The envelope's member `member` is missing or malformed. */
export interface EntryFormatError {
  readonly type: "EntryFormat";
  readonly member: string;
}

type Check = (value: Json | undefined) => boolean;

const isText =
  (max: number): Check =>
  (value) =>
    typeof value === "string" && value.length > 0 && value.length <= max;
const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 1;
const isAbsentOr =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);

const entryMembers: readonly (readonly [string, Check])[] = [
  ["v", (value) => value === 1],
  ["kind", isText(64)],
  ["device", isText(64)],
  ["incarnation", isCount],
  ["part", isCount],
  ["sequence", isCount],
  ["previous", (value) => typeof value === "string" && /^(?:[0-9a-f]{64})?$/.test(value)],
  ["actor", (value) => typeof value === "string" && /^[0-9a-f]{16}$/.test(value)],
  ["at", (value) => typeof value === "string" && isHlc(value)],
  ["location", isText(64)],
  ["businessDate", (value) => typeof value === "string" && isBusinessDate(value)],
  ["by", isObject],
  ["key", isAbsentOr(isText(512))],
  ["bodyHash", isAbsentOr(isText(64))],
  ["movements", isAbsentOr(isMovements)],
  ["body", (value) => value !== undefined],
];

function isMovements(value: Json | undefined): boolean {
  if (!Array.isArray(value) || value.length > entryMovementsMax) return false;
  if (!value.every(isMovement)) return false;
  const increments = incrementsOf({ movements: value as readonly Movement[] });
  return increments.every(({ milli }) => Math.abs(milli) <= quantityMaxMilli);
}

function isMovement(value: Json): boolean {
  return (
    isObject(value) &&
    isText(32)(value["kind"]) &&
    isText(64)(value["location"]) &&
    !(value["location"] as string).includes("/") &&
    isText(128)(value["sku"]) &&
    !loneSurrogate.test(`${value["location"] as string}/${value["sku"] as string}`) &&
    Number.isSafeInteger(value["quantityMilli"]) &&
    Math.abs(value["quantityMilli"] as number) <= quantityMaxMilli
  );
}

/** Of one counter in one entry: a full part's sums stay within the safe integers. */
const quantityMaxMilli = 1_000_000_000_000;

/** A counter's key must be text that has bytes; two keys would become one otherwise. */
const loneSurrogate = /\p{Surrogate}/u;

function isObject(value: Json | undefined): value is { readonly [member: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
