/**
 * Requests that record something, until they are answered.
 *
 * Each is written down with its key before it is sent, so that neither a lost answer nor a reload
 * makes a second one: the same key asks again, and the service knows whether it was recorded.
 *
 * @module
 */

import type { Answered } from "./client.ts";
import type { Problem } from "./problem.ts";

export interface Unanswered {
  readonly key: string;
  readonly path: string;
  readonly body: object;
  /** What it is, for the person who waits: "Sale of £8.70". */
  readonly label: string;
}

export interface Outbox {
  /** The same path and body, asked again before the answer, is the same request. */
  submit<T>(request: Omit<Unanswered, "key">): Promise<Answered<T>>;
  /** Left over from before a reload. */
  waiting(): readonly Unanswered[];
  /** Somebody waits for its answer already. */
  isAsking(key: string): boolean;
  /** Asks again for one that is left over. */
  resolve<T>(request: Unanswered): Promise<Answered<T>>;
}

export interface OutboxOptions {
  readonly post: <T>(path: string, body: object, key: string) => Promise<Answered<T>>;
  readonly newKey: () => string;
  readonly read: () => readonly Unanswered[];
  readonly write: (requests: readonly Unanswered[]) => void;
  readonly wait: (ms: number) => Promise<void>;
  /** Told of every attempt that got no answer. */
  readonly onUnknown?: (request: Unanswered, attempt: number) => void;
  readonly attemptsMax?: number;
}

export function createOutbox(options: OutboxOptions): Outbox {
  const { attemptsMax = 6 } = options;
  const inFlight = new Map<string, Promise<Answered<unknown>>>();

  const ask = async (request: Unanswered): Promise<Answered<unknown>> => {
    for (let attempt = 1; ; attempt += 1) {
      const answered = await options.post<unknown>(request.path, request.body, request.key);
      if (answered.ok || isAnswer(answered.error)) {
        options.write(options.read().filter(({ key }) => key !== request.key));
        return answered;
      }
      options.onUnknown?.(request, attempt);
      // Without a session nobody can ask again; the request waits for the next one.
      if (attempt >= attemptsMax || answered.error.status === 401) return answered;
      await options.wait(retryDelayMs(attempt));
    }
  };
  const once = <T>(request: Unanswered): Promise<Answered<T>> => {
    const flying = inFlight.get(request.key) ?? ask(request);
    inFlight.set(request.key, flying);
    const done = () => void inFlight.delete(request.key);
    flying.then(done, done);
    return flying as Promise<Answered<T>>;
  };
  return {
    submit: (wanted) => {
      const held = options.read();
      const known = held.find((one) => isSame(one, wanted));
      if (known !== undefined) return once(known);
      const request = { ...wanted, key: options.newKey() };
      options.write([...held, request]);
      return once(request);
    },
    waiting: options.read,
    isAsking: (key) => inFlight.has(key),
    resolve: once,
  };
}

/** 0.3 s, doubling, at most 5 s. */
export function retryDelayMs(attempt: number): number {
  return Math.min(5000, 300 * 2 ** (attempt - 1));
}

/** A "no" settles it; "not now", a lost session and silence do not. */
function isAnswer({ code, retryable, status }: Problem): boolean {
  // Later it may succeed, but now it is known that nothing was recorded.
  if (code === "StorageFull" || code === "FiscalSignerOut") return true;
  return !retryable && status !== 401;
}

function isSame(one: Unanswered, { path, body }: Omit<Unanswered, "key">): boolean {
  return one.path === path && JSON.stringify(one.body) === JSON.stringify(body);
}
