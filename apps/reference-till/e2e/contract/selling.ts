/**
 * Quotes and sales.
 *
 * @module
 */

import { expect } from "vitest";
import { cash, gbp, type Page, type Problem, type Quote, type Sale } from "../harness/answers.ts";
import { must, type Answer } from "../harness/api.ts";
import { refusedWithoutTrace, saleBody, type Cases } from "./pair.ts";

export const quoteCases: Cases = {
  "a quote prices lines by SKU and by barcode, and records nothing": async ({
    tills: [{ api }],
  }) => {
    const [answer] = (await refusedWithoutTrace(api, async () => [
      await api.post<Quote>("/quotes", {
        lines: [
          { sku: "COF", quantity: "2" },
          { barcode: "2000000010021" },
          { sku: "CHE", quantity: "0.25" },
        ],
      }),
    ])) as [Answer<Quote>];
    const quote = must(answer, 200, 201);
    expect(quote.quoteId).toMatch(/\S/);
    expect(quote.lines.map(({ sku, quantity, amount }) => [sku, quantity, amount.minor])).toEqual([
      ["COF", "2", 580],
      ["BRD", "1", 310],
      ["CHE", "0.25", 313],
    ]);
    expect(quote.total).toEqual(gbp(1203));
    const taxes = quote.taxes.map(({ taxCode, gross, net, tax }) => [
      taxCode,
      gross.minor,
      net.minor,
      tax.minor,
    ]);
    expect(taxes.toSorted(([a], [b]) => ((a ?? 0) < (b ?? 0) ? -1 : 1))).toEqual([
      ["standard", 580, 483, 97],
      ["zero", 623, 623, 0],
    ]);
  },

  "a quote of what nobody sells names each fault": async ({ tills: [{ api }] }) => {
    const lines = [
      { sku: "COF" },
      { sku: "NIX" },
      { barcode: "1" },
      { sku: "COF", quantity: "0.5" },
    ];
    const problem = must(await api.post<Problem>("/quotes", { lines }), 422);
    expect(problem.errors.map(({ pointer }) => pointer).toSorted()).toEqual([
      "/lines/1/sku",
      "/lines/2/barcode",
      "/lines/3/quantity",
    ]);
  },
};

export const saleCases: Cases = {
  "three coffees for a tenner": async ({ tills: [{ api }] }) => {
    const body = {
      lines: [{ sku: "COF", quantity: "3" }],
      tenders: cash(1000),
      expectedTotal: gbp(870),
    };
    const sale = must(await api.post<Sale>("/sales", body), 201);
    expect(sale.total).toEqual({ minor: 870, currency: "GBP" });
    expect(sale.change).toEqual(gbp(130));
    expect(sale.taxes).toMatchObject([
      { taxCode: "standard", ratePercent: "20", gross: gbp(870), net: gbp(725), tax: gbp(145) },
    ]);
    expect(sale.lines).toMatchObject([
      { sku: "COF", name: "Coffee", quantity: "3", amount: gbp(870) },
    ]);
    expect(sale.receiptNumber).toMatch(/^[0-9A-Z]{4}-1-\d{6}$/);
    expect(must(await api.get<Sale>(`/sales/${sale.saleId}`), 200)).toMatchObject({
      saleId: sale.saleId,
      receiptNumber: sale.receiptNumber,
      total: sale.total,
    });
  },

  "by barcode, weighed, and in several tenders": async ({ tills: [{ api }] }) => {
    const lines = [{ barcode: "2000000010038", quantity: "0.333" }, { barcode: "2000000010014" }];
    const tenders = [...cash(500), ...cash(156)];
    const sale = must(await api.post<Sale>("/sales", { lines, tenders }), 201);
    // 0.333 kg at 12.50 is 4.1625.
    expect(sale.lines.map(({ sku, amount }) => [sku, amount.minor])).toEqual([
      ["CHE", 416],
      ["TEA", 240],
    ]);
    expect(sale.change).toEqual(gbp(0));
  },

  "receipt numbers follow each other; a refused sale takes none": async ({ tills: [{ api }] }) => {
    const first = numberOf(must(await api.post<Sale>("/sales", saleBody("TEA", 1, 240)), 201));
    must(await api.post("/sales", { ...saleBody("TEA", 1, 240), tenders: cash(1) }), 422);
    const second = numberOf(must(await api.post<Sale>("/sales", saleBody("TEA", 1, 240)), 201));
    expect(second).toBe(first + 1);
  },

  "a total that is not the expected one: 409 PriceChanged": async ({ tills: [{ api }] }) => {
    const body = { ...saleBody("COF", 1, 290), expectedTotal: gbp(280) };
    const [answer] = await refusedWithoutTrace(api, async () => [await api.post("/sales", body)]);
    expect(answer).toMatchObject({ status: 409, body: { code: "PriceChanged", retryable: false } });
  },

  "GET /sales gives pages, newest first, without a gap or a repetition": async ({
    tills: [{ api }],
  }) => {
    const all = must(await api.get<Page<Sale>>("/sales?limit=200"), 200).items;
    expect(all.length).toBeGreaterThan(3);
    expect(await api.all<Sale>("/sales", 2)).toEqual(all);
    const page = must(await api.get<Page<Sale>>("/sales?limit=2"), 200);
    expect(page.items).toEqual(all.slice(0, 2));
    expect(page.next).toEqual(expect.any(String));
    const { businessDate } = all[0] as Sale;
    const today = must(
      await api.get<Page<Sale>>(`/sales?limit=200&businessDate=${businessDate}`),
      200,
    );
    expect(today.items).toEqual(all.filter((sale) => sale.businessDate === businessDate));
    const longAgo = must(await api.get<Page<Sale>>("/sales?businessDate=2001-01-01"), 200);
    expect(longAgo).toEqual({ items: [], next: null });
    for (const wrong of ["limit=0", "limit=x", "cursor=%21", "businessDate=yesterday"]) {
      expect(await api.get(`/sales?${wrong}`)).toMatchObject({ status: 400 });
    }
  },

  "a sale that nobody made: 404 NotKnownHere": async ({ tills: [{ api }] }) => {
    const id = "sale_00000000000000000000000000";
    const answer = await api.get(`/sales/${id}`);
    expect(answer).toMatchObject({ status: 404, body: { code: "NotKnownHere" } });
    const refund = { lines: [{ sku: "COF" }], reason: "x", goods: "restock" };
    expect(await api.post(`/sales/${id}/refunds`, refund)).toMatchObject({ status: 404 });
    expect(await api.post(`/sales/${id}/reversal`, { reason: "x" })).toMatchObject({ status: 404 });
  },
};

const line = { sku: "COF", quantity: "1" };

/** Body, status, code, and where the fault is. */
const badSales: readonly (readonly [
  body: unknown,
  status: number,
  code: string,
  pointer?: string,
])[] = [
  [{ lines: [line], tenders: cash(289) }, 422, "Underpaid", "/tenders"],
  [{ lines: [line], tenders: [] }, 422, "Underpaid"],
  [{ lines: [{ sku: "NIX" }], tenders: cash(290) }, 422, "UnknownSku", "/lines/0/sku"],
  [{ lines: [{ barcode: "0" }], tenders: cash(290) }, 422, "UnknownSku", "/lines/0/barcode"],
  [
    { lines: [{ sku: "COF", quantity: "0" }], tenders: cash(290) },
    422,
    "InvalidQuantity",
    "/lines/0/quantity",
  ],
  [{ lines: [{ sku: "COF", quantity: "-1" }], tenders: cash(290) }, 422, "InvalidQuantity"],
  [{ lines: [{ sku: "COF", quantity: "1.5" }], tenders: cash(990) }, 422, "InvalidQuantity"],
  [
    { lines: [{ sku: "COF", quantity: "1.0005" }], tenders: cash(990) },
    400,
    "InvalidBody",
    "/lines/0/quantity",
  ],
  [{ lines: [{ sku: "COF", quantity: "1e3" }], tenders: cash(990) }, 400, "InvalidBody"],
  [
    { lines: [{ sku: "COF", quantity: 1 }], tenders: cash(990) },
    400,
    "InvalidBody",
    "/lines/0/quantity",
  ],
  [
    { lines: [{ sku: "COF", quantity: "99999999999999" }], tenders: cash(990) },
    422,
    "InvalidQuantity",
  ],
  [{ lines: [], tenders: cash(290) }, 400, "InvalidBody", "/lines"],
  [{ tenders: cash(290) }, 400, "InvalidBody", "/lines"],
  [{ lines: [line] }, 400, "InvalidBody", "/tenders"],
  [{ lines: [line], tenders: cash(2.5) }, 400, "InvalidBody", "/tenders/0/amount/minor"],
  [{ lines: [line], tenders: cash(-290) }, 400, "InvalidBody"],
  [{ lines: [line], tenders: cash(1e300) }, 400, "InvalidBody"],
  [
    { lines: [line], tenders: [{ kind: "cheque", amount: gbp(290) }] },
    400,
    "InvalidBody",
    "/tenders/0/kind",
  ],
  [
    { lines: [line], tenders: [{ kind: "cash", amount: { minor: 290, currency: "EUR" } }] },
    422,
    "CurrencyMismatch",
  ],
  [{ lines: [line], tenders: cash(290), discount: 5 }, 400, "InvalidBody", "/discount"],
  [[], 400, "InvalidBody"],
  ["sale", 400, "InvalidBody"],
  [null, 400, "InvalidBody"],
  [7, 400, "InvalidBody"],
];

export const badSaleCases: Cases = {
  "bad sales are refused with a code and a pointer, and leave no trace": async ({
    tills: [{ api }],
  }) => {
    const answers = await refusedWithoutTrace(api, async () => {
      const given: Answer[] = [];
      for (const [body] of badSales) given.push(await api.post("/sales", body));
      return given;
    });
    for (const [index, [body, status, code, pointer]] of badSales.entries()) {
      const found = answers[index] as Answer<Problem>;
      expect([JSON.stringify(body), found.status, found.body.code]).toEqual([
        JSON.stringify(body),
        status,
        code,
      ]);
      expect(found.headers["content-type"]).toContain("application/problem+json");
      const pointers = found.body.errors.map((error) => error.pointer);
      if (pointer !== undefined) expect(pointers, JSON.stringify(body)).toContain(pointer);
    }
  },

  "all faults at once": async ({ tills: [{ api }] }) => {
    const lines = [{ sku: "NIX" }, { sku: "COF", quantity: "0" }, { barcode: "404" }];
    const tenders = [{ kind: "cash", amount: { minor: 1, currency: "EUR" } }];
    const answer = await api.post<Problem>("/sales", { lines, tenders });
    expect(answer.status).toBe(422);
    const pointers = answer.body.errors.map(({ pointer }) => pointer.replace(/\/currency$/, ""));
    expect(pointers.toSorted()).toEqual([
      "/lines/0/sku",
      "/lines/1/quantity",
      "/lines/2/barcode",
      "/tenders/0/amount",
    ]);
  },

  "bytes that are no JSON, no UTF-8, or no body": async ({ tills: [{ api }], first }) => {
    const headers = {
      authorization: `Bearer ${first.token}`,
      "content-type": "application/json",
    };
    const bodies = [
      "{",
      "{}}",
      "",
      '{"lines":',
      "\u0000",
      Buffer.from([0x22, 0xff, 0x22]),
      "[".repeat(50_000),
    ];
    await refusedWithoutTrace(api, async () => {
      const answers: Answer[] = [];
      for (const [index, body] of bodies.entries()) {
        const keyed = { ...headers, "idempotency-key": `malformed-${index}` };
        answers.push(
          await api.send({ method: "POST", path: "/api/v1/sales", headers: keyed, body }),
        );
      }
      for (const answer of answers) {
        expect(answer).toMatchObject({
          status: 400,
          body: { retryable: false, code: expect.any(String) },
        });
      }
      return answers;
    });
  },
};

function numberOf({ receiptNumber }: Sale): number {
  return Number(receiptNumber.slice(-6));
}
