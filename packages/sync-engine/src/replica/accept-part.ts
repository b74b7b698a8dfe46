/**
 * Takes a sealed part that came from a peer. SPEC.md §7 (AP).
 *
 * Whoever sent it proves nothing and needs to prove nothing: its hash stands in
 * an entry that the owner signed.
 *
 * @module
 */

import { err, ok, type Result } from "@tillmesh/kernel";
import { readSealedText, textHash, type SealedTextError } from "../documents/sealed-part.ts";
import { ledgerOf, type CoreState, type SealingJob } from "./core-state.ts";
import type { SealedPart } from "../documents/sealed-part.ts";
import { historyThrough, isAboutToStart } from "./carry-base.ts";
import { noteOpened, sealInMemory } from "./seal.ts";

/** Every part that an entry here names by hash and that is not here. What a carry stands for comes last, else newest first. */
export function wantedParts(state: CoreState): readonly SealedPart[] {
  const { soon, late } = wantedByHaste(state);
  return [...soon, ...late];
}

/** The same in two: what is needed to be up to date, and the history behind carries. */
export function wantedByHaste(
  state: CoreState,
): Readonly<Record<"soon" | "late", readonly SealedPart[]>> {
  const soon: SealedPart[] = [];
  const late: SealedPart[] = [];
  for (const ledger of state.ledgers.values()) {
    if (ledger.wanted.size === 0) continue;
    const through = historyThrough(state, ledger);
    const wanted = [...ledger.wanted.values()];
    soon.push(...wanted.filter(({ lastSequence }) => lastSequence > through));
    if (isAboutToStart(state, ledger)) continue;
    late.push(...wanted.filter(({ lastSequence }) => lastSequence <= through));
  }
  return { soon: soon.toSorted(newestFirst), late: late.toSorted(newestFirst) };
}

function newestFirst(a: SealedPart, b: SealedPart): number {
  return b.name.part - a.name.part;
}

/** Checks the text against what was wanted and queues it for its file. */
export function acceptPart(
  state: CoreState,
  part: SealedPart,
  text: string,
): Result<void, AcceptPartError> {
  const { crypto } = state.ports;
  if (!isWanted(state, part)) return err({ type: "NotWanted", sha256: part.sha256 });
  if (textHash(text, crypto) !== part.sha256) {
    return err({ type: "WrongHash", sha256: part.sha256, length: text.length });
  }
  const entries = readSealedText(part.name, text, crypto);
  return entries.ok ? acceptRead(state, part, { text, entries: entries.value }) : entries;
}

/** The same for a text of which the hash was compared and each line was read. */
export function acceptRead(
  state: CoreState,
  part: SealedPart,
  { text, entries }: Pick<SealingJob, "text" | "entries">,
): Result<void, AcceptPartError> {
  if (!isWanted(state, part)) return err({ type: "NotWanted", sha256: part.sha256 });
  const { firstSequence, lastSequence } = part;
  const isWhole =
    entries[0]?.fact.sequence === firstSequence && entries.at(-1)?.fact.sequence === lastSequence;
  if (!isWhole) return err({ type: "OtherSpan", firstSequence, lastSequence });
  sealInMemory(state, { part, text, entries });
  const [first] = entries;
  if (first) noteOpened(state, first.fact);
  return ok(undefined);
}

function isWanted(state: CoreState, { name, sha256 }: SealedPart): boolean {
  return ledgerOf(state, name).wanted.has(sha256);
}

export type AcceptPartError =
  | SealedTextError
  | { readonly type: "NotWanted"; readonly sha256: string }
  | {
      readonly type: "OtherSpan";
      readonly firstSequence: number;
      readonly lastSequence: number;
    }
  | { readonly type: "WrongHash"; readonly sha256: string; readonly length: number };
