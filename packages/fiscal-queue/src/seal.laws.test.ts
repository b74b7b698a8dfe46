import { createSecretKey } from "node:crypto";
import * as fc from "fast-check";
import { assert } from "@tillmesh/kernel";
import { expect, test } from "vitest";
import { closedBreaker, type Breaker } from "./breaker.ts";
import type { Head, SealedDocument } from "./document.ts";
import { emptyHead, headAfter } from "./head.ts";
import { createFiscalCrypto, createSoftwareSigner } from "./node/index.ts";
import type { DocumentRequest } from "./regime.ts";
import { seal, type SealPorts } from "./seal.ts";
import { plainReceipt } from "./testing/receipts.ts";
import { neverTimer, requestOf } from "./testing/seal-all.ts";
import { createTinyRegime, tinyConfig } from "./testing/tiny-regime.ts";
import { fiscalTimeAt } from "./time.ts";

const config = tinyConfig();
const context = { config, secrets: {}, crypto: createFiscalCrypto() };
const signer = createSoftwareSigner({ K1: createSecretKey(Buffer.from("tiny")) });
const fromMs = Date.parse("2026-11-22T11:00:00Z");

const requests: fc.Arbitrary<DocumentRequest> = fc.oneof(
  fc.integer({ min: 1, max: 100_000 }).map((total) => requestOf(plainReceipt(total))),
  fc.integer({ min: -100_000, max: -1 }).map((total) => requestOf(plainReceipt(total))),
  fc.constant(requestOf(plainReceipt(1, { options: { invoiceType: "unknown" } }))),
  fc.constantFrom<DocumentRequest>({ kind: "zero" }, { kind: "sale" }, { kind: "collective" }),
);
const steps = fc.array(
  fc.record({
    request: requests,
    hasSigner: fc.boolean(),
    isDegradable: fc.boolean(),
    stepMs: fc.constantFrom(0, 1000, 120_000, -60_000, -3_600_000),
    /** The process ends before the document is on disk. */
    isCut: fc.boolean(),
  }),
  { maxLength: 20 },
);

test("[FSE2] no gap, no double and one chain, whatever is refused and wherever the process ends", async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (acts) => {
      const disk: SealedDocument[] = [];
      let breaker: Breaker = closedBreaker;
      let nowMs = fromMs;
      for (const { hasSigner, isCut, isDegradable, request, stepMs } of acts) {
        nowMs += stepMs;
        const head = replay(disk);
        const regime = createTinyRegime({ isDegradable });
        const base: SealPorts = { regime, head, breaker, context, timer: neverTimer };
        const at = fiscalTimeAt(nowMs, config.timeZone);
        const result = await seal(request, at, hasSigner ? { ...base, signer } : base);
        if (result.ok && !isCut) {
          disk.push(result.value.document);
          ({ breaker } = result.value);
          expect(replay(disk)).toEqual(result.value.head);
        }
      }
      expect(faults(disk)).toEqual([]);
      const numbers = disk.filter(({ kind }) => kind === "sale" || kind === "refund");
      expect(numbers.map(({ number }) => number)).toEqual(
        numbers.map((_, index) => `B1-1-${String(index + 1).padStart(6, "0")}`),
      );
    }),
    { numRuns: 150 },
  );
});

function replay(documents: readonly SealedDocument[]): Head {
  return documents.reduce((head, one) => headAfter(one, head), emptyHead(config, { total: 0 }));
}

function faults(documents: readonly SealedDocument[]): readonly string[] {
  const verifier = createTinyRegime().verifier(context);
  const found = documents.flatMap((one) => verifier.step(one));
  assert(verifier.end().length === 0, "nothing is missing at the end");
  return found.map(({ code }) => code);
}
