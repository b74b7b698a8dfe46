/**
 * Reads the body of an entry that may come from anywhere. SPEC.md §2 (RB).
 *
 * @module
 */

import { err, type HeldEntry, type Json, ok, type Result } from "@tillmesh/kernel";
import { sumFaults } from "./arithmetic.ts";
import type { EntryKind, KnownBody } from "./bodies.ts";
import { bodyChecks } from "./body-checks.ts";
import type { BodyFault } from "./checks.ts";

/** A body with its kind; an unknown kind is kept as it is. Unknown members survive. */
export function parseEntryBody(kind: string, body: Json): Result<ParsedBody, BodyError> {
  if (!isEntryKind(kind)) return ok({ kind: "unknown-kind", unknownKind: kind, body });
  const faults = bodyChecks[kind](body);
  if (faults.length > 0) return err({ type: "BodyFaults", kind, faults });
  const known = { kind, body } as KnownBody;
  const sums = sumFaults(known);
  return sums.length > 0 ? err({ type: "BodyFaults", kind, faults: sums }) : ok(known);
}

export type ParsedBody =
  | KnownBody
  | { readonly kind: "unknown-kind"; readonly unknownKind: string; readonly body: Json };

/** Every fault of the body at once; faults of sums are looked for once the shape is right. */
export interface BodyError {
  readonly type: "BodyFaults";
  readonly kind: EntryKind;
  readonly faults: readonly BodyFault[];
}

/** An entry that folds can read: parsed once, at the edge. Nothing is dropped, whatever its body. */
export type ReadEntry = HeldEntry &
  (
    | ParsedBody
    | { readonly kind: "faulty"; readonly faults: readonly BodyFault[]; readonly body: Json }
  );

export function readEntry(held: HeldEntry): ReadEntry {
  const { entry, hash, flags } = held;
  const parsed = parseEntryBody(entry.kind, entry.body);
  if (!parsed.ok) {
    return { entry, hash, flags, kind: "faulty", faults: parsed.error.faults, body: entry.body };
  }
  return { entry, hash, flags, ...parsed.value };
}

export function isEntryKind(kind: string): kind is EntryKind {
  return Object.hasOwn(bodyChecks, kind);
}
