/**
 * Publications, products, raw entries, live events, the API's own description.
 *
 * @module
 */

import { Validator } from "@seriousme/openapi-schema-validator";
import { expect } from "vitest";
import {
  cash,
  gbp,
  type Named,
  type Entry,
  type Page,
  type Price,
  type Problem,
  type Product,
  type Status,
} from "../harness/answers.ts";
import { must, type Api } from "../harness/api.ts";
import { eventually } from "../harness/eventually.ts";
import { followEvents } from "../harness/event-stream.ts";
import { sellCoffee, type Cases } from "./pair.ts";

export const publicationCases: Cases = {
  "a price names the publication it comes from": async ({ tills }) => {
    const prices = await Promise.all(
      tills.map(async ({ api }) => must(await api.get<Price>("/prices/COF"), 200)),
    );
    expect(prices[0]).toMatchObject({
      sku: "COF",
      price: gbp(290),
      publication: {
        id: expect.stringMatching(/\S/),
        sequence: expect.any(Number),
        publisher: { name: "Till 1" },
        effectiveFrom: null,
      },
    });
    expect(prices[1]).toEqual(prices[0]);
    expect(await tills[0].api.get("/prices/NIX")).toMatchObject({ status: 404 });
  },

  "products are found by name, by SKU and by barcode": async ({ tills: [, { api }] }) => {
    for (const query of ["coff", "COF", "2000000010007"]) {
      const { items } = must(await api.get<Page<Product>>(`/products?query=${query}`), 200);
      expect(
        items.map(({ sku }) => sku),
        query,
      ).toContain("COF");
    }
    const cheese = must(await api.get<Page<Product>>("/products?query=mature"), 200);
    expect(cheese.items).toMatchObject([{ sku: "CHE", name: "Cheese, mature", price: gbp(1250) }]);
    expect((await api.all<Product>("/products", 1)).length).toBe(6);
  },

  "prices, products, taxes and staff are published by headquarters, and arrive": async ({
    tills: [one, two],
  }) => {
    const { api } = one;
    must(
      await api.post("/hq/publications/taxes", {
        taxes: [{ taxCode: "book", name: "Books", ratePercent: "2.5" }],
      }),
      201,
    );
    const product = {
      sku: "BOOK",
      name: "Book of teas",
      barcodes: ["9780000000002"],
      taxCode: "book",
    };
    must(await api.post("/hq/publications/catalogue", { products: [product] }), 201);
    must(
      await api.post("/hq/publications/prices", { prices: [{ sku: "BOOK", price: gbp(1025) }] }),
      201,
    );
    const { items: taxes } = must(await api.get<Page<object>>("/taxes"), 200);
    expect(taxes).toContainEqual(expect.objectContaining({ taxCode: "book", ratePercent: "2.5" }));
    const { items: staff } = must(await api.get<Page<Named>>("/staff"), 200);
    expect(staff).toMatchObject([{ name: "Manager", role: "manager" }]);
    await eventually("the book at the Harbour", async () => {
      const { status } = await two.api.get("/prices/BOOK");
      return status === 200 ? true : undefined;
    });
    const body = {
      lines: [{ barcode: "9780000000002" }],
      tenders: cash(1025),
      expectedTotal: gbp(1025),
    };
    expect(must(await two.api.post("/sales", body), 201)).toMatchObject({
      taxes: [
        { taxCode: "book", ratePercent: "2.5", gross: gbp(1025), net: gbp(1000), tax: gbp(25) },
      ],
    });
  },

  "a price for later is not the price of today": async ({ tills: [{ api }] }) => {
    const prices = [{ sku: "BOOK", price: gbp(900), effectiveFrom: "2199-01-01" }];
    must(await api.post("/hq/publications/prices", { prices }), 201);
    expect(must(await api.get<Price>("/prices/BOOK"), 200).price).toEqual(gbp(1025));
  },

  "only headquarters publishes": async ({ tills: [, { api }] }) => {
    const bodies = {
      prices: { prices: [{ sku: "COF", price: gbp(1) }] },
      catalogue: { products: [{ sku: "X", name: "X", taxCode: "zero" }] },
      taxes: { taxes: [{ taxCode: "zero", name: "none", ratePercent: "0" }] },
      staff: { staff: [{ name: "Eve", role: "manager", pin: "000000" }] },
    };
    for (const [topic, body] of Object.entries(bodies)) {
      expect(await api.post(`/hq/publications/${topic}`, body), topic).toMatchObject({
        status: 403,
      });
    }
  },

  "a publication with faults publishes nothing": async ({ tills: [{ api }] }) => {
    const prices = [
      { sku: "COF", price: gbp(1) },
      { sku: "NIX", price: gbp(1) },
      { sku: "TEA", price: { minor: 1, currency: "EUR" } },
    ];
    const answer = await api.post<Problem>("/hq/publications/prices", { prices });
    expect(answer.status).toBe(422);
    const pointers = answer.body.errors.map(({ pointer }) =>
      pointer.split("/").slice(0, 3).join("/"),
    );
    expect(new Set(pointers)).toEqual(new Set(["/prices/1", "/prices/2"]));
    expect(must(await api.get<Price>("/prices/COF"), 200).price).toEqual(gbp(290));
  },
};

export const auditCases: Cases = {
  "raw entries of all ledgers, and what came after a cursor": async ({ tills: [till] }) => {
    const { api } = till;
    const { position, items } = await entriesAfter(api, "");
    expect(items.length).toBeGreaterThan(20);
    const chains = Map.groupBy(items, ({ device, incarnation }) => `${device}/${incarnation}`);
    expect(chains.size).toBe(2);
    for (const chain of chains.values()) {
      expect(chain.map(({ sequence }) => sequence)).toEqual(chain.map((_, index) => index + 1));
      expect(chain.slice(1).map(({ previous }) => previous)).toEqual(
        chain.slice(0, -1).map(({ hash }) => hash),
      );
    }
    const { device } = must(await api.get<Status>("/status"), 200);
    const sale = await sellCoffee(till, 1);
    const { items: fresh } = await entriesAfter(api, position);
    const own = fresh.filter((entry) => entry.device === device.id);
    expect(own).toMatchObject([{ kind: "sale", body: { saleId: sale.saleId, totalMinor: 290 } }]);
    expect(await api.get("/entries?after=%00")).toMatchObject({ status: 400 });
  },

  "live events, resumed after the last one seen": async ({ tills: [till], first }) => {
    const { port } = till.api;
    const stream = await followEvents({ port, token: first.token });
    expect(stream.status).toBe(200);
    await sellCoffee(till, 1);
    const seen = await stream.find(
      "a sale",
      ({ type, data }) => type === "entry" && data["kind"] === "sale",
    );
    expect(seen.id).not.toBe("");
    stream.close();
    await sellCoffee(till, 1);
    await sellCoffee(till, 1);
    const resumed = await followEvents({ port, token: first.token, lastEventId: seen.id });
    await eventually("the two missed sales", () => {
      const sales = resumed.events.filter(
        ({ data }) => data["kind"] === "sale" && data["own"] === true,
      );
      return Promise.resolve(sales.length >= 2 ? true : undefined);
    });
    const hashes = resumed.events.flatMap(({ data }) =>
      data["hash"] === undefined ? [] : [data["hash"]],
    );
    expect(hashes).not.toContain(seen.data["hash"]);
    expect(new Set(hashes).size).toBe(hashes.length);
    resumed.close();
    expect(await followStatus(port, "nobody")).toBe(401);
  },

  "openapi.json is an OpenAPI 3 document of every call in the contract": async ({
    openApi,
    tills: [{ api }],
  }) => {
    expect(must(await api.get("/openapi.json"), 200)).toEqual(openApi);
    expect(openApi.openapi).toMatch(/^3\.\d+\.\d+$/);
    const result = await new Validator().validate(
      structuredClone(openApi) as unknown as Record<string, unknown>,
    );
    expect(result).toEqual({ valid: true });
    const described = Object.entries(openApi.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map(
        (method) => `${method.toUpperCase()} ${path.replaceAll(/\{\w+\}/g, "{}")}`,
      ),
    );
    expect(described).toEqual(expect.arrayContaining(contractCalls));
  },
};

const contractCalls = [
  "GET /health",
  "GET /status",
  "POST /shifts",
  "POST /shifts/close",
  "POST /days/close",
  "GET /reports/x",
  "POST /quotes",
  "POST /sales",
  "GET /sales",
  "GET /sales/{}",
  "POST /sales/{}/refunds",
  "POST /sales/{}/reversal",
  "POST /cash",
  "POST /drawer",
  "GET /stock",
  "GET /stock/{}",
  "POST /stock/movements",
  "POST /stock/counts",
  "POST /stock/counts/{}/lines",
  "POST /stock/counts/{}/close",
  "GET /prices/{}",
  "GET /products",
  "POST /hq/publications/catalogue",
  "POST /hq/publications/prices",
  "POST /hq/publications/taxes",
  "POST /hq/publications/staff",
  "GET /entries",
  "GET /exceptions",
  "GET /events",
  "GET /openapi.json",
];

interface EntriesRead {
  readonly items: readonly Entry[];
  readonly position: string;
}

async function entriesAfter(api: Api, start: string): Promise<EntriesRead> {
  const items: Entry[] = [];
  let position = start;
  for (let page = 0; page < 100; page += 1) {
    const after = position === "" ? "" : `&after=${encodeURIComponent(position)}`;
    const read = must(
      await api.get<EntriesRead & { readonly next: string | null }>(`/entries?limit=50${after}`),
      200,
    );
    items.push(...read.items);
    ({ position } = read);
    if (read.next === null) return { items, position };
  }
  throw new Error("/entries does not end");
}

async function followStatus(port: number, token: string): Promise<number> {
  const stream = await followEvents({ port, token });
  stream.close();
  return stream.status;
}
