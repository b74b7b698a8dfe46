import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { SealedDocument } from "../../document.ts";
import { emptyHead, headAfter, receiptNumber } from "../../head.ts";
import type { Receipt } from "../../receipt.ts";
import type { DocumentRequest } from "../../regime.ts";
import { parsed, signaturesIn, textIn } from "../../testing/norway-second-opinion.ts";
import {
  exportText,
  findingsOf,
  norwayConfig,
  norwayReceipt,
  sealInNorway,
} from "../../testing/norway-shop.ts";
import type { SealedRun } from "../../testing/seal-all.ts";
import { readRecord } from "./record.ts";
import { emptyState, stateOf } from "./state.ts";

const rows = fc.array(
  fc.tuple(
    fc.constantFrom("1001", "3001", "x".repeat(64)),
    fc.integer({ min: 1, max: 9 }),
    fc.integer({ min: 1, max: 99_999 }),
    fc.constantFrom(2500, 1500, 1200, 0),
  ),
  { minLength: 1, maxLength: 4 },
);

const receipt = fc
  .record({ kind: fc.constantFrom("sale", "refund", "void", "training"), rows })
  .map(({ kind, rows: lines }): Receipt => {
    const sign = kind === "refund" || kind === "void" ? -1 : 1;
    return norwayReceipt(
      kind,
      lines.map(([sku, quantity, minor, rate]) => [sku, sign * quantity, sign * minor, rate]),
    );
  });

const event = fc
  .constantFrom("drawer-opened", "x-report", "z-report", "signed-in")
  .map((name): DocumentRequest => ({ kind: "event", facts: { event: name } }));

/** Lives of a till: what it seals between two starts, with which key, and on which day. */
const lives = fc.array(
  fc.record({
    requests: fc.array(fc.oneof({ weight: 3, arbitrary: receipt }, event), { maxLength: 5 }),
    keyVersion: fc.constantFrom("1", "2", "3"),
  }),
  { minLength: 1, maxLength: 4 },
);

const dayMs = 86_400_000;
const fromMs = 1_795_341_600_000;

type Life = {
  readonly requests: readonly (Receipt | DocumentRequest)[];
  readonly keyVersion: string;
};

describe("laws of a Norwegian stream (RNR)", () => {
  test("[RNR17] restarts and key changes anywhere leave one chain, without a gap", async () => {
    await fc.assert(
      fc.asyncProperty(lives, async (all) => {
        const run = await live(all);
        expect(findingsOf(run.documents, run.context)).toEqual([]);
        const numbered = run.documents.filter(({ kind }) => kind !== "event");
        expect(numbered.map(({ number }) => number)).toEqual(
          numbered.map((_, index) => receiptNumber("A1-1", index + 1)),
        );
      }),
      { numRuns: 40 },
    );
  });

  test("[RNR9] grand totals are the sum of all that was transacted", async () => {
    await fc.assert(
      fc.asyncProperty(lives, async (all) => {
        const { documents, head } = await live(all);
        const transacted = documents
          .map(({ text }) => readRecord(text))
          .map((one) => (one?.type === "transaction" && one.kind !== "training" ? one.inMinor : 0));
        const [sales, returns] = stateOf(head.state).grand;
        expect(sales - returns).toBe(transacted.reduce((sum, minor) => sum + minor, 0));
        expect(Math.min(sales, returns)).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 40 },
    );
  });

  test("[RNR14] the export of any period verifies from the file alone", async () => {
    await fc.assert(
      fc.asyncProperty(lives, fc.nat(4), fc.nat(4), async (all, first, length) => {
        const run = await live(all);
        const period = { from: dateAt(first), to: dateAt(first + length) };
        const xml = parsed(await exportText(run, period));
        const within = run.documents.filter(
          (one) => one.kind !== "event" && isWithin(readRecord(one.text)?.date ?? "", period),
        );
        expect(signaturesIn(xml)).toEqual(within.map(() => true));
        expect(textIn(xml, "headerComment")).toContain(`transactions=${within.length};`);
      }),
      { numRuns: 30 },
    );
  });

  test("[RNR11] a document left out, or two exchanged, are found", async () => {
    const requests = [
      receiptOf(100),
      receiptOf(200),
      { kind: "event", facts: { event: "z-report" } },
      receiptOf(300),
    ] as const;
    const { documents, context } = await live([{ requests, keyVersion: "1" }]);
    fc.assert(
      fc.property(fc.nat(documents.length - 2), fc.boolean(), (at, isDropped) => {
        const [one, other] = [documents[at], documents[at + 1]] as [SealedDocument, SealedDocument];
        const changed = documents.toSpliced(at, 2, ...(isDropped ? [other] : [other, one]));
        expect(findingsOf(changed, context)).not.toEqual([]);
      }),
    );
  });
});

/** Each life begins with the head that its documents give, as after a restart. */
async function live(all: readonly Life[]): Promise<SealedRun> {
  let run: SealedRun = await sealInNorway([]);
  for (const [index, { requests, keyVersion }] of all.entries()) {
    const config = norwayConfig(keyVersion);
    const head = run.documents.reduce(
      (known, document) => headAfter(document, known),
      emptyHead(config, emptyState),
    );
    const next = await sealInNorway(requests, { head, config, fromMs: fromMs + index * dayMs });
    run = { ...next, documents: [...run.documents, ...next.documents] };
  }
  return run;
}

function receiptOf(minor: number): Receipt {
  return norwayReceipt("sale", [["1001", 1, minor, 2500]]);
}

function dateAt(day: number): string {
  return new Date(fromMs + day * dayMs).toISOString().slice(0, 10);
}

function isWithin(date: string, { from, to }: { readonly from: string; readonly to: string }) {
  return date >= from && date <= to;
}
