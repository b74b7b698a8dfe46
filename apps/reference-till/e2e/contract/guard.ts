/**
 * Who may call, what is too much, and what happens when the same is asked twice.
 *
 * @module
 */

import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import { gbp, type Problem, type Sale } from "../harness/answers.ts";
import { must, type Answer } from "../harness/api.ts";
import { eventually } from "../harness/eventually.ts";
import { ledgerLength, refusedWithoutTrace, saleBody, type Cases, type Pair } from "./pair.ts";

export const idempotencyCases: Cases = {
  "POS-3: the same key and body: the first answer with 200, nothing new": async ({
    tills: [{ api }],
  }) => {
    const key = randomUUID();
    const first = must(await api.post<Sale>("/sales", saleBody("COF", 1, 290), { key }), 201);
    const length = await ledgerLength(api);
    const second = must(await api.post<Sale>("/sales", saleBody("COF", 1, 290), { key }), 200);
    expect(second).toEqual(first);
    expect(await ledgerLength(api)).toBe(length);
  },

  "the same key, another body: 409": async ({ tills: [{ api }] }) => {
    const key = randomUUID();
    must(await api.post("/sales", saleBody("COF", 1, 290), { key }), 201);
    const answers = await refusedWithoutTrace(api, async () => [
      await api.post("/sales", saleBody("COF", 2, 290), { key }),
      await api.post("/cash", { kind: "in", amount: gbp(1), reason: "x" }, { key }),
      await api.post(
        "/hq/publications/prices",
        { prices: [{ sku: "COF", price: gbp(290) }] },
        { key },
      ),
    ]);
    for (const answer of answers) {
      expect(answer).toMatchObject({
        status: 409,
        body: { code: "IdempotencyKeyReused", retryable: false },
      });
    }
  },

  "POS-3: the same key at once from many sides: once": async ({ tills: [{ api }] }) => {
    const key = randomUUID();
    const length = await ledgerLength(api);
    const answers = await Promise.all(
      Array.from({ length: 12 }, () => api.post<Sale>("/sales", saleBody("TEA", 1, 240), { key })),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(11);
    expect(new Set(answers.map(({ body }) => body.saleId)).size).toBe(1);
    expect(await ledgerLength(api)).toBe(length + 1);
  },

  "a refusal is not kept: the key may be used again": async ({ tills: [{ api }] }) => {
    const key = randomUUID();
    const body = saleBody("COF", 1, 290);
    must(await api.post("/sales", { ...body, tenders: [] }, { key }), 422);
    must(await api.post("/sales", body, { key }), 201);
  },

  "publications and quotes are answered again, too": async ({ tills: [{ api }] }) => {
    for (const [path, body] of [
      ["/hq/publications/prices", { prices: [{ sku: "TEA", price: gbp(240) }] }],
      ["/quotes", { lines: [{ sku: "COF" }] }],
    ] as const) {
      const key = randomUUID();
      const first = must(await api.post(path, body, { key }), 200, 201);
      expect(must(await api.post(path, body, { key }), 200)).toEqual(first);
    }
  },

  "a POST without a key is refused": async ({ tills: [{ api }], first }) => {
    const headers = { authorization: `Bearer ${first.token}`, "content-type": "application/json" };
    const body = JSON.stringify(saleBody("COF", 1, 290));
    await refusedWithoutTrace(api, async () => {
      const without = await api.send({ method: "POST", path: "/api/v1/sales", headers, body });
      const empty = { ...headers, "idempotency-key": "" };
      const blank = await api.send({ method: "POST", path: "/api/v1/sales", headers: empty, body });
      expect([without.status, blank.status]).toEqual([400, 400]);
      return [without, blank];
    });
  },
};

export const accessCases: Cases = {
  "no bearer, or an unknown one: 401": async ({ tills: [{ api }], openApi }) => {
    for (const [path, operations] of Object.entries(openApi.paths)) {
      for (const method of Object.keys(operations).map((name) => name.toUpperCase())) {
        if (path === "/health" || (path === "/sessions" && method === "POST")) continue;
        const place = `/api/v1${path.replaceAll(/\{\w+\}/g, "x")}`;
        for (const authorization of [undefined, "Bearer nobody", "Basic eDp5"]) {
          const headers = authorization === undefined ? {} : { authorization };
          const keyed = { ...headers, "idempotency-key": "k", "content-type": "application/json" };
          const answer = await api.send({ method, path: place, headers: keyed, body: "{}" });
          expect([method, path, answer.status]).toEqual([method, path, 401]);
        }
      }
    }
  },

  "the manager that init made may do everything, also on the other till": async ({
    tills,
    first,
  }) => {
    for (const { api } of tills) {
      const session = await signIn(api, first.pin);
      const manager = api.as(session);
      must(await manager.get("/reports/x"), 200);
      must(await manager.get("/entries?limit=1"), 200);
      must(await manager.post("/sales", saleBody("COF", 1, 290)), 201);
    }
  },

  "a cashier sells, and may not publish, close the day or read the raw entries": async ({
    tills: [one, two],
  }) => {
    const staff = [{ name: "Cara", role: "cashier", pin: "482913" }];
    must(await one.api.post("/hq/publications/staff", { staff }), 201);
    for (const { api } of [one, two]) {
      const token = await eventually("Cara's PIN", async () => {
        const answer = await api.post<{ token: string }>("/sessions", {
          pin: "482913",
          staff: "Cara",
        });
        return answer.status === 201 ? answer.body.token : undefined;
      });
      const cara = api.as(token);
      const sale = must(await cara.post<Sale>("/sales", saleBody("TEA", 1, 240)), 201);
      expect(sale).toMatchObject({ by: { staff: { name: "Cara", id: expect.any(String) } } });
      await refusedWithoutTrace(api, async () => {
        const answers = [
          await cara.post("/days/close", {}),
          await cara.post("/hq/publications/prices", { prices: [{ sku: "COF", price: gbp(1) }] }),
          await cara.get("/entries"),
          await cara.post("/stock/movements", { kind: "receipt", sku: "COF", quantity: "1" }),
        ];
        expect(answers.map(({ status }) => status)).toEqual([403, 403, 403, 403]);
        return answers;
      });
    }
  },

  "a wrong PIN is a 401, and soon a wait": async ({ tills: [, { api }] }) => {
    const statuses: number[] = [];
    for (let attempt = 0; attempt < 6; attempt += 1) {
      const answer = await api.post("/sessions", { pin: "000001", staff: "Cara" });
      statuses.push(answer.status);
    }
    expect(statuses[0]).toBe(401);
    expect(statuses.at(-1)).toBe(429);
  },

  "a web page from elsewhere reads nothing and rings up nothing": async (pair) => {
    const { api } = pair.tills[0];
    const { port } = api;
    const foreign: readonly Readonly<Record<string, string>>[] = [
      { host: "till.example" },
      { host: `till.example:${port}` },
      { host: `127.0.0.1:${port}.till.example` },
      { host: "127.0.0.1:1" },
      { origin: "https://till.example" },
      { origin: "null" },
      { origin: `https://127.0.0.1:${port}` },
      { origin: "http://127.0.0.1:1" },
    ];
    await refusedWithoutTrace(api, async () => {
      const answers: Answer[] = [];
      for (const headers of foreign) answers.push(...(await readAndSell(pair, headers)));
      for (const { status, headers } of answers) {
        expect(status).toBe(403);
        expect(headers["access-control-allow-origin"]).toBeUndefined();
      }
      return answers;
    });
    const own = await readAndSell(pair, {
      host: `localhost:${port}`,
      origin: `http://localhost:${port}`,
    });
    expect(own.map(({ status }) => status)).toEqual([200, 201]);
  },
};

export const boundCases: Cases = {
  "a body has an end: 413": async ({ tills: [{ api }] }) => {
    const lines = [{ sku: "COF", quantity: "1" }];
    const body = { lines, tenders: [], padding: "x".repeat(20_000_000) };
    await refusedWithoutTrace(api, async () => {
      const answer = await api.post("/sales", body, { retriesMax: 0 });
      expect(answer).toMatchObject({ status: 413, body: { code: "BodyTooLarge" } });
      return [answer];
    });
    must(await api.get("/status"), 200);
  },

  "many lines are too many": async ({ tills: [{ api }] }) => {
    const lines = Array.from({ length: 5000 }, () => ({ sku: "COF" }));
    const body = { lines, tenders: [{ kind: "cash", amount: gbp(10_000_000) }] };
    expect(await api.post("/sales", body)).toMatchObject({ status: 400 });
  },

  "other media, other methods, other paths": async ({ tills: [{ api }], first }) => {
    const headers = { authorization: `Bearer ${first.token}`, "idempotency-key": randomUUID() };
    const send = (method: string, path: string, more = {}) =>
      api.send({ method, path, headers: { ...headers, ...more }, body: "{}" });
    expect((await send("POST", "/api/v1/sales", { "content-type": "text/plain" })).status).toBe(
      415,
    );
    expect(
      (await send("PUT", "/api/v1/sales", { "content-type": "application/json" })).status,
    ).toBe(405);
    expect((await send("GET", "/api/v1/nothing")).status).toBe(404);
    expect((await send("GET", "/api/v2/health")).status).toBe(404);
    expect((await send("GET", "/api/v1/sales/%2e%2e%2f%2e%2e%2fetc")).status).toBe(404);
  },

  "every no is a problem document": async ({ tills: [{ api }] }) => {
    const answers = [
      await api.post("/sales", {}),
      await api.get("/sales/none"),
      await api.as("nobody").get("/status"),
      await api.post("/stock/counts/none/close", {}),
    ];
    for (const { status, headers, body } of answers) {
      expect(headers["content-type"]).toContain("application/problem+json");
      expect(body as Problem).toMatchObject({
        type: expect.any(String),
        title: expect.any(String),
        status,
        code: expect.stringMatching(/^[A-Z][A-Za-z]+$/),
        retryable: expect.any(Boolean),
        errors: expect.any(Array),
      });
    }
  },
};

async function signIn(api: Pair["tills"][0]["api"], pin: string): Promise<string> {
  return must(await api.post<{ readonly token: string }>("/sessions", { pin }), 201).token;
}

/** As a page would: with a stolen token even, but from its own place. */
async function readAndSell(
  { tills: [{ api }], first }: Pair,
  headers: Readonly<Record<string, string>>,
): Promise<readonly Answer[]> {
  const token = { authorization: `Bearer ${first.token}` };
  const read = await api.send({
    method: "GET",
    path: "/api/v1/status",
    headers: { ...token, ...headers },
  });
  const posting = { "content-type": "application/json", "idempotency-key": randomUUID() };
  const sold = await api.send({
    method: "POST",
    path: "/api/v1/sales",
    headers: { ...token, ...posting, ...headers },
    body: JSON.stringify(saleBody("COF", 1, 290)),
  });
  return [read, sold];
}
