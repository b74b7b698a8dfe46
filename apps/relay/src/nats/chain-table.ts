/**
 * Chains that this process appended to lately: one append at a time each, and what it believes to be the newest.
 *
 * The belief saves a question. The stream decides, by the sequence expected for the chain's subject; so two relays
 * that append to one chain at once cannot both succeed.
 *
 * @module
 */

import type { StoreFault } from "../log-store.ts";
import type { Mark } from "./mark.ts";

export interface Chain {
  readonly token: string;
  newest: Newest | undefined;
  /** Where an envelope that came again was found last. */
  found: { readonly stream: string; readonly sequence: number; readonly place: number } | undefined;
  /** Resolves when all appends so far are done. */
  tail: Promise<unknown>;
  waiting: number;
  failures: number;
  lastFault: StoreFault | undefined;
  /** This sequence was not answered: what follows it waits until it came again, or for a while. */
  held: { readonly sequence: number; readonly untilMs: number } | undefined;
}

/** The newest envelope of a chain. */
export interface Newest {
  /** Of the stream that says so. */
  readonly stream: string;
  /** Place of the newest message on the chain's subject; 0 if none is there. */
  readonly place: number;
  /** Undefined: nobody ever wrote to the chain. */
  readonly mark: Mark | undefined;
  /** Of the newest envelope; it may have been released. */
  readonly offset: number;
}

export type ChainTable = Map<string, Chain>;

/** Forgets the one that was unused longest, if there are too many. */
export function chainOf(table: ChainTable, key: string, token: string): Chain {
  const chain = table.get(key) ?? {
    token,
    newest: undefined,
    found: undefined,
    tail: Promise.resolve(),
    waiting: 0,
    failures: 0,
    lastFault: undefined,
    held: undefined,
  };
  table.delete(key);
  table.set(key, chain);
  if (table.size > chainsMax) dropIdle(table);
  return chain;
}

function dropIdle(table: ChainTable): void {
  for (const [key, { waiting }] of table) {
    if (waiting > 0) continue;
    table.delete(key);
    return;
  }
}

const chainsMax = 20_000;
