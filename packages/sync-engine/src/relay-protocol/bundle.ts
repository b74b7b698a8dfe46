/**
 * A bundle: the plaintext of an envelope. PROTOCOL.md §4 (BN).
 *
 *     format 1 | packing | raw: count, bytes | skeleton, packed
 *
 * Its lines, the head (canonical JSON) and then each text, are squeezed into raw bytes and a skeleton.
 *
 * @module
 */

import {
  canonicalJson,
  err,
  ok,
  parseJson,
  type Crypto,
  type Json,
  type JsonObject,
  type Result,
} from "@tillmesh/kernel";
import { bundleDictionary } from "./bundle-dictionary.ts";
import { itemFromHead, itemToParts, type BundleItem, type BundleItemError } from "./bundle-item.ts";
import type { Compression } from "./compression.ts";
import { squeeze } from "./squeeze.ts";
import { unsqueeze } from "./unsqueeze.ts";
import { byte, counted, decode, encode, record, remaining, type MalformedError } from "./wire.ts";

export interface Bundle {
  /** What its publisher has read of the channel since its previous envelope in this chain. */
  readonly seen: readonly SeenPosition[];
  readonly items: readonly BundleItem[];
}

/** The last envelope read of another publisher's chain. */
export type SeenPosition = {
  readonly publisher: string;
  /** Base64url. */
  readonly run: string;
  readonly lane: number;
  readonly sequence: number;
};

export interface BundlePorts {
  readonly compression: Compression;
  readonly crypto: Pick<Crypto, "sha256">;
}

/** No bundle is larger unpacked. */
export const bundleMaxSizeBytes = 16_777_216;

/** One sale that somebody waits for, or much at once. */
export type Effort = "live" | "catch-up";

export async function encodeBundle(
  { seen, items }: Bundle,
  { compression, crypto }: BundlePorts,
  effort: Effort,
): Promise<Uint8Array> {
  const parts = items.map(itemToParts);
  const heads = parts.map(({ head }) => head);
  const lines = [
    canonicalJson({ v: 1, seen, items: heads }),
    ...parts.flatMap(({ texts }) => texts),
  ];
  const { skeleton, raw } = await inTurns(squeeze(lines, crypto), compression);
  const packed =
    effort === "live"
      ? await compression.deflate(skeleton, bundleDictionary)
      : await compression.brotli(skeleton);
  const packing = effort === "live" ? packings.deflate : packings.brotli;
  return encode(bundleField, { format: 1, packing, raw, packed });
}

export async function decodeBundle(
  bytes: Uint8Array,
  { compression, crypto }: BundlePorts,
): Promise<Result<Bundle, BundleError>> {
  if (bytes[0] !== 1) return err({ type: "BundleFormat", found: bytes[0] ?? 0 });
  const read = decode(bundleField, bytes);
  if (!read.ok) return read;
  const { packing, packed, raw } = read.value;
  const unpack = Object.hasOwn(unpackings, packing) ? unpackings[packing] : undefined;
  if (!unpack) return err({ type: "BundlePacking", found: packing });
  const skeleton = await unpack(compression, packed);
  if (!skeleton) return err({ type: "Malformed", at: 2, reason: "does not unpack in its bound" });
  const unsqueezing = unsqueeze({ skeleton, raw }, { charactersMax: bundleMaxSizeBytes, crypto });
  const lines = await inTurns(unsqueezing, compression);
  return lines.ok ? readLines(lines.value) : lines;
}

/** `BundleFormat`, `BundlePacking`: of a later version. */
export type BundleError =
  | { readonly type: "BundleFormat"; readonly found: number }
  | { readonly type: "BundlePacking"; readonly found: number }
  | { readonly type: "BundleHead"; readonly reason: string }
  | BundleItemError
  | MalformedError;

const itemsMax = 4_096;
const seenMax = 10_000;
const packings = { plain: 0, brotli: 1, deflate: 2 } as const;
const unpackings: Readonly<
  Record<number, (by: Compression, packed: Uint8Array) => Promise<Uint8Array | undefined>>
> = {
  [packings.plain]: (_, packed) => Promise.resolve(packed),
  [packings.brotli]: (by, packed) => by.unbrotli(packed, bundleMaxSizeBytes),
  [packings.deflate]: (by, packed) =>
    by.inflate(packed, { dictionary: bundleDictionary, maxBytes: bundleMaxSizeBytes }),
};

/** A thousand entries are too long a turn for a till that sells meanwhile. */
async function inTurns<T>(work: Iterator<undefined, T>, { turn }: Compression): Promise<T> {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
    await turn();
  }
}

interface Packed {
  readonly format: number;
  readonly packing: number;
  readonly raw: Uint8Array;
  readonly packed: Uint8Array;
}

const bundleField = record<Packed>({
  format: byte,
  packing: byte,
  raw: counted(bundleMaxSizeBytes),
  packed: remaining(bundleMaxSizeBytes, 0),
});

function readLines([first = "", ...texts]: readonly string[]): Result<Bundle, BundleError> {
  const head = readHead(first);
  if (!head.ok) return head;
  let used = 0;
  const take = (count: number): readonly string[] | undefined => {
    const taken = texts.slice(used, used + count);
    used += count;
    return taken.length === count ? taken : undefined;
  };
  const items: BundleItem[] = [];
  for (const one of head.value.items) {
    const item = itemFromHead(one, take);
    if (!item.ok) return item;
    items.push(item.value);
  }
  if (used !== texts.length) return err({ type: "BundleHead", reason: "texts of no item" });
  return ok({ seen: head.value.seen, items });
}

interface Head {
  readonly seen: readonly SeenPosition[];
  readonly items: readonly Json[];
}

function readHead(text: string): Result<Head, BundleError> {
  const parsed = parseJson(text, { maxBytes: bundleMaxSizeBytes });
  if (!parsed.ok) return err({ type: "BundleHead", reason: parsed.error.type });
  if (!isObject(parsed.value)) return err({ type: "BundleHead", reason: "no object" });
  const { v, seen, items } = parsed.value;
  if (v !== 1) return err({ type: "BundleHead", reason: "v" });
  if (!Array.isArray(seen) || seen.length > seenMax || !seen.every(isSeen)) {
    return err({ type: "BundleHead", reason: "seen" });
  }
  if (!Array.isArray(items) || items.length > itemsMax) {
    return err({ type: "BundleHead", reason: "items" });
  }
  return ok({ seen, items });
}

function isSeen(value: Json): boolean {
  if (!isObject(value)) return false;
  const { publisher, run, lane, sequence } = value;
  if (typeof publisher !== "string" || publisher.length > 64) return false;
  if (typeof run !== "string" || !/^[\w-]{11}$/.test(run)) return false;
  return [lane, sequence].every((one) => Number.isSafeInteger(one) && (one as number) >= 0);
}

function isObject(value: Json): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
