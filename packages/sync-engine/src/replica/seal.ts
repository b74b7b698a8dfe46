/**
 * Full parts leave memory: sealed once, under their hash. SPEC.md §5 (SL).
 *
 * A part is sealed for a replica when the part after it, signed by the owner,
 * names its hash. The live document is retired only after the sealed text is
 * durable, and only if the text holds every entry that the document holds: a
 * branch of a fork stays in its document.
 *
 * @module
 */

import type { Entry } from "@tillmesh/kernel";
import type { EntryNode, LedgerPart } from "../documents/ledger-part.ts";
import { readOpened } from "../documents/opened.ts";
import {
  isContainedIn,
  lineTo,
  sealedText,
  textHash,
  type SealedPart,
} from "../documents/sealed-part.ts";
import {
  deliverSealed,
  emit,
  keyOf,
  ledgerOf,
  noteFork,
  type CoreState,
  type SealingJob,
} from "./core-state.ts";
import { endBase } from "./carry-base.ts";
import { entriesDelivered, sealedAt } from "./ledger.ts";

/** Queues a sealed text for its file. The part stays open until `finishSeal`. */
export function sealInMemory(state: CoreState, job: SealingJob): void {
  const { part } = job;
  const ledger = ledgerOf(state, part.name);
  ledger.wanted.delete(part.sha256);
  const isQueued = state.sealing.some((one) => one.part.sha256 === part.sha256);
  if (ledger.sealed.has(part.sha256) || isQueued) return;
  state.sealing.push(job);
  emit(state, { type: "sealing", name: part.name });
}

/**
 * The file is durable: the part is sealed, its document retired if nothing else is in it. What else has become
 * complete is handed on by `deliverNext`, a part per turn.
 */
export function finishSeal(state: CoreState, part: SealedPart): void {
  const ledger = ledgerOf(state, part.name);
  const at = state.sealing.findIndex((job) => job.part.sha256 === part.sha256);
  const [job] = at >= 0 ? state.sealing.splice(at, 1) : [];
  if (job) state.rememberSealed(part, job.entries);
  const entries = state.readSealed(part);
  const open = ledger.open.get(part.name.part);
  const isFromDocument = entries.every(({ hash }) => open?.nodeByEntry.has(hash));
  const first = entries[0]?.fact;
  const sealedHere = {
    ...part,
    ...namedBy(first),
    ...(first && { previousEntry: first.previous }),
  };
  ledger.sealed.set(part.sha256, sealedHere);
  // Reads the whole ledger, so only if there is a fork: what this text brings was not handed on yet.
  noteFork(state, part.name, () => {
    if (!isFromDocument) ledger.sealed.delete(part.sha256);
    const delivered = entriesDelivered(ledger, 1, state.readSealed);
    ledger.sealed.set(part.sha256, sealedHere);
    return new Set(delivered.map(({ hash }) => hash));
  });
  endBase(state, ledger);
  deliverSealed(state, part);
  const sealed = sealedAt(ledger, part.name.part).flatMap((one) => state.readSealed(one));
  if (open && isContainedIn(open, sealed)) retire(state, open);
}

function namedBy(first: Entry | undefined): Pick<SealedPart, "previous" | "carry"> {
  const opened = first && readOpened(first);
  if (!opened?.ok) return { previous: null };
  const { previousPart, carry } = opened.value;
  return { previous: previousPart?.sha256 ?? null, ...(carry && { carry }) };
}

/** What the first entry of a part says about the part before it: seal it here, or want it. */
export function noteOpened(state: CoreState, entry: Entry): void {
  const opened = readOpened(entry);
  if (!opened.ok || !opened.value.previousPart) return;
  const { sha256, firstSequence, lastSequence } = opened.value.previousPart;
  const ledger = ledgerOf(state, entry);
  const { device, incarnation } = entry;
  const name = { kind: "ledger", device, incarnation, part: entry.part - 1 } as const;
  const isQueued = state.sealing.some((job) => job.part.sha256 === sha256);
  if (ledger.sealed.has(sha256) || isQueued) return;
  const sealed: SealedPart = { name, sha256, firstSequence, lastSequence };
  const job = jobFrom(state, ledger.open.get(name.part), sealed);
  if (job) sealInMemory(state, job);
  else ledger.wanted.set(sha256, sealed);
}

/** The text of the part if the open document has all of it. */
function jobFrom(
  state: CoreState,
  open: LedgerPart | undefined,
  part: SealedPart,
): SealingJob | undefined {
  const ends = open?.nodes.filter(endsAt(part.lastSequence)) ?? [];
  return ends
    .map((last) => ({ part, text: sealedText(last), entries: lineTo(last) }))
    .find(({ text }) => textHash(text, state.ports.crypto) === part.sha256);
}

function endsAt(sequence: number): (node: EntryNode) => boolean {
  return (node) => node.signed.fact.sequence === sequence;
}

function retire(state: CoreState, part: LedgerPart): void {
  const key = keyOf(state, part.name);
  ledgerOf(state, part.name).open.delete(part.name.part);
  state.documents.delete(key);
  emit(state, { type: "retired", key, name: part.name });
}
