import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { serveAuthority, type AuthorityServer } from "../testing/authority-server.ts";
import {
  createScriptedAuthority,
  type AuthorityProtocol,
  type ScriptedAuthority,
} from "../testing/scripted-authority.ts";
import type { WireRequest } from "../ports.ts";
import { createHttpTransport } from "./http-transport.ts";

const echo: AuthorityProtocol = {
  name: "echo",
  read: () => ({ type: "records", records: [] }),
  answer: (_, { request }) => ({
    status: 202,
    headers: { "X-Wait": "60" },
    body: `${request.method} ${request.path} ${request.body}`,
  }),
};
const request: WireRequest = {
  method: "POST",
  path: "/records?x=1",
  headers: { "content-type": "text/plain" },
  body: "äöü",
};

describe("[FPO4] HTTP", () => {
  let authority: ScriptedAuthority;
  let server: AuthorityServer;

  beforeEach(async () => {
    authority = createScriptedAuthority(echo);
    server = await serveAuthority(authority, { nowMs: () => Date.parse("2026-11-22T10:00:00Z") });
  });
  afterEach(() => server.close());

  const transport = (changes: { timeoutMs?: number; maxBytes?: number } = {}) =>
    createHttpTransport({
      baseUrl: `${server.baseUrl}/base/`,
      timeoutMs: 5000,
      maxBytes: 1000,
      headers: { authorization: "Basic x" },
      ...changes,
    });

  test("an answer is told with its headers in lower case", async () => {
    expect(await transport().send(request)).toMatchObject({
      type: "answer",
      status: 202,
      headers: { "x-wait": "60", date: "Sun, 22 Nov 2026 10:00:00 GMT" },
      body: "POST /base/records?x=1 äöü",
    });
    const [received] = authority.received();
    expect(received?.headers).toMatchObject({ authorization: "Basic x", "content-length": "6" });
  });

  test("a connection that is refused sent nothing", async () => {
    const { baseUrl } = server;
    await server.close();
    const gone = createHttpTransport({ baseUrl, timeoutMs: 5000, maxBytes: 1000 });
    expect(await gone.send(request)).toMatchObject({ type: "unsent" });
    server = await serveAuthority(authority);
  });

  test("a name that nobody knows sent nothing", async () => {
    const options = { timeoutMs: 5000, maxBytes: 1000 };
    const unknown = createHttpTransport({ baseUrl: "http://tillmesh.invalid", ...options });
    expect((await unknown.send(request)).type).toBe("unsent");
  });

  test("what HTTP cannot carry is not sent, and an address that is none is found at once", async () => {
    const odd = { ...request, headers: { "x-odd": "line\nbreak" } };
    expect((await transport().send(odd)).type).toBe("unsent");
    expect(authority.received()).toEqual([]);
    const options = { baseUrl: "nowhere", timeoutMs: 5000, maxBytes: 1000 };
    expect(() => createHttpTransport(options)).toThrow("Invalid URL");
  });

  test("a reply that is cut off, or comes too late, is lost", async () => {
    authority.script({ type: "drop-reply" }, { type: "late", delayMs: 10_000 });
    expect((await transport().send(request)).type).toBe("lost");
    expect((await transport({ timeoutMs: 100 }).send(request)).type).toBe("lost");
    expect(authority.received()).toHaveLength(2);
  });

  test("an answer over the limit is lost, not cut", async () => {
    expect((await transport({ maxBytes: 10 }).send(request)).type).toBe("lost");
  });

  test("half an answer is lost", async () => {
    const half = createServer((socket) => {
      socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf"));
    });
    await new Promise<void>((resolve) => {
      half.listen(0, "127.0.0.1", resolve);
    });
    const { port } = half.address() as AddressInfo;
    const options = { timeoutMs: 5000, maxBytes: 1000 };
    const answer = await createHttpTransport({
      baseUrl: `http://127.0.0.1:${port}`,
      ...options,
    }).send(request);
    half.close();
    expect(answer.type).toBe("lost");
  });
});
