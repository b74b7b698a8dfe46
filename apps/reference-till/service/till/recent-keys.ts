/**
 * The requests behind this device's newest entries, from the ledger itself.
 *
 * A lost answer is asked again within minutes. That it is then found does not hang on the
 * read models, which a bad disk may damage without anybody noticing.
 *
 * @module
 */

import type { HeldEntry } from "@tillmesh/kernel";
import type { Replica } from "./replica.ts";

export interface RecentKeys {
  find(key: string): HeldEntry | undefined;
  /** Entries just recorded; those of other devices are passed over. */
  add(entries: readonly HeldEntry[]): void;
}

/** Starts with the newest entries of the ledger that this device goes on with. */
export function createRecentKeys(
  replica: Pick<Replica, "device" | "incarnation" | "ledgers" | "entries">,
): RecentKeys {
  const heldByKey = new Map<string, HeldEntry>();
  const add = (entries: readonly HeldEntry[]) => {
    for (const held of entries) {
      const { key, device } = held.entry;
      if (key === undefined || device !== replica.device.id) continue;
      heldByKey.set(key, held);
      const [oldest] = heldByKey.keys();
      if (heldByKey.size > keptMax && oldest !== undefined) heldByKey.delete(oldest);
    }
  };
  add(newestEntries(replica));
  return { find: (key) => heldByKey.get(key), add };
}

/** Hours of a busy till; a few megabytes at most. */
const keptMax = 2_000;
const readAtStart = 500;

function newestEntries(replica: Parameters<typeof createRecentKeys>[0]): readonly HeldEntry[] {
  const { device, incarnation } = replica;
  const own = replica
    .ledgers()
    .find((one) => one.device === device.id && one.incarnation === incarnation);
  const newest: HeldEntry[] = [];
  for (let after = Math.max(0, (own?.sequence ?? 0) - readAtStart); ;) {
    const page = replica.entries({ device: device.id, incarnation, after, limit: readAtStart });
    const last = page.at(-1);
    if (!last) return newest;
    newest.push(...page);
    after = last.entry.sequence;
  }
}
