/**
 * Quotes, sales, refunds.
 *
 * @module
 */

import { err, ok } from "@tillmesh/kernel";
import { invoiceAnswer, type FullInvoice } from "../../fiscal/invoice-note.ts";
import { invoiceSale } from "../../fiscal/invoice-sale.ts";
import { noteCopy } from "../../fiscal/note-asked.ts";
import { newReceiptAnswer, receiptAnswer, saleAnswer } from "../../till/answers.ts";
import { quote } from "../../till/quote.ts";
import { createQuoteStore, type QuoteStore } from "../../till/quote-store.ts";
import { sell } from "../../till/sell.ts";
import type { Till } from "../../till/till.ts";
import { listSales, saleByReceipt } from "../../projection/sales.ts";
import { readCursor, writeCursor } from "../cursor.ts";
import type { RecentAnswers } from "../recent-answers.ts";
import { route, type Handled, type Route } from "../route.ts";
import {
  array,
  bool,
  literal,
  named,
  nullable,
  object,
  open,
  text,
  type Schema,
} from "../schema.ts";
import { money, signedMoney } from "../wire.ts";
import {
  appliedPromotions,
  basketLines,
  basketMembers,
  pricedLine,
  tendersAsked,
  totals,
} from "./basket-shapes.ts";
import { customer, fiscalSeal, fullInvoice, receiptMore, receiptShape } from "./receipt-shapes.ts";
import { whenRead } from "./reading.ts";
import { date, horizon, id, instant, listQuery, page, taxLine, who } from "./shapes.ts";
import { callOf, recordedAnswer } from "./till-routes.ts";

export function saleRoutes(till: Till, recent: RecentAnswers): readonly Route[] {
  const quotes = createQuoteStore(till.clock);
  return [
    quoteRoute(till, recent, quotes),
    sellRoute(till, quotes),
    copyRoute(till),
    invoiceRoute(till),
    ...readRoutes(till),
  ];
}

const basketProblems = [
  "UnknownSku",
  "InvalidQuantity",
  "NoPrice",
  "UnknownTaxCode",
  "CurrencyMismatch",
  "OpenPriceMissing",
  "OpenPriceOutOfRange",
  "ReasonRequired",
  "ManualValueInvalid",
  "NotDiscountable",
  "DiscountAboveLimit",
  "TaxBasisMixed",
  "AmountTooLarge",
  "Unprocessable",
] as const;

const tenderProblems = [
  "TenderNotPositive",
  "UnknownTender",
  "ReferenceRequired",
  "TipNotTaken",
  "BeyondDue",
  "NoExchangeRate",
  "StoredValueNotCovered",
] as const;

const saleShape = {
  ...receiptShape,
  change: money,
  lines: array(pricedLine),
  discounts: appliedPromotions,
  totals,
};

/** A sale that another, newer device made may hold members that nobody here knows. */
const heldSale = named("Sale", open(object({ saleId: id, total: money, device: who, horizon })));

const quoteShape = object(
  {
    quoteId: id,
    businessDate: date,
    currency: text(),
    lines: array(pricedLine),
    taxes: array(taxLine),
    total: money,
    discounts: appliedPromotions,
    totals,
    rejectedCoupons: array(
      object({
        code: text(),
        reason: literal("unknown", "expired", "not-yet", "no-effect", "used-up"),
      }),
    ),
    isExact: bool(),
    basis: literal("inclusive", "exclusive"),
    policy: text(),
  },
  { cashRounding: object({ total: money, rounding: signedMoney }) },
);

function quoteRoute(till: Till, recent: RecentAnswers, quotes: QuoteStore): Route {
  return route(
    {
      method: "POST",
      path: "/quotes",
      tag: "Sales",
      summary: "Price a basket; nothing is recorded, and for an hour it is sold as quoted",
      right: "sell",
      body: object({ lines: basketLines }, { ...basketMembers, at: instant }),
      answer: { status: 200, schema: quoteShape },
      problems: basketProblems,
    },
    (request) =>
      recent.once(callOf(request).request, (): Handled => {
        const { at, ...asked } = request.body;
        const { actor } = callOf(request);
        const body = quote(till, quotes, { asked, actor, at });
        return body.ok ? ok({ status: 200, body: body.value }) : body;
      }),
  );
}

function sellRoute(till: Till, quotes: QuoteStore): Route {
  const body = object(
    { tenders: tendersAsked },
    {
      lines: basketLines,
      ...basketMembers,
      tip: money,
      expectedTotal: money,
      quoteId: id,
      customer,
    },
  );
  return route(
    {
      method: "POST",
      path: "/sales",
      tag: "Sales",
      summary: "Sell; the answer comes when the sale is durable",
      right: "sell",
      body: linesOrQuote(body),
      answer: {
        status: 201,
        schema: object(saleShape, {
          ...receiptMore,
          customerGroup: text(),
          coupons: array(text()),
          exemption: object({ reason: text() }),
          quoteId: id,
        }),
      },
      problems: [
        "PriceChanged",
        "QuoteNotKnown",
        "Underpaid",
        "NoOpenShift",
        "NotTill",
        ...basketProblems,
        ...tenderProblems,
        "EntryTooLarge",
        "FiscalRefused",
      ],
    },
    async (request) => {
      const { tenders, tip, expectedTotal, quoteId, customer: asks, ...asked } = request.body;
      const wanted = { asked, tenders, tip, expectedTotal, quoteId, quotes, customer: asks };
      return recordedAnswer(await sell(till, callOf(request), wanted), 201, (held) =>
        newReceiptAnswer(till, held),
      );
    },
  );
}

function copyRoute(till: Till): Route {
  return route(
    {
      method: "POST",
      path: "/sales/{id}/copies",
      tag: "Sales",
      summary:
        "A receipt of this till is printed once more; noted first where the fiscal regime asks for that, else `fiscal` is null",
      right: "sell",
      params: object({ id }),
      body: object({}, { receiptNumber: text({ maxLength: 40 }) }),
      answer: { status: 200, schema: object({ fiscal: nullable(fiscalSeal) }) },
      problems: ["NotKnownHere", "FiscalRefused"],
    },
    async (request) => {
      const wanted = { ...request.body, sale: request.params.id };
      const noted = await noteCopy(till, callOf(request), wanted);
      return noted.ok ? ok({ status: 200, body: { fiscal: noted.value } }) : noted;
    },
  );
}

function invoiceRoute(till: Till): Route {
  return route(
    {
      method: "POST",
      path: "/sales/{id}/invoice",
      tag: "Sales",
      summary:
        "A full invoice in place of a receipt of this till, where the fiscal regime has one; once for each sale",
      right: "sell",
      params: object({ id }),
      body: object({ customer }),
      answer: { status: 201, schema: fullInvoice },
      problems: ["NotKnownHere", "FiscalInvoiced", "FiscalNoInvoice", "FiscalRefused"],
    },
    async (request) => {
      const wanted = { ...request.body, sale: request.params.id };
      return recordedAnswer(await invoiceSale(till, callOf(request), wanted), 201, ({ entry }) =>
        invoiceAnswer(entry.body as unknown as FullInvoice),
      );
    },
  );
}

function linesOrQuote<T>(schema: Schema<T>): Schema<T> {
  return { ...schema, anyOf: [{ required: ["lines"] }, { required: ["quoteId"] }] };
}

function readRoutes(till: Till): readonly Route[] {
  return [
    route(
      {
        method: "GET",
        path: "/sales",
        tag: "Sales",
        summary: "Sales of all tills held here, newest first",
        right: "read",
        query: object(
          {},
          { businessDate: date, receiptNumber: text({ maxLength: 40 }), ...listQuery },
        ),
        answer: { status: 200, schema: page(heldSale) },
      },
      ({ query }) =>
        whenRead(till, () => {
          const { businessDate, receiptNumber, cursor, limit = 50 } = query;
          if (receiptNumber !== undefined) return saleOfReceipt(till, receiptNumber);
          const after = readCursor<{ readonly at: string; readonly n: number }>(cursor, {
            at: "string",
            n: "number",
          });
          if (!after.ok) return after;
          const listed = listSales(till.projection, { businessDate, after: after.value, limit });
          const last = listed.length === limit ? listed.at(-1) : undefined;
          const next = last && writeCursor({ at: last.held.entry.at, n: last.n });
          const items = listed.map(({ held }) => receiptAnswer(till, held));
          return ok({ status: 200, body: { items, next: next ?? null } });
        }),
    ),
    route(
      {
        method: "GET",
        path: "/sales/{id}",
        tag: "Sales",
        summary: "One sale with what was given back of it",
        right: "read",
        params: object({ id }),
        answer: { status: 200, schema: heldSale },
        problems: ["NotKnownHere"],
      },
      ({ params }) =>
        whenRead(till, () => {
          const body = saleAnswer(till, params.id);
          return body === undefined ? err({ type: "NotKnownHere" }) : ok({ status: 200, body });
        }),
    ),
  ];
}

function saleOfReceipt(till: Till, receiptNumber: string): Handled {
  const sale = saleByReceipt(till.projection, receiptNumber);
  const found = sale === undefined ? undefined : saleAnswer(till, sale);
  return ok({ status: 200, body: { items: found === undefined ? [] : [found], next: null } });
}
