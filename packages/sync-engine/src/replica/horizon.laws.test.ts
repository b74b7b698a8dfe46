import { testClock, testCrypto, testSigner } from "@tillmesh/kernel/testing";
import type { BusinessDate, DeviceId, StaffId } from "@tillmesh/kernel";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  copyDisk,
  emptyDisk,
  exchange,
  finishSeals,
  smallLimits,
  startReplica,
} from "../testing/sim-replica.ts";
import { heldBy } from "../testing/sim-app.ts";
import { commitEntry } from "./commit.ts";
import type { CoreState } from "./core-state.ts";
import {
  forgetAtRelay,
  horizonCounts,
  horizonOf,
  noteAtRelay,
  noteHolds,
  setAtRelay,
  type EntryHorizon,
} from "./horizon.ts";
import { addSpan, countInSpans, isInSpans, type Span } from "./spans.ts";

const world = {
  crypto: testCrypto(1),
  clock: testClock(Date.parse("2026-11-22T08:00:00Z")),
  limits: smallLimits(6),
  devices: [0, 1, 2].map((index) => ({
    id: `dev_${index}` as DeviceId,
    roles: index === 0 ? (["hq"] as const) : (["till"] as const),
    signer: testSigner(index + 1),
  })),
};

function till(entries: number): CoreState {
  const disk = emptyDisk();
  const state = startReplica(world, world.devices[1]!, { disk });
  for (let n = 1; n < entries; n += 1) sell(state);
  finishSeals(state, disk);
  return state;
}

function sell(state: CoreState): void {
  const draft = {
    kind: "sale",
    businessDate: "2026-11-22" as BusinessDate,
    by: { staff: "staff_1" as StaffId },
    body: {},
  };
  expect(commitEntry(state, draft).ok).toBe(true);
}

const ref = (sequence: number) => ({ device: "dev_1", incarnation: 1, sequence });
const hashAt = (state: CoreState, sequence: number): string =>
  heldBy(state)[sequence - 1]?.hash ?? "f".repeat(64);

type Word =
  | {
      readonly type: "holds";
      readonly by: number;
      readonly sequence: number;
      readonly isTrue: boolean;
    }
  | {
      readonly type: "relay";
      readonly from: number;
      readonly length: number;
      readonly isOwn: boolean;
      readonly isTrue: boolean;
    }
  | { readonly type: "forget" };

const word: fc.Arbitrary<Word> = fc.oneof(
  fc.record({
    type: fc.constant("holds" as const),
    by: fc.constantFrom(0, 2),
    sequence: fc.integer({ min: 1, max: 24 }),
    isTrue: fc.boolean(),
  }),
  fc.record({
    type: fc.constant("relay" as const),
    from: fc.integer({ min: 1, max: 20 }),
    length: fc.integer({ min: 1, max: 8 }),
    isOwn: fc.boolean(),
    isTrue: fc.boolean(),
  }),
  fc.record({ type: fc.constant("forget" as const) }),
);

/** The same by numbers alone. */
interface Told {
  readonly entries: number;
  readonly through: number[];
  own: Set<number>;
  peer: Set<number>;
}

function say(state: CoreState, told: Told, one: Word): void {
  if (one.type === "forget") {
    told.own = new Set();
    forgetAtRelay(state, "own/location/1");
  } else if (one.type === "holds") {
    const hash = one.isTrue ? hashAt(state, one.sequence) : "e".repeat(64);
    const claim = { device: "dev_1", incarnation: 1, sequence: one.sequence, hash };
    noteHolds(state, world.devices[one.by]!, [claim]);
    const isKnown = one.isTrue && one.sequence <= told.entries;
    if (isKnown) told.through[one.by] = Math.max(told.through[one.by]!, one.sequence);
  } else {
    sayRelay(state, told, one);
  }
}

function sayRelay(state: CoreState, told: Told, one: Extract<Word, { type: "relay" }>): void {
  const through = one.from + one.length - 1;
  const isKnown = through <= told.entries;
  const numbers = Array.from({ length: one.length }, (_, index) => one.from + index);
  if (one.isOwn && isKnown) {
    const span = { from: one.from, through, hash: hashAt(state, through) };
    noteAtRelay(state, "own/location/1", { ledger: "dev_1/1", span });
    for (const number of numbers) told.own.add(number);
  } else if (!one.isOwn) {
    const hash = one.isTrue ? hashAt(state, through) : "d".repeat(64);
    setAtRelay(state, "dev_2", { ledger: "dev_1/1", spans: [{ from: one.from, through, hash }] });
    told.peer = new Set(one.isTrue && isKnown ? numbers : []);
  }
}

function expected({ entries, through, own, peer }: Told, sequence: number): EntryHorizon {
  const device = sequence <= entries;
  return {
    device,
    peers: device && through[2]! >= sequence ? ["dev_2"] : [],
    relay: device && (own.has(sequence) || peer.has(sequence)),
    hq: device && through[0]! >= sequence,
  };
}

describe("how far entries have got (HZ)", () => {
  test("[HZ1] a step is claimed of exactly the entries that the receiver named by hash, in any order of words", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.array(word, { maxLength: 25 }),
        (sales, words) => {
          const state = till(sales);
          const entries = state.ledgers.get("dev_1/1")!.deliveredThrough;
          const told: Told = { entries, through: [0, 0, 0], own: new Set(), peer: new Set() };
          for (const one of words) say(state, told, one);
          for (let sequence = 1; sequence <= 24; sequence += 1) {
            expect(horizonOf(state, ref(sequence)), `${sequence}`).toEqual(
              expected(told, sequence),
            );
          }
          const all = Array.from({ length: entries }, (_, index) => expected(told, index + 1));
          expect(horizonCounts(state)).toEqual({
            entries,
            onlyHere: all.filter(({ peers, relay, hq }) => peers.length === 0 && !relay && !hq)
              .length,
            peers: all.filter(({ peers }) => peers.length > 0).length,
            relay: all.filter(({ relay }) => relay).length,
            hq: all.filter(({ hq }) => hq).length,
          });
        },
      ),
      { numRuns: 150 },
    );
  });

  test("[HZ2] a claim that is ahead counts once the entries are here", () => {
    const disk = emptyDisk();
    const owner = startReplica(world, world.devices[1]!, { disk });
    sell(owner);
    const hq = startReplica(world, world.devices[0]!, { disk: emptyDisk() });
    const claim = { device: "dev_1", incarnation: 1, sequence: 2, hash: hashAt(owner, 2) };
    noteHolds(hq, world.devices[2]!, [claim]);
    expect(horizonOf(hq, ref(2))).toMatchObject({ device: false, peers: [] });
    exchange({ state: owner, disk }, { state: hq, disk: emptyDisk() });
    expect(horizonOf(hq, ref(2))).toEqual({
      device: true,
      peers: ["dev_2"],
      relay: false,
      hq: true,
    });
  });

  test("[HZ3] from a fork on nothing is claimed", () => {
    const disk = emptyDisk();
    const owner = startReplica(world, world.devices[1]!, { disk });
    sell(owner);
    const twin = { disk: copyDisk(disk), state: owner };
    twin.state = startReplica(world, world.devices[1]!, { disk: twin.disk });
    sell(owner);
    sell(twin.state);
    const claim = { device: "dev_1", incarnation: 1, sequence: 3, hash: hashAt(owner, 3) };
    noteHolds(owner, world.devices[0]!, [claim]);
    expect(horizonOf(owner, ref(3)).hq).toBe(true);
    exchange(twin, { state: owner, disk });
    expect(horizonOf(owner, ref(3)).hq).toBe(false);
    expect(horizonOf(owner, ref(2)).hq).toBe(true);
  });

  test("[HZ4] spans say the same as the numbers in them", () => {
    const span = fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 0, max: 9 }));
    fc.assert(
      fc.property(
        fc.array(span, { maxLength: 20 }),
        fc.integer({ min: 0, max: 50 }),
        (all, limit) => {
          const numbers = new Set<number>();
          let spans: readonly Span[] = [];
          for (const [from, length] of all) {
            spans = addSpan(spans, { from, through: from + length, hash: `${from + length}` });
            for (let n = from; n <= from + length; n += 1) numbers.add(n);
          }
          for (let n = 1; n <= 60; n += 1) expect(isInSpans(spans, n)).toBe(numbers.has(n));
          expect(countInSpans(spans, limit)).toBe([...numbers].filter((n) => n <= limit).length);
          for (const { through, hash } of spans) expect(hash).toBe(`${through}`);
          expect(
            spans.every(({ from }, index) => from > (spans[index - 1]?.through ?? -1) + 1),
          ).toBe(true);
        },
      ),
    );
  });
});
