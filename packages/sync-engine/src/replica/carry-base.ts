/**
 * Starts another device's ledger from its carry, and lets its history follow. SPEC.md §5 (CW).
 *
 * A ledger of which nothing is complete here, and whose newest part names a carry, begins with
 * it: its totals stand for everything up to an entry, and what follows is handed on as it always is.
 * What came before is fetched when nothing else is wanted. Once it is here down to the first
 * entry, the ledger stands on its own again. Until then this replica claims to hold nothing of it.
 *
 * @module
 */

import { err, hex, ok, type Result } from "@tillmesh/kernel";
import {
  createCarryReader,
  linesOf,
  type CarryHead,
  type CarryTextError,
} from "../documents/carry-text.ts";
import type { LedgerPart } from "../documents/ledger-part.ts";
import { readOpened, type CarryRef } from "../documents/opened.ts";
import { emit, ledgerOf, raise, type CoreState, type TakenCarry } from "./core-state.ts";
import {
  entriesDelivered,
  isHistoryHere,
  isRooted,
  type Ledger,
  type LedgerBase,
} from "./ledger.ts";

/** A carry to ask peers for. */
export type WantedCarry = Omit<TakenCarry, "bytes">;

/** Carries that ledgers could start from and that are not here; of each ledger the newest first. */
export function wantedCarries(state: CoreState): readonly WantedCarry[] {
  return [...state.ledgers.values()].flatMap((ledger) => {
    const { device, incarnation } = ledger;
    return carriesToStartFrom(state, ledger)
      .filter(({ sha256 }) => !state.carriesRead.has(sha256))
      .filter((ref) => !isTaken(state, ref))
      .map((ref) => ({ device, incarnation, ref }));
  });
}

/** Up to here a ledger's entries may come last, since a carry stands for them, or will. */
export function historyThrough(state: CoreState, ledger: Ledger): number {
  return (ledger.base ?? carriesToStartFrom(state, ledger)[0])?.throughSequence ?? 0;
}

/** A carry has come and is being read: a history that overtakes it would make it useless. */
export function isAboutToStart({ takenCarries }: CoreState, ledger: Ledger): boolean {
  return takenCarries.some(
    ({ device, incarnation }) =>
      device === ledger.device && incarnation === ledger.incarnation && !ledger.base,
  );
}

/** Takes the bytes of a wanted carry, whoever sent them. Whoever keeps the disk reads and writes them. */
export function takeCarry(
  state: CoreState,
  { device, incarnation, ref }: WantedCarry,
  bytes: Uint8Array,
): Result<void, TakeCarryError> {
  const named = carriesToStartFrom(state, ledgerOf(state, { device, incarnation }));
  const isNamed = named.some(({ sha256 }) => sha256 === ref.sha256);
  if (!isNamed || isTaken(state, ref)) return err({ type: "NotWanted" });
  if (hex(state.ports.crypto.sha256(bytes)) !== ref.sha256) return err({ type: "WrongHash" });
  state.takenCarries.push({ device, incarnation, ref, bytes });
  emit(state, { type: "carry-taken" });
  return ok(undefined);
}

/** `NotWanted`: the ledger came by other means meanwhile. `WrongHash`: the peer sent something else. */
export type TakeCarryError = { readonly type: "NotWanted" } | { readonly type: "WrongHash" };

/**
 * Reads a carry that was taken, some lines a step. Answers with its head if this device can start from
 * it; otherwise it is refused for good, a person is told, and the ledger comes entry by entry.
 */
export function* readTaken(
  state: CoreState,
  taken: TakenCarry,
): Generator<undefined, CarryHead | undefined, undefined> {
  const { device, incarnation, ref } = taken;
  const read = yield* readLines(state, taken);
  const isOurRule = read.ok && read.value.keeps === state.ports.carryRule?.name;
  if (isOurRule) return read.value;
  state.carriesRead.set(ref.sha256, "refused");
  const { throughSequence } = ref;
  const reason = read.ok ? "kept by another rule" : `malformed ${read.error.place}`;
  raise(state, { type: "CarryRefused", device, incarnation, throughSequence, reason });
  return undefined;
}

function* readLines(
  { ports }: CoreState,
  { device, incarnation, ref, bytes }: TakenCarry,
): Generator<undefined, Result<CarryHead, CarryTextError>, undefined> {
  const { crypto, trust } = ports;
  const publicKey = trust.deviceOf(device)?.publicKey ?? new Uint8Array(32);
  const expected = { device, incarnation, throughSequence: ref.throughSequence };
  const reader = createCarryReader(expected, { crypto, publicKey });
  let count = 0;
  for (const line of linesOf(bytes)) {
    const read = reader.take(line);
    if (!read.ok) return read;
    count += 1;
    if (count % linesPerStep === 0) yield undefined;
  }
  const head = reader.head();
  return head ? ok(head) : err({ type: "CarryText", place: "head" });
}

/** A signature is verified in less than a tenth of a millisecond. */
const linesPerStep = 20;

/** The carry is on the disk: `rootAtCarries` may begin a ledger with it. */
export function settleTaken(state: CoreState, { ref }: TakenCarry, head: CarryHead): void {
  state.carriesRead.set(ref.sha256, head);
}

/**
 * Gives a base to every ledger whose carry is on the disk and whose entries after it are here without a gap. Nobody is
 * told yet: the base is made durable first, then `announceBase` tells.
 */
export function rootAtCarries(state: CoreState): readonly Ledger[] {
  return [...state.ledgers.values()].filter((ledger) => {
    const heads = carriesToStartFrom(state, ledger).flatMap((ref) => {
      const head = state.carriesRead.get(ref.sha256);
      return head && head !== "refused" ? [{ head, base: baseOf(head, ref) }] : [];
    });
    const part = newestPart(ledger);
    const start = heads.find(
      ({ base }) => part && isRooted({ ...ledger, base }, part) && isCounted(ledger, base),
    );
    if (!start) return false;
    const { throughSequence, hash, at } = start.head;
    ledger.base = start.base;
    ledger.deliveredThrough = throughSequence;
    ledger.lastHash = hash;
    ledger.lastAt = at;
    return true;
  });
}

function baseOf(
  { keeps, part, sealed, throughSequence, hash }: CarryHead,
  ref: CarryRef,
): LedgerBase {
  return { carry: ref.sha256, keeps, part, sealed, throughSequence, hash };
}

/** From here on the ledger's entries are handed on as they are complete. */
export function announceBase(state: CoreState, { device, incarnation, base }: Ledger): void {
  if (!base) return;
  const { throughSequence } = base;
  emit(state, { type: "carry", device, incarnation, throughSequence });
}

/** If the history is here down to the first entry, the ledger stands on its own again. Says whether that happened. */
export function endBase(state: CoreState, ledger: Ledger): boolean {
  const { device, incarnation, base } = ledger;
  if (!base || !isHistoryHere(ledger)) return false;
  const { throughSequence } = base;
  ledger.base = undefined;
  const isForked = ledger.forkedFrom <= throughSequence;
  if (ledger.handedOn) {
    // In the carry, handed on after it, or read anew because of what is told here.
    const delivered = entriesDelivered(ledger, 1, state.readSealed);
    ledger.handedOn = new Set(delivered.map(({ hash }) => hash));
    const last = delivered.at(-1);
    if (last) Object.assign(ledger, { lastHash: last.hash, lastAt: last.entry.at });
  }
  emit(state, { type: "history", device, incarnation, throughSequence, isForked });
  return true;
}

/** The carry is lost, or stands for what does not count: nothing of the ledger is here before all of it is. */
export function leaveBase(ledger: Ledger): void {
  ledger.base = undefined;
  ledger.deliveredThrough = 0;
  ledger.lastHash = "";
  ledger.lastAt = undefined;
  ledger.handedOn &&= new Set();
}

/** After what counts has changed: a carry cannot be taken apart. */
export function leaveUncounted({ ledgers }: Pick<CoreState, "ledgers">): void {
  for (const ledger of ledgers.values()) {
    if (ledger.base && !isCounted(ledger, ledger.base)) leaveBase(ledger);
  }
}

/** Whether every entry that the carry stands for counts. */
function isCounted({ accepts }: Ledger, base: LedgerBase): boolean {
  return accepts === undefined || accepts({ sequence: base.throughSequence }, base.hash);
}

/**
 * The carries with which a ledger may begin, newest first: those that its parts here name. None for this device's own
 * ledgers, for one of which anything is complete here already, and for a forked one: branches are told apart entry by entry.
 */
function carriesToStartFrom(state: CoreState, ledger: Ledger): readonly CarryRef[] {
  if (!mayStart(state, ledger)) return [];
  const first = newestPart(ledger)?.nodes[0]?.signed.fact;
  const opened = first && readOpened(first);
  const named = [
    opened?.ok ? opened.value.carry : undefined,
    ...[...ledger.sealed.values()].map(({ carry }) => carry),
  ];
  const byHash = new Map(named.flatMap((ref) => (ref ? [[ref.sha256, ref]] : [])));
  return [...byHash.values()]
    .filter(({ sha256 }) => state.carriesRead.get(sha256) !== "refused")
    .toSorted((a, b) => b.throughSequence - a.throughSequence);
}

function mayStart({ ports }: CoreState, ledger: Ledger): boolean {
  const isFresh = !ledger.base && ledger.deliveredThrough === 0;
  const isForked = ledger.forkedFrom !== Number.POSITIVE_INFINITY;
  return !!ports.carryRule && ledger.device !== ports.device && isFresh && !isForked;
}

function newestPart({ open }: Ledger): LedgerPart | undefined {
  let newest: LedgerPart | undefined;
  for (const part of open.values()) {
    const isNewer = part.name.part > (newest?.name.part ?? 0);
    if (isNewer && part.nodes.length > 0) newest = part;
  }
  return newest;
}

function isTaken({ takenCarries }: CoreState, { sha256 }: CarryRef): boolean {
  return takenCarries.some((one) => one.ref.sha256 === sha256);
}
