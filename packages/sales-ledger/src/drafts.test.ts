import type { Movement, Sku } from "@tillmesh/kernel";
import { describe, expect, test } from "vitest";
import { refundDraft, reversalDraft, saleDraft, stockDraft } from "./drafts.ts";
import { entryFaults } from "./movements-of.ts";
import { exampleBodies } from "./testing/example-bodies.ts";
import { append, testContext, testDate, testLedger } from "./testing/test-ledger.ts";

const ledger = testLedger("dev_1");
const context = testContext(ledger, testDate(0));

function briefly(movements: readonly Movement[] | undefined) {
  return movements?.map(({ kind, sku, quantityMilli }) => [kind, sku, quantityMilli]);
}

describe("movements of an entry (MV)", () => {
  test("[MV1] a sale takes each line out of stock", () => {
    const { movements } = saleDraft(context, exampleBodies.sale);
    expect(briefly(movements)).toEqual([
      ["sale", "C001", -2000],
      ["sale", "B7/é", -1250],
    ]);
  });

  test("[MV2] a refund brings goods back, and takes them out again as waste", () => {
    const restock = { ...exampleBodies.refund, goods: "restock" } as const;
    expect(briefly(refundDraft(context, restock).movements)).toEqual([["return", "C001", 1000]]);
    expect(briefly(refundDraft(context, exampleBodies.refund).movements)).toEqual([
      ["return", "C001", 1000],
      ["waste", "C001", -1000],
    ]);
  });

  test("[MV3] a reversal brings everything back", () => {
    expect(briefly(reversalDraft(context, exampleBodies.reversal).movements)).toEqual([
      ["return", "C001", 1000],
      ["return", "B7/é", 1250],
    ]);
  });

  test("[MV4] movements that are not the body's are a fault of the entry", () => {
    const draft = saleDraft(context, exampleBodies.sale);
    const [first] = draft.movements!;
    const held = append(ledger, { ...draft, movements: [first!] }).entries.at(-1)!;
    expect(entryFaults(held)).toMatchObject([{ pointer: "/movements" }]);
    const bare = append(ledger, { ...draft, kind: "cash", body: exampleBodies.cash });
    expect(entryFaults(bare.entries.at(-1)!)).toMatchObject([{ pointer: "/movements" }]);
  });

  test("[MV5] a stock entry moves what it says, but sells nothing", () => {
    const { location } = ledger;
    const sku = "C001" as Sku;
    const receipt = { kind: "receipt", location, sku, quantityMilli: 5 } as const;
    const good = append(ledger, stockDraft(context, {}, [receipt])).entries.at(-1)!;
    expect(entryFaults(good)).toEqual([]);
    const sale = { ...receipt, kind: "sale" } as const;
    const bad = append(ledger, stockDraft(context, {}, [sale])).entries.at(-1)!;
    expect(entryFaults(bad)).toMatchObject([{ pointer: "/movements/0/kind", found: "sale" }]);
  });

  test("[MV6] a draft that would not read back is a bug, and says which fault", () => {
    expect(() => saleDraft(context, { ...exampleBodies.sale, totalMinor: 1 })).toThrow(
      "/totalMinor",
    );
  });

  test("[MV7] the key and hash of the request lie in the entry", () => {
    const draft = saleDraft({ ...context, key: "k", bodyHash: "h" }, exampleBodies.sale);
    expect(draft).toMatchObject({ kind: "sale", key: "k", bodyHash: "h" });
    expect(Object.keys(saleDraft(context, exampleBodies.sale))).not.toContain("key");
  });
});
