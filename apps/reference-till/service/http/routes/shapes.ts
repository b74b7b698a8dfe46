/**
 * Shapes that several calls take or answer with.
 *
 * @module
 */

import {
  array,
  bool,
  described,
  exactlyOne,
  integer,
  line,
  named,
  nullable,
  object,
  text,
  type Schema,
} from "../schema.ts";
import type { AskedGoods } from "../../till/find-article.ts";
import { signedMoney } from "../wire.ts";

export const id: Schema<string> = text({ minLength: 1, maxLength: 64, pattern: "^[!-~]+$" });

export const sku: Schema<string> = line(64);

/** Decimal text with up to three decimals. */
export const quantity: Schema<string> = named(
  "Quantity",
  text({ maxLength: 20, pattern: "^-?(0|[1-9][0-9]*)([.][0-9]{1,3})?$", examples: ["1", "0.25"] }),
);

export const date: Schema<string> = text({
  pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
  examples: ["2026-11-22"],
});

export const instant: Schema<string> = text({ format: "date-time" });

export const reason: Schema<string> = line(200);

/** How much of an article. */
export const goodsAsked: Schema<AskedGoods> = named(
  "GoodsAsked",
  exactlyOne(object({}, { sku, barcode: line(48), quantity }), ["sku", "barcode"]),
);

export const who: Schema = named("Who", object({ id: text(), name: text() }));

/** Each step stands for a signed acknowledgement of whoever holds the entry durably. */
export const horizon: Schema = named(
  "Horizon",
  object({ device: bool(), peers: array(who), relay: bool(), hq: bool() }),
);

export const taxLine: Schema = named(
  "TaxLine",
  object(
    {
      taxCode: text(),
      name: text(),
      ratePercent: text(),
      gross: signedMoney,
      net: signedMoney,
      tax: signedMoney,
    },
    {
      category: described(text(), "EN 16931; absent: S for what is taxed, else Z."),
      perUnit: signedMoney,
      isCompound: bool(),
      base: described(signedMoney, "What was taxed, where that is not the net."),
    },
  ),
);

/** Where an entry stands, who answers for it, and when it was made. */
export const recordedAs: Readonly<Record<string, Schema>> = {
  entry: object({ device: text(), incarnation: integer(1, 1e9), sequence: integer(1, 1e15) }),
  at: instant,
  businessDate: date,
  by: { type: "object", description: "staff, machine token or device, with id and name" },
};

export function page(item: Schema): Schema {
  return object({
    items: array(item),
    next: described(nullable(text()), "Cursor of the next page; null at the end."),
  });
}

export const listQuery: {
  readonly cursor: Schema<string>;
  readonly limit: Schema<number>;
} = { cursor: text({ maxLength: 8000 }), limit: integer(1, 200) };
