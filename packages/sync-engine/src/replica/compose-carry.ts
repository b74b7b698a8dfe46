/**
 * Puts the next carry of this device together, a little at a time. SPEC.md §5 (CW).
 *
 * @module
 */

import { utf8, type Hlc } from "@tillmesh/kernel";
import {
  createCarryReader,
  linesOf,
  type CarryHead,
  type CarryReader,
} from "../documents/carry-text.ts";
import type { SealedPart } from "../documents/sealed-part.ts";
import {
  addLine,
  addToCarried,
  carryHead,
  carryLines,
  emptyCarried,
  isExact,
  partsToCarry,
  totalsOnly,
  type Carried,
} from "./carry.ts";
import { raise, type CoreState, type OwnCarry } from "./core-state.ts";
import type { Ledger } from "./ledger.ts";

/** A carry that is due: the last one, and the parts after it. */
export interface CarryPlan {
  readonly ledger: Ledger;
  readonly before: OwnCarry | undefined;
  readonly parts: readonly SealedPart[];
}

export function planCarry(state: CoreState, nowMs: number): CarryPlan | undefined {
  const { own, ownCarry } = state;
  const ledger = state.ledgers.get(`${state.ports.device}/${own?.incarnation ?? 0}`);
  const isWhole = ledger?.forkedFrom === Number.POSITIVE_INFINITY;
  if (!ledger || !isWhole || own?.isShared || state.hasGivenUpCarry) return undefined;
  const from = { sealed: ledger.sealed, firstAt: firstKnownAt(ledger) };
  const parts = partsToCarry(from, ownCarry, { ...state.limits, nowMs });
  return parts.length === 0 ? undefined : { ledger, before: ownCarry, parts };
}

export interface ComposedCarry {
  readonly head: CarryHead;
  readonly bytes: Uint8Array;
}

/**
 * The text of the planned carry. `before` is the text of the last one; where it is gone, or was kept by another rule, all parts
 * are read again. Undefined if there can be none: a person is told, and parts go on naming the last one.
 */
export function* composeCarry(
  state: CoreState,
  plan: CarryPlan,
  before: Uint8Array | undefined,
): Generator<undefined, ComposedCarry | undefined, undefined> {
  const { ledger, parts } = plan;
  const rule = state.ports.carryRule ?? totalsOnly;
  const known = before && (yield* readBefore(readerFor(state, plan), before, rule.name));
  const carried = known ?? emptyCarried();
  const end = parts.at(-1);
  for (const part of known ? parts : partsThrough(ledger, end)) {
    addToCarried(carried, state.readSealed(part), rule);
    yield undefined;
  }
  const last = end && state.readSealed(end).at(-1);
  if (!last) return notWritten(state, ledger, "unreadable part");
  if (!isExact(carried)) return notWritten(state, ledger, "inexact totals");
  const head = carryHead(end, last, rule.name);
  const bytes = yield* joinLines(carryLines(head, carried), state.limits.carrySizeMaxBytes);
  return bytes ? { head, bytes } : notWritten(state, ledger, "too large");
}

/** For the last carry, whose hash was checked when it was read. */
function readerFor({ ports }: CoreState, { ledger, before }: CarryPlan): CarryReader {
  const { device, incarnation } = ledger;
  const throughSequence = before?.ref.throughSequence ?? 0;
  const keys = { crypto: ports.crypto, publicKey: undefined };
  return createCarryReader({ device, incarnation, throughSequence }, keys);
}

/** The carry is on the disk: the next part names it, if this device still writes that ledger. */
export function noteCarry(
  state: CoreState,
  { head }: ComposedCarry,
  { sha256, at }: { readonly sha256: string; readonly at: Hlc },
): void {
  const { device, incarnation, part, throughSequence } = head;
  if (state.own?.incarnation !== incarnation || state.own.isShared) return;
  const name = `${device}/${incarnation}/${part}`;
  state.ownCarry = { name, ref: { sha256, throughSequence }, at };
}

function* readBefore(
  reader: CarryReader,
  before: Uint8Array,
  rule: string,
): Generator<undefined, Carried | undefined, undefined> {
  const carried = emptyCarried();
  let count = 0;
  for (const line of linesOf(before)) {
    const read = reader.take(line);
    if (!read.ok || reader.head()?.keeps !== rule) return undefined;
    if (read.value) addLine(carried, read.value);
    count += 1;
    if (count % linesPerStep === 0) yield undefined;
  }
  return carried;
}

function partsThrough({ sealed }: Ledger, end: SealedPart | undefined): readonly SealedPart[] {
  return [...sealed.values()]
    .filter(({ lastSequence }) => lastSequence <= (end?.lastSequence ?? 0))
    .toSorted((a, b) => a.firstSequence - b.firstSequence);
}

/** Undefined beyond so many bytes. */
function* joinLines(
  lines: Generator<string | undefined, void, undefined>,
  sizeMaxBytes: number,
): Generator<undefined, Uint8Array | undefined, undefined> {
  const pieces: Uint8Array[] = [];
  let sizeBytes = 0;
  let some: string[] = [];
  const flush = (isLast: boolean): void => {
    const piece = utf8(some.join("\n") + (isLast ? "" : "\n"));
    pieces.push(piece);
    sizeBytes += piece.length;
    some = [];
  };
  let waiting: string | undefined;
  for (const line of lines) {
    if (line === undefined) {
      yield undefined;
      continue;
    }
    if (waiting !== undefined) some.push(waiting);
    waiting = line;
    if (some.length < linesPerStep) continue;
    flush(false);
    if (sizeBytes > sizeMaxBytes) return undefined;
    yield undefined;
  }
  if (waiting !== undefined) some.push(waiting);
  flush(true);
  return sizeBytes > sizeMaxBytes ? undefined : concatenated(pieces, sizeBytes);
}

const linesPerStep = 1_000;

function concatenated(pieces: readonly Uint8Array[], sizeBytes: number): Uint8Array {
  const bytes = new Uint8Array(sizeBytes);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

function notWritten(state: CoreState, { device, incarnation }: Ledger, reason: string): undefined {
  // Not tried again for each part that is sealed after: the next start may.
  state.hasGivenUpCarry = true;
  const throughSequence = state.ownCarry?.ref.throughSequence ?? 0;
  raise(state, { type: "CarryNotWritten", device, incarnation, throughSequence, reason });
  return undefined;
}

/** Roughly when the ledger began: without a carry its age counts from there. */
function firstKnownAt(ledger: Ledger): Ledger["lastAt"] {
  return [...ledger.open.values()][0]?.nodes[0]?.signed.fact.at;
}
