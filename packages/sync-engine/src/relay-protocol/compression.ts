/**
 * The port to compression: a runtime's own brotli and deflate.
 *
 * @module
 */

export interface Compression {
  /** Brotli (RFC 7932). */
  brotli(bytes: Uint8Array): Promise<Uint8Array>;
  /** Undefined for bytes that are no brotli, or stand for more than `maxBytes`; never rejects. */
  unbrotli(bytes: Uint8Array, maxBytes: number): Promise<Uint8Array | undefined>;
  /** Deflate (RFC 1951) with a dictionary. */
  deflate(bytes: Uint8Array, dictionary: Uint8Array): Promise<Uint8Array>;
  /** As `unbrotli`. */
  inflate(bytes: Uint8Array, options: InflateOptions): Promise<Uint8Array | undefined>;
  /** Lets the runtime do what else waits. */
  readonly turn: () => Promise<void>;
}

export interface InflateOptions {
  readonly dictionary: Uint8Array;
  readonly maxBytes: number;
}
