/**
 * Shifts, days, cash: before the first sale and after the last.
 *
 * @module
 */

import { expect } from "vitest";
import { cash, gbp, type Report, type Shift, type Status, type Z } from "../harness/answers.ts";
import { must } from "../harness/api.ts";
import { refusedWithoutTrace, saleBody, sellCoffee, type Cases } from "./pair.ts";

export const openingCases: Cases = {
  "health needs no bearer and says ok": async ({ tills: [{ api }] }) => {
    const answer = await api.send({ method: "GET", path: "/api/v1/health" });
    expect(answer).toMatchObject({ status: 200, body: { status: "ok" } });
  },

  "status names device, roles, location, date, ledger and peers": async ({ tills }) => {
    const [one, two] = await Promise.all(
      tills.map(async ({ api }) => must(await api.get<Status>("/status"), 200)),
    );
    expect(one).toMatchObject({
      device: { name: "Till 1", id: expect.stringMatching(/^dev_/) },
      roles: expect.arrayContaining(["till", "hq"]),
      location: { name: "High Street" },
      businessDate: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
      commit: { state: "ready" },
      ledgerLength: expect.any(Number),
      onlyHere: { entries: expect.any(Number) },
    });
    expect(two).toMatchObject({
      device: { name: "Till 2" },
      roles: ["till"],
      location: { name: "Harbour" },
    });
    for (const [status, peer] of [
      [one, "Till 2"],
      [two, "Till 1"],
    ] as const) {
      const connected = status?.peers.filter(({ state }) => state === "connected") ?? [];
      expect(connected.map(({ device }) => device?.name)).toContain(peer);
      expect(connected[0]?.lastExchangeAt).toMatch(/^\d{4}-\d\d-\d\dT/);
    }
  },

  "without a shift nothing is sold, given back or put into the drawer": async ({
    tills: [{ api }],
  }) => {
    const answers = await refusedWithoutTrace(api, async () => [
      await api.post("/sales", saleBody("COF", 1, 290)),
      await api.post("/cash", { kind: "in", amount: gbp(100), reason: "coins" }),
      await api.post("/shifts/close", { counted: gbp(0) }),
    ]);
    for (const answer of answers)
      expect(answer).toMatchObject({ status: 409, body: { code: "NoOpenShift" } });
  },

  "a shift opens with its float, for the first manager unless named; a second one is refused":
    async ({ tills }) => {
      for (const { api } of tills) {
        const shift = must(await api.post<Shift>("/shifts", { float: gbp(10_000) }), 201);
        expect(shift).toMatchObject({ float: gbp(10_000), staff: { name: expect.any(String) } });
        const second = await api.post("/shifts", { float: gbp(0) });
        expect(second).toMatchObject({ status: 409, body: { code: "ShiftAlreadyOpen" } });
        const wrong = await api.post("/shifts", {
          float: { minor: 1, currency: "EUR" },
          staff: "nobody",
        });
        expect(wrong.status).toBeGreaterThanOrEqual(400);
      }
    },
};

export const closingCases: Cases = {
  "cash in, out and into the safe; the drawer opened": async ({ tills: [{ api }] }) => {
    for (const kind of ["in", "out", "drop"]) {
      const body = { kind, amount: gbp(500), reason: "change for the day" };
      expect(must(await api.post("/cash", body), 201)).toMatchObject({ kind, amount: gbp(500) });
    }
    must(await api.post("/drawer", { reason: "a note was stuck" }), 201);
    await refusedWithoutTrace(api, async () => {
      const answers = [
        await api.post("/cash", { kind: "in", amount: gbp(0), reason: "nothing" }),
        await api.post("/cash", { kind: "in", amount: gbp(100) }),
        await api.post("/cash", { kind: "gift", amount: gbp(100), reason: "x" }),
      ];
      expect(answers.map(({ status }) => status)).toEqual([400, 400, 400]);
      return answers;
    });
  },

  "an X says what a Z would, again and again": async ({ tills: [till] }) => {
    const before = must(await till.api.get<Report>("/reports/x"), 200);
    await sellCoffee(till, 2);
    const after = must(await till.api.get<Report>("/reports/x"), 200);
    expect(after.sales.count).toBe(before.sales.count + 1);
    expect(after.net.minor).toBe(before.net.minor + 580);
    expect(must(await till.api.get<Report>("/reports/x"), 200)).toEqual(after);
  },

  "a day is not closed over an open shift": async ({ tills: [{ api }] }) => {
    expect(await api.post("/days/close", {})).toMatchObject({
      status: 409,
      body: { code: "ShiftAlreadyOpen" },
    });
  },

  "a shift closes with the difference between counted and expected": async ({
    tills: [one, two],
  }) => {
    const sold = must(await two.api.get<Report>("/reports/x"), 200);
    const expected = 10_000 + sold.net.minor;
    const closed = must(
      await two.api.post<Shift>("/shifts/close", { counted: gbp(expected - 130) }),
      200,
      201,
    );
    expect(closed).toMatchObject({
      counted: gbp(expected - 130),
      expected: gbp(expected),
      difference: gbp(-130),
    });
    const x = must(await one.api.get<Report>("/reports/x"), 200);
    // 5 in, 5 out, 5 dropped.
    const counted = gbp(10_000 + x.net.minor - 500);
    const ofOne = must(await one.api.post<Shift>("/shifts/close", { counted }), 200, 201);
    expect(ofOne.difference).toEqual(gbp(0));
    expect(await one.api.post("/sales", saleBody("COF", 1, 290))).toMatchObject({ status: 409 });
  },

  "a day closes with a numbered Z that says what the X said": async ({ tills: [{ api }] }) => {
    const x = must(await api.get<Report>("/reports/x"), 200);
    const z = must(await api.post<Z>("/days/close", {}), 200, 201);
    expect(z).toMatchObject({ zNumber: 1, businessDate: expect.any(String) });
    expect(z.report).toMatchObject({
      sales: x.sales,
      refunds: x.refunds,
      net: x.net,
      taxes: x.taxes,
    });
    expect(await api.post("/days/close", {})).toMatchObject({
      status: 409,
      body: { code: "NothingToClose" },
    });
    const empty = must(await api.get<Report>("/reports/x"), 200);
    expect(empty.sales.count).toBe(0);
  },

  "the next shift, and its Z, have the next number": async ({ tills: [till] }) => {
    must(await till.api.post("/shifts", { float: gbp(0) }), 201);
    const body = { lines: [{ sku: "COF" }], tenders: cash(500) };
    must(await till.api.post("/sales", body), 201);
    must(await till.api.post("/shifts/close", { counted: gbp(290) }), 200, 201);
    const z = must(await till.api.post<Z>("/days/close", {}), 200, 201);
    expect(z.zNumber).toBe(2);
    expect(z.report.sales).toMatchObject({ count: 1, total: gbp(290) });
  },
};
