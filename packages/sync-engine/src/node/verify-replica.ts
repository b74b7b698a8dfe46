/**
 * Folds everything again and compares it with what the documents say. SPEC.md §6 (VE).
 *
 * Chains and parts link up, the owner's signature reaches every entry, and each
 * live document's stock counters are the sums of its entries' movements.
 *
 * @module
 */

import * as Automerge from "@automerge/automerge";
import type { Entry } from "@tillmesh/kernel";
import { createCarryReader, linesOf } from "../documents/carry-text.ts";
import { counterBucketCount, counterBucketKey } from "../documents/genesis.ts";
import type { LedgerPart } from "../documents/ledger-part.ts";
import { readOpened } from "../documents/opened.ts";
import {
  createPartReader,
  sealedText,
  textHash,
  type SealedPart,
} from "../documents/sealed-part.ts";
import { isSignedBy, openSignedText, type Signed } from "../documents/signed-text.ts";
import { keyOf, type CoreState } from "../replica/core-state.ts";
import { addLine, addToTotals, emptyCarried, parseFirstCarry } from "../replica/carry.ts";
import { sealedAt, type Ledger } from "../replica/ledger.ts";
import type { CarryStore } from "./carry-store.ts";
import { inTurns } from "./in-turns.ts";
import type { RepoLink } from "./repo-link.ts";
import type { ReplicaParts } from "./run-replica.ts";

export interface VerifyReport {
  readonly entries: number;
  readonly ledgers: number;
  /** Parts that others hold and that have not arrived here: no difference, but not verified either. */
  readonly missingParts: number;
  readonly differences: readonly Difference[];
}

/** Something that should be equal and is not. */
export interface Difference {
  readonly type: "Sealed" | "Link" | "Signature" | "Counter" | "Document" | "Carry";
  readonly ledger: string;
  readonly part: number;
  readonly detail: string;
}

/** Verifies one part per turn, so that a till can go on selling meanwhile. */
export async function verifyReplica({ state, link, carries }: ReplicaParts): Promise<VerifyReport> {
  const differences: Difference[] = [];
  let entries = 0;
  for (const ledger of state.ledgers.values()) {
    let before: Signed<Entry> | undefined;
    const totals = new Map<string, number>();
    for (const number of partNumbers(ledger)) {
      const open = ledger.open.get(number);
      if (open) await link.wake([keyOf(state, open.name)]);
      const check: PartCheck = {
        state,
        link,
        carries,
        ledger,
        number,
        note: noteInto(differences, ledger, number),
      };
      const line = await readPart(check);
      checkLink(check, before, line);
      checkSignature(check, line.at(-1));
      before = line.at(-1);
      entries += line.length;
      addToTotals(totals, line);
      await checkCarry(check, { totals, last: before });
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  const missingParts = [...state.ledgers.values()].reduce(
    (sum, { wanted }) => sum + wanted.size,
    0,
  );
  return { entries, ledgers: state.ledgers.size, missingParts, differences };
}

interface PartCheck {
  readonly state: CoreState;
  readonly link: RepoLink;
  readonly carries: CarryStore;
  readonly ledger: Ledger;
  readonly number: number;
  readonly note: (type: Difference["type"], detail: string) => void;
}

function noteInto(
  differences: Difference[],
  { device, incarnation }: Ledger,
  part: number,
): PartCheck["note"] {
  return (type, detail) => {
    differences.push({ type, ledger: `${device}/${incarnation}`, part, detail });
  };
}

function partNumbers({ open, sealed }: Ledger): readonly number[] {
  const numbers = Array.from(sealed.values(), ({ name }) => name.part);
  return [...new Set([...numbers, ...open.keys()])].toSorted((a, b) => a - b);
}

/** The part's line of entries: the sealed one, or the longest of the live document. */
async function readPart(check: PartCheck): Promise<readonly Signed<Entry>[]> {
  const { ledger, number, note } = check;
  const open = ledger.open.get(number);
  if (open) checkDocument(check, open);
  const [sealed] = sealedAt(ledger, number);
  if (!sealed) return longestLine(open);
  const entries = await inTurns(readSealed(check, sealed));
  const { lastSequence, firstSequence } = sealed;
  if (entries.length !== lastSequence - firstSequence + 1) {
    note("Sealed", `${entries.length} entries readable of ${firstSequence} to ${lastSequence}`);
  }
  return entries;
}

/** From the file, each line checked as when it came; as far as it is right. */
function* readSealed(
  { state }: PartCheck,
  part: SealedPart,
): Generator<undefined, readonly Signed<Entry>[], undefined> {
  const text = state.ports.sealed.read(part);
  // Neither copy is whole: peers may have it.
  if (text === undefined) return state.readSealed(part);
  const reader = createPartReader(part.name, state.ports.crypto);
  for (const line of text.split("\n")) {
    if (!reader.take(line).ok) break;
    yield undefined;
  }
  return reader.entries();
}

function longestLine(part: LedgerPart | undefined): readonly Signed<Entry>[] {
  const ends = part?.branches.toSorted(
    (a, b) => b.sequence - a.sequence || (a.entryHash < b.entryHash ? -1 : 1),
  );
  const line: Signed<Entry>[] = [];
  let node = part?.nodeByEntry.get(ends?.[0]?.entryHash ?? "");
  for (; node; node = node.parent) line.push(node.signed);
  return line.toReversed();
}

/** The first entry of a part names the part before it by hash; the owner signed it. */
function checkLink(
  check: PartCheck,
  before: Signed<Entry> | undefined,
  line: readonly Signed<Entry>[],
): void {
  const [first] = line;
  if (!first) return;
  const opened = readOpened(first.fact);
  if (!opened.ok) check.note("Link", "the first entry opens no part");
  const previous = opened.ok ? opened.value.previousPart : undefined;
  if (!previous || !before || isUnsettled(check, previous.sha256)) return;
  const isNext = first.fact.sequence === before.fact.sequence + 1;
  if (!isNext || first.fact.previous !== before.hash) {
    check.note("Link", `does not continue entry ${before.fact.sequence}`);
  }
  if (hashBefore(check, before) !== previous.sha256) check.note("Link", "names another part");
}

/** A part that is still to come is missing, not different; a forked one has several ends. */
function isUnsettled({ ledger }: PartCheck, previous: string): boolean {
  return ledger.wanted.has(previous) || ledger.forkedFrom !== Number.POSITIVE_INFINITY;
}

/** The hash of the part before this one, from its sealed file or its live document. */
function hashBefore(
  { state, ledger, number }: PartCheck,
  before: Signed<Entry>,
): string | undefined {
  const [sealed] = sealedAt(ledger, number - 1);
  if (sealed) return sealed.sha256;
  const last = ledger.open.get(number - 1)?.nodeByEntry.get(before.hash);
  return last && textHash(sealedText(last), state.ports.crypto);
}

/** The chain makes one signature, on its end, stand for all before it. */
function checkSignature({ state, ledger, note }: PartCheck, last: Signed<Entry> | undefined): void {
  if (!last) return;
  const device = state.ports.trust.deviceOf(ledger.device);
  const opened = openSignedText("entry", last.text, state.ports.crypto);
  const isSigned =
    device !== undefined &&
    opened.ok &&
    opened.value.hash === last.hash &&
    isSignedBy(opened.value, device.publicKey, state.ports.crypto);
  if (!isSigned) note("Signature", `entry ${last.fact.sequence}`);
}

/** The live Automerge document against the entries folded. */
function checkDocument({ state, link, note }: PartCheck, part: LedgerPart): void {
  const doc = link.document(keyOf(state, part.name)) as LedgerDocument | undefined;
  if (!doc) {
    note("Document", "no live document");
    return;
  }
  if (doc.entries.length !== part.nodes.length) {
    note("Document", `${doc.entries.length} entries, ${part.nodes.length} admitted`);
  }
  const sums = foldMovements(part);
  const counters = readCounters(doc);
  for (const key of new Set([...sums.keys(), ...counters.keys()])) {
    const sum = sums.get(key) ?? 0;
    const counter = counters.get(key) ?? 0;
    if (sum !== counter) note("Counter", `${key}: entries ${sum}, counter ${counter}`);
  }
}

/** A carry that ends with this part must say what the fold says. Of a forked ledger each line has its own. */
async function checkCarry(check: PartCheck, line: LineSoFar): Promise<void> {
  const { carries, ledger, number, note } = check;
  const { device, incarnation, base, forkedFrom } = ledger;
  const name = `${device}/${incarnation}/${number}`;
  const ref = carries.refs().find((one) => one.name === name);
  // What the carry stands for is not here, so there is nothing to compare it with.
  if (!ref || base || forkedFrom !== Number.POSITIVE_INFINITY) return;
  const bytes = await carries.read({ device, incarnation, sha256: ref.sha256 });
  const totals = bytes && (await inTurns(readTotals(check, bytes, line)));
  if (!totals) {
    note("Carry", "unreadable, or not of this entry");
    return;
  }
  for (const key of new Set([...line.totals.keys(), ...totals.keys()])) {
    const sum = line.totals.get(key) ?? 0;
    const carried = totals.get(key) ?? 0;
    if (sum !== carried) note("Carry", `${key}: entries ${sum}, carry ${carried}`);
  }
}

/** A ledger as far as it was folded. */
interface LineSoFar {
  readonly totals: ReadonlyMap<string, number>;
  readonly last: Signed<Entry> | undefined;
}

/** The totals in a carry whose head names the last entry. */
function* readTotals(
  { state, ledger }: PartCheck,
  bytes: Uint8Array,
  { last }: LineSoFar,
): Generator<undefined, ReadonlyMap<string, number> | undefined, undefined> {
  const { device, incarnation } = ledger;
  const expected = { device, incarnation, throughSequence: last?.fact.sequence ?? 0 };
  const publicKey = state.ports.trust.deviceOf(device)?.publicKey;
  const reader = createCarryReader(expected, { crypto: state.ports.crypto, publicKey });
  const carried = emptyCarried();
  for (const text of linesOf(bytes)) {
    const line = reader.take(text);
    if (!line.ok) return parseFirstCarry(text);
    if (line.value) addLine(carried, line.value);
    yield undefined;
  }
  return reader.head()?.hash === last?.hash ? carried.totals : undefined;
}

interface LedgerDocument {
  readonly entries: readonly unknown[];
  readonly stock: Readonly<Record<string, Readonly<Record<string, Automerge.Counter>>>>;
}

/** Where a fork created one counter twice, both stand side by side as conflicts and both count. */
function readCounters(doc: LedgerDocument): ReadonlyMap<string, number> {
  const counters = new Map<string, number>();
  for (let index = 0; index < counterBucketCount; index += 1) {
    const bucket = doc.stock[counterBucketKey(index)] ?? {};
    for (const key of Object.keys(bucket)) {
      const conflicts = Automerge.getConflicts(bucket, key);
      const all = conflicts ? Object.values(conflicts) : [bucket[key]];
      const values = all.map((counter) => (counter as Automerge.Counter).value);
      counters.set(
        key,
        values.reduce((sum, value) => sum + value, 0),
      );
    }
  }
  return counters;
}

function foldMovements(part: LedgerPart): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const { signed } of part.nodes) {
    for (const { location, sku, quantityMilli } of signed.fact.movements ?? []) {
      const key = `${location}/${sku}`;
      sums.set(key, (sums.get(key) ?? 0) + quantityMilli);
    }
  }
  return sums;
}
