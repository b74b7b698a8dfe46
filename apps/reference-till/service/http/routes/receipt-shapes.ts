/**
 * What a sale and what is given back of it have in common, as the API answers.
 *
 * @module
 */

import { array, text, type Schema } from "../schema.ts";
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

/** `basis` is there where prices are without tax. */
export const receiptMore: Readonly<Record<string, Schema>> = {
  rounding: signedMoney,
  tip: money,
  basis: text(),
};
