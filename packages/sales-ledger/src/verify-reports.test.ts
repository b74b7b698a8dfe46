import type { HeldEntry, Json } from "@tillmesh/kernel";
import { describe, expect, test } from "vitest";
import type { ZBody } from "./bodies.ts";
import { entryHash } from "./chain.ts";
import { sha256, testLedger, type TestLedger } from "./testing/test-ledger.ts";
import { playTill, type TillAct } from "./testing/till-acts.ts";
import { verifyReports } from "./verify-reports.ts";

const ledger = testLedger("dev_1");
const coffee = { sku: "coffee", quantityMilli: 1000, amountMinor: 300, rateBp: 2000 };
const open: TillAct = { type: "open-shift", floatMinor: 5000 };
const sell: TillAct = { type: "sell", lines: [coffee], overMinor: 200, isSplit: false };
const close: TillAct = { type: "close-shift", differenceMinor: 0 };
const closeDay: TillAct = { type: "close-day" };
const day: readonly TillAct[] = [open, sell, close, closeDay];

function play(from: TestLedger, ...acts: readonly TillAct[]): TestLedger {
  return playTill(from, acts).ledger;
}

const twoDays = play(ledger, ...day, ...day).entries;

/** The Zs of `entries` with another body; its own hash is redone, later chains are not. */
function changeZ(
  entries: readonly HeldEntry[],
  change: (body: ZBody) => ZBody,
  zNumber = 1,
): readonly HeldEntry[] {
  return entries.map((held): HeldEntry => {
    const body = held.entry.body as ZBody;
    if (held.entry.kind !== "z" || body.zNumber !== zNumber) return held;
    const entry = { ...held.entry, body: change(body) as Json };
    return { ...held, entry, hash: entryHash(entry, sha256) };
  });
}

describe("verifying reports (ZV)", () => {
  test("[ZV1] sound Zs have no faults, in whatever order entries come", () => {
    expect(twoDays.filter(({ entry }) => entry.kind === "z")).toHaveLength(2);
    expect(verifyReports(twoDays)).toEqual([]);
    expect(verifyReports(twoDays.toReversed())).toEqual([]);
  });

  test("[ZV2] a Z that says something else than its entries is named with what differs", () => {
    const report = changeZ(twoDays, (body) => ({
      ...body,
      report: { ...body.report, changeMinor: 199 },
    }));
    expect(verifyReports(report)).toMatchObject([
      {
        type: "ReportDiffers",
        zNumber: 1,
        differences: [{ pointer: "/report/changeMinor", stored: 199, computed: 200 }],
      },
    ]);
    const range = changeZ(twoDays, (body) => ({ ...body, throughSequence: 3 }));
    expect(verifyReports(range)).toMatchObject([
      { differences: [{ pointer: "/throughSequence", stored: 3, computed: 4 }] },
    ]);
  });

  test("[ZV2] a grand total that does not go on from the Z before differs", () => {
    const wrong = changeZ(
      twoDays,
      (body) => ({
        ...body,
        report: { ...body.report, grandTotalBeforeMinor: 0, grandTotalMinor: 300 },
      }),
      2,
    );
    const pointers = ["/report/grandTotalBeforeMinor", "/report/grandTotalMinor"];
    expect(verifyReports(wrong)).toMatchObject([
      { differences: pointers.map((pointer) => ({ pointer })) },
    ]);
  });

  test("[ZV3] entries that are not held make a report incomplete, not wrong", () => {
    const partial = twoDays.filter(({ entry }) => entry.sequence !== 3);
    expect(verifyReports(partial)).toMatchObject([
      { type: "ReportIncomplete", zNumber: 1, missing: twoDays[2]!.hash },
    ]);
  });

  test("[ZV4] a fact that its Z skips, or that two Zs cover, is named", () => {
    const skipping = changeZ(twoDays, (body) => ({
      ...body,
      report: { ...body.report, runs: [{ ...body.report.runs[0]!, from: 3 }] },
    }));
    expect(verifyReports(skipping)).toContainEqual({
      type: "NotCovered",
      entry: { device: "dev_1", incarnation: 1, sequence: 2 },
      z: { device: "dev_1", incarnation: 1, sequence: 5 },
    });
    const [first] = (twoDays[4]!.entry.body as ZBody).report.runs;
    const twice = changeZ(
      twoDays,
      (body) => ({ ...body, report: { ...body.report, runs: [first!, ...body.report.runs] } }),
      2,
    );
    const types = verifyReports(twice).map(({ type }) => type);
    expect(types.filter((type) => type === "CoveredTwice")).toHaveLength(4);
  });

  test("[ZV5] Z numbers of a till have no gap and no duplicate", () => {
    const gap = changeZ(twoDays, (body) => ({ ...body, zNumber: 5 }), 2);
    expect(verifyReports(gap)).toContainEqual({
      type: "ZNumberGap",
      device: "dev_1",
      from: 2,
      through: 4,
    });
    const repeated = changeZ(twoDays, (body) => ({ ...body, zNumber: 1 }), 2);
    expect(verifyReports(repeated).map(({ type }) => type)).toContain("ZNumberRepeated");
  });

  test("[ZV6] each branch of a fork is verified along its own chain", () => {
    const start = play(ledger, open, sell);
    const original = play(start, sell, close, closeDay);
    const clone = play(start, sell, sell, close);
    const branch = clone.entries.slice(start.entries.length);
    expect(verifyReports([...original.entries, ...branch])).toEqual([]);
  });

  test("[ZV6] a till that learns both branches of its fork reports both, each along its chain", () => {
    const start = play(ledger, open, sell);
    const original = play(start, sell);
    const clone = play(start, { type: "open-drawer" }, sell);
    const branch = clone.entries.slice(start.entries.length);
    const both = { ...original, entries: [...original.entries, ...branch] };
    const closed = play(play(both, { type: "restore" }), close, closeDay).entries;
    const { report } = closed.at(-1)!.entry.body as ZBody;
    expect(report).toMatchObject({ sales: { count: 3 }, drawerOpenings: 1 });
    expect(report.runs).toMatchObject([
      { incarnation: 1, from: 1, through: 4, head: original.head },
      { incarnation: 1, from: 4, through: 5, head: clone.head },
      { incarnation: 2, from: 1, through: 2 },
    ]);
    expect(verifyReports(closed)).toEqual([]);
  });

  test("[ZV7] entries of an earlier incarnation that come back are in the next Z, once", () => {
    const start = play(ledger, open, sell);
    const lost = play(start, sell, sell).entries.slice(start.entries.length);
    const restored = playTill(start, [{ type: "restore" }]).ledger;
    const back = { ...restored, entries: [...restored.entries, ...lost] };
    const closed = play(back, close, closeDay);
    const z = closed.entries.at(-1)!.entry.body as ZBody;
    expect(z.report.sales.count).toBe(3);
    expect(z.report.runs).toMatchObject([
      { incarnation: 1, from: 1, through: 5 },
      { incarnation: 2, from: 1, through: 2 },
    ]);
    expect(verifyReports(closed.entries)).toEqual([]);
  });
});
