/**
 * Refunds and reversals.
 *
 * @module
 */

import { ok, type HeldEntry } from "@tillmesh/kernel";
import { newReceiptAnswer } from "../../till/answers.ts";
import { refund, refundQuote, reverse } from "../../till/refund.ts";
import type { Till } from "../../till/till.ts";
import type { RecentAnswers } from "../recent-answers.ts";
import { route, type Handled, type Route } from "../route.ts";
import { array, exactlyOne, literal, object, text } from "../schema.ts";
import { money } from "../wire.ts";
import { goodsLine, repricedLine, tender, tendersAsked } from "./basket-shapes.ts";
import { receiptMore, receiptShape } from "./receipt-shapes.ts";
import { id, quantity, reason, sku, taxLine } from "./shapes.ts";
import { callOf, recordedAnswer } from "./till-routes.ts";

export function refundRoutes(till: Till, recent: RecentAnswers): readonly Route[] {
  const toBody = (held: HeldEntry) => newReceiptAnswer(till, held);
  const problems = [
    "UnknownTender",
    "ReferenceRequired",
    "NotKnownHere",
    "NoOpenShift",
    "TenderMismatch",
    "CurrencyMismatch",
  ] as const;
  return [
    quoteRoute(till, recent),
    route(
      {
        method: "POST",
        path: "/sales/{id}/refunds",
        tag: "Sales",
        summary: "Give back a part of a sale, of any till whose sale is held here",
        right: "refund",
        params: object({ id }),
        body: object(
          {
            lines: refundLines,
            reason,
            goods: literal("restock", "waste"),
          },
          { tenders: tendersAsked },
        ),
        answer: {
          status: 201,
          schema: object({ refundId: id, goods: text(), ...givenBackShape }, givenBackMore),
        },
        problems: [...problems, "MoreThanSold", "UnknownLine", "InvalidQuantity", "Unprocessable"],
      },
      async (request) => {
        const wanted = { ...request.body, sale: request.params.id };
        return recordedAnswer(await refund(till, callOf(request), wanted), 201, toBody);
      },
    ),
    route(
      {
        method: "POST",
        path: "/sales/{id}/reversal",
        tag: "Sales",
        summary: "Give back all that is left of a sale; its goods return to stock",
        right: "refund",
        params: object({ id }),
        body: object({}, { reason, tenders: tendersAsked }),
        answer: {
          status: 201,
          schema: object({ reversalId: id, ...givenBackShape }, givenBackMore),
        },
        problems: [...problems, "NothingToRefund"],
      },
      async (request) => {
        const { reason: why = "", tenders: given } = request.body;
        const wanted = { sale: request.params.id, reason: why, tenders: given };
        return recordedAnswer(await reverse(till, callOf(request), wanted), 201, toBody);
      },
    ),
  ];
}

const refundLine = exactlyOne(object({}, { lineId: id, sku, quantity }), ["lineId", "sku"]);

const refundLines = array(refundLine, { minItems: 1, maxItems: 100 });

const givenBackShape = { ...receiptShape, lines: array(goodsLine), reason: text() };

const givenBackMore = { ...receiptMore, repriced: array(repricedLine) };

function quoteRoute(till: Till, recent: RecentAnswers): Route {
  return route(
    {
      method: "POST",
      path: "/sales/{id}/refunds/quote",
      tag: "Sales",
      summary: "What a refund would give back; nothing is recorded",
      right: "refund",
      params: object({ id }),
      body: object({ lines: refundLines }, { tenders: tendersAsked }),
      answer: {
        status: 200,
        schema: object(
          {
            lines: array(goodsLine),
            taxes: array(taxLine),
            total: money,
            tenders: array(tender),
          },
          givenBackMore,
        ),
      },
      problems: [
        "NotKnownHere",
        "MoreThanSold",
        "UnknownLine",
        "InvalidQuantity",
        "TenderMismatch",
        "CurrencyMismatch",
        "UnknownTender",
        "ReferenceRequired",
        "Unprocessable",
      ],
    },
    (request) =>
      recent.once(callOf(request).request, (): Handled => {
        const quoted = refundQuote(till, { ...request.body, sale: request.params.id });
        return quoted.ok ? ok({ status: 200, body: quoted.value }) : quoted;
      }),
  );
}
