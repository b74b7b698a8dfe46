/**
 * The one Automerge change that a signed fact may be carried by. SPEC.md §3 (CH).
 *
 * Owner and receivers derive the change from the fact and the branch it
 * continues: same actor, same dependencies, same operations in the same order,
 * no time and no message. The owner sends it; a receiver compares its hash. So
 * nobody can wrap a genuine fact in another change, add an operation to it, or
 * move a counter by anything but the entry's movements.
 *
 * @module
 */

import { hex, type Crypto } from "@tillmesh/kernel";
import { encodeChunk, type ChangeFrame, type ChunkOp } from "./change-chunk.ts";

/** A change ready to be applied, and the hash it is known by. */
export interface MadeChange {
  readonly bytes: Uint8Array;
  readonly hash: string;
}

/** Encodes the change that carries a fact. */
export function encodePlan(
  frame: ChangeFrame,
  ops: readonly ChunkOp[],
  crypto: Pick<Crypto, "sha256">,
): MadeChange {
  const { bytes, digest } = encodeChunk(frame, ops, crypto);
  return { bytes, hash: hex(digest) };
}
