/**
 * Looks at what this replica is about to record as any other would. SPEC.md §6 (CM, PU).
 *
 * A fact that others refuse would block this ledger for them, and for this
 * replica itself at its next start.
 *
 * @module
 */

import { err, ok, type Crypto, type Entry, type Publication, type Result } from "@tillmesh/kernel";
import { readEntry } from "../documents/entry-format.ts";
import { readPublication } from "../documents/publication-format.ts";
import { openSignedText, type Signed } from "../documents/signed-text.ts";

export function checkOwnEntry(
  { text }: Signed<Entry>,
  crypto: Pick<Crypto, "sha256">,
): Result<void, MalformedError> {
  const opened = openSignedText("entry", text, crypto);
  if (!opened.ok) return malformed("body");
  const read = readEntry(opened.value.fact);
  return read.ok ? ok(undefined) : malformed(read.error.member);
}

export function checkOwnPublication(
  { text }: Signed<Publication>,
  crypto: Pick<Crypto, "sha256">,
): Result<void, MalformedError> {
  const opened = openSignedText("publication", text, crypto);
  if (!opened.ok) return malformed("items");
  const read = readPublication(opened.value.fact);
  return read.ok ? ok(undefined) : malformed(read.error.member);
}

/** What was to be recorded breaks the format at this member; nothing was recorded. */
export interface MalformedError {
  readonly type: "Malformed";
  readonly member: string;
}

function malformed(member: string): Result<never, MalformedError> {
  return err({ type: "Malformed", member });
}
