/**
 * How far a sale has got, and who there is.
 *
 * @module
 */

import { expect } from "vitest";
import type { Device, Page, Sale, Status } from "../harness/answers.ts";
import { must, type Api } from "../harness/api.ts";
import { eventually } from "../harness/eventually.ts";
import { sellCoffee, type Cases } from "./pair.ts";

export const linkCases: Cases = {
  "a till's sale is only here when it is answered, and at headquarters once that said so": async ({
    tills: [, two],
  }) => {
    const sale = await sellCoffee(two);
    expect(sale.horizon).toEqual({ device: true, peers: [], relay: false, hq: false });
    await eventually("the sale at headquarters", async () => {
      const { horizon } = await saleOf(two.api, sale);
      return horizon.hq ? true : undefined;
    });
    const { horizon, onlyHere, relay } = must(await two.api.get<Status>("/status"), 200);
    expect(relay).toBeNull();
    expect(horizon.hq).toBeGreaterThan(0);
    expect(horizon.onlyHere).toBe(onlyHere.entries);
    expect(horizon.entries).toBeGreaterThanOrEqual(horizon.hq);
  },

  "headquarters' own sale is at headquarters, and at no other place": async ({ tills: [one] }) => {
    const sale = await sellCoffee(one);
    const { horizon } = await saleOf(one.api, sale);
    expect(horizon).toEqual({ device: true, peers: [], relay: false, hq: true });
  },

  "devices are listed; an invitation is made by headquarters alone": async ({
    tills: [one, two],
  }) => {
    const { items } = must(await one.api.get<Page<Device>>("/devices"), 200);
    expect(items[0]).toMatchObject({ name: "Till 1", isThis: true, state: "active" });
    expect(items).toContainEqual(
      expect.objectContaining({
        name: "Till 2",
        location: { id: expect.any(String), name: "Harbour" },
      }),
    );
    const body = { name: "Spare", role: "till", location: "Harbour" };
    const made = must(await one.api.post<{ file: string }>("/invitations", body), 201);
    expect(made.file).toContain("tillmesh-invitation");
    expect(await two.api.post("/invitations", body)).toMatchObject({
      status: 403,
      body: { code: "NotHq" },
    });
  },
};

async function saleOf(api: Api, { saleId }: Sale): Promise<Sale> {
  return must(await api.get<Sale>(`/sales/${saleId}`), 200);
}
