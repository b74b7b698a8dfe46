/**
 * Stock: levels, movements, transfers between two places, counts.
 *
 * @module
 */

import { expect } from "vitest";
import type { Exception, Page, Stock, StockAt } from "../harness/answers.ts";
import { must, type Api } from "../harness/api.ts";
import { eventually } from "../harness/eventually.ts";
import { refusedWithoutTrace, sellCoffee, type Cases } from "./pair.ts";

export const stockCases: Cases = {
  "a level names the place, and how old each device's part is": async ({ tills: [{ api }] }) => {
    const stock = must(await api.get<Stock>("/stock/BRD"), 200);
    expect(stock.sku).toBe("BRD");
    const here = at(stock, "High Street");
    expect(here).toMatchObject({ onHand: expect.stringMatching(/^\d+$/), inTransit: "0" });
    expect(here?.devices).toContainEqual(
      expect.objectContaining({
        device: { id: expect.any(String), name: "Till 1" },
        sequence: expect.any(Number),
        at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      }),
    );
    expect(await api.get("/stock/NIX")).toMatchObject({ status: 404 });
  },

  "stock is searched by name, page by page": async ({ tills: [{ api }] }) => {
    const found = must(await api.get<Page<Stock>>("/stock?query=cof"), 200);
    expect(found.items.map(({ sku }) => sku)).toEqual(["COF"]);
    const all = await api.all<Stock>("/stock", 2);
    expect(all.map(({ sku }) => sku).toSorted()).toEqual([
      "BRD",
      "CHE",
      "COF",
      "MUG",
      "SNK",
      "TEA",
    ]);
  },

  "receipt, adjustment and waste": async ({ tills: [{ api }] }) => {
    const before = Number((await levelOf(api, "MUG")).onHand);
    await move(api, { kind: "receipt", sku: "MUG", quantity: "12", reference: "delivery 7" });
    await move(api, { kind: "adjustment", sku: "MUG", quantity: "-2", reason: "miscounted" });
    await move(api, { kind: "waste", barcode: "2000000010052", quantity: "1", reason: "broken" });
    expect(Number((await levelOf(api, "MUG")).onHand)).toBe(before + 9);
    const several = [
      { sku: "MUG", quantity: "1" },
      { sku: "CHE", quantity: "0.5" },
    ];
    const cheese = Number((await levelOf(api, "CHE")).onHand);
    await move(api, { kind: "receipt", lines: several });
    expect(Number((await levelOf(api, "CHE")).onHand)).toBe(cheese + 0.5);
  },

  "bad movements leave no trace": async ({ tills: [{ api }] }) => {
    const bodies = [
      { kind: "receipt", sku: "NIX", quantity: "1" },
      { kind: "receipt", sku: "MUG", quantity: "0" },
      { kind: "receipt", sku: "MUG", quantity: "-1" },
      { kind: "waste", sku: "MUG", quantity: "much" },
      { kind: "sale", sku: "MUG", quantity: "1" },
      { kind: "transfer-out", sku: "MUG", quantity: "1", counterpart: "Moon" },
      { kind: "transfer-out", sku: "MUG", quantity: "1" },
      { kind: "receipt" },
      { sku: "MUG", quantity: "1" },
    ];
    const answers = await refusedWithoutTrace(api, () =>
      Promise.all(bodies.map((body) => api.post("/stock/movements", body))),
    );
    expect(answers.map(({ status }) => status)).toEqual([
      422, 422, 422, 400, 400, 422, 422, 400, 400,
    ]);
  },

  "a transfer is in transit until the other place has it": async ({ tills: [one, two] }) => {
    const before = Number((await levelOf(one.api, "TEA")).onHand);
    const out = await move(one.api, {
      kind: "transfer-out",
      sku: "TEA",
      quantity: "10",
      counterpart: "Harbour",
    });
    const transfer = out.transfer ?? "none";
    expect(Number((await levelOf(one.api, "TEA")).onHand)).toBe(before - 10);
    await eventually("10 on their way to the Harbour", async () => {
      const level = await levelOf(two.api, "TEA", "Harbour");
      return level.inTransit === "10" ? true : undefined;
    });
    const body = {
      kind: "transfer-in",
      sku: "TEA",
      quantity: "8",
      counterpart: "High Street",
      transfer,
    };
    await move(two.api, body);
    await eventually("8 at the Harbour, 2 still on their way", async () => {
      const level = await levelOf(one.api, "TEA", "Harbour");
      return level.onHand === "8" && level.inTransit === "2" ? true : undefined;
    });
    expect(await levelOf(two.api, "TEA", "Harbour")).toMatchObject({ onHand: "8", inTransit: "2" });
  },

  "what is sold is sold: a level below zero is raised": async ({ tills: [, { api }] }) => {
    const body = {
      lines: [{ sku: "MUG" }],
      tenders: [{ kind: "cash", amount: { minor: 799, currency: "GBP" } }],
    };
    must(await api.post("/sales", body), 201);
    expect((await levelOf(api, "MUG", "Harbour")).onHand).toBe("-1");
    const raised = await api.all<Exception>("/exceptions");
    expect(raised.filter(({ type, sku }) => /oversell/i.test(type) && sku === "MUG")).toHaveLength(
      1,
    );
  },
};

export const countCases: Cases = {
  "a count while selling: what was known when it was counted is inside it": async ({
    tills: [till],
  }) => {
    const { api } = till;
    const { countId } = must(await api.post<{ countId: string }>("/stock/counts", {}), 201);
    await sellCoffee(till, 2);
    must(await api.post(`/stock/counts/${countId}/lines`, { sku: "COF", counted: "60" }), 201);
    expect((await levelOf(api, "COF")).onHand).toBe("60");
    await sellCoffee(till, 3);
    expect((await levelOf(api, "COF")).onHand).toBe("57");
    const weighed = { barcode: "2000000010038", counted: "4.25" };
    must(await api.post(`/stock/counts/${countId}/lines`, weighed), 201);
    expect((await levelOf(api, "CHE")).onHand).toBe("4.25");
    must(await api.post(`/stock/counts/${countId}/close`, {}), 201);
    expect((await levelOf(api, "COF")).onHand).toBe("57");
  },

  "a closed count, an unknown one, a count below zero": async ({ tills: [{ api }] }) => {
    const { countId } = must(
      await api.post<{ countId: string }>("/stock/counts", { note: "bar" }),
      201,
    );
    const path = `/stock/counts/${countId}`;
    await refusedWithoutTrace(api, async () => {
      const below = await api.post(`${path}/lines`, { sku: "COF", counted: "-1" });
      const unknownSku = await api.post(`${path}/lines`, { sku: "NIX", counted: "1" });
      const unknown = await api.post("/stock/counts/count_none/lines", {
        sku: "COF",
        counted: "1",
      });
      expect([below.status, unknownSku.status, unknown.status]).toEqual([422, 422, 404]);
      return [below, unknownSku, unknown];
    });
    must(await api.post(`${path}/close`, {}), 201);
    const late = await api.post(`${path}/lines`, { sku: "COF", counted: "1" });
    expect(late).toMatchObject({ status: 409, body: { code: "CountClosed" } });
    expect(await api.post(`${path}/close`, {})).toMatchObject({ status: 409 });
  },
};

async function move(api: Api, body: object): Promise<{ readonly transfer?: string }> {
  return must(await api.post<{ readonly transfer?: string }>("/stock/movements", body), 201);
}

async function levelOf(api: Api, sku: string, place = "High Street"): Promise<StockAt> {
  const stock = must(await api.get<Stock>(`/stock/${sku}`), 200);
  const level = at(stock, place);
  if (level === undefined) throw new Error(`${sku} has no level at ${place}`);
  return level;
}

function at({ locations }: Stock, place: string): StockAt | undefined {
  return locations.find(({ location }) => location.name === place);
}
