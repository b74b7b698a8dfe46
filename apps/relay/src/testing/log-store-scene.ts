/**
 * What the stories of the contract suite are told with: one trial, and short words for its calls.
 *
 * @module
 */

import { hex, type Result } from "@tillmesh/kernel";
import { testCrypto } from "@tillmesh/kernel/testing";
import { readEnvelope } from "@tillmesh/sync-engine/relay-protocol";
import type { LogHead, LogName, LogStore, Place, Stored } from "../log-store.ts";
import { sampleChannel, sampleEnvelope, type SampleEnvelope } from "./sample-envelope.ts";

/** One empty place to keep logs in, with a store on it. */
export interface LogStoreTrial {
  readonly store: LogStore;
  /** Ends the store and opens another on what it kept. */
  readonly restart: () => Promise<LogStore>;
  /** Another store on the same logs at the same time, where the backend allows that. */
  readonly second?: () => Promise<LogStore>;
  /** Closes and removes everything. */
  readonly dispose: () => Promise<void>;
}

/** vitest's, or a runner's with the same words. */
export interface Runner {
  readonly describe: (name: string, body: () => void) => void;
  readonly test: (name: string, body: () => Promise<void>) => void;
  readonly expect: (actual: unknown) => Matchers;
}

export interface Matchers {
  readonly toEqual: (expected: unknown) => void;
  readonly toBe: (expected: unknown) => void;
  readonly toBeLessThanOrEqual: (expected: number) => void;
  readonly toBeGreaterThan: (expected: number) => void;
}

export interface Scene extends LogStoreTrial {
  readonly expect: Runner["expect"];
  readonly organisation: string;
  readonly name: LogName;
  readonly append: (sample: Partial<SampleEnvelope>, store?: LogStore) => Promise<Place>;
  readonly texts: (store?: LogStore, from?: number) => Promise<readonly string[]>;
  readonly head: (store?: LogStore) => Promise<LogHead>;
}

let trials = 0;

export function createScene(trial: LogStoreTrial, expect: Runner["expect"]): Scene {
  trials += 1;
  const organisation = `org_suite${trials}`;
  const name = { organisation, channel: sampleChannel(1), lane: 1 } as const;
  return {
    ...trial,
    expect,
    organisation,
    name,
    append: async (sample, store = trial.store) =>
      valueOf(await store.append(organisation, sampleEnvelope({ ...first, ...sample }))),
    texts: async (store = trial.store, from = 0) => (await readAll(store, name, from)).map(textOf),
    head: async (store = trial.store) => valueOf(await store.head(name)),
  };
}

export const first: SampleEnvelope = { channel: sampleChannel(1), sequence: 1 };

export async function readAll(
  store: LogStore,
  name: LogName,
  from: number,
): Promise<readonly Stored[]> {
  const all: Stored[] = [];
  for (let at = from; ; at = (all.at(-1)?.offset ?? 0) + 1) {
    const read = valueOf(await store.read(name, { from: at, sizeMaxBytes: 64 }));
    if (read.length === 0) return all;
    all.push(...read);
  }
}

/** In clear, the ciphertext is the text. */
function textOf({ bytes }: Stored): string {
  return new TextDecoder().decode(valueOf(readEnvelope(bytes, crypto)).ciphertext);
}

export function factsOf({ id, first: oldest, next }: LogHead): readonly [string, number, number] {
  return [hex(id), oldest, next];
}

export function valueOf<T>(result: Result<T, unknown>): T {
  if (result.ok) return result.value;
  throw new Error(JSON.stringify(result.error));
}

export interface Counter {
  readonly add: () => void;
  readonly count: () => number;
  readonly reached: (wanted: number) => Promise<void>;
}

export function counter(): Counter {
  let count = 0;
  let waiting: { readonly wanted: number; readonly resolve: () => void }[] = [];
  return {
    add: () => {
      count += 1;
      const due = waiting.filter(({ wanted }) => wanted <= count);
      waiting = waiting.filter(({ wanted }) => wanted > count);
      for (const { resolve } of due) resolve();
    },
    count: () => count,
    reached: (wanted) =>
      count >= wanted
        ? Promise.resolve()
        : new Promise((resolve) => waiting.push({ wanted, resolve })),
  };
}

const crypto = testCrypto(1);
