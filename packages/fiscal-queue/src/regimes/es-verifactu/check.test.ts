import { describe, expect, test } from "vitest";
import { emptyHead } from "../../head.ts";
import type { Receipt } from "../../receipt.ts";
import type { DocumentRequest } from "../../regime.ts";
import { aeatShop, spanishCustomer, spanishReceipt } from "../../testing/fake-aeat-shop.ts";
import { everyType } from "../../testing/fake-aeat-samples.ts";
import { requestOf } from "../../testing/seal-all.ts";
import { veriFactu } from "./regime.ts";
import { initialState } from "./state.ts";

const at = { epochMs: Date.parse("2026-11-22T10:00:00Z"), offsetMinutes: 60 };
const customer = spanishCustomer;
const refersTo = { number: "B1-1-000001", issuedOn: "2026-11-22" };
const sale = spanishReceipt("sale", { 21: 1210 });
const full = spanishReceipt("sale", { 21: 1210 }, { customer });
const refund = spanishReceipt("refund", { 21: -1210 }, { refersTo });

function codes(one: Receipt | DocumentRequest, when = at, config = aeatShop): readonly string[] {
  const head = emptyHead(config, initialState);
  return veriFactu.check(requestOf(one), { config, head, at: when }).map(({ code }) => code);
}

function withTaxes(
  receipt: Receipt,
  ...taxes: readonly [string, number, number, number][]
): Receipt {
  return {
    ...receipt,
    taxes: taxes.map(([category, rateBp, netMinor, taxMinor], index) => ({
      taxCode: `T${index}`,
      category: category as "S",
      rateBp,
      netMinor,
      taxMinor,
    })),
    totalMinor: taxes.reduce((sum, [, , net, tax]) => sum + net + tax, 0),
  };
}

test("[RES7] what a till may seal passes", () => {
  for (const one of everyType) expect(codes(one)).toEqual([]);
});

const options = (receipt: Receipt, more: Record<string, string>): Receipt => ({
  ...receipt,
  options: { ...receipt.options, ...more },
});

describe("refused before a number is taken", () => {
  test.each<[string, Receipt | DocumentRequest, string]>([
    ["training", { ...sale, kind: "training" }, "kind"],
    ["a closing", { kind: "month" }, "kind"],
    ["an event", { kind: "event", facts: { event: "restore" } }, "kind"],
    ["a sale without a receipt", { kind: "sale" }, "missing"],
    ["an unknown type", options(sale, { invoiceType: "F9" }), "option"],
    ["F2 with a recipient", options(full, { invoiceType: "F2" }), "recipient"],
    ["R5 with a recipient", options({ ...refund, customer }, { invoiceType: "R5" }), "recipient"],
    ["F1 without a recipient", options(sale, { invoiceType: "F1" }), "recipient"],
    ["F3 without a recipient", options({ ...sale, refersTo }, { invoiceType: "F3" }), "recipient"],
    ["R1 without a recipient", options(refund, { invoiceType: "R1" }), "recipient"],
    ["R4 without a recipient", options(refund, { invoiceType: "R4" }), "recipient"],
    [
      "F1 to somebody without a number",
      options({ ...sale, customer: { ...customer, taxId: " " } }, { invoiceType: "F1" }),
      "recipient",
    ],
    [
      "a Spanish number of ten characters",
      { ...full, customer: { ...customer, taxId: "89890002EE" } },
      "nif",
    ],
    [
      "a foreign number of 21",
      { ...full, customer: { name: "A", country: "DE", taxId: "1".repeat(21) } },
      "nif",
    ],
    [
      "a country in full",
      { ...full, customer: { name: "A", country: "Germany", taxId: "1" } },
      "country",
    ],
    ["F3 that replaces nothing", options(full, { invoiceType: "F3" }), "references"],
    [
      "a reference without a number",
      { ...refund, refersTo: { ...refersTo, number: "" } },
      "number",
    ],
    ["a reference with a quote", { ...refund, refersTo: { ...refersTo, number: 'A"1' } }, "number"],
    [
      "a reference to tomorrow",
      { ...refund, refersTo: { ...refersTo, issuedOn: "2026-11-23" } },
      "date",
    ],
    ["an operation tomorrow", options(sale, { operationDate: "2026-11-23" }), "date"],
    ["a sale that rectifies", options(sale, { rectification: "I" }), "rectification"],
    [
      "substitution without what is replaced",
      options(refund, { rectification: "S" }),
      "rectified-amounts",
    ],
    [
      "differences with what is replaced",
      options(refund, { rectifiedNetMinor: "1000", rectifiedTaxMinor: "210" }),
      "rectified-amounts",
    ],
    ["F2 over 3,010.00", spanishReceipt("sale", { 21: 301_001 }), "simplified-limit"],
    ["a rate of 5 %", spanishReceipt("sale", { 5: 1050 }), "rate"],
    ["a rate of 7.5 %", withTaxes(sale, ["S", 750, 1000, 75]), "rate"],
    [
      "a surcharge without its rate",
      withTaxes(sale, ["S", 1000, 1000, 100], ["S", 520, 0, 52]),
      "surcharge",
    ],
    ["taxed exemption", withTaxes(sale, ["E", 0, 1000, 1]), "untaxed"],
    ["reverse charge to nobody", withTaxes(sale, ["AE", 0, 1000, 0]), "reverse-charge"],
    ["tax that is off by 10.01", withTaxes(sale, ["S", 2100, 10_000, 3101]), "tax"],
    ["a total that is no sum", { ...sale, totalMinor: 1211 }, "total"],
    ["no tax at all", { ...sale, taxes: [], totalMinor: 0 }, "breakdown"],
    ["13 digits", withTaxes(full, ["S", 0, 100_000_000_000_000, 0]), "amount"],
    ["another currency", { ...sale, currency: "USD" }, "currency"],
    ["61.d with a recipient", options(full, { withoutRecipient61d: "S" }), "61d"],
    [
      "a qualified one without a recipient",
      options(sale, { qualifiedSimplified: "S" }),
      "qualified",
    ],
    ["a correction of nothing", { kind: "correction", receipt: sale }, "facts"],
    [
      "a correction of an unknown situation",
      {
        kind: "correction",
        receipt: sale,
        facts: { number: "A-1", issuedOn: "2026-11-22", held: "lost", earlier: "none" },
      },
      "facts",
    ],
    [
      "a cancellation of tomorrow's",
      {
        kind: "cancellation",
        facts: { number: "A-1", issuedOn: "2026-11-23", held: "stored", earlier: "none" },
      },
      "date",
    ],
    [
      "a cancellation from before the law",
      {
        kind: "cancellation",
        facts: { number: "A-1", issuedOn: "2024-10-27", held: "stored", earlier: "none" },
      },
      "date",
    ],
  ])("[RES7] %s", (_, one, code) => {
    expect(codes(one)).toContain(code);
  });

  test("[RES7] an invoice before 28 October 2024", () => {
    const before = { epochMs: Date.parse("2024-10-27T10:00:00Z"), offsetMinutes: 60 };
    expect(codes(sale, before)).toEqual(["date"]);
    expect(codes(sale, { ...before, epochMs: before.epochMs + 86_400_000 })).toEqual([]);
  });
});

describe("at the limits", () => {
  test("[RES7] F2 of 3,010.00 passes, and any amount under 61.d or a billing agreement", () => {
    expect(codes(spanishReceipt("sale", { 21: 301_000 }))).toEqual([]);
    const large = spanishReceipt("sale", { 21: 400_000 });
    expect(codes(options(large, { withoutRecipient61d: "S" }))).toEqual([]);
    const settings = { ...aeatShop.settings, billingAgreement: "AC-1" };
    expect(codes(large, at, { ...aeatShop, settings })).toEqual([]);
  });

  test("[RES7] tax that is off by 10.00 passes", () => {
    expect(codes(withTaxes(sale, ["S", 2100, 10_000, 3100]))).toEqual([]);
  });

  test("[RES7] each VAT rate and each surcharge with its rate pass", () => {
    const rates = [0, 4, 10, 21].map((percent) => spanishReceipt("sale", { [percent]: 1000 }));
    const surcharges = [
      [2100, 520],
      [2100, 175],
      [1000, 140],
      [400, 50],
    ].map(([vat = 0, bp = 0]) => withTaxes(sale, ["S", vat, 10_000, vat], ["S", bp, 0, bp]));
    for (const receipt of [...rates, ...surcharges]) expect(codes(receipt)).toEqual([]);
  });

  test("[RES7] other taxes have rates of their own", () => {
    const config = { ...aeatShop, settings: { ...aeatShop.settings, tax: "03" } };
    expect(codes(spanishReceipt("sale", { 7: 1070 }), at, config)).toEqual([]);
  });
});
