/**
 * What a sale and what is given back of it have in common, as the API answers.
 *
 * @module
 */

import type { ReceiptCustomer } from "@tillmesh/fiscal-queue";
import {
  array,
  bool,
  described,
  integer,
  line,
  literal,
  named,
  nullable,
  object,
  text,
  type Schema,
} from "../schema.ts";
import { money, signedMoney } from "../wire.ts";
import { tender } from "./basket-shapes.ts";
import { horizon, id, recordedAs, taxLine, who } from "./shapes.ts";

export const receiptShape: Readonly<Record<string, Schema>> = {
  saleId: id,
  receiptNumber: text(),
  shiftId: id,
  currency: text(),
  total: money,
  taxes: array(taxLine),
  tenders: array(tender),
  ...recordedAs,
  kind: text(),
  device: who,
  location: who,
  horizon,
};

export const fiscalSeal: Schema = named(
  "FiscalSeal",
  object(
    {
      regime: text({ examples: ["at-rksv", "none"] }),
      number: text(),
      sequence: integer(1, Number.MAX_SAFE_INTEGER),
      hash: text(),
      at: described(text(), "When it was sealed, by the location's clock."),
      lines: described(array(text()), "To be printed as they are."),
      qr: nullable(object({ text: text(), level: literal("L", "M") }, { minMm: integer(1, 1000) })),
      isDegraded: described(bool(), "The signer was out."),
      isTest: described(bool(), "Sealed with test keys; `lines` says so."),
    },
    { ocr: text() },
  ),
);

/** Who asks for a full invoice. It stands in the fiscal document, where the law has that name them, and nowhere else. */
export const customer: Schema<ReceiptCustomer> = named(
  "Customer",
  object(
    { name: line(120), country: text({ pattern: "^[A-Z]{2}$", examples: ["ES"] }) },
    { taxId: line(40), street: line(120), city: line(80), postalCode: line(20) },
  ),
) as Schema<ReceiptCustomer>;

export const fullInvoice: Schema = named(
  "FullInvoice",
  object({ saleId: id, number: text(), replaces: text(), fiscal: fiscalSeal }),
);

/** `basis` is there where prices are without tax. */
export const receiptMore: Readonly<Record<string, Schema>> = {
  rounding: signedMoney,
  tip: money,
  basis: text(),
  fiscal: fiscalSeal,
};
