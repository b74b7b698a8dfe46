import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { streamIdOf, type SealedDocument, type StreamConfig } from "./document.ts";
import { newOutboxItem } from "./outbox.ts";
import { outboxItemAfterRecord } from "./outbox-record.ts";
import type { FiscalRecord } from "./records.ts";
import {
  isBehind,
  nextEpoch,
  sealableHead,
  streamAfterDocument,
  streamAfterRecord,
  type StreamFinding,
  type StreamState,
} from "./stream-state.ts";
import { createFiscalCrypto } from "./node/index.ts";
import { plainReceipt } from "./testing/receipts.ts";
import { sealAll } from "./testing/seal-all.ts";
import { createTinyRegime, tinyConfig } from "./testing/tiny-regime.ts";

const regime = createTinyRegime({ capabilities: { signer: "none" } });
const config = tinyConfig();
const stream = streamIdOf(config);

function opening(of: StreamConfig = config): FiscalRecord {
  return { type: "opened", config: of, state: { total: 0 }, atMs: 0 };
}

function sealed(document: SealedDocument): FiscalRecord {
  return { type: "sealed", document };
}

async function documents(count: number, of: StreamConfig = config, price = 100) {
  const receipts = Array.from({ length: count }, (_, at) => plainReceipt(price + at));
  return (await sealAll(regime, receipts, { config: of })).documents;
}

/** The fold over records, with the index of hashes that an app keeps. */
function fold(records: readonly FiscalRecord[]) {
  const hashes = new Map<number, string>();
  const findings: StreamFinding[] = [];
  let state: StreamState | undefined;
  for (const record of records) {
    const step = streamAfterRecord(state, record, (sequence) => hashes.get(sequence));
    ({ state } = step);
    findings.push(...step.findings);
    if (record.type === "sealed" && !hashes.has(record.document.sequence)) {
      hashes.set(record.document.sequence, record.document.hash);
    }
  }
  return { state, findings: findings.map(({ type }) => type), sealable: sealableHead(state) };
}

describe("openings", () => {
  test("[FHO1] without one no chain begins, whatever documents come", async () => {
    const all = await documents(2);
    const { findings, sealable, state } = fold(all.map(sealed));
    expect(state).toBeUndefined();
    expect(findings).toEqual(["NotOpened", "NotOpened"]);
    expect(sealable).toEqual({ ok: false, error: { type: "NotSealable", reason: "not-opened" } });
  });

  test("[FHO1] a second one changes nothing and is told", async () => {
    const all = await documents(2);
    const { findings, state } = fold([opening(), ...all.map(sealed), opening()]);
    expect(findings).toEqual(["OpenedTwice"]);
    expect(state?.head.sequence).toBe(2);
  });

  test("[FHO1] a hash that the index lost is a bug, not a document that fits", async () => {
    const all = await documents(2);
    const { state } = fold([opening(), ...all.map(sealed)]);
    const [first] = all as [SealedDocument];
    expect(() => streamAfterDocument(state, first, () => undefined)).toThrow("Bug");
  });
});

describe("forks", () => {
  test("[FHO2] a clone that sealed on its own is found, in whichever order its documents come", async () => {
    const [common, mine] = await documents(2);
    const theirs = (await documents(2, config, 500)).at(1);
    if (common === undefined || mine === undefined || theirs === undefined) throw new Error("two");
    const { documents: cloned } = await sealAll(regime, [plainReceipt(999)], {
      config,
      head: { ...headOf([common]) },
    });
    const [clone] = cloned as [SealedDocument];
    for (const order of [
      [common, mine, clone],
      [common, clone, mine],
    ]) {
      const { findings, sealable, state } = fold([opening(), ...order.map(sealed)]);
      expect(findings).toEqual(["Fork"]);
      const hashes = [mine.hash, clone.hash].toSorted();
      expect(state?.fork).toEqual({ sequence: 2, hashes });
      expect(sealable).toMatchObject({ error: { reason: "fork" } });
    }
    expect(fold([opening(), sealed(common), sealed(theirs)]).findings).toEqual(["Fork"]);
  });

  test("[FHO2] the same document twice is one document", async () => {
    const all = await documents(3);
    const { findings, state } = fold([opening(), ...all.map(sealed), ...all.map(sealed)]);
    expect(findings).toEqual([]);
    expect(state?.head.sequence).toBe(3);
  });

  test("[FHO6] a head behind or beside what a peer remembers is a restored disk", async () => {
    const { state } = fold([opening(), ...(await documents(2)).map(sealed)]);
    const { head } = state ?? {};
    if (head === undefined) throw new Error("open");
    expect(isBehind(head, { sequence: 3, hash: "x" })).toBe(true);
    expect(isBehind(head, { sequence: 2, hash: "x" })).toBe(true);
    expect(isBehind(head, head)).toBe(false);
    expect(isBehind(head, { sequence: 1, hash: "x" })).toBe(false);
  });
});

describe("gaps and ends", () => {
  test("[FHO5] documents in any order end in one head, and a missing one is named", async () => {
    const all = await documents(6);
    const whole = fold([opening(), ...all.map(sealed)]).state?.head;
    const orders = fc.shuffledSubarray([...all], { minLength: 6 });
    fc.assert(
      fc.property(orders, (order) => {
        const { sealable, state } = fold([opening(), ...order.map(sealed)]);
        expect(state?.head).toEqual(whole);
        expect(sealable.ok).toBe(true);
      }),
    );
    const { findings, sealable } = fold([
      opening(),
      ...[all[0], all[2]].flatMap((d) => (d ? [sealed(d)] : [])),
    ]);
    expect(findings).toEqual(["Gap"]);
    expect(sealable).toMatchObject({ error: { reason: "gap" } });
  });

  test("[FHO3] nothing follows a closing", async () => {
    const [first, second] = await documents(2);
    if (first === undefined || second === undefined) throw new Error("two");
    const closed = { type: "closed", stream, reason: "moved", atMs: 0 } as const;
    const { findings, sealable, state } = fold([opening(), sealed(first), closed, sealed(second)]);
    expect(findings).toEqual(["AfterClosing"]);
    expect(sealable).toMatchObject({ error: { reason: "closed" } });
    expect(state?.head.sequence).toBe(1);
  });

  test("[FHO4] the next epoch takes a new series where numbers are in doubt, and counts on where they are not", async () => {
    const records = [opening(), ...(await documents(3)).map(sealed)];
    const ended = (reason: "fork" | "lost-head" | "moved") => {
      const { state } = fold([...records, { type: "closed", stream, reason, atMs: 0 }]);
      if (state === undefined) throw new Error("open");
      return state;
    };
    for (const reason of ["fork", "lost-head"] as const) {
      expect(nextEpoch(ended(reason))).toMatchObject({ error: { reason: "series-in-doubt" } });
      const next = nextEpoch(ended(reason), { series: "B1-2" });
      expect(next).toMatchObject({ value: { series: "B1-2", epoch: 2, numbersFrom: 0 } });
    }
    expect(nextEpoch(ended("moved"))).toMatchObject({ value: { epoch: 2, numbersFrom: 3 } });
    const { state } = fold(records);
    if (state === undefined) throw new Error("open");
    expect(nextEpoch(state)).toMatchObject({ error: { reason: "not-closed" } });
  });
});

test("[FHO10] N tills apart, merged in any order, are N valid chains", async () => {
  const tills = ["B1", "B2", "B3", "B4"].map((till) => tinyConfig({ till, series: `${till}-1` }));
  const chains = await Promise.all(tills.map((of, at) => documents(3 + at, of)));
  const records = chains.flatMap((chain) => chain.map(sealed));
  fc.assert(
    fc.property(fc.shuffledSubarray(records, { minLength: records.length }), (order) => {
      for (const [at, of] of tills.entries()) {
        const own = order.filter(
          (record) => record.type === "sealed" && record.document.stream === streamIdOf(of),
        );
        const { findings, sealable } = fold([opening(of), ...own]);
        expect(findings).not.toContain("Fork");
        expect(sealable).toMatchObject({ ok: true, value: { sequence: chains[at]?.length } });
        const verifier = regime.verifier({ config: of, secrets: {}, crypto: createFiscalCrypto() });
        expect(chains[at]?.flatMap((one) => verifier.step(one))).toEqual([]);
      }
    }),
    { numRuns: 30 },
  );
});

function headOf(taken: readonly SealedDocument[]) {
  const { state } = fold([opening(), ...taken.map(sealed)]);
  if (state === undefined) throw new Error("open");
  return state.head;
}

describe("deposits", () => {
  test("[FHO11] chain, head and outbox are the same with them and without", async () => {
    const [first, second] = await documents(2);
    const records = [opening(), sealed(first!), sealed(second!)];
    const deposited: FiscalRecord = {
      type: "deposited",
      stream,
      to: "hq",
      sealed: "AQ",
      atMs: 1,
    };
    const mixed = records.flatMap((record) => [record, deposited]);
    expect(fold(mixed)).toEqual(fold(records));
    const item = newOutboxItem(first!);
    expect(outboxItemAfterRecord(item, deposited, first!)).toBe(item);
  });
});
