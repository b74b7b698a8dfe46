/**
 * Everything of the relay protocol that reads bytes from outside, with good ones to damage.
 *
 * @module
 */

import { testRandom } from "@tillmesh/kernel/testing";
import { decodeBundle, encodeBundle, type BundlePorts } from "../bundle.ts";
import { openEnvelope, readEnvelope } from "../envelope.ts";
import {
  decodeClientFrame,
  decodeRelayFrame,
  encodeClientFrame,
  encodeRelayFrame,
} from "../frame.ts";
import { isStatementSignedBy, readStatement } from "../statement.ts";
import {
  sampleClientFrames,
  sampleCrypto,
  sampleDevice,
  sampleEnvelopes,
  sampleKey,
  sampleRelayFrames,
  sampleStatements,
} from "./sample-frames.ts";

export interface FuzzSurface {
  readonly name: string;
  readonly seeds: readonly Uint8Array[];
  /** True if the bytes were taken for good ones. Whatever it is given it neither throws nor rejects. */
  readonly take: (bytes: Uint8Array) => boolean | Promise<boolean>;
}

/** `texts` are signed texts as a till makes them, for bundles. */
export async function relayFuzzSurfaces(
  compression: BundlePorts["compression"],
  texts: readonly string[],
): Promise<readonly FuzzSurface[]> {
  const ports = { compression, crypto: sampleCrypto };
  const document = "ledger/dev_owner/1/1";
  const bundle = { seen: [], items: [{ type: "entries" as const, document, texts }] };
  return [
    {
      name: "frames of a device",
      seeds: sampleClientFrames().map(encodeClientFrame),
      take: (bytes) => decodeClientFrame(bytes).ok,
    },
    {
      name: "frames of a relay",
      seeds: sampleRelayFrames().map(encodeRelayFrame),
      take: (bytes) => decodeRelayFrame(bytes).ok,
    },
    {
      name: "envelopes",
      seeds: sampleEnvelopes().map(({ bytes }) => bytes),
      take: (bytes) => readEnvelope(bytes, sampleCrypto).ok,
    },
    {
      name: "envelopes, opened",
      seeds: sampleEnvelopes().map(({ bytes }) => bytes),
      take: (bytes) => {
        const read = readEnvelope(bytes, sampleCrypto);
        const crypto = { ...sampleCrypto, verify: () => true };
        const { publicKey } = sampleDevice;
        return read.ok && openEnvelope(read.value, { key: sampleKey, publicKey, crypto }).ok;
      },
    },
    {
      name: "statements",
      seeds: sampleStatements(),
      take: (bytes) => {
        const read = readStatement(bytes);
        return read.ok && isStatementSignedBy(read.value, sampleDevice.publicKey, sampleCrypto);
      },
    },
    {
      name: "bundles",
      seeds: [
        await encodeBundle(bundle, ports, "live"),
        await encodeBundle(bundle, ports, "catch-up"),
        // Packing 0, so that damage meets what lies behind the unpacking.
        (await encodeBundle(bundle, { ...ports, compression: noCompression }, "live")).with(1, 0),
      ],
      take: async (bytes) => (await decodeBundle(bytes, ports)).ok,
    },
  ];
}

export interface FuzzCount {
  readonly taken: number;
  readonly refused: number;
}

/** Throws what `take` threw, with the bytes that did it. The same seed damages alike. */
export async function fuzz(
  surface: FuzzSurface,
  { times, seed }: { readonly times: number; readonly seed: number },
): Promise<FuzzCount> {
  const below = dice(seed);
  let taken = 0;
  for (let n = 0; n < times; n += 1) {
    const bytes = damage(surface.seeds[below(surface.seeds.length)]!, below);
    try {
      taken += (await surface.take(bytes)) ? 1 : 0;
    } catch (cause) {
      const hex = Buffer.from(bytes).toString("hex");
      throw new Error(`${surface.name}, seed ${seed}, number ${n}: ${hex}`, { cause });
    }
  }
  return { taken, refused: times - taken };
}

/** A few changes of the kinds that break readers: bits, lengths, pieces out, in, twice, swapped, all at the end. */
export function damage(bytes: Uint8Array, below: (limit: number) => number): Uint8Array {
  let damaged = Uint8Array.from(bytes);
  for (let left = 1 + below(3); left > 0; left -= 1) {
    const at = below(damaged.length + 1);
    const end = Math.min(damaged.length, at + 1 + below(12));
    const how = below(8);
    if (how <= 1) flip(damaged, at, below);
    else if (how === 2) damaged = damaged.slice(0, at);
    else if (how === 3) damaged = spliced(damaged, [at, end], []);
    else if (how === 4) damaged = spliced(damaged, [at, at], [...damaged.subarray(at, end)]);
    else if (how === 5) damaged = spliced(damaged, [at, at], [below(256), below(256)]);
    else if (how === 6) damaged = spliced(damaged, [at, end], [255, 255, 255, 255, 127]);
    else if (at < damaged.length) damaged[at] = border[below(border.length)]!;
  }
  return damaged;
}

const border = [0, 1, 2, 3, 127, 128, 255];

function flip(bytes: Uint8Array, at: number, below: (limit: number) => number): void {
  if (at < bytes.length) bytes[at] = bytes[at]! ^ (1 << below(8));
}

function spliced(
  bytes: Uint8Array,
  [from, to]: readonly [number, number],
  put: readonly number[],
): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(bytes.length - (to - from) + put.length);
  result.set(bytes.subarray(0, from));
  result.set(put, from);
  result.set(bytes.subarray(to), from + put.length);
  return result;
}

function dice(seed: number): (limit: number) => number {
  const random = testRandom(seed);
  let pool: Uint8Array = new Uint8Array();
  let at = 0;
  return (limit) => {
    if (at + 4 > pool.length) {
      pool = random(4_096);
      at = 0;
    }
    const [a = 0, b = 0, c = 0] = pool.subarray(at, at + 3);
    at += 3;
    return ((a << 16) | (b << 8) | c) % Math.max(1, limit);
  };
}

const noCompression: BundlePorts["compression"] = {
  brotli: (bytes) => Promise.resolve(bytes),
  unbrotli: (bytes) => Promise.resolve(bytes),
  deflate: (bytes) => Promise.resolve(bytes),
  inflate: (bytes) => Promise.resolve(bytes),
  turn: () => Promise.resolve(),
};
