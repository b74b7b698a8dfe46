import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { SealedDocument } from "../../document.ts";
import type { Receipt } from "../../receipt.ts";
import type { DocumentRequest } from "../../regime.ts";
import {
  aeatShop,
  regimeOf,
  sealInSpain,
  signingShop,
  spanishCustomer,
  spanishReceipt,
} from "../../testing/fake-aeat-shop.ts";
import { cancellationOf, correctionOf } from "./corrections.ts";
import { lateAfterMs, veriFactuDelivery } from "./delivery.ts";

type Act = {
  readonly kind: "sale" | "full" | "refund" | "void" | "correct" | "cancel";
  readonly on: number;
  readonly minor: number;
};

const acts = fc.array(
  fc.record({
    kind: fc.constantFrom<Act["kind"]>("sale", "full", "refund", "void", "correct", "cancel"),
    on: fc.nat(20),
    minor: fc.integer({ min: 1, max: 200_000 }),
  }),
  { minLength: 1, maxLength: 12 },
);

/** Seals one act after the other, each on what stands there by then. */
async function sealActs(
  list: readonly Act[],
  config = aeatShop,
): Promise<readonly SealedDocument[]> {
  const shop = config.regime === "es-verifactu" ? { config } : signed;
  let run = await sealInSpain([], shop);
  const documents = [...run.documents];
  for (const act of list) {
    const request = requestFor(
      act,
      documents.filter(({ kind }) => kind !== "start"),
    );
    const fromMs = Math.max(run.head.sealedAtMs, 1_795_341_600_000) + 1000;
    run = await sealInSpain([request], { ...shop, head: run.head, fromMs });
    documents.push(...run.documents);
  }
  return documents;
}

function requestFor(
  { kind, on, minor }: Act,
  before: readonly SealedDocument[],
): Receipt | DocumentRequest {
  const sale = spanishReceipt("sale", { 21: minor, 4: 100 });
  const target = before[on % Math.max(1, before.length)];
  if (kind === "sale" || target === undefined) return sale;
  if (kind === "full") return { ...sale, customer: spanishCustomer };
  if (kind === "cancel") return cancellationOf(target)!;
  if (kind === "correct") {
    const verdict = { type: "rejected-fixable", code: "1", detail: "" } as const;
    return correctionOf({ document: target, verdict, fix: sale })!;
  }
  const refersTo = { number: target.number, issuedOn: "2026-11-22" };
  return spanishReceipt(kind, { 21: -minor }, { refersTo });
}

const signed = signingShop();

describe("every sequence of sales, refunds, voids, corrections and cancellations", () => {
  test("[RES2] keeps a chain that verifies, with numbers without a gap", async () => {
    await fc.assert(
      fc.asyncProperty(acts, async (list) => {
        const documents = await sealActs(list);
        const verifier = regimeOf(aeatShop).verifier((await sealInSpain([])).context);
        expect(documents.flatMap((document) => verifier.step(document))).toEqual([]);
        const numbers = documents
          .filter(({ kind }) => kind === "sale" || kind === "refund" || kind === "void")
          .map(({ number }) => Number(number.slice(-6)));
        expect(numbers).toEqual(numbers.map((_, index) => index + 1));
      }),
      { numRuns: 40 },
    );
  });

  test("[RES15] and so where records are signed", async () => {
    const { context } = await sealInSpain([], signed);
    await fc.assert(
      fc.asyncProperty(acts, async (list) => {
        const documents = await sealActs(list, signed.config);
        const verifier = regimeOf(signed.config).verifier(context);
        expect(documents.flatMap((document) => verifier.step(document))).toEqual([]);
      }),
      { numRuns: 8 },
    );
  });

  test("[RES18] one record taken out of it is found", async () => {
    const { context } = await sealInSpain([]);
    await fc.assert(
      fc.asyncProperty(acts, fc.nat(), async (list, at) => {
        const documents = await sealActs([...list, { kind: "sale", on: 0, minor: 100 }]);
        const without = documents.toSpliced(at % (documents.length - 1), 1);
        const verifier = regimeOf(aeatShop).verifier(context);
        expect(without.flatMap((document) => verifier.step(document))).not.toEqual([]);
      }),
      { numRuns: 20 },
    );
  });
});

describe("plans", () => {
  const pending = fc.array(
    fc.record({ agoMs: fc.integer({ min: -10_000, max: 600_000 }), invoice: fc.nat(2000) }),
    { maxLength: 1200 },
  );

  test("[RES11] [RES12] at most 1000, all late or all in time, no invoice twice, in order, never early unless full", async () => {
    const [one] = (await sealInSpain([spanishReceipt("sale", { 21: 1210 })])).documents;
    const nowMs = 1_795_400_000_000;
    fc.assert(
      fc.property(pending, fc.boolean(), (list, isThrottled) => {
        const documents = list.map(({ agoMs, invoice }, index) => ({
          ...one!,
          sequence: index + 1,
          at: { ...one!.at, epochMs: nowMs - agoMs },
          state: {
            record: { number: `A-${invoice}`, date: "22-11-2026", huella: "" },
            event: null,
            events: 0,
          },
        }));
        const planned = veriFactuDelivery.plan(documents, {
          now: { epochMs: nowMs, offsetMinutes: 60 },
          throttle: { notBeforeMs: isThrottled ? nowMs + 1 : nowMs, waitMs: 60_000, lastSentMs: 0 },
          waitingCount: documents.length,
          config: aeatShop,
        });
        if (planned.type === "wait") {
          expect(isThrottled || documents.length === 0).toBe(true);
          return;
        }
        const { documents: batch, isLate } = planned.group;
        expect(batch.length).toBeGreaterThan(0);
        expect(batch.length).toBeLessThanOrEqual(1000);
        if (isThrottled) expect(batch.length).toBe(1000);
        expect(batch).toEqual(documents.slice(0, batch.length));
        for (const { at } of batch) expect(nowMs - at.epochMs > lateAfterMs).toBe(isLate);
        expect(new Set(batch.map(({ state }) => JSON.stringify(state))).size).toBe(batch.length);
      }),
      { numRuns: 60 },
    );
  });

  test("[RES11] a full batch goes early", async () => {
    const [one] = (await sealInSpain([spanishReceipt("sale", { 21: 1210 })])).documents;
    fc.assert(
      fc.property(fc.integer({ min: 990, max: 1010 }), (count) => {
        const documents = Array.from({ length: count }, (_, index) => ({
          ...one!,
          state: {
            record: { number: `A-${index}`, date: "22-11-2026", huella: "" },
            event: null,
            events: 0,
          },
        }));
        const nowMs = one!.at.epochMs;
        const planned = veriFactuDelivery.plan(documents, {
          now: one!.at,
          throttle: { notBeforeMs: nowMs + 60_000, waitMs: 60_000, lastSentMs: nowMs },
          waitingCount: count,
          config: aeatShop,
        });
        expect(planned.type).toBe(count >= 1000 ? "send" : "wait");
      }),
    );
  });
});
