import { expect, test } from "vitest";
import { createApi, newKey } from "./client.ts";

function apiThat(answer: () => Promise<Response>) {
  const calls: { url: string; init: RequestInit }[] = [];
  const reached: boolean[] = [];
  let signedOut = 0;
  const api = createApi({
    fetch: (url, init) => {
      calls.push({ url: url as string, init: init ?? {} });
      return answer();
    },
    token: () => "secret",
    onUnauthorized: () => (signedOut += 1),
    onReached: (isReached) => reached.push(isReached),
  });
  return { api, calls, reached, signedOut: () => signedOut };
}

test("a POST carries its key and the bearer", async () => {
  const { api, calls } = apiThat(() => Promise.resolve(Response.json({ a: 1 }, { status: 201 })));
  expect(await api.post("/sales", { lines: [] }, "key-1")).toEqual({ ok: true, value: { a: 1 } });
  expect(calls[0]).toMatchObject({
    url: "/api/v1/sales",
    init: {
      method: "POST",
      body: '{"lines":[]}',
      headers: { "idempotency-key": "key-1", authorization: "Bearer secret" },
    },
  });
});

test("members of a query that say nothing are left out", async () => {
  const { api, calls } = apiThat(() => Promise.resolve(Response.json({})));
  await api.get("/products", { query: "flat white", cursor: undefined, limit: 50, barcode: "" });
  expect(calls[0]?.url).toBe("/api/v1/products?query=flat+white&limit=50");
});

test("no answer is told apart from a no", async () => {
  const lost = apiThat(() => Promise.reject(new TypeError("refused")));
  expect(await lost.api.get("/status")).toMatchObject({ ok: false, error: { code: "NoAnswer" } });
  expect(lost.reached).toEqual([false]);
  const problem = { code: "Unauthorized", title: "no" };
  const no = apiThat(() => Promise.resolve(Response.json(problem, { status: 401 })));
  expect(await no.api.get("/status")).toMatchObject({ ok: false, error: { status: 401 } });
  expect(no.reached).toEqual([true]);
  expect(no.signedOut()).toBe(1);
});

test("an answer that was cut is a lost one", async () => {
  const body = new ReadableStream({ start: (controller) => controller.error(new Error("cut")) });
  const { api } = apiThat(() => Promise.resolve(new Response(body, { status: 201 })));
  expect(await api.post("/sales", {}, "k")).toMatchObject({ error: { code: "NoAnswer" } });
});

test("keys do not repeat", () => {
  expect(new Set(Array.from({ length: 100 }, newKey)).size).toBe(100);
});
