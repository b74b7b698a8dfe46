import { expect, test } from "vitest";
import type { RefundQuote } from "../api/shapes.ts";
import { refundRows } from "./refund-text.ts";

const chf = (minor: number) => ({ minor, currency: "CHF" });
const goods = { taxCode: "std", ratePercent: "8.1", tax: chf(0) };

const quote: RefundQuote = {
  lines: [
    {
      ...goods,
      lineId: "1",
      sku: "COLA",
      name: "Cola",
      quantity: "1",
      listAmount: chf(300),
      amount: chf(203),
      discounts: [
        { kind: "promotion", id: "p", name: "3 for 2", amount: chf(97), publication: "pub" },
      ],
    },
    {
      ...goods,
      lineId: "1.1",
      sku: "DEP",
      name: "Deposit",
      quantity: "1",
      amount: chf(25),
      linkedTo: "1",
    },
  ],
  taxes: [
    {
      taxCode: "std",
      name: "VAT",
      ratePercent: "8.1",
      net: chf(188),
      tax: chf(15),
      gross: chf(203),
    },
    { taxCode: "zero", name: "None", ratePercent: "0", net: chf(25), tax: chf(0), gross: chf(25) },
  ],
  total: chf(228),
  rounding: chf(2),
  tenders: [
    { kind: "card", amount: chf(100) },
    { kind: "cash", amount: chf(130) },
  ],
};

test("a refund is told by component, then by tender", () => {
  const rows = refundRows(quote).map(({ kind, text, amount }) => [
    kind,
    text,
    amount.replace(/\s/, " "),
  ]);
  expect(rows).toEqual([
    ["line", "1 × Cola", "CHF 3.00"],
    ["discount", "3 for 2", "-CHF 0.97"],
    ["deposit", "1 × Deposit", "CHF 0.25"],
    ["tax", "of which VAT 8.1 %", "CHF 0.15"],
    ["total", "Given back", "CHF 2.28"],
    ["rounding", "Rounding of cash", "CHF 0.02"],
    ["tender", "Card", "CHF 1.00"],
    ["tender", "Cash", "CHF 1.30"],
  ]);
});

test("what stays and costs more without what goes back is told", () => {
  const rows = refundRows({ ...quote, repriced: [{ lineId: "2", amount: chf(-52) }] });
  expect(rows.find(({ text }) => text === "What stays, priced anew")?.amount).toMatch(
    /^-CHF.0.52$/,
  );
});

test("taxes come on top of what is listed without them", () => {
  const tax = refundRows({ ...quote, basis: "exclusive" }).find(({ kind }) => kind === "tax");
  expect(tax?.text).toBe("with VAT 8.1 %");
});

test("a service charge is a sum, not a quantity", () => {
  const service = { ...goods, lineId: "service", sku: "service", name: "Service 5 %" };
  const lines = [{ ...service, quantity: "0.287", amount: chf(37) }];
  expect(refundRows({ ...quote, lines })[0]).toMatchObject({ kind: "line", text: "Service 5 %" });
});
