/**
 * Two tills apart, and what they agree on when they meet again.
 *
 * The tests tell one story from top to bottom; each goes on where the one before ended.
 *
 * @module
 */

import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import {
  cash,
  gbp,
  type Exception,
  type Price,
  type Refund,
  type Sale,
  type Shift,
  type Stock,
} from "./harness/answers.ts";
import { must } from "./harness/api.ts";
import { catalogueCsv, priceMap, taxesCsv } from "./harness/corner-shop.ts";
import { eventually } from "./harness/eventually.ts";
import { tellOnFailure } from "./harness/failure-log.ts";
import { makeFolder, writeText } from "./harness/folders.ts";
import { tillmesh } from "./harness/programs.ts";
import { serve, untilConnected, type Device, type Serving } from "./harness/serving.ts";
import { foundShop, joinShop } from "./harness/shop.ts";
import { stateOf } from "./harness/state.ts";

vi.setConfig({ testTimeout: 90_000 });

const folder = makeFolder("convergence");
let devices: readonly [Device, Device];
let tills: readonly [Serving, Serving];
const late: { device?: Device; serving?: Serving } = {};

beforeAll(async () => {
  const taxes = writeText(folder, "taxes.csv", taxesCsv);
  const catalogue = writeText(folder, "catalogue.csv", catalogueCsv);
  const first = await foundShop(folder, { taxes, catalogue, map: priceMap });
  devices = [first, await joinShop(first, { folder, name: "Till 2" })];
  tills = await serveBoth("together");
  await agree();
  for (const { api } of tills) must(await api.post<Shift>("/shifts", { float: gbp(10_000) }), 201);
}, 120_000);

beforeEach(tellOnFailure);

afterAll(async () => {
  await Promise.all(
    [...(tills ?? []), ...(late.serving === undefined ? [] : [late.serving])].map((till) =>
      till.stop(),
    ),
  );
}, 60_000);

describe("together", () => {
  test("POS-22: a sale of till 1 is refunded on till 2, and till 1 knows", async () => {
    const [one, two] = tills;
    const sale = must(await sell(one, { COF: 3, BRD: 1 }), 201);
    await known(two, sale);
    const body = {
      lines: [{ sku: "COF", quantity: "1" }],
      tenders: cash(290),
      reason: "cold",
      goods: "restock",
    };
    const refund = must(await two.api.post<Refund>(`/sales/${sale.saleId}/refunds`, body), 201);
    expect(refund.total).toEqual(gbp(290));
    const seen = await eventually("the refund on till 1", async () => {
      const { refunds = [] } = must(await one.api.get<Sale>(`/sales/${sale.saleId}`), 200);
      return refunds.find(({ receiptNumber }) => receiptNumber === refund.receiptNumber);
    });
    expect(seen.total).toEqual(gbp(290));
    await agree();
    expect(await onHand(one, "COF")).toBe("98");
    // What is left is refundable on either, and no more.
    const all = { ...body, lines: [{ sku: "COF", quantity: "3" }], tenders: cash(870) };
    expect(await one.api.post(`/sales/${sale.saleId}/refunds`, all)).toMatchObject({ status: 409 });
  });

  test("a price that headquarters publishes is what till 2 asks for", async () => {
    const [one, two] = tills;
    await publishPrice(one, "TEA", 255);
    await eventually("the price on till 2", async () => {
      const { price } = must(await two.api.get<Price>("/prices/TEA"), 200);
      return price.minor === 255 ? true : undefined;
    });
    expect(must(await sell(two, { TEA: 2 }), 201).total).toEqual(gbp(510));
  });
});

describe("apart", () => {
  const shared: { twice?: Sale } = {};

  test("both sell, refund the same sale, count the same article; headquarters changes a price", async () => {
    shared.twice = must(await sell(tills[0], { SNK: 4 }), 201);
    await known(tills[1], shared.twice);
    await agree();
    await stopBoth();
    tills = await serveBoth("apart");
    const [one, two] = tills;
    for (const till of tills) {
      expect(must(await till.api.get<{ peers: unknown[] }>("/status"), 200).peers).toEqual([]);
      must(await sell(till, { COF: 5, BRD: 2 }), 201);
      must(await giveBack(till, shared.twice, "4"), 201);
      must(await sell(till, { SNK: 9 }), 201);
    }
    await publishPrice(one, "COF", 320);
    must(await sell(one, { COF: 1 }, 320), 201);
    must(await sell(two, { COF: 1 }, 290), 201);
    must(await count(one, "TEA", "40"), 201);
    must(await count(two, "TEA", "41"), 201);
    expect(await sameState()).toBe(false);
  });

  test("they meet and agree on stock, prices and sales", async () => {
    await stopBoth();
    tills = await serveBoth("together");
    await agree();
    for (const till of tills) {
      // 100 - 3 + 1 - 2 * 5 - 2 * 1
      expect(await onHand(till, "COF")).toBe("86");
      expect(must(await till.api.get<Price>("/prices/COF"), 200).price).toEqual(gbp(320));
      // 20 - 4 + 2 * 4 - 2 * 9
      expect(await onHand(till, "SNK")).toBe("6");
    }
  });

  test("the sale that was refunded twice keeps both refunds, and both tills raise it", async () => {
    const { saleId } = shared.twice!;
    for (const { api } of tills) {
      const { refunds = [] } = must(await api.get<Sale>(`/sales/${saleId}`), 200);
      expect(refunds.map(({ total }) => total)).toEqual([gbp(420), gbp(420)]);
      const raised = await api.all<Exception>("/exceptions");
      expect(
        raised.filter((one) => one.type === "OverRefund" && one.saleId === saleId),
      ).toHaveLength(1);
    }
    expect((await giveBack(tills[0], shared.twice!, "1")).status).toBe(409);
  });

  test("counts made apart: one is in force on both tills, and a recount is asked for", async () => {
    const levels = await Promise.all(tills.map((till) => onHand(till, "TEA")));
    expect(new Set(levels).size).toBe(1);
    expect(["40", "41"]).toContain(levels[0]);
    for (const { api } of tills) {
      const raised = await api.all<Exception>("/exceptions");
      expect(
        raised.filter(({ type, sku }) => type === "RecountNeeded" && sku === "TEA"),
      ).toHaveLength(1);
    }
    must(await count(tills[1], "TEA", "39"), 201);
    await agree();
    expect(await onHand(tills[0], "TEA")).toBe("39");
    const raised = await tills[0].api.all<Exception>("/exceptions");
    expect(raised.filter(({ type }) => type === "RecountNeeded")).toEqual([]);
  });
});

describe("afterwards", () => {
  test("a till that joins later arrives at the same state", async () => {
    late.device = await joinShop(devices[0], { folder, name: "Till 3" });
    late.serving = await serve(late.device, { peers: [devices[0].lanPort] });
    await untilConnected(late.serving);
    const { api } = late.serving;
    await eventually("the state of till 1 on till 3", async () => {
      const [wanted, found] = [await stateOf(tills[0].api), await stateOf(api)];
      return isDeepStrictEqual(found, wanted) ? true : undefined;
    });
    must(await api.post<Shift>("/shifts", { float: gbp(0) }), 201);
    expect(must(await sell(late.serving, { COF: 1 }, 320), 201).receiptNumber).toMatch(
      /-1-000001$/,
    );
  });

  test(
    "what was live is what is reloaded, and verify finds nothing",
    { timeout: 90_000 },
    async () => {
      const before = await agreed();
      await stopBoth();
      await late.serving!.stop();
      for (const device of [...devices, late.device!]) {
        const { code, stdout, stderr } = await tillmesh(
          "verify",
          "--data",
          device.directory,
          "--json",
        );
        expect(code, stdout + stderr).toBe(0);
      }
      tills = await serveBoth("apart");
      expect(await stateOf(tills[0].api)).toEqual(before);
      expect(await stateOf(tills[1].api)).toEqual(before);
    },
  );
});

async function serveBoth(how: "together" | "apart"): Promise<readonly [Serving, Serving]> {
  const peersOf = (other: Device) => (how === "together" ? { peers: [other.lanPort] } : {});
  const [first, second] = devices;
  const both = await Promise.all([serve(first, peersOf(second)), serve(second, peersOf(first))]);
  if (how === "together") await Promise.all(both.map((till) => untilConnected(till)));
  return both;
}

async function stopBoth(): Promise<void> {
  const endings = await Promise.all(tills.map((till) => till.stop()));
  expect(endings.map(({ code }) => code)).toEqual([0, 0]);
}

async function sameState(): Promise<boolean> {
  const [first, second] = await Promise.all(tills.map(({ api }) => stateOf(api)));
  return isDeepStrictEqual(first, second);
}

/** Waits for it; what still differs in the end is in the message. */
async function agree(): Promise<void> {
  await eventually("both tills agree", async () => ((await sameState()) ? true : undefined)).catch(
    async (error: unknown) => {
      const [first, second] = await Promise.all(tills.map(({ api }) => stateOf(api)));
      expect(second).toEqual(first);
      throw error;
    },
  );
}

/** The state of all three, once it is the same. */
async function agreed(): Promise<unknown> {
  const all = [...tills, late.serving!];
  const [first] = await eventually("all three agree", async () => {
    const states = await Promise.all(all.map(({ api }) => stateOf(api)));
    return states.every((state) => isDeepStrictEqual(state, states[0])) ? states : undefined;
  });
  return first;
}

async function known({ api }: Serving, { saleId }: Sale): Promise<void> {
  await eventually("the sale on the other till", async () => {
    const { status } = await api.get(`/sales/${saleId}`);
    return status === 200 ? true : undefined;
  });
}

const pricesNow: Record<string, number> = { COF: 290, TEA: 255, BRD: 310, SNK: 105 };

/** At what the customer was told. */
function sell({ api }: Serving, units: Readonly<Record<string, number>>, coffeeMinor = 290) {
  const prices: Record<string, number> = { ...pricesNow, COF: coffeeMinor };
  const total = Object.entries(units).reduce(
    (sum, [sku, count_]) => sum + count_ * (prices[sku] ?? 0),
    0,
  );
  const lines = Object.entries(units).map(([sku, quantity]) => ({
    sku,
    quantity: String(quantity),
  }));
  return api.post<Sale>("/sales", { lines, tenders: cash(total), expectedTotal: gbp(total) });
}

function giveBack({ api }: Serving, { saleId }: Sale, quantity: string) {
  const lines = [{ sku: "SNK", quantity }];
  const tenders = cash(Number(quantity) * 105);
  return api.post<Refund>(`/sales/${saleId}/refunds`, {
    lines,
    tenders,
    reason: "stale",
    goods: "restock",
  });
}

async function count({ api }: Serving, sku: string, counted: string) {
  const { countId } = must(await api.post<{ countId: string }>("/stock/counts", {}), 201);
  return api.post(`/stock/counts/${countId}/lines`, { sku, counted });
}

async function publishPrice({ api }: Serving, sku: string, minor: number): Promise<void> {
  must(await api.post("/hq/publications/prices", { prices: [{ sku, price: gbp(minor) }] }), 201);
}

async function onHand({ api }: Serving, sku: string): Promise<string | undefined> {
  return must(await api.get<Stock>(`/stock/${sku}`), 200).locations[0]?.onHand;
}
