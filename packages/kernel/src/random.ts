/**
 * Where randomness comes from: it is passed in, so that a seed repeats a run.
 *
 * @module
 */

/** `sizeBytes` fresh bytes; from a cryptographic source outside of tests. */
export type Random = (sizeBytes: number) => Uint8Array;
