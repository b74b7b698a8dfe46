/**
 * The HTTP API as a program elsewhere calls it: a key for every POST, and the same key again when no
 * answer came.
 *
 * @module
 */

import { randomUUID } from "node:crypto";
import http from "node:http";
import { pause } from "./eventually.ts";

export interface Answer<Body = unknown> {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
  /** Undefined where there is none. */
  readonly body: Body;
}

export interface PostOptions {
  readonly key?: string;
  /** How often to ask again when no answer came, or one that says to; 8 unless told otherwise. */
  readonly retriesMax?: number;
}

export interface Api {
  readonly port: number;
  get<Body>(path: string): Promise<Answer<Body>>;
  post<Body>(path: string, body: unknown, options?: PostOptions): Promise<Answer<Body>>;
  /** One request as given: no bearer, no key, no second attempt. */
  send(request: RawRequest): Promise<Answer>;
  /** Every item of a list, page by page. */
  all<Item>(path: string, limit?: number): Promise<readonly Item[]>;
  /** The same service for another bearer. */
  as(token: string): Api;
  close(): void;
}

export interface RawRequest {
  readonly method: string;
  /** All of it: `/api/v1/health`. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

export interface ApiOptions {
  readonly port: number;
  readonly token: string;
  /** Sees every answer, and may throw. */
  readonly onAnswer?: (answer: Answer) => void;
}

export function createApi(options: ApiOptions): Api {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
  const headers = { authorization: `Bearer ${options.token}` };
  const send = async (request: RawRequest) => {
    const answer = await exchange({ agent, port: options.port }, request);
    options.onAnswer?.(answer);
    return answer;
  };
  const get = async <Body>(path: string) => {
    const ask = () => send({ method: "GET", path: prefix + path, headers });
    return (await persistently(ask, retriesUsual)) as Answer<Body>;
  };
  return {
    port: options.port,
    get,
    post: async <Body>(path: string, body: unknown, more: PostOptions = {}) => {
      const { key = randomUUID(), retriesMax = retriesUsual } = more;
      const posting = { ...headers, "content-type": "application/json", "idempotency-key": key };
      const text = JSON.stringify(body);
      const ask = () => send({ method: "POST", path: prefix + path, headers: posting, body: text });
      return (await persistently(ask, retriesMax)) as Answer<Body>;
    },
    send,
    all: <Item>(path: string, limit = 200) => allPages<Item>(get, path, limit),
    as: (token) => createApi({ ...options, token }),
    close: () => agent.destroy(),
  };
}

/** The body of an answer that has to have this status. */
export function must<Body>(answer: Answer<Body>, ...statuses: readonly number[]): Body {
  if (statuses.includes(answer.status)) return answer.body;
  const { method, path, status, text } = answer;
  throw new Error(
    `${method} ${path}: ${status}, not ${statuses.join(" or ")}: ${text.slice(0, 2000)}`,
  );
}

const prefix = "/api/v1";
const retriesUsual = 8;
const answerMaxMs = 30_000;
const pagesMax = 1000;

async function allPages<Item>(
  get: <Body>(path: string) => Promise<Answer<Body>>,
  path: string,
  limit: number,
): Promise<readonly Item[]> {
  const items: Item[] = [];
  const start = `${path}${path.includes("?") ? "&" : "?"}limit=${limit}`;
  let cursor: string | null = "";
  for (let page = 0; page < pagesMax; page += 1) {
    const from: string = cursor === "" ? start : `${start}&cursor=${encodeURIComponent(cursor)}`;
    const { items: more, next }: Page<Item> = must(await get<Page<Item>>(from), 200);
    items.push(...more);
    if (next === null) return items;
    cursor = next;
  }
  throw new Error(`${path} does not end after ${pagesMax} pages`);
}

interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
}

/** No answer is not a "no": asked again with the same key nothing happens twice. */
async function persistently(ask: () => Promise<Answer>, retriesMax: number): Promise<Answer> {
  for (let attempt = 0; ; attempt += 1) {
    const answer = await ask().catch((error: unknown) => {
      if (attempt >= retriesMax || !isLost(error)) throw error;
      return undefined;
    });
    const isFinal = answer !== undefined && (answer.status !== 503 || attempt >= retriesMax);
    if (isFinal) return answer;
    await pause(Math.min(50 * 2 ** attempt, 2000));
  }
}

/** The connection broke, or was never made; anything else is a fault of the test. */
function isLost(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code ?? "";
  return ["ECONNRESET", "ECONNREFUSED", "EPIPE", "ETIMEDOUT"].includes(code);
}

function exchange(
  { agent, port }: { readonly agent: http.Agent; readonly port: number },
  { method, path, headers = {}, body }: RawRequest,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };
    const request = http.request({
      agent,
      host: "127.0.0.1",
      port,
      method,
      path,
      headers: { ...length, ...headers },
      timeout: answerMaxMs,
    });
    request.on("timeout", () => request.destroy(lostError("no answer in time")));
    request.on("error", reject);
    request.on("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("aborted", () => reject(lostError("the answer was cut off")));
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString("utf8");
        const { statusCode: status = 0, headers: answered } = response;
        resolve({ method, path, status, headers: answered, text, body: parsed(text) });
      });
    });
    request.end(body);
  });
}

function lostError(message: string): Error {
  return Object.assign(new Error(message), { code: "ECONNRESET" });
}

function parsed(text: string): unknown {
  try {
    return text === "" ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
