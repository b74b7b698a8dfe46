/**
 * Talks to the service this page came from. A "no" and a lost answer are values, not exceptions.
 *
 * @module
 */

import { err, ok, type Result } from "@tillmesh/kernel";
import { lostAnswer, readProblem, type Problem } from "./problem.ts";

export type Answered<T> = Result<T, Problem>;

export interface Api {
  get<T>(path: string, query?: Query): Promise<Answered<T>>;
  /** `key` makes a repeated request the same request. */
  post<T>(path: string, body: object, key: string): Promise<Answered<T>>;
  delete(path: string): Promise<Answered<null>>;
  /** A response whose body goes on: for events. */
  stream(
    path: string,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<Response>;
}

export type Query = Readonly<Record<string, string | number | undefined>>;

export interface ApiOptions {
  readonly fetch: typeof fetch;
  readonly token: () => string | undefined;
  /** The service does not take the token any more. */
  readonly onUnauthorized: () => void;
  /** Told after each attempt: did the service answer? */
  readonly onReached: (isReached: boolean) => void;
  readonly timeoutMs?: number;
}

export function createApi(options: ApiOptions): Api {
  const { timeoutMs = 15_000 } = options;
  const ask = async <T>(path: string, init: RequestInit): Promise<Answered<T>> => {
    const answered = await send<T>(options, path, {
      ...init,
      signal: AbortSignal.timeout(timeoutMs),
    });
    options.onReached(answered.ok || answered.error.code !== lostAnswer.code);
    if (!answered.ok && answered.error.code === "Unauthorized") options.onUnauthorized();
    return answered;
  };
  return {
    get: (path, query = {}) => ask(path + queryText(query), {}),
    post: (path, body, key) =>
      ask(path, {
        method: "POST",
        headers: { "content-type": "application/json", "idempotency-key": key },
        body: JSON.stringify(body),
      }),
    delete: (path) => ask(path, { method: "DELETE" }),
    stream: (path, headers, signal) =>
      options.fetch(prefix + path, { headers: { ...headers, ...bearer(options) }, signal }),
  };
}

/** A key that no other request has. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

const prefix = "/api/v1";

async function send<T>(options: ApiOptions, path: string, init: RequestInit): Promise<Answered<T>> {
  try {
    const headers = { ...(init.headers as Record<string, string>), ...bearer(options) };
    const response = await options.fetch(prefix + path, { ...init, headers });
    const text = await response.text();
    const body: unknown = text === "" ? null : parsed(text);
    return response.ok ? ok(body as T) : err(readProblem(response.status, body));
  } catch {
    // Refused connections, cut bodies and timeouts alike: no answer.
    return err(lostAnswer);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function bearer({ token }: ApiOptions): Record<string, string> {
  const held = token();
  return held === undefined ? {} : { authorization: `Bearer ${held}` };
}

function queryText(query: Query): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    value === undefined || value === "" ? [] : [[name, String(value)]],
  );
  return pairs.length === 0 ? "" : `?${new URLSearchParams(pairs).toString()}`;
}
