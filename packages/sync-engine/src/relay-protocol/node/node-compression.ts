/**
 * Brotli and deflate by node:zlib, off the event loop.
 *
 * @module
 */

import { setImmediate } from "node:timers/promises";
import { promisify } from "node:util";
import { brotliCompress, brotliDecompress, constants, deflateRaw, inflateRaw } from "node:zlib";
import type { Compression } from "../compression.ts";

export function nodeCompression(): Compression {
  return {
    brotli: (bytes) =>
      compress(bytes, {
        params: {
          [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
          [constants.BROTLI_PARAM_QUALITY]: brotliQuality,
          [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
        },
      }),
    unbrotli: (bytes, maxBytes) => orUndefined(decompress(bytes, { maxOutputLength: maxBytes })),
    deflate: (bytes, dictionary) => deflate(bytes, { level: 9, memLevel: 9, dictionary }),
    inflate: (bytes, { dictionary, maxBytes }) =>
      orUndefined(inflate(bytes, { dictionary, maxOutputLength: maxBytes })),
    turn: () => setImmediate(),
  };
}

/** From 9 to 11 a twentieth is gained for a hundred times the work. */
const brotliQuality = 9;
const compress = promisify(brotliCompress);
const decompress = promisify(brotliDecompress);
const deflate = promisify(deflateRaw);
const inflate = promisify(inflateRaw);

async function orUndefined(bytes: Promise<Uint8Array>): Promise<Uint8Array | undefined> {
  try {
    return await bytes;
  } catch {
    return undefined;
  }
}
