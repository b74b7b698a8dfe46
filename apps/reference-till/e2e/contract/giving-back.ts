/**
 * Refunds and reversals.
 *
 * @module
 */

import { expect } from "vitest";
import { cash, gbp, type Refund, type Sale, type Stock } from "../harness/answers.ts";
import { must, type Api } from "../harness/api.ts";
import { eventually } from "../harness/eventually.ts";
import { refusedWithoutTrace, sellCoffee, type Cases } from "./pair.ts";

export const refundCases: Cases = {
  "restocked goods are back on the shelf": async ({ tills: [till] }) => {
    const { api } = till;
    const sale = await sellCoffee(till, 3);
    const before = await onHand(api);
    const body = refundOf("1", 290, "restock");
    const refund = must(await api.post<Refund>(`/sales/${sale.saleId}/refunds`, body), 201);
    expect(refund).toMatchObject({ saleId: sale.saleId, total: gbp(290) });
    expect(refund.taxes).toMatchObject([{ taxCode: "standard", gross: gbp(290), tax: gbp(48) }]);
    expect(await onHand(api)).toBe(before + 1);
    const { refunds } = must(await api.get<Sale>(`/sales/${sale.saleId}`), 200);
    expect(refunds).toMatchObject([{ refundId: refund.refundId }]);
  },

  "wasted goods are not": async ({ tills: [till] }) => {
    const { api } = till;
    const sale = await sellCoffee(till, 2);
    const before = await onHand(api);
    must(await api.post(`/sales/${sale.saleId}/refunds`, refundOf("1", 290, "waste")), 201);
    expect(await onHand(api)).toBe(before);
  },

  "the shares of a sale add up to it, tax included": async ({ tills: [{ api }] }) => {
    const lines = [{ sku: "SNK", quantity: "7" }];
    const sale = must(await api.post<Sale>("/sales", { lines, tenders: cash(735) }), 201);
    const parts: Refund[] = [];
    for (const quantity of ["2", "2", "3"]) {
      const body = { lines: [{ sku: "SNK", quantity }], reason: "broken", goods: "waste" };
      parts.push(must(await api.post<Refund>(`/sales/${sale.saleId}/refunds`, body), 201));
    }
    const sum = (of: (refund: Refund) => number) =>
      parts.reduce((total, part) => total + of(part), 0);
    expect(sum(({ total }) => total.minor)).toBe(735);
    expect(sum(({ taxes }) => taxes[0]?.tax.minor ?? 0)).toBe(sale.taxes[0]?.tax.minor);
  },

  "never more than was sold": async ({ tills: [till] }) => {
    const { api } = till;
    const sale = await sellCoffee(till, 2);
    const path = `/sales/${sale.saleId}/refunds`;
    must(await api.post(path, refundOf("1", 290, "restock")), 201);
    const [more, twice, unknown, tender, faulty] = await refusedWithoutTrace(api, async () => [
      await api.post(path, refundOf("2", 580, "restock")),
      await api.post(path, {
        ...refundOf("1", 290, "restock"),
        lines: [{ sku: "COF" }, { sku: "COF" }],
      }),
      await api.post(path, { ...refundOf("1", 290, "restock"), lines: [{ sku: "TEA" }] }),
      await api.post(path, refundOf("1", 291, "restock")),
      await api.post(path, { ...refundOf("1", 290, "restock"), goods: "eaten" }),
    ]);
    expect(more).toMatchObject({
      status: 409,
      body: { code: "MoreThanSold", errors: [{ pointer: "/lines/0/quantity" }] },
    });
    expect(twice?.status).toBe(409);
    expect(unknown).toMatchObject({ status: 422 });
    expect(tender).toMatchObject({ status: 422, body: { code: "TenderMismatch" } });
    expect(faulty).toMatchObject({ status: 400, body: { errors: [{ pointer: "/goods" }] } });
  },

  "a reversal gives back all that is left, once": async ({ tills: [till] }) => {
    const { api } = till;
    const before = await onHand(api);
    const sale = await sellCoffee(till, 3);
    must(await api.post(`/sales/${sale.saleId}/refunds`, refundOf("1", 290, "restock")), 201);
    const body = { tenders: cash(580), reason: "wrong table" };
    const reversal = must(await api.post<Refund>(`/sales/${sale.saleId}/reversal`, body), 201);
    expect(reversal.total).toEqual(gbp(580));
    expect(await onHand(api)).toBe(before);
    const again = await api.post(`/sales/${sale.saleId}/reversal`, { reason: "again" });
    expect(again).toMatchObject({ status: 409, body: { code: "NothingToRefund" } });
  },

  "a sale of another place is refunded at headquarters, which has it": async ({
    tills: [one, two],
  }) => {
    const sale = await sellCoffee(two, 1);
    await eventually("the Harbour's sale at headquarters", async () => {
      const { status } = await one.api.get(`/sales/${sale.saleId}`);
      return status === 200 ? true : undefined;
    });
    const before = await onHand(one.api);
    const path = `/sales/${sale.saleId}/refunds`;
    const refund = must(await one.api.post<Refund>(path, refundOf("1", 290, "restock")), 201);
    expect(refund.receiptNumber.slice(0, 4)).not.toBe(sale.receiptNumber.slice(0, 4));
    const { refunds = [] } = must(await one.api.get<Sale>(`/sales/${sale.saleId}`), 200);
    expect(refunds.map(({ receiptNumber }) => receiptNumber)).toEqual([refund.receiptNumber]);
    expect(await onHand(one.api)).toBe(before + 1);
  },

  "a till does not know the sales of another place": async ({ tills: [one, two] }) => {
    const theirs = await sellCoffee(one, 1);
    // The Harbour's own sale travels the other way; when it is there, the first had its chance.
    const own = await sellCoffee(two, 1);
    await eventually("the Harbour's sale at headquarters", async () => {
      const { status } = await one.api.get(`/sales/${own.saleId}`);
      return status === 200 ? true : undefined;
    });
    const path = `/sales/${theirs.saleId}`;
    expect(await two.api.get(path)).toMatchObject({ status: 404, body: { code: "NotKnownHere" } });
    expect(await two.api.post(`${path}/refunds`, refundOf("1", 290, "restock"))).toMatchObject({
      status: 404,
      body: { code: "NotKnownHere" },
    });
  },
};

function refundOf(quantity: string, amountMinor: number, goods: "restock" | "waste") {
  const lines = [{ sku: "COF", quantity }];
  return { lines, tenders: cash(amountMinor), reason: "not hot", goods };
}

/** On the High Street. */
async function onHand(api: Api): Promise<number> {
  const { locations } = must(await api.get<Stock>("/stock/COF"), 200);
  return Number(locations.find(({ location }) => location.name === "High Street")?.onHand);
}
