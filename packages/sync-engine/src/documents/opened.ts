/**
 * The first entry of every ledger part: who writes it, and what it continues. SPEC.md §3 (OP).
 *
 * It carries the device's certificates, so a part can be verified by whoever
 * trusts the organisation, and it names the sealed part before it by hash, so
 * the owner's signature reaches back over the whole ledger.
 *
 * @module
 */

import { err, ok, type Entry, type Json, type Result } from "@tillmesh/kernel";

export type OpenedBody = {
  /** PEM, the device's own certificate first. */
  readonly certificates: readonly string[];
  readonly reason: OpenedReason;
  readonly previousPart?: PreviousPart;
  readonly previousIncarnation?: PreviousIncarnation;
  /** The newest totals this device wrote down in this incarnation. */
  readonly carry?: CarryRef;
};

/** Why a part was opened: all but `part` begin an incarnation. */
export type OpenedReason = "new" | "part" | "restored" | "fork" | "tail-set-aside";

export type PreviousPart = {
  /** Hex SHA-256 of the sealed text. */
  readonly sha256: string;
  readonly firstSequence: number;
  readonly lastSequence: number;
};

export type PreviousIncarnation = {
  readonly incarnation: number;
  readonly sequence: number;
  readonly hash: string;
};

export type CarryRef = {
  /** Hex SHA-256 of the carry's text. */
  readonly sha256: string;
  readonly throughSequence: number;
};

/** The body of an `opened` entry, or the member that is wrong. */
export function readOpened(entry: Entry): Result<OpenedBody, OpenedFormatError> {
  const { body } = entry;
  if (!isObject(body)) return err({ type: "OpenedFormat", member: "" });
  const wrong = Object.entries(checks).find(([member, isRight]) => !isRight(body[member]));
  if (wrong) return err({ type: "OpenedFormat", member: wrong[0] });
  const opened = body as unknown as OpenedBody;
  const { previousPart } = opened;
  const continues = previousPart
    ? entry.part > 1 && previousPart.lastSequence === entry.sequence - 1
    : entry.part === 1 && entry.sequence === 1;
  return continues ? ok(opened) : err({ type: "OpenedFormat", member: "previousPart" });
}

/** An `opened` entry's body has a missing or malformed member. */
export interface OpenedFormatError {
  readonly type: "OpenedFormat";
  readonly member: string;
}

const reasons: ReadonlySet<string> = new Set(["new", "part", "restored", "fork", "tail-set-aside"]);

const checks: Readonly<Record<string, (value: Json | undefined) => boolean>> = {
  certificates: (value) =>
    Array.isArray(value) &&
    value.length >= 1 &&
    value.length <= 2 &&
    value.every((pem) => typeof pem === "string" && pem.length <= 4_096),
  reason: (value) => typeof value === "string" && reasons.has(value),
  previousPart: optional(
    (value) =>
      isHash(value["sha256"]) && isCount(value["firstSequence"]) && isCount(value["lastSequence"]),
  ),
  previousIncarnation: optional(
    (value) =>
      isCount(value["incarnation"]) &&
      Number.isSafeInteger(value["sequence"]) &&
      typeof value["hash"] === "string",
  ),
  carry: optional((value) => isHash(value["sha256"]) && isCount(value["throughSequence"])),
};

function optional(check: (value: { readonly [member: string]: Json }) => boolean) {
  return (value: Json | undefined): boolean =>
    value === undefined || (isObject(value) && check(value));
}

function isObject(value: Json): value is { readonly [member: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isHash(value: Json | undefined): boolean {
  return typeof value === "string" && /^[0-9a-f]{64}$/.test(value);
}

function isCount(value: Json | undefined): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 1;
}
