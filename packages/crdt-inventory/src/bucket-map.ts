/**
 * A map that shares most of itself with the map it was made from.
 *
 * A shop has tens of thousands of SKUs and each sale touches three; copying one bucket of a
 * thousand keeps folds pure and a step cheap. Nothing depends on the order of its items.
 *
 * @module
 */

export interface BucketMap<T> {
  readonly buckets: readonly (ReadonlyMap<string, T> | undefined)[];
}

export const emptyBucketMap: BucketMap<never> = { buckets: [] };

export function getItem<T>(map: BucketMap<T>, key: string): T | undefined {
  return map.buckets[bucketOf(key)]?.get(key);
}

export function setItem<T>(map: BucketMap<T>, key: string, item: T): BucketMap<T> {
  const index = bucketOf(key);
  const buckets = map.buckets.length === 0 ? emptyBuckets<T>() : [...map.buckets];
  buckets[index] = new Map(buckets[index]).set(key, item);
  return { buckets };
}

export function itemsOf<T>(map: BucketMap<T>): readonly T[] {
  return map.buckets.flatMap((bucket) => (bucket === undefined ? [] : [...bucket.values()]));
}

const bucketCount = 1024;

function emptyBuckets<T>(): (ReadonlyMap<string, T> | undefined)[] {
  return Array.from({ length: bucketCount });
}

// FNV-1a over UTF-16 code units.
function bucketOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i += 1) {
    hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  }
  return (hash ^ (hash >>> 16)) & (bucketCount - 1);
}
