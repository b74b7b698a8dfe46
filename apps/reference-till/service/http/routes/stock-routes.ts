/**
 * Stock: levels, movements, counts.
 *
 * @module
 */

import { err, formatQuantity, ok, type HeldEntry, type Sku } from "@tillmesh/kernel";
import { stockOf, wasMoved } from "../../projection/stock.ts";
import { entryAnswer } from "../../till/answers.ts";
import { deviceNamed, locationNamed } from "../../till/names.ts";
import { closeCount, countLine, moveStock, openCount } from "../../till/stock.ts";
import type { AskedGoods } from "../../till/find-article.ts";
import type { Till } from "../../till/till.ts";
import { route, type Route } from "../route.ts";
import {
  anything,
  array,
  exactlyOne,
  integer,
  line,
  literal,
  named,
  object,
  text,
} from "../schema.ts";
import { wireTime } from "../wire.ts";
import { searchPage } from "./product-routes.ts";
import { whenRead } from "./reading.ts";
import {
  goodsAsked,
  id,
  instant,
  listQuery,
  page,
  quantity,
  recordedAs,
  sku,
  who,
} from "./shapes.ts";
import { callOf, recordedAnswer } from "./till-routes.ts";

export function stockRoutes(till: Till): readonly Route[] {
  return [...readRoutes(till), movementRoute(till), ...countRoutes(till)];
}

const devicePart = object({
  device: who,
  incarnation: integer(1, 1e9),
  sequence: integer(0, 1e15),
  at: instant,
});

const stockShape = named(
  "Stock",
  object({
    sku: text(),
    name: text(),
    locations: array(
      object({ location: who, onHand: quantity, inTransit: quantity, devices: array(devicePart) }),
    ),
  }),
);

function readRoutes(till: Till): readonly Route[] {
  return [
    route(
      {
        method: "GET",
        path: "/stock",
        tag: "Stock",
        summary: "Levels of the articles that match, with the age of each device's part",
        right: "read",
        query: object({}, { query: text({ maxLength: 100 }), ...listQuery }),
        answer: { status: 200, schema: page(stockShape) },
      },
      ({ query }) =>
        whenRead(till, () => searchPage(till, query, ({ sku: found }) => stockAnswer(till, found))),
    ),
    route(
      {
        method: "GET",
        path: "/stock/{sku}",
        tag: "Stock",
        summary: "Levels of one SKU",
        right: "read",
        params: object({ sku }),
        answer: { status: 200, schema: stockShape },
        problems: ["NotKnownHere"],
      },
      ({ params }) =>
        whenRead(till, () => {
          const wanted = params.sku as Sku;
          const isKnown =
            till.books.catalogue.bySku(wanted) !== undefined || wasMoved(till.projection, wanted);
          return isKnown
            ? ok({ status: 200, body: stockAnswer(till, wanted) })
            : err({ type: "NotKnownHere" });
        }),
    ),
  ];
}

function stockAnswer(till: Till, wanted: Sku): object {
  return {
    sku: wanted,
    name: till.books.catalogue.bySku(wanted)?.value.name ?? wanted,
    locations: stockOf(till.projection, wanted).map(
      ({ location, onHandMilli, inTransitMilli, devices }) => ({
        location: locationNamed(till, location),
        onHand: formatQuantity(onHandMilli),
        inTransit: formatQuantity(inTransitMilli),
        devices: devices.map(({ device, incarnation, sequence, at }) => {
          return { device: deviceNamed(till, device), incarnation, sequence, at: wireTime(at) };
        }),
      }),
    ),
  };
}

function movementRoute(till: Till): Route {
  const optional = {
    lines: array(goodsAsked, { minItems: 1, maxItems: 200 }),
    sku,
    barcode: line(48),
    quantity,
    location: line(200),
    counterpart: line(200),
    transfer: id,
    reason: line(200),
    reference: line(200),
  };
  return route(
    {
      method: "POST",
      path: "/stock/movements",
      tag: "Stock",
      summary: "Receive, adjust, write off or transfer: one article, or several in `lines`",
      right: "stock",
      body: exactlyOne(object({ kind: movementKind }, optional), ["lines", "sku", "barcode"]),
      answer: { status: 201, schema: anything() },
      problems: [
        "UnknownSku",
        "InvalidQuantity",
        "UnknownLocation",
        "InvalidMovement",
        "Unprocessable",
      ],
    },
    async (request) => {
      const { lines, sku: one, barcode, quantity: amount, ...rest } = request.body;
      const single: AskedGoods = { sku: one, barcode, quantity: amount };
      const wanted = { ...rest, lines: lines ?? [single] };
      return recordedAnswer(await moveStock(till, callOf(request), wanted), 201, (held) =>
        entryAnswer(till, held),
      );
    },
  );
}

const movementKind = literal("receipt", "adjustment", "waste", "transfer-out", "transfer-in");

function countRoutes(till: Till): readonly Route[] {
  const toBody = (held: HeldEntry) => entryAnswer(till, held);
  const counted = exactlyOne(object({ counted: quantity }, { sku, barcode: line(48) }), [
    "sku",
    "barcode",
  ]);
  return [
    route(
      {
        method: "POST",
        path: "/stock/counts",
        tag: "Stock",
        summary: "Begin a stock take",
        right: "stock",
        body: object({}, { note: line(200) }),
        answer: {
          status: 201,
          schema: object(
            { countId: id, ...recordedAs, kind: text(), device: who, location: who },
            { note: text() },
          ),
        },
      },
      async (request) =>
        recordedAnswer(await openCount(till, callOf(request), request.body), 201, toBody),
    ),
    route(
      {
        method: "POST",
        path: "/stock/counts/{id}/lines",
        tag: "Stock",
        summary: "What lies there of one article; movements known at this moment are inside it",
        right: "count",
        params: object({ id }),
        body: counted,
        answer: { status: 201, schema: anything() },
        problems: ["NotKnownHere", "CountClosed", "UnknownSku", "InvalidQuantity", "Unprocessable"],
      },
      async (request) => {
        const { counted: amount, ...article } = request.body;
        const wanted = { count: request.params.id, counted: amount, line: article };
        return recordedAnswer(await countLine(till, callOf(request), wanted), 201, toBody);
      },
    ),
    route(
      {
        method: "POST",
        path: "/stock/counts/{id}/close",
        tag: "Stock",
        summary: "End a stock take",
        right: "stock",
        params: object({ id }),
        body: object({}),
        answer: { status: 201, schema: anything() },
        problems: ["NotKnownHere", "CountClosed"],
      },
      async (request) => {
        const wanted = { count: request.params.id };
        return recordedAnswer(await closeCount(till, callOf(request), wanted), 201, toBody);
      },
    ),
  ];
}
