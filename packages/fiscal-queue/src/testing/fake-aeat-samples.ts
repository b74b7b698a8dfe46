/**
 * Requests of each kind and type, in an order in which a Spanish till could seal them.
 *
 * @module
 */

import type { Receipt } from "../receipt.ts";
import type { DocumentRequest } from "../regime.ts";
import { spanishCustomer, spanishReceipt } from "./fake-aeat-shop.ts";

const customer = spanishCustomer;
const today = "2026-11-22";
const refersTo = { number: "B1-1-000001", issuedOn: today };
const foreign = { name: "Zoë GmbH", taxId: "DE123456789", country: "DE" };

/** F1, F2, F3 and R1 to R5, both ways of rectifying, every kind of operation, follow-up records. */
export const everyType: readonly (Receipt | DocumentRequest)[] = [
  spanishReceipt("sale", { 21: 12_100, 10: 550, 4: 104, 0: 100 }),
  spanishReceipt("sale", { 21: 12_100 }, { customer }),
  spanishReceipt("sale", { 21: 12_100 }, { customer: foreign }),
  spanishReceipt("sale", { 21: 12_100 }, { customer, refersTo, options: { invoiceType: "F3" } }),
  spanishReceipt("refund", { 21: -1210 }, { refersTo, reason: "Devolución" }),
  spanishReceipt("void", { 21: -12_100 }, { refersTo }),
  spanishReceipt("refund", { 21: -1210 }, { customer, refersTo }),
  ...["R2", "R3", "R4"].map((invoiceType) =>
    spanishReceipt("refund", { 10: -550 }, { customer, refersTo, options: { invoiceType } }),
  ),
  spanishReceipt(
    "sale",
    { 21: 6050 },
    {
      customer,
      refersTo,
      options: {
        invoiceType: "R1",
        rectification: "S",
        rectifiedNetMinor: "10000",
        rectifiedTaxMinor: "2100",
        alsoRefersTo: "B1-1-000002 2026-11-22\nA 7 2026-11-01",
      },
    },
  ),
  {
    ...spanishReceipt("sale", {}, { customer: foreign }),
    taxes: [
      { taxCode: "a", category: "E", rateBp: 0, netMinor: 100, taxMinor: 0 },
      { taxCode: "b", category: "O", rateBp: 0, netMinor: 100, taxMinor: 0 },
      { taxCode: "c", category: "AE", rateBp: 0, netMinor: 100, taxMinor: 0 },
      { taxCode: "d", category: "K", rateBp: 0, netMinor: 100, taxMinor: 0 },
      { taxCode: "e", category: "G", rateBp: 0, netMinor: 100, taxMinor: 0 },
      { taxCode: "f", category: "S", rateBp: 2100, netMinor: 1000, taxMinor: 210 },
      { taxCode: "g", category: "S", rateBp: 520, netMinor: 0, taxMinor: 52 },
    ],
    totalMinor: 1762,
    options: { operationDate: "2026-11-20", qualifiedSimplified: "S", externalReference: "P-7" },
  },
  spanishReceipt("sale", { 21: 1_000_000 }, { options: { withoutRecipient61d: "S" } }),
  spanishReceipt("sale", { 21: 12_100_000_000 }, { customer }),
  {
    kind: "correction",
    receipt: spanishReceipt("sale", { 21: 12_100 }, { customer }),
    facts: { number: "B1-1-000002", issuedOn: today, held: "refused", earlier: "none" },
  },
  {
    kind: "cancellation",
    receipt: spanishReceipt("void", { 21: -12_100 }, { refersTo }),
  },
  {
    kind: "cancellation",
    facts: { number: "B1-1-000002", issuedOn: today, held: "refused", earlier: "refused" },
  },
];
