/**
 * Hands a ledger's carry to the app, some of it at a time. SPEC.md §5 (CW).
 *
 * @module
 */

import { assert, type DeviceId, type HeldEntry, type Hlc, type LocationId } from "@tillmesh/kernel";
import {
  createCarryReader,
  linesOf,
  type CarryHead,
  type CarryReader,
  type CarryTotal,
} from "../documents/carry-text.ts";
import { toHeld, type Ledger } from "../replica/ledger.ts";
import { nextTurn } from "./in-turns.ts";
import type { ReplicaParts } from "./run-replica.ts";

/** What a ledger begins with here. */
export interface LedgerCarry {
  readonly device: DeviceId;
  readonly incarnation: number;
  readonly location: LocationId;
  /** The last entry that it stands for. */
  readonly throughSequence: number;
  readonly hash: string;
  readonly at: Hlc;
  /** All that it says, once: totals, then the entries kept by the rule, in order. */
  readonly slices: AsyncIterable<CarrySlice>;
}

/** Some hundred of each at most. The movements of entries kept are in the totals. */
export interface CarrySlice {
  readonly totals: readonly CarryTotal[];
  readonly kept: readonly HeldEntry[];
}

/** Undefined for a ledger that begins with its first entry, and when the disk does not give the text. */
export async function readCarry(
  { state, carries }: ReplicaParts,
  { device, incarnation }: { readonly device: string; readonly incarnation: number },
): Promise<LedgerCarry | undefined> {
  const ledger = state.ledgers.get(`${device}/${incarnation}`);
  const { base } = ledger ?? {};
  const bytes = base && (await carries.read({ device, incarnation, sha256: base.carry }));
  if (!ledger || !bytes) return undefined;
  // It was checked when it came, and its hash just now.
  const { crypto } = state.ports;
  const reader = createCarryReader(
    { device, incarnation, throughSequence: base.throughSequence },
    { crypto, publicKey: undefined },
  );
  const lines = linesOf(bytes);
  const first = lines.next();
  if (!first.done) reader.take(first.value);
  const head = reader.head();
  return head && { ...placeOf(head), slices: slicesOf(ledger, reader, lines) };
}

function placeOf(head: CarryHead): Omit<LedgerCarry, "slices"> {
  const { device, incarnation, location, throughSequence, hash, at } = head;
  return { device, incarnation, location, throughSequence, hash, at };
}

async function* slicesOf(
  ledger: Ledger,
  reader: CarryReader,
  lines: Generator<string, void, undefined>,
): AsyncGenerator<CarrySlice, void, undefined> {
  let totals: CarryTotal[] = [];
  let kept: HeldEntry[] = [];
  for (const line of lines) {
    const read = reader.take(line);
    assert(read.ok, "a carry that was checked can be read again");
    if (read.value?.type === "total") totals.push(read.value.total);
    if (read.value?.type === "kept") {
      const { fact, hash } = read.value.kept;
      kept.push(toHeld(ledger, fact, hash));
    }
    if (totals.length < totalsMax && kept.length < keptMax) continue;
    yield { totals, kept };
    [totals, kept] = [[], []];
    await nextTurn();
  }
  if (totals.length + kept.length > 0) yield { totals, kept };
}

const totalsMax = 500;
const keptMax = 50;
