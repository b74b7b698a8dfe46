import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { StreamConfig } from "../../document.ts";
import { emptyHead, headAfter } from "../../head.ts";
import { createFiscalCrypto } from "../../node/index.ts";
import { sealAll } from "../../testing/seal-all.ts";
import { rksvReceipt } from "../../testing/rksv-shop.ts";
import { noRegime } from "./none.ts";

const config: StreamConfig = {
  regime: "none",
  taxpayer: "",
  till: "t1",
  series: "B1-1",
  epoch: 1,
  numbersFrom: 0,
  timeZone: "Europe/Vienna",
  currency: "EUR",
  currencyDigits: 2,
  isTest: false,
  keys: [],
  settings: {},
};

const receipts = fc.array(
  fc.nat({ max: 100_000 }).map((amount) => rksvReceipt("sale", [amount])),
  { minLength: 1, maxLength: 12 },
);

describe("laws of a chain without a regime (RNO)", () => {
  test("[RNO5] a till that starts anew at any point goes on with the same chain", async () => {
    await fc.assert(
      fc.asyncProperty(receipts, fc.nat({ max: 12 }), async (all, stop) => {
        const whole = await sealAll(noRegime, all, { config });
        const before = whole.documents.slice(0, stop);
        // As after a restart: the head is a fold over what the ledger has.
        const head = before.reduce((one, next) => headAfter(next, one), emptyHead(config, {}));
        const fromMs = 1_795_341_600_000 + before.length * 60_000;
        const after = await sealAll(noRegime, all.slice(stop), { config, head, fromMs });
        expect([...before, ...after.documents]).toEqual(whole.documents);
      }),
    );
  });

  test("[RNO2] no document can be doubled, moved, or left out before another", async () => {
    const act = fc.constantFrom("double", "move", "leave out");
    const places = fc.tuple(fc.nat({ max: 11 }), fc.nat({ max: 11 }));
    await fc.assert(
      fc.asyncProperty(receipts, act, places, async (all, what, [from, to]) => {
        const { documents } = await sealAll(noRegime, all, { config });
        const changed = [...documents];
        const [one] = changed.splice(from % changed.length, what === "double" ? 0 : 1);
        const moved = one ?? documents[from % documents.length];
        if (what !== "leave out" && moved !== undefined) {
          changed.splice(to % documents.length, 0, moved);
        }
        const verifier = noRegime.verifier({ config, secrets: {}, crypto: createFiscalCrypto() });
        const found = changed.flatMap((document) => verifier.step(document));
        // Without its last document a chain is shorter, not broken.
        const isWhole = changed.every((document, at) => document === documents[at]);
        expect(found.length === 0).toBe(isWhole);
      }),
    );
  });
});
