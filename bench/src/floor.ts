/**
 * What no commit can beat: the same bytes appended and synced, and one signature.
 *
 * @module
 */

import { generateKeyPairSync, sign } from "node:crypto";
import fs from "node:fs";
import { timed } from "./measure.ts";

export interface AppendFloor {
  /** Milliseconds for one write and one fdatasync at the end of what was written before. */
  append(bytes: Uint8Array): number;
  end(): void;
}

/** A file filled and synced ahead, as the change log's segments are. */
export function openAppendFloor(path: string, sizeBytes: number): AppendFloor {
  const descriptor = fs.openSync(path, "w");
  fs.writeSync(descriptor, new Uint8Array(sizeBytes), 0, sizeBytes, 0);
  fs.fdatasyncSync(descriptor);
  let usedBytes = 0;
  return {
    append: (bytes) => {
      if (usedBytes + bytes.length > sizeBytes) usedBytes = 0;
      const ms = timed(() => {
        fs.writeSync(descriptor, bytes, 0, bytes.length, usedBytes);
        fs.fdatasyncSync(descriptor);
      });
      usedBytes += bytes.length;
      return ms;
    },
    end: () => fs.closeSync(descriptor),
  };
}

/** Milliseconds for one Ed25519 signature over a digest. */
export function createSignatureFloor(): () => number {
  const { privateKey } = generateKeyPairSync("ed25519");
  const digest = new Uint8Array(32).fill(7);
  return () => timed(() => sign(null, digest, privateKey));
}
