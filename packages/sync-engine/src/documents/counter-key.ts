/**
 * Where an entry's movements land in its document's stock counters. SPEC.md §3 (CO).
 *
 * @module
 */

import { assert, type Entry, type LocationId, type Sku } from "@tillmesh/kernel";
import { counterBucketCount } from "./genesis.ts";

/** One increment of one counter. */
export interface Increment {
  /** `<location>/<sku>` */
  readonly key: string;
  readonly bucket: number;
  readonly milli: number;
}

/** The increments of an entry, one per key, in key order; sums of zero leave no trace. */
export function incrementsOf(entry: Pick<Entry, "movements">): readonly Increment[] {
  const sums = new Map<string, number>();
  for (const { location, sku, quantityMilli } of entry.movements ?? []) {
    const key = counterKey(location, sku);
    sums.set(key, (sums.get(key) ?? 0) + quantityMilli);
  }
  return [...sums]
    .filter(([, milli]) => milli !== 0)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, milli]) => ({ key, bucket: bucketOf(key), milli }));
}

export function counterKey(location: LocationId, sku: Sku): string {
  return `${location}/${sku}`;
}

/** The location and SKU of a counter key; a SKU may itself hold slashes. */
export function parseCounterKey(key: string): { readonly location: LocationId; readonly sku: Sku } {
  const slash = key.indexOf("/");
  assert(slash > 0, `counter key ${key} names a location`);
  return { location: key.slice(0, slash) as LocationId, sku: key.slice(slash + 1) as Sku };
}

/** FNV-1a over UTF-16 code units: spreads keys evenly, the same on every device. */
function bucketOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < key.length; index += 1) {
    hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193) >>> 0;
  }
  return hash % counterBucketCount;
}
