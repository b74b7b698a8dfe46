import type { HeldEntry, SaleId } from "@tillmesh/kernel";
import { describe, expect, test } from "vitest";
import type { RefundBody } from "./bodies.ts";
import { refundDraft, reversalDraft, saleDraft } from "./drafts.ts";
import {
  checkGivingBack,
  emptySale,
  foldSale,
  knownSale,
  lineStates,
  remainingLines,
  saleExceptions,
} from "./sale-state.ts";
import { exampleBodies } from "./testing/example-bodies.ts";
import { append, testContext, testDate, testLedger } from "./testing/test-ledger.ts";

const saleId = exampleBodies.sale.saleId;
const here = testLedger("dev_1");
const there = testLedger("dev_2");
const context = testContext(here, testDate(0));

function last(ledger: { readonly entries: readonly HeldEntry[] }): HeldEntry {
  return ledger.entries.at(-1)!;
}

const sale = last(append(here, saleDraft(context, exampleBodies.sale)));
const reversal = last(append(here, reversalDraft(context, exampleBodies.reversal)));

function refund(ledger = here, change: Partial<RefundBody> = {}): HeldEntry {
  return last(append(ledger, refundDraft(context, { ...exampleBodies.refund, ...change })));
}

function stateOf(...entries: readonly HeldEntry[]) {
  return entries.reduce(foldSale, emptySale(saleId));
}

function asked(lineId: string, quantityMilli: number) {
  return { lineId, quantityMilli, amountMinor: 1 };
}

describe("what became of a sale (RF)", () => {
  test("[RF1] each line knows what was sold, refunded, reversed and is left", () => {
    const [coffee, loose] = lineStates(stateOf(sale, refund()));
    expect(coffee).toMatchObject({
      sold: { quantityMilli: 2000, amountMinor: 580, taxMinor: 97 },
      refunded: { quantityMilli: 1000, amountMinor: 290, taxMinor: 48 },
      reversed: { quantityMilli: 0 },
      remaining: { quantityMilli: 1000, amountMinor: 290, taxMinor: 49 },
    });
    expect(loose?.remaining.amountMinor).toBe(290);
  });

  test("[RF2] what a reversal gives back is what is left, and after it nothing is", () => {
    const before = stateOf(sale, refund());
    expect(remainingLines(before)).toEqual(exampleBodies.reversal.lines);
    const after = foldSale(before, reversal);
    expect(remainingLines(after)).toEqual([]);
    expect(saleExceptions(after)).toEqual([]);
  });

  test("[RF3] asking for more than is left names every line that does", () => {
    const state = stateOf(sale, refund());
    expect(checkGivingBack(state, [asked("1", 1000), asked("2", 1250)]).ok).toBe(true);
    const refused = checkGivingBack(state, [asked("1", 1001), asked("2", 1), asked("9", 1)]);
    expect(refused).toMatchObject({
      error: { type: "MoreThanSold", lines: [{ lineId: "1" }, { lineId: "9" }] },
    });
    expect(checkGivingBack(emptySale(saleId), [])).toEqual({
      ok: false,
      error: { type: "SaleNotKnown", saleId },
    });
  });

  test("[RF3] a line that is asked for twice counts twice", () => {
    const line = { lineId: "1", quantityMilli: 1500, amountMinor: 400 };
    expect(checkGivingBack(stateOf(sale), [line]).ok).toBe(true);
    expect(checkGivingBack(stateOf(sale), [line, line]).ok).toBe(false);
  });

  test("[RF4] refunds made apart are both kept and raised", () => {
    const all = { quantityMilli: 2000, amountMinor: 580, taxMinor: 97 };
    const whole = {
      lines: exampleBodies.refund.lines.map((line) => ({ ...line, ...all })),
      totalMinor: 580,
      taxes: exampleBodies.sale.taxes.slice(0, 1),
      tenders: [{ kind: "cash", amountMinor: 580 }],
    };
    const state = stateOf(refund(there, whole), sale, refund(here, whole));
    expect(lineStates(state)[0]?.refunded.amountMinor).toBe(1160);
    expect(saleExceptions(state)).toMatchObject([
      {
        type: "OverRefund",
        saleId,
        lineId: "1",
        soldMilli: 2000,
        givenBackMilli: 4000,
        soldMinor: 580,
        givenBackMinor: 1160,
      },
    ]);
    const [raised] = saleExceptions(state);
    const devices = raised?.type === "OverRefund" ? raised.entries.map(({ device }) => device) : [];
    expect(devices.toSorted()).toEqual(["dev_1", "dev_2"]);
  });

  test("[RF5] a refund before its sale is kept, raised, and matched when the sale comes", () => {
    const early = stateOf(refund());
    expect(knownSale(early)).toBeNull();
    expect(saleExceptions(early)).toMatchObject([{ type: "SaleNotKnown", saleId }]);
    expect(saleExceptions(foldSale(early, sale))).toEqual([]);
    expect(saleExceptions(emptySale(saleId))).toEqual([]);
  });

  test("[RF6] one sale id twice is raised and both count", () => {
    const other = last(append(there, saleDraft(context, exampleBodies.sale)));
    const state = stateOf(sale, other);
    expect(saleExceptions(state)).toMatchObject([{ type: "SaleRepeated", saleId }]);
    expect(lineStates(state)[0]?.sold.quantityMilli).toBe(4000);
  });

  test("[RF7] other sales, other kinds, revoked and unreadable entries change nothing", () => {
    const other = { ...exampleBodies.sale, saleId: "sale_2" as SaleId };
    const entries = [
      last(append(here, saleDraft(context, other))),
      { ...sale, flags: ["revoked" as const] },
      { ...sale, entry: { ...sale.entry, body: {} } },
      last(here),
    ];
    expect(stateOf(...entries)).toEqual(emptySale(saleId));
  });
});
