import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Verdict } from "./delivery.ts";
import {
  outboxItemAfter,
  outboxTable,
  type OutboxEvent,
  type OutboxItem,
  type OutboxState,
} from "./outbox.ts";
import { initialDelivery } from "./outbox-store.ts";
import { outboxItemAfterRecord } from "./outbox-record.ts";
import type { FiscalRecord } from "./records.ts";
import { createMemoryOutbox } from "./testing/memory-outbox.ts";
import { outboxContract } from "./testing/outbox-contract.ts";
import { plainReceipt } from "./testing/receipts.ts";
import { sealAll } from "./testing/seal-all.ts";
import { createTinyRegime, tinyConfig } from "./testing/tiny-regime.ts";

const queued: OutboxItem = {
  sequence: 1,
  state: "queued",
  attempts: 0,
  notBeforeMs: 0,
  mayBeDuplicate: false,
};

const verdicts: readonly OutboxEvent[] = [
  { type: "accepted" },
  { type: "flagged", code: "W", detail: "w", asksCorrection: true },
  { type: "same-duplicate" },
  { type: "other-duplicate", found: "h" },
  { type: "rejected", code: "R", detail: "r" },
  { type: "unencodable", detail: "u" },
];
const waiting: readonly OutboxEvent[] = [
  { type: "sent" },
  { type: "found-inflight" },
  { type: "retry", reason: "x", mayBeDuplicate: true, notBeforeMs: 5 },
];

describe("[FDE1] the table", () => {
  const states = Object.keys(outboxTable) as readonly OutboxState[];

  test("has a cell for every state and event", () => {
    const events = [...verdicts, ...waiting].map(({ type }) => type);
    const all = [...events, "released", "corrected"].toSorted();
    for (const state of states) {
      expect(Object.keys(outboxTable[state]).toSorted()).toEqual(all);
      expect(Object.values(outboxTable[state]).every((next) => states.includes(next))).toBe(true);
    }
  });

  test("leads to the same end in whichever order verdicts are read, with sends in between", () => {
    const rank: readonly OutboxState[] = ["conflict", "flagged", "accepted", "rejected", "parked"];
    const some = fc.array(fc.constantFrom(...verdicts), { minLength: 1, maxLength: 4 });
    const noise = fc.array(fc.constantFrom(...waiting), { maxLength: 4 });
    fc.assert(
      fc.property(some, noise, fc.infiniteStream(fc.nat(9)), (told, between, picks) => {
        const end = run([...told, ...between].toSorted(() => (picks.next().value ?? 0) - 4));
        const highest = rank.find((state) => told.some((event) => run([event]) === state));
        expect(end).toBe(highest);
      }),
    );
  });

  test("an answer that is final is left by nothing but an operator or a correction", () => {
    const final = run([{ type: "accepted" }, ...waiting, { type: "released" }]);
    expect(final).toBe("accepted");
    expect(run([{ type: "rejected", code: "", detail: "" }, { type: "released" }])).toBe("queued");
    const corrected = run([
      { type: "rejected", code: "", detail: "" },
      { type: "corrected", by: "2" },
    ]);
    expect(corrected).toBe("corrected");
  });
});

test("[FDE1] what may have arrived may have arrived for good", () => {
  const known = verdictless({ type: "retry", reason: "x", mayBeDuplicate: true, notBeforeMs: 1 });
  const later = outboxItemAfter(known, {
    type: "retry",
    reason: "refused connection",
    mayBeDuplicate: false,
    notBeforeMs: 2,
  });
  expect(later).toMatchObject({
    mayBeDuplicate: true,
    notBeforeMs: 2,
    detail: "refused connection",
  });
});

test("[FDE18] records give the states back, and say nothing of others", () => {
  const afterRecord = (record: FiscalRecord) =>
    outboxItemAfterRecord(queued, record, { hash: "mine" }).state;
  expect(
    [
      answered({ type: "accepted", receiptId: "R1" }),
      answered({ type: "accepted-warn", code: "W", detail: "", asksCorrection: false }),
      answered({ type: "duplicate", hash: "mine" }),
      answered({ type: "duplicate", hash: "other" }),
      answered({ type: "rejected-final", code: "R", detail: "" }),
      {
        type: "parked",
        stream: "s",
        sequence: 1,
        code: "unencodable",
        detail: "",
        atMs: 0,
      } as const,
      {
        type: "parked",
        stream: "s",
        sequence: 2,
        code: "unencodable",
        detail: "",
        atMs: 0,
      } as const,
      { type: "closed", stream: "s", reason: "ended", atMs: 0 } as const,
    ].map(afterRecord),
  ).toEqual([
    "accepted",
    "flagged",
    "accepted",
    "conflict",
    "rejected",
    "parked",
    "queued",
    "queued",
  ]);
  const parked = outboxItemAfter(queued, { type: "unencodable", detail: "" });
  const release = { type: "released", stream: "s", sequence: 1, atMs: 0 } as const;
  const correction = { type: "corrected", stream: "s", sequence: 1, by: 2, atMs: 0 } as const;
  expect(outboxItemAfterRecord(parked, release, { hash: "" }).state).toBe("queued");
  expect(outboxItemAfterRecord(parked, correction, { hash: "" }).state).toBe("corrected");
});

const throttle = { notBeforeMs: 0, waitMs: 0, lastSentMs: 0 };

describe("the outbox in memory", () => {
  outboxContract({
    test: (title, body) => {
      test(title, body);
    },
    scene: (initial) => {
      const store = createMemoryOutbox({ initial: { ...initialDelivery(throttle), ...initial } });
      return { store, add: (document) => store.add(document), reopen: () => store };
    },
    documents: async () => {
      const regime = createTinyRegime({ capabilities: { signer: "none" } });
      const receipts = Array.from({ length: 6 }, (_, at) => plainReceipt(100 + at));
      return (await sealAll(regime, receipts, { config: tinyConfig() })).documents;
    },
  });
});

function answered(verdict: Verdict): FiscalRecord {
  const told = [{ sequence: 1, verdict }];
  return { type: "answered", stream: "s", atMs: 0, throttle, verdicts: told };
}

function run(events: readonly OutboxEvent[]): OutboxState {
  return events.reduce(outboxItemAfter, queued).state;
}

function verdictless(event: OutboxEvent): OutboxItem {
  return outboxItemAfter(outboxItemAfter(queued, { type: "sent" }), event);
}
