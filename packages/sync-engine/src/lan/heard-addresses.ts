/**
 * The addresses that were heard and are worth dialling: few, and for a while. SPEC.md §7 (DS).
 *
 * Anybody on the network can say anything. So one host has few places, what is heard anew
 * takes the place of what was heard longest ago, and nothing takes the place of an address that is linked.
 *
 * @module
 */

import type { LanAddress } from "./lan.ts";

export interface HeardAddress extends LanAddress {
  /** Who is said to be there. */
  readonly device: string;
  readonly untilMs: number;
}

/** Mutable: owned by one network. */
export interface HeardAddresses {
  /** Takes a word. Answers with what is to be dialled and what no longer. */
  hear(word: HeardAddress, isLinked: (address: HeardAddress) => boolean): HeardNews;
  /** Somebody takes an address back. */
  forget(host: string, device: string): readonly HeardAddress[];
  /** What nobody has repeated in time; what is linked stays. */
  expire(nowMs: number, isLinked: (address: HeardAddress) => boolean): readonly HeardAddress[];
  all(): readonly HeardAddress[];
}

export interface HeardNews {
  readonly added: readonly HeardAddress[];
  readonly removed: readonly HeardAddress[];
}

export const heardMax = 64;
export const heardPerHostMax = 4;

export function createHeardAddresses(): HeardAddresses {
  // In the order in which they were last heard.
  const heard = new Map<string, HeardAddress>();
  const remove = (isGone: (one: HeardAddress) => boolean): readonly HeardAddress[] => {
    const gone = [...heard.values()].filter(isGone);
    for (const one of gone) heard.delete(keyOf(one));
    return gone;
  };
  return {
    hear: (word, isLinked) => {
      const key = keyOf(word);
      const known = heard.get(key);
      if (known) {
        heard.delete(key);
        heard.set(key, word);
        return { added: [], removed: [] };
      }
      const all = [...heard.values()];
      const ofHost = all.filter(({ host }) => host === word.host);
      const rivals = ofHost.length >= heardPerHostMax ? ofHost : all;
      const isRoom = rivals === all && all.length < heardMax;
      const oldest = rivals.find((one) => !isLinked(one));
      if (!isRoom && !oldest) return { added: [], removed: [] };
      const removed = isRoom || !oldest ? [] : remove((one) => one === oldest);
      heard.set(key, word);
      return { added: [word], removed };
    },
    forget: (host, device) => remove((one) => one.host === host && one.device === device),
    expire: (nowMs, isLinked) => remove((one) => one.untilMs < nowMs && !isLinked(one)),
    all: () => [...heard.values()],
  };
}

function keyOf({ host, port }: LanAddress): string {
  return `${host} ${port}`;
}
