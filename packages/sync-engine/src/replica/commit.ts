/**
 * What this device records: one entry, one change, one durable append. SPEC.md §6 (CM).
 *
 * Everything is computed first; then the change is appended to the log and
 * synced; only then does any memory know of it. All of it is one synchronous
 * turn, so whoever reads state and commits without awaiting in between cannot race.
 *
 * @module
 */

import {
  assert,
  err,
  ok,
  type BusinessDate,
  type Entry,
  type EntryDraft,
  type HeldEntry,
  type Result,
} from "@tillmesh/kernel";
import { entryMaxLength, entryMovementsMax } from "../documents/entry-format.ts";
import { appendEntry, planEntry, type LedgerPart } from "../documents/ledger-part.ts";
import type { OpenedBody } from "../documents/opened.ts";
import { lineTo, sealedText, textHash } from "../documents/sealed-part.ts";
import { signFact } from "../documents/signed-text.ts";
import {
  changeRecord,
  deliverNodes,
  emit,
  ensurePart,
  keyOf,
  raise,
  type CoreState,
} from "./core-state.ts";
import { isCompleteTo, type Ledger } from "./ledger.ts";
import { checkOwnEntry, type MalformedError } from "./own-fact.ts";
import type { CoreLogError } from "./ports.ts";
import { sealInMemory } from "./seal.ts";

/** Records a draft. Resolved in the same turn; `ok` means it is on this device's disk. */
export function commitEntry(state: CoreState, draft: EntryDraft): Result<HeldEntry, CommitError> {
  if (state.failure) return err({ type: "Failed", ...state.failure });
  assert(state.own !== undefined, "a replica opens its ledger before it commits");
  const tooLarge = checkSize(draft);
  if (tooLarge) return err(tooLarge);
  if (state.own.isShared) {
    const begun = beginIncarnation(state, "fork");
    if (!begun.ok) return begun;
  }
  if (isFull(state, state.own.part)) {
    const rolled = rollPart(state);
    if (!rolled.ok) return rolled;
  }
  return appendOwn(state, draft);
}

/**
 * `Failed`: the disk refused a write; whether the entry is there is known after a restart, so ask
 * again with the same key. `Full`: no space, nothing was recorded. `TooLarge`: the draft is over a bound.
 * `Malformed`: others would refuse it; nothing was recorded.
 */
export type CommitError =
  | MalformedError
  | { readonly type: "Failed"; readonly operation: string; readonly code: string }
  | { readonly type: "Full"; readonly freeBytes: number }
  | { readonly type: "TooLarge"; readonly what: "text" | "movements"; readonly limit: number };

/** What the start knows of the ledger that was written last. */
export interface OwnStart {
  /** Why it must not go on, whatever it looks like. */
  readonly reason: "restored" | "tail-set-aside" | undefined;
  /** The incarnation this disk wrote last; undefined if nothing says so, then the newest. */
  readonly incarnation: number | undefined;
}

/** Continues the ledger of this device, or begins an incarnation. Called once, before selling. */
export function openOwnLedger(
  state: CoreState,
  { reason, incarnation }: OwnStart,
): Result<void, CommitError> {
  const own = ownLedgers(state);
  const last = own.find((ledger) => ledger.incarnation === incarnation) ?? own.at(-1);
  if (!last) return beginIncarnation(state, "new");
  const part = newestPart(last);
  // A clone goes on with a forked ledger, or with a part whose beginning is not here; of two that do, none must.
  const isShared =
    last.forkedFrom !== Number.POSITIVE_INFINITY || (part && !isCompleteTo(last, part));
  if (reason || !part || isShared) {
    return beginIncarnation(state, reason ?? (isShared ? "fork" : "restored"));
  }
  state.own = { incarnation: last.incarnation, part, isShared: false };
  return ok(undefined);
}

/** Starts the next incarnation of this device: a new ledger, new numbers, nothing reused. */
export function beginIncarnation(
  state: CoreState,
  reason: Exclude<OpenedBody["reason"], "part">,
): Result<void, CommitError> {
  const { device, crypto } = state.ports;
  const last = ownLedgers(state).at(-1);
  // Two clones that meet must not pick the same number again and again.
  const step = reason === "fork" ? 1 + (crypto.randomBytes(1)[0]! % 16) : 1;
  const incarnation = (last?.incarnation ?? 0) + step;
  state.ownCarry = undefined;
  state.hasGivenUpCarry = false;
  const before = last && {
    incarnation: last.incarnation,
    sequence: last.deliveredThrough,
    hash: last.lastHash,
  };
  const opened = openPart(
    state,
    { incarnation, part: 1 },
    {
      certificates: state.ports.certificates,
      reason,
      ...(before && { previousIncarnation: before }),
    },
  );
  if (opened.ok && reason !== "new") {
    raise(state, { type: "NewIncarnation", device, incarnation, reason });
  }
  return opened;
}

/** Seals the full part and opens the next. */
function rollPart(state: CoreState): Result<void, CommitError> {
  const { part } = state.own!;
  const { name } = part;
  const last = part.nodes.at(-1)!;
  const text = sealedText(last);
  const sealed = {
    name,
    sha256: textHash(text, state.ports.crypto),
    firstSequence: part.nodes[0]!.signed.fact.sequence,
    lastSequence: last.signed.fact.sequence,
  };
  const { sha256, firstSequence, lastSequence } = sealed;
  const opened = openPart(
    state,
    { incarnation: name.incarnation, part: name.part + 1 },
    {
      certificates: state.ports.certificates,
      reason: "part",
      previousPart: { sha256, firstSequence, lastSequence },
      ...(state.ownCarry && { carry: state.ownCarry.ref }),
    },
  );
  if (opened.ok) sealInMemory(state, { part: sealed, text, entries: lineTo(last) });
  return opened;
}

function openPart(
  state: CoreState,
  place: { readonly incarnation: number; readonly part: number },
  body: OpenedBody,
): Result<void, CommitError> {
  const { device, hlc } = state.ports;
  const before = state.own;
  const start = place.part > 1 && before ? endOf(before.part) : beginning;
  const businessDate = start.businessDate ?? (hlc.now().slice(0, 10) as BusinessDate);
  const part = ensurePart(state, { kind: "ledger", device, ...place });
  state.own = { incarnation: place.incarnation, part, isShared: false };
  const draft = { kind: "opened", businessDate, by: { device }, body };
  const committed = appendOwn(state, draft, start);
  if (!committed.ok) state.own = before;
  return committed.ok ? ok(undefined) : committed;
}

function appendOwn(
  state: CoreState,
  draft: EntryDraft,
  start: LineEnd = endOf(state.own!.part),
): Result<HeldEntry, CommitError> {
  const { part, incarnation } = state.own!;
  const { ports } = state;
  const entry: Entry = {
    v: 1,
    ...draft,
    device: ports.device,
    incarnation,
    part: part.name.part,
    sequence: start.sequence + 1,
    previous: start.hash,
    actor: state.actor,
    at: ports.hlc.now(),
    location: ports.location,
  };
  const signed = signFact("entry", entry, ports);
  if (signed.text.length > entryMaxLength) {
    return err({ type: "TooLarge", what: "text", limit: entryMaxLength });
  }
  const checked = checkOwnEntry(signed, ports.crypto);
  if (!checked.ok) return checked;
  const change = planEntry(part, signed, ports.crypto);
  const appended = ports.log.append([changeRecord(part.name, change)]);
  if (!appended.ok) return err(fail(state, appended.error));

  const node = appendEntry(part, signed, change);
  const key = keyOf(state, part.name);
  emit(state, { type: "changes", key, name: part.name, changes: [change] });
  deliverNodes(state, part, { nodes: [node], own: true });
  return ok({ entry, hash: signed.hash, flags: [] });
}

/** A failed write ends all acknowledging; a refused reservation ends nothing. */
export function fail(state: CoreState, error: CoreLogError): CommitError {
  if (error.type === "Full") return { type: "Full", freeBytes: error.freeBytes };
  const { operation, code } = error;
  state.failure = { operation, code };
  emit(state, { type: "failed", operation, code });
  return { type: "Failed", operation, code };
}

interface LineEnd {
  readonly sequence: number;
  readonly hash: string;
  readonly businessDate: BusinessDate | undefined;
}

const beginning: LineEnd = { sequence: 0, hash: "", businessDate: undefined };

function endOf(part: LedgerPart): LineEnd {
  const last = part.nodes.at(-1)?.signed;
  return last
    ? { sequence: last.fact.sequence, hash: last.hash, businessDate: last.fact.businessDate }
    : beginning;
}

function isFull({ limits }: CoreState, part: LedgerPart): boolean {
  return (
    part.nodes.length >= limits.partEntriesMax ||
    part.textLength >= limits.partTextMax ||
    part.branches[0]!.counters.size >= limits.partCountersMax
  );
}

function checkSize(draft: EntryDraft): CommitError | undefined {
  return (draft.movements?.length ?? 0) > entryMovementsMax
    ? { type: "TooLarge", what: "movements", limit: entryMovementsMax }
    : undefined;
}

/** Oldest incarnation first. */
function ownLedgers(state: CoreState): readonly Ledger[] {
  return [...state.ledgers.values()]
    .filter((ledger) => ledger.device === state.ports.device)
    .toSorted((a, b) => a.incarnation - b.incarnation);
}

function newestPart({ open }: Ledger): LedgerPart | undefined {
  return [...open.values()]
    .filter((part) => part.nodes.length > 0)
    .toSorted((a, b) => a.name.part - b.name.part)
    .at(-1);
}
