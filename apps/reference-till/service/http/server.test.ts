import http from "node:http";
import net from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cash, gbp, startSellingService, type TestService } from "../testing/test-service.ts";

let shop: TestService;
beforeAll(async () => {
  shop = await startSellingService();
});
afterAll(() => shop.stop());

interface RawAnswer {
  readonly status: number;
  readonly type: string | undefined;
  readonly code: string | undefined;
}

/** fetch sets Host itself; this does not. */
function raw(path: string, headers: http.OutgoingHttpHeaders, method = "GET"): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const request = http.request(
      { port: shop.service.port, host: "127.0.0.1", path, method, headers, setHost: false },
      (response) => {
        let text = "";
        response.on("data", (chunk: Buffer) => (text += chunk.toString()));
        response.on("end", () => {
          const type = response.headers["content-type"];
          const code = /"code":"(\w+)"/.exec(text)?.[1];
          resolve({ status: response.statusCode ?? 0, type, code });
        });
      },
    );
    request.on("error", reject);
    request.end();
  });
}

const port = () => shop.service.port;
const bearer = () => ({ authorization: `Bearer ${shop.api.token}` });

describe("Host and Origin", () => {
  test("own names pass, with the served port only", async () => {
    for (const host of [
      `127.0.0.1:${port()}`,
      `localhost:${port()}`,
      `LOCALHOST:${port()}`,
      `[::1]:${port()}`,
    ]) {
      expect((await raw("/api/v1/health", { host })).status).toBe(200);
    }
    for (const host of [
      "127.0.0.1",
      "localhost:1",
      `evil.example:${port()}`,
      `localhost.:${port()}`,
      "",
    ]) {
      expect(await raw("/api/v1/health", { host })).toMatchObject({
        status: 403,
        code: "ForeignHost",
      });
    }
  });

  test("a page from elsewhere may neither read nor write, on any method and any path", async () => {
    const host = `127.0.0.1:${port()}`;
    for (const method of ["GET", "POST", "DELETE", "OPTIONS", "PUT"]) {
      for (const origin of [
        "http://evil.example",
        "null",
        `http://localhost:${port()}`,
        `https://${host}`,
      ]) {
        const answer = await raw("/api/v1/status", { host, origin, ...bearer() }, method);
        expect(answer).toMatchObject({ status: 403, code: "ForeignOrigin" });
      }
      const answer = await raw(
        "/api/v1/status",
        { host, "sec-fetch-site": "cross-site", ...bearer() },
        method,
      );
      expect(answer.status).toBe(403);
    }
    expect((await raw("/", { host, origin: "http://evil.example" })).status).toBe(403);
  });

  test("its own pages may", async () => {
    const host = `127.0.0.1:${port()}`;
    const answer = await raw("/api/v1/status", {
      host,
      origin: `http://${host}`,
      "sec-fetch-site": "same-origin",
      ...bearer(),
    });
    expect(answer.status).toBe(200);
  });

  test("no answer allows another origin", async () => {
    const { headers } = await shop.api.get("/status");
    expect([...headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
  });
});

const postSale = async (
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
) => {
  const response = await fetch(`${shop.url}/api/v1/sales`, {
    method: "POST",
    headers: {
      ...bearer(),
      "content-type": "application/json",
      "idempotency-key": "bounds",
      ...headers,
    },
    body,
  });
  return {
    status: response.status,
    body: (await response.json()) as { code: string; errors: unknown[] },
  };
};

describe("bounds", () => {
  test("a body of more than 1 MiB: 413, also without a length", async () => {
    expect((await postSale(`"${"x".repeat(1_048_576)}"`)).body.code).toBe("BodyTooLarge");
  });

  test("what is not JSON, not UTF-8, or not said to be JSON", async () => {
    expect((await postSale("{")).body.code).toBe("MalformedBody");
    expect((await postSale("")).body.code).toBe("InvalidBody");
    expect((await postSale(new Uint8Array([0x22, 0xff, 0x22]))).body.code).toBe("MalformedBody");
    expect(await postSale("{}", { "content-type": "text/plain" })).toMatchObject({
      status: 415,
      body: { code: "UnsupportedMediaType" },
    });
  });

  test("nesting without end is refused", async () => {
    expect((await postSale("[".repeat(500_000))).status).toBe(400);
  });

  test("bytes that are not HTTP get an answer and no crash", async () => {
    const answer = await new Promise<string>((resolve) => {
      const socket = net.connect(port(), "127.0.0.1", () => socket.end("GARBAGE\r\n\r\n"));
      let text = "";
      socket.on("data", (chunk) => (text += chunk.toString()));
      socket.on("close", () => resolve(text));
    });
    expect(answer).toMatch(/^HTTP\/1\.1 400 .*application\/problem\+json/s);
    expect((await shop.api.get("/health")).status).toBe(200);
  });
});

describe("problems", () => {
  test("all faults at once, with pointers", async () => {
    const { status, body, headers } = await shop.api.post("/sales", {
      lines: [
        { sku: "nope" },
        { sku: "C1", quantity: "0.5" },
        { sku: "C1", quantity: "-2" },
        { barcode: "9" },
      ],
      tenders: [{ kind: "cash", amount: { minor: 1, currency: "EUR" } }],
    });
    expect(status).toBe(422);
    expect(headers.get("content-type")).toContain("application/problem+json");
    expect(
      body.errors.map((fault: { pointer: string; code: string }) => [fault.pointer, fault.code]),
    ).toEqual([
      ["/lines/0/sku", "UnknownSku"],
      ["/lines/3/barcode", "UnknownSku"],
      ["/lines/1/quantity", "InvalidQuantity"],
      ["/lines/2/quantity", "InvalidQuantity"],
      ["/tenders/0/amount/currency", "CurrencyMismatch"],
    ]);
  });

  test("faults of one kind give their code", async () => {
    const { body } = await shop.api.post("/sales", { lines: [{ sku: "nope" }], tenders: cash(1) });
    expect([body.code, body.retryable, body.status]).toEqual(["UnknownSku", false, 422]);
  });

  test("members nobody knows are faults", async () => {
    const { status, body } = await shop.api.post("/shifts/close", { counted: gbp(1), force: true });
    expect([status, body.errors[0].pointer]).toEqual([400, "/force"]);
  });

  test("404 for a path that is none, 405 for a method that is none", async () => {
    expect((await shop.api.get("/nothing")).body.code).toBe("NotFound");
    expect((await shop.api.get("/api/v1/%zz")).status).toBe(404);
    const answer = await raw("/api/v1/status", { host: `127.0.0.1:${port()}` }, "DELETE");
    expect(answer).toMatchObject({ status: 405, code: "MethodNotAllowed" });
  });

  test("queries are checked", async () => {
    for (const query of [
      "limit=0",
      "limit=x",
      "limit=201",
      "nope=1",
      "cursor=%00",
      "cursor=e30",
      "businessDate=today",
    ]) {
      const { status, body } = await shop.api.get(`/sales?${query}`);
      expect([query, status, body.code]).toEqual([query, 400, "InvalidQuery"]);
    }
  });
});

describe("rights", () => {
  test("every call but health and signing in needs a bearer", async () => {
    const document = (await shop.api.get("/openapi.json")).body as {
      paths: Record<string, Record<string, unknown>>;
    };
    for (const [path, methods] of Object.entries(document.paths)) {
      for (const method of Object.keys(methods)) {
        if (path === "/health" || (path === "/sessions" && method === "post")) continue;
        const url = `${shop.url}/api/v1${path.replaceAll(/\{\w+\}/g, "x")}`;
        for (const authorization of [undefined, "Bearer nope", `Basic ${shop.api.token}`]) {
          const response = await fetch(url, {
            method,
            headers: authorization === undefined ? {} : { authorization },
          });
          expect([method, path, response.status]).toEqual([method, path, 401]);
        }
      }
    }
  });

  test("each call needs its right, and no other", async () => {
    const document = (await shop.api.get("/openapi.json")).body as {
      paths: Record<string, Record<string, { description?: string }>>;
    };
    const reader = shop.as(["read"]);
    for (const [path, methods] of Object.entries(document.paths)) {
      for (const [method, { description = "" }] of Object.entries(methods)) {
        const right = /`(\w+)`/.exec(description)?.[1];
        if (right === undefined || right === "read" || path === "/events") continue;
        const url = path.replaceAll(/\{\w+\}/g, "x");
        const answer = method === "get" ? await reader.get(url) : await reader.post(url);
        expect([path, answer.status, answer.body.code]).toEqual([path, 403, "Forbidden"]);
      }
    }
  });

  test("a cashier signs in, sells, and is refused what managers do; the entry names the cashier", async () => {
    const opened = await shop.api.post("/sessions", { pin: "5678" });
    expect([opened.status, opened.body.role, opened.body.staff.name]).toEqual([
      201,
      "cashier",
      "Cal",
    ]);
    const headers = { authorization: `Bearer ${opened.body.token}` };
    const post = (path: string, body: unknown, key: string) =>
      fetch(`${shop.url}/api/v1${path}`, {
        method: "POST",
        headers: { ...headers, "content-type": "application/json", "idempotency-key": key },
        body: JSON.stringify(body),
      });
    expect(
      (await post("/sales", { lines: [{ sku: "C1" }], tenders: cash(290) }, "cal-1")).status,
    ).toBe(201);
    expect(shop.replica.held.at(-1)?.entry.by).toEqual({ staff: opened.body.staff.id });
    expect((await post("/days/close", {}, "cal-2")).status).toBe(403);
    expect((await post("/hq/publications/prices", { prices: [] }, "cal-3")).status).toBe(403);
    const gone = await fetch(`${shop.url}/api/v1/sessions`, { method: "DELETE", headers });
    expect(gone.status).toBe(204);
    expect((await fetch(`${shop.url}/api/v1/status`, { headers })).status).toBe(401);
  });

  test("nothing secret is logged", async () => {
    await shop.api.post("/sessions", { pin: "9999" });
    const all = shop.logs.join("");
    expect(all).not.toContain("9999");
    expect(all).not.toContain(shop.api.token);
    expect(all).toContain('"path":"/api/v1/sessions"');
  });
});
