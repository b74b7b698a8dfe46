import { assert } from "@tillmesh/kernel";
import { describe, expect, test } from "vitest";
import { emptyHead } from "./head.ts";
import { handOver, mayDeliver, throttleAfter } from "./hand-over.ts";
import type { HandedOver } from "./records.ts";
import { tinyConfig } from "./testing/tiny-regime.ts";

const allowed = { handOver: "allowed", transmit: "batch" } as const;
const forbidden = { handOver: "forbidden", transmit: "each" } as const;
const throttle = { notBeforeMs: 90, waitMs: 60, lastSentMs: 30 };
const head = { ...emptyHead(tinyConfig(), {}), sequence: 9 };

function recorded(changes: Partial<HandedOver>): HandedOver {
  const base = { from: "till", to: "hq", fromSequence: 4, throttle, atMs: 1 };
  const made = handOver({ head, handOvers: [] }, { ...base, capabilities: allowed });
  assert(made.ok, "handed over");
  return { ...made.value, ...changes };
}

function ask(device: string, sequence: number, handOvers: readonly HandedOver[]) {
  return mayDeliver(sequence, { device, owner: "till", handOvers, capabilities: allowed });
}

describe("who delivers", () => {
  test("[FHO7] the till that sealed, until a hand-over names another, and for its range only", () => {
    const range = [recorded({ toSequence: 6 })];
    expect(ask("till", 4, []).ok).toBe(true);
    expect(ask("hq", 4, [])).toMatchObject({
      error: { reason: "other-device", deliverer: "till" },
    });
    expect([3, 4, 6, 7].map((sequence) => ask("hq", sequence, range).ok)).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect([3, 4, 6, 7].map((sequence) => ask("till", sequence, range).ok)).toEqual([
      true,
      false,
      false,
      true,
    ]);
    const open = [recorded({})];
    expect(ask("hq", 1000, open).ok).toBe(true);
  });

  test("[FHO7] nobody else where the regime forbids it, and nobody where nothing is sent", () => {
    const input = { owner: "till", handOvers: [recorded({})] };
    const asked = (device: string, capabilities: typeof allowed | typeof forbidden) =>
      mayDeliver(5, { ...input, device, capabilities });
    expect(asked("hq", forbidden)).toMatchObject({ error: { reason: "forbidden" } });
    expect(asked("till", forbidden).ok).toBe(true);
    const none = { handOver: "allowed", transmit: "none" } as const;
    expect(mayDeliver(5, { ...input, device: "till", capabilities: none })).toMatchObject({
      error: { reason: "not-sent" },
    });
  });

  test("[FHO8] the highest number is in force; back to the owner ends it; of two made apart the smaller id", () => {
    const back = recorded({ number: 2, from: "hq", to: "till" });
    expect(ask("till", 5, [recorded({}), back]).ok).toBe(true);
    expect(ask("hq", 5, [back, recorded({})]).ok).toBe(false);
    const apart = [recorded({ to: "b" }), recorded({ to: "a" })];
    expect([ask("a", 5, apart).ok, ask("b", 5, apart).ok]).toEqual([true, false]);
  });
});

describe("handing over", () => {
  const base = { from: "till", to: "hq", throttle, atMs: 1, capabilities: allowed };

  test("[FHO8] a record carries range and waiting time, and follows those before", () => {
    const first = recorded({});
    expect(first).toMatchObject({ number: 1, fromSequence: 4, throttle });
    const second = handOver(
      { head, handOvers: [first] },
      { ...base, fromSequence: 1, toSequence: 9 },
    );
    expect(second).toMatchObject({ value: { number: 2, toSequence: 9 } });
    const longer = throttleAfter([first], { notBeforeMs: 5, waitMs: 120, lastSentMs: 0 });
    expect(longer).toEqual({ notBeforeMs: 90, waitMs: 120, lastSentMs: 30 });
  });

  test("[FHO8] a range lies within what is sealed", () => {
    const ranges = [
      { fromSequence: 0 },
      { fromSequence: 3, toSequence: 2 },
      { fromSequence: 3, toSequence: 10 },
    ];
    for (const range of ranges) {
      const refused = handOver({ head, handOvers: [] }, { ...base, ...range });
      expect(refused).toMatchObject({ error: { reason: "range" } });
    }
  });

  test("[FHO7] a regime that forbids it gets no record", () => {
    const refused = handOver(
      { head, handOvers: [] },
      { ...base, fromSequence: 1, capabilities: forbidden },
    );
    expect(refused).toMatchObject({ error: { reason: "forbidden" } });
  });
});
