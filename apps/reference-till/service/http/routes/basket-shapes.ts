/**
 * What a customer wants to buy and how it is paid, as callers ask and as the API answers.
 *
 * @module
 */

import {
  array,
  described,
  exactlyOne,
  integer,
  line,
  literal,
  named,
  nullable,
  object,
  onlyTrue,
  text,
  type Schema,
} from "../schema.ts";
import type { AskedBasket, AskedDiscount, AskedLine } from "../../till/asked-basket.ts";
import type { AskedTender } from "../../till/tenders.ts";
import { money, signedMoney } from "../wire.ts";
import { id, quantity, reason, sku } from "./shapes.ts";

/** Decimal text with up to two decimals. */
const percent: Schema<string> = named(
  "Percent",
  text({ pattern: "^(0|[1-9][0-9]{0,2})([.][0-9]{1,2})?$", examples: ["10", "12.5"] }),
);

const serving = literal("eat-in", "take-away");

const lineDiscount: Schema<AskedDiscount> = named(
  "LineDiscountAsked",
  exactlyOne(object({}, { percent, amount: money }), ["percent", "amount"]),
);

export const basketLine: Schema<AskedLine> = named(
  "BasketLine",
  exactlyOne(
    object(
      {},
      {
        sku,
        barcode: line(48),
        quantity,
        price: described(
          money,
          "Of an article with an open price; of another one an override, which needs a reason.",
        ),
        reason: described(reason, "Why a person changed what is paid for the line."),
        discount: lineDiscount,
        comp: described(onlyTrue(), "The line is given away; needs a reason."),
        serving,
      },
    ),
    ["sku", "barcode"],
  ),
);

export const basketLines: Schema<readonly AskedLine[]> = array(basketLine, {
  minItems: 1,
  maxItems: 200,
});

/** What is said about a basket beside its lines. */
export const basketMembers: {
  readonly [Name in keyof Required<Omit<AskedBasket, "lines">>]: Schema<
    NonNullable<AskedBasket[Name]>
  >;
} = {
  customerGroup: id,
  coupons: array(line(64), { maxItems: 20 }),
  discount: named(
    "OrderDiscountAsked",
    exactlyOne(object({ reason }, { percent, amount: money }), ["percent", "amount"]),
  ),
  serving,
  exempt: object({ reason }),
};

const tenderAsked: Schema<AskedTender> = named(
  "TenderAsked",
  object(
    {
      kind: literal("cash", "card", "voucher", "gift-card", "on-account", "foreign-cash"),
      amount: described(money, "Of foreign cash in its own currency."),
    },
    { reference: line(64) },
  ),
);

export const tendersAsked: Schema<readonly AskedTender[]> = array(tenderAsked, { maxItems: 20 });

/** `offered`: the face of a voucher of which `amount` was used. */
export const tender: Schema = named(
  "Tender",
  object(
    { kind: text(), amount: money },
    {
      reference: text(),
      tip: money,
      offered: money,
      changeKind: text(),
      foreign: object({
        currency: text(),
        amount: money,
        rate: object({ numerator: integer(1, 1e15), denominator: integer(1, 1e15) }),
      }),
    },
  ),
);

/** What was taken off a line, and why. */
const discount: Schema = named(
  "Discount",
  object({
    kind: literal("promotion", "line", "order", "comp"),
    id: text(),
    name: text(),
    amount: money,
    publication: nullable(text()),
  }),
);

/** A promotion with all it took off. A sale does not say how often it was applied. */
const appliedPromotion: Schema = named(
  "AppliedPromotion",
  object(
    { id: text(), name: text(), amount: money, publication: nullable(text()) },
    { times: integer(1, 1e9) },
  ),
);

export const appliedPromotions: Schema = array(appliedPromotion);

/** `list` and `discount` are in the basis of the price lists; `total` = `net` + `tax`. */
export const totals: Schema = named(
  "Totals",
  object({
    list: signedMoney,
    discount: signedMoney,
    net: signedMoney,
    tax: signedMoney,
    total: signedMoney,
  }),
);

const lineTax: Schema = named(
  "LineTax",
  object({
    id: text(),
    name: text(),
    category: text(),
    ratePercent: text(),
    perUnit: money,
    base: signedMoney,
    tax: signedMoney,
  }),
);

const goods = {
  lineId: text(),
  sku: text(),
  name: text(),
  quantity,
  amount: money,
  taxCode: text(),
  ratePercent: text(),
  tax: money,
  discounts: array(discount),
};

const goodsMore = {
  listAmount: described(money, "Before any discount; absent where it is the amount."),
  taxes: array(lineTax),
  linkedTo: described(text(), "The line whose deposit this is."),
};

const publications = object({ price: text(), tax: text(), catalogue: text() });

export const pricedLine: Schema = named(
  "PricedLine",
  object(
    { ...goods, unitPrice: money, publications },
    {
      ...goodsMore,
      per: described(quantity, "The unit price is of so much; 1 where it is absent."),
      list: text(),
      isOpenPrice: onlyTrue(),
      override: object({ listPrice: money, reason: text(), reasonCode: text() }),
    },
  ),
);

export const goodsLine: Schema = named("GoodsLine", object(goods, goodsMore));

/** What a kept line costs less now that the rest is back. */
export const repricedLine: Schema = named(
  "RepricedLine",
  object(
    { lineId: text(), amount: signedMoney, taxCode: text(), ratePercent: text(), tax: signedMoney },
    { taxes: array(lineTax) },
  ),
);
