/**
 * So many per second, and some at once.
 *
 * @module
 */

/** Mutable: owned by what it limits. */
export interface TokenBucket {
  readonly perMs: number;
  readonly most: number;
  left: number;
  atMs: number;
}

export function createTokenBucket(perSecond: number, atOnce: number, nowMs: number): TokenBucket {
  return { perMs: perSecond / 1_000, most: atOnce, left: atOnce, atMs: nowMs };
}

/** Takes `count` if they are there. */
export function take(bucket: TokenBucket, count: number, nowMs: number): boolean {
  refill(bucket, nowMs);
  if (bucket.left < count) return false;
  bucket.left -= count;
  return true;
}

/** Takes them in any case; answers how long to wait until none are owed. */
export function takeAnyway(bucket: TokenBucket, count: number, nowMs: number): number {
  refill(bucket, nowMs);
  bucket.left -= count;
  return bucket.left >= 0 ? 0 : -bucket.left / bucket.perMs;
}

export function isFull(bucket: TokenBucket, nowMs: number): boolean {
  refill(bucket, nowMs);
  return bucket.left === bucket.most;
}

/** A clock that goes back gives nothing. */
function refill(bucket: TokenBucket, nowMs: number): void {
  const passedMs = Math.max(0, nowMs - bucket.atMs);
  bucket.left = Math.min(bucket.most, bucket.left + passedMs * bucket.perMs);
  bucket.atMs = nowMs;
}
