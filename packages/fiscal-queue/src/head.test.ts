import * as fc from "fast-check";
import { expect, test } from "vitest";
import { streamIdOf, type SealedDocument } from "./document.ts";
import { emptyHead, faultOfNext, headAfter, receiptNumber, seriesOf } from "./head.ts";
import { createSoftwareSigner } from "./node/index.ts";
import { plainReceipt } from "./testing/receipts.ts";
import { sealAll } from "./testing/seal-all.ts";
import { createTinyRegime, tinyConfig } from "./testing/tiny-regime.ts";
import { createSecretKey } from "node:crypto";

const signer = createSoftwareSigner({ K1: createSecretKey(Buffer.from("tiny")) });
const regime = createTinyRegime({ isDegradable: true, hasClosings: true });
const config = tinyConfig();

test("[FDO1] a stream's id names its five parts; a part with a stroke in it is no other stream", () => {
  expect(streamIdOf(tinyConfig({ till: "B/1" }))).toBe("T1/tiny/B%2F1/B1-1/1");
  const texts = fc.tuple(fc.string(), fc.string(), fc.string());
  fc.assert(
    fc.property(texts, texts, (a, b) => {
      const [left, right] = [a, b].map(([taxpayer, till, series]) =>
        streamIdOf(tinyConfig({ taxpayer, till, series })),
      );
      return (left === right) === a.every((part, index) => part === b[index]);
    }),
  );
});

test("[FDO2] the head is a fold: what sealing left is what its documents tell", async () => {
  const { documents, head } = await sealAll(regime, [plainReceipt(100), plainReceipt(-50)], {
    config,
    signer,
  });
  const folded = documents.reduce((h, one) => headAfter(one, h), emptyHead(config, { total: 0 }));
  expect(folded).toEqual(head);
  expect(folded).toMatchObject({ sequence: 2, lastNumber: 2, state: { total: 50 } });
});

test("[FDO3] what is not next is told, and never folded", async () => {
  const { documents } = await sealAll(regime, [plainReceipt(1), plainReceipt(2), plainReceipt(3)], {
    config,
    signer,
  });
  const [first, second, third] = documents as [SealedDocument, SealedDocument, SealedDocument];
  const head = headAfter(first, emptyHead(config, {}));
  expect(faultOfNext(second, head)).toBeUndefined();
  expect(faultOfNext(third, head)?.code).toBe("gap");
  expect(faultOfNext({ ...second, previous: third.hash }, head)?.code).toBe("chain");
  expect(faultOfNext({ ...second, stream: "another" }, head)?.code).toBe("stream");
  expect(() => headAfter(third, head)).toThrow("Bug");
});

test("[FDO4] receipts take the numbers of the series; the regime's own documents take none of them", async () => {
  const { documents, head } = await sealAll(
    regime,
    [plainReceipt(1), { kind: "zero" }, plainReceipt(2)],
    { config: tinyConfig({ numbersFrom: 41 }), signer },
  );
  expect(documents.map(({ number }) => number)).toEqual([
    "B1-1-000042",
    "B1-1-zero-2",
    "B1-1-000043",
  ]);
  expect(head.lastNumber).toBe(43);
  expect(seriesOf(head.stream)).toBe("B1-1");
  expect(receiptNumber("B1-1", 1_000_000)).toBe("B1-1-1000000");
});

test("[FDO6] an outage lasts in the head from its first document to the collective one", async () => {
  const before = await sealAll(regime, [plainReceipt(1)], { config, signer });
  const out = await sealAll(regime, [plainReceipt(2), plainReceipt(3)], {
    config,
    head: before.head,
    fromMs: before.head.sealedAtMs + 1000,
  });
  const { outage } = out.head;
  expect(outage).toMatchObject({ firstNumber: "B1-1-000002", lastNumber: "B1-1-000003" });
  const back = { config, signer, fromMs: out.head.sealedAtMs + 1000 };
  const signedAgain = await sealAll(regime, [plainReceipt(4)], { ...back, head: out.head });
  expect(signedAgain.head.outage).toMatchObject({
    firstNumber: "B1-1-000002",
    endedMs: back.fromMs,
  });
  const collected = await sealAll(regime, [{ kind: "collective" }], { ...back, head: out.head });
  expect(collected.head.outage).toBeUndefined();
});

test("[FDO7] turnover stays open until a closing covers it; the year's covers the month's", async () => {
  const sold = await sealAll(regime, [plainReceipt(1)], { config, signer });
  const { day = 0, month } = sold.head.openSince ?? {};
  expect(month).toBe(day);
  const after = { config, signer, head: sold.head, fromMs: day + 1000 };
  const closed = await sealAll(regime, [{ kind: "year", closes: "year" }], after);
  expect(closed.head.openSince).toEqual({ day });
});
