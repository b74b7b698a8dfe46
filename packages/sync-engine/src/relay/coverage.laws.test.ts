import * as fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import type { EntryNode } from "../documents/ledger-part.ts";
import { writePart } from "../testing/signed-facts.ts";
import { fullPurse, refill, spend, waitMs } from "./budget.ts";
import {
  cover,
  coverHeads,
  createCoverage,
  forgetCoverage,
  headsHeld,
  lackingFacts,
  send,
  takeBack,
  uncover,
} from "./coverage.ts";
import { addWaiting, firstWaiting, type Waiting, type WaitingItem } from "./waiting.ts";

let nodes: readonly EntryNode[];
beforeAll(() => {
  const writer = writePart();
  for (let n = 0; n < 12; n += 1) writer.append();
  nodes = writer.part.nodes;
});

const name = "ledger/dev_owner/1/1";
const freightOf = (indices: readonly number[]) => ({
  facts: [{ document: name, hashes: indices.map((index) => nodes[index]!.signed.hash) }],
  things: [],
});

const step = fc.record({
  type: fc.constantFrom(
    "send" as const,
    "cover" as const,
    "takeBack" as const,
    "uncover" as const,
    "forget" as const,
    "look" as const,
  ),
  indices: fc.array(fc.nat(11), { maxLength: 6 }),
});

interface Model {
  readonly held: Set<number>;
  readonly underWay: Set<number>;
}

/** The same by numbers alone. */
function note({ held, underWay }: Model, type: string, index: number): void {
  if (type === "send") underWay.add(index);
  if (type === "cover") held.add(index);
  if (["cover", "takeBack", "forget"].includes(type)) underWay.delete(index);
  if (["uncover", "forget"].includes(type)) held.delete(index);
}

describe("what a lane holds (CV)", () => {
  test("[CV1] lacking is exactly what is neither held nor under way, whatever was sent, answered, taken back or lost", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const coverage = createCoverage();
        const model: Model = { held: new Set(), underWay: new Set() };
        const { held, underWay } = model;
        const apply = { send, cover, takeBack, uncover };
        for (const { type, indices } of steps) {
          if (type === "forget") forgetCoverage(coverage);
          else if (type !== "look") apply[type](coverage, freightOf(indices));
          for (const index of type === "forget" ? nodes.keys() : indices) note(model, type, index);
          const lacking = [...nodes.keys()].filter(
            (index) => !held.has(index) && !underWay.has(index),
          );
          expect(lackingFacts(coverage, name, nodes)).toEqual(lacking.map((index) => nodes[index]));
        }
      }),
    );
  });

  test("[CV2] what is written down and read again says no more than there was, and all that is held without a hole", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(11)), (indices) => {
        const coverage = createCoverage();
        cover(coverage, freightOf(indices));
        const again = createCoverage();
        coverHeads(again, name, { nodes, heads: headsHeld(coverage, name, nodes) });
        const held = new Set(indices);
        const whole = [...nodes.keys()].findIndex((index) => !held.has(index));
        const lacking = lackingFacts(again, name, nodes);
        expect(lacking).toEqual(whole < 0 ? [] : nodes.slice(whole));
      }),
    );
  });
});

const at = (offset: number) => ({ log: new Uint8Array(16), offset, hash: new Uint8Array(32) });
const waitingItem = (publisher: string, offset: number, sizeBytes: number): WaitingItem => {
  return {
    what: { type: "want", what: [] },
    publisher,
    lane: "org:0",
    at: at(offset),
    sinceMs: 0,
    sizeBytes,
  };
};

describe("what waits (WL)", () => {
  test("[WL1] the bounds hold, nothing goes without being told, and who takes most loses first", () => {
    const one = fc.tuple(fc.constantFrom("a", "b", "c"), fc.integer({ min: 1, max: 40 }));
    fc.assert(
      fc.property(fc.array(one, { maxLength: 40 }), (all) => {
        let waiting: Waiting = [];
        const gone: WaitingItem[] = [];
        for (const [index, [publisher, size]] of all.entries()) {
          const added = addWaiting(waiting, waitingItem(publisher, index, size), {
            bytesMax: 100,
            itemsMax: 8,
          });
          waiting = added.waiting;
          gone.push(...added.dropped);
          const bytes = waiting.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
          expect(bytes).toBeLessThanOrEqual(100);
          expect(waiting.length).toBeLessThanOrEqual(8);
        }
        expect(waiting.length + gone.length).toBe(all.length);
        expect(firstWaiting(waiting, "org:0")?.offset).toBe(
          waiting.length === 0 ? undefined : Math.min(...waiting.map((w) => w.at.offset)),
        );
      }),
    );
    let waiting: Waiting = [waitingItem("small", 0, 10)];
    for (let n = 1; n < 20; n += 1) {
      waiting = addWaiting(waiting, waitingItem("greedy", n, 30), {
        bytesMax: 100,
        itemsMax: 8,
      }).waiting;
    }
    expect(waiting.some(({ publisher }) => publisher === "small")).toBe(true);
  });
});

describe("budgets of a metered link (LB)", () => {
  test("[LB1] over any time no more is spent than the budget and one envelope of debt, and none is kept waiting for ever", () => {
    const budget = { bytes: 1_000, perMs: 10_000 };
    const want = fc.tuple(fc.integer({ min: 1, max: 4_000 }), fc.nat(3_000));
    fc.assert(
      fc.property(fc.array(want, { minLength: 1, maxLength: 60 }), (wants) => {
        let purse = fullPurse(budget, 0);
        let nowMs = 0;
        let spent = 0;
        let largest = 0;
        for (const [size, pause] of wants) {
          nowMs += pause;
          purse = refill(purse, budget, nowMs);
          const wait = waitMs(purse, budget);
          nowMs += wait;
          purse = refill(purse, budget, nowMs);
          expect(waitMs(purse, budget)).toBe(0);
          purse = spend(purse, size);
          spent += size;
          largest = Math.max(largest, size);
        }
        const earned = Math.floor((nowMs * budget.bytes) / budget.perMs);
        expect(spent).toBeLessThanOrEqual(budget.bytes + earned + largest);
      }),
    );
  });
});
