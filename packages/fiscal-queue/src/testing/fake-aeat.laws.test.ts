import * as fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { deliverStep, requeueInflight, type DeliveryStep } from "../deliver.ts";
import { streamIdOf, type SealedDocument } from "../document.ts";
import { initialDelivery } from "../outbox-store.ts";
import { cancellationOf, correctionOf } from "../regimes/es-verifactu/corrections.ts";
import { veriFactuDelivery } from "../regimes/es-verifactu/delivery.ts";
import { fiscalTimeAt } from "../time.ts";
import { aeatShop, sealInSpain, spanishReceipt } from "./fake-aeat-shop.ts";
import { createFakeAeat } from "./fake-aeat.ts";
import { createMemoryOutbox } from "./memory-outbox.ts";
import type { Behaviour } from "./scripted-authority.ts";

const config = aeatShop;
const stream = streamIdOf(config);
const sale = spanishReceipt("sale", { 21: 1210 });
const flagged = { type: "accepted-warn", code: "2000", detail: "", asksCorrection: true } as const;

/** Sales and a refund, then what follows their verdicts; minutes apart, so that some are late when they leave. */
let parts: readonly (readonly SealedDocument[])[] = [];
let documents: readonly SealedDocument[] = [];

beforeAll(async () => {
  const refersTo = { number: "B1-1-000001", issuedOn: "2026-11-22" };
  const refund = spanishReceipt("refund", { 21: -1210 }, { refersTo });
  const first = await sealInSpain([sale, sale, refund], { stepMs: 70_000 });
  const [one, two] = first.documents;
  const run = await sealInSpain(
    [correctionOf({ document: one!, verdict: flagged, fix: sale })!, sale, cancellationOf(two!)!],
    { head: first.head, fromMs: first.head.sealedAtMs + 70_000, stepMs: 70_000 },
  );
  parts = [first.documents, run.documents];
  documents = parts.flat();
});

const behaviour = fc.oneof(
  fc.constantFrom<Behaviour>(
    { type: "accept" },
    { type: "drop-reply" },
    { type: "twice" },
    { type: "down" },
    { type: "late", delayMs: 1 },
    { type: "throttle", waitMs: 90_000 },
    { type: "garbage", isStored: true },
    { type: "garbage", isStored: false },
    { type: "error", status: 503, isStored: true },
    { type: "error", status: 500, isStored: false },
  ),
);

/** Delivers to the end; the power goes at the given writes, and the process starts again. */
async function delivered(script: readonly Behaviour[], cuts: readonly number[]) {
  const last = documents.at(-1)!;
  const clock = { nowMs: last.at.epochMs + 1000 };
  const aeat = createFakeAeat({ nowMs: () => clock.nowMs });
  aeat.authority.script(...script);
  let writes = 0;
  const outbox = createMemoryOutbox({
    initial: initialDelivery(veriFactuDelivery.initialThrottle),
    beforeWrite: () => {
      writes += 1;
      if (cuts.includes(writes)) throw new Error("power cut");
    },
  });
  const rest = [...parts];
  const step = (): Promise<DeliveryStep> =>
    deliverStep({
      config,
      delivery: veriFactuDelivery,
      store: outbox,
      transport: aeat.authority.transport,
      now: () => fiscalTimeAt(clock.nowMs, config.timeZone),
      random: (size) => new Uint8Array(size).fill(77),
    });
  for (let count = 0; count < 300; count += 1) {
    const done = await step().catch(() => "cut" as const);
    if (done === "cut") {
      await requeueInflight(outbox, stream).catch(() => requeueInflight(outbox, stream));
      continue;
    }
    if (done.type === "idle") {
      const next = rest.shift();
      if (next === undefined) return { aeat, outbox };
      for (const document of next) outbox.add(document);
    }
    if (done.type === "paused") throw new Error(done.detail);
    if (done.type === "waiting") clock.nowMs = Math.max(clock.nowMs + 1, done.untilMs);
  }
  throw new Error("delivery does not end");
}

test("[RES20] whatever the authority does, and wherever the power goes, each record is there exactly once", async () => {
  const cuts = fc.uniqueArray(fc.integer({ min: 1, max: 30 }), { maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(fc.array(behaviour, { maxLength: 10 }), cuts, async (script, at) => {
      const { aeat, outbox } = await delivered(script, at);
      const hashes = documents.map(({ hash }) => hash);
      const found = aeat.accepted().map(({ hash }) => hash);
      expect(found.toSorted()).toEqual(hashes.toSorted());
      // What fails alone again and again lets others go first; what follows a verdict never does.
      const isOften = script.filter(({ type }) => type !== "accept").length > 5;
      if (!isOften) expect(found).toEqual(hashes);
      expect(outbox.items(stream).map(({ state }) => state)).toEqual(hashes.map(() => "accepted"));
      expect(aeat.authority.books.forks()).toEqual([]);
    }),
    { numRuns: 60 },
  );
});

test("[RES11] and nothing is sent before the wait is over", async () => {
  const quiet = behaviour.filter(({ type }) => type !== "twice");
  const cuts = fc.uniqueArray(fc.integer({ min: 1, max: 30 }), { maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(fc.array(quiet, { maxLength: 10 }), cuts, async (script, at) => {
      const { aeat } = await delivered(script, at);
      expect(aeat.earlyCount()).toBe(0);
    }),
    { numRuns: 40 },
  );
});
