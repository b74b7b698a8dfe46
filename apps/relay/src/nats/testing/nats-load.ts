/**
 * Publishers that append to a store, each its own chain, as devices do: one after the other, again until answered.
 *
 * @module
 */

import { setTimeout as wait } from "node:timers/promises";
import { hex } from "@tillmesh/kernel";
import type { LogName, LogStore } from "../../log-store.ts";
import { counter, valueOf } from "../../testing/log-store-scene.ts";
import { sampleEnvelope } from "../../testing/sample-envelope.ts";

export interface Load {
  /** Resolves when so many were answered "stored". */
  readonly reached: (count: number) => Promise<void>;
  /** Ends when what is under way is answered. */
  readonly stop: () => Promise<Answered>;
}

export interface Answered {
  /** `<offset> <hash>` of all that were answered. */
  readonly stored: readonly string[];
  /** Answers that no honest publisher should get. */
  readonly forks: number;
  /** How often the answer was "unavailable". */
  readonly refusals: number;
}

export interface LoadOptions {
  readonly stores: readonly LogStore[];
  readonly name: LogName;
  readonly publishers: number;
}

export function startLoad({ stores, name, publishers }: LoadOptions): Load {
  const told = counter();
  const stored: string[] = [];
  let forks = 0;
  let refusals = 0;
  const ending = new AbortController();
  const publish = async (number: number): Promise<void> => {
    for (let sequence = 1; !ending.signal.aborted; sequence += 1) {
      const envelope = sampleEnvelope({
        channel: name.channel,
        lane: name.lane,
        publisher: `dev_load${number}`,
        sequence,
        text: `${number} ${sequence} ${"x".repeat(200)}`,
      });
      for (let attempt = 0; ; attempt += 1) {
        // The balancer may lead to any of them.
        const store = stores[(number + sequence + attempt) % stores.length]!;
        const answer = await store.append(name.organisation, envelope);
        if (answer.ok) {
          stored.push(`${answer.value.offset} ${hex(envelope.hash)}`);
          told.add();
          break;
        }
        if (answer.error.type === "Fork") {
          forks += 1;
          break;
        }
        refusals += 1;
        await wait(20);
      }
    }
  };
  const all = Promise.all(Array.from({ length: publishers }, async (_, number) => publish(number)));
  return {
    reached: told.reached,
    stop: async () => {
      ending.abort();
      await all;
      return { stored, forks, refusals };
    },
  };
}

/** `<offset> <hash>` of all that is there, as a reader gets it. */
export async function allInLog(store: LogStore, name: LogName): Promise<readonly string[]> {
  const all: string[] = [];
  for (let from = 0; ;) {
    const read = valueOf(await store.read(name, { from, sizeMaxBytes: 262_144 }));
    if (read.length === 0) return all;
    all.push(...read.map(({ offset, hash }) => `${offset} ${hex(hash)}`));
    from = read.at(-1)!.offset + 1;
  }
}
