/**
 * The fiscal regime as a till tells of it, on two tills of one organisation.
 *
 * @module
 */

import { expect } from "vitest";
import type { Page, Sale } from "../harness/answers.ts";
import { must } from "../harness/api.ts";
import type { Cases } from "./pair.ts";

export const statusCases: Cases = {
  "each till seals into a chain of its own, without a regime too": async ({ tills }) => {
    const [one, two] = await Promise.all(
      tills.map(async ({ api }) => must(await api.get<FiscalStatus>("/fiscal"), 200)),
    );
    expect(one).toMatchObject({ regime: "none", isTest: false, stopped: null });
    expect(one?.head?.number).toMatch(/^[0-9A-Z]{4}-1-\d{6}$/);
    expect(one?.stream?.id).not.toBe(two?.stream?.id);
    expect(one?.exports).toEqual(["journal"]);
  },

  "nothing waits for an authority where there is none": async ({ tills: [{ api }] }) => {
    const { delivery } = must(await api.get<FiscalStatus>("/fiscal"), 200);
    expect(delivery).toMatchObject({ isSent: false, waiting: 0, parked: 0 });
    for (const state of ["waiting", "parked", "rejected", "flagged", "accepted"]) {
      const page = must(await api.get<Page<unknown>>(`/fiscal/documents?state=${state}`), 200);
      expect(page).toEqual({ items: [], next: null });
    }
    expect(await api.get("/fiscal/documents?state=x")).toMatchObject({ status: 400 });
  },

  "no clock is in doubt, and nothing that is asked for on paper is noted where no law wants it":
    async ({ tills: [{ api }] }) => {
      expect(must(await api.post("/fiscal/clock/confirm", {}), 200)).toEqual({ clock: null });
      expect(must(await api.post("/reports/x", {}), 200)).toMatchObject({ fiscal: null });
      const { stream } = must(await api.get<FiscalStatus>("/fiscal"), 200);
      const { items } = must(await api.get<Page<Sale>>("/sales"), 200);
      const own = items.find(({ receiptNumber }) => receiptNumber.startsWith(`${stream?.series}-`));
      const copied = await api.post(`/sales/${own?.saleId}/copies`, {});
      expect(must(copied, 200)).toEqual({ fiscal: null });
    },

  "what does not exist cannot be released, taken over or exported": async ({
    tills: [{ api }],
  }) => {
    expect(await api.post("/fiscal/documents/1/release", {})).toMatchObject({ status: 404 });
    expect(await api.post("/fiscal/hand-overs", { device: "nobody" })).toMatchObject({
      status: 404,
    });
    expect(await api.get("/fiscal/exports/dep7")).toMatchObject({ status: 404 });
  },
};

interface FiscalStatus {
  readonly regime: string | null;
  readonly stream: { readonly id: string; readonly series: string } | null;
  readonly head: { readonly number: string | null } | null;
  readonly delivery: object;
  readonly exports: readonly string[];
}
