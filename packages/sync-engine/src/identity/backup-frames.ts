/**
 * The frames of a backup file.
 *
 *     a line of text that says what it is, and that it is secret
 *     frame: kind 1 | name length 2 | body length 4 | name | body | hash 32
 *     ...
 *
 * Big-endian. A frame's hash is SHA-256 over the hash before it, its own head
 * and name, and the SHA-256 of its body: a flipped, missing, repeated or moved
 * byte anywhere is found at the latest with the frame it is in. Rules: SPEC.md
 * [BU2], [BU3].
 *
 * @module
 */

import { err, hex, ok, utf8, type Crypto, type Result } from "@tillmesh/kernel";
import { concat, type ByteReader } from "./byte-reader.ts";

export interface Frame {
  readonly kind: FrameKind;
  readonly name: string;
  readonly body: Uint8Array;
}

export type FrameKind = "header" | "section" | "end";

export const firstLine: Uint8Array = utf8(
  "TILLMESH BACKUP 1 - SECRET: whoever has this file can be this device\n",
);

export const bodyMaxBytes: number = 64 * 1024 * 1024;
export const nameMaxBytes = 200;

/** The hash that the first frame continues. */
export function firstHash(crypto: Crypto): Uint8Array {
  return crypto.sha256(firstLine);
}

export function writeFrame(
  frame: Frame,
  previousHash: Uint8Array,
  crypto: Crypto,
): { readonly pieces: readonly Uint8Array[]; readonly hash: Uint8Array } {
  const name = utf8(frame.name);
  const head = new Uint8Array(headSizeBytes);
  const view = new DataView(head.buffer);
  view.setUint8(0, kinds.indexOf(frame.kind) + 1);
  view.setUint16(1, name.length);
  view.setUint32(3, frame.body.length);
  const hash = crypto.sha256(concat([previousHash, head, name, crypto.sha256(frame.body)]));
  return { pieces: [head, name, frame.body, hash], hash };
}

export async function readFrame(
  reader: ByteReader,
  previousHash: Uint8Array,
  crypto: Crypto,
): Promise<Result<{ readonly frame: Frame; readonly hash: Uint8Array }, FrameError>> {
  const head = await reader.read(headSizeBytes);
  if (head.length < headSizeBytes) return err({ type: "BackupTruncated" });
  const view = new DataView(head.buffer);
  const kind = kinds[view.getUint8(0) - 1];
  const nameSize = view.getUint16(1);
  const bodySize = view.getUint32(3);
  if (kind === undefined || nameSize > nameMaxBytes || bodySize > bodyMaxBytes) {
    return err({ type: "BackupDamaged" });
  }
  const name = await reader.read(nameSize);
  const body = await reader.read(bodySize);
  const found = await reader.read(hashSizeBytes);
  if (found.length < hashSizeBytes) return err({ type: "BackupTruncated" });
  const hash = crypto.sha256(concat([previousHash, head, name, crypto.sha256(body)]));
  if (hex(hash) !== hex(found)) return err({ type: "BackupDamaged" });
  return ok({ frame: { kind, name: new TextDecoder().decode(name), body }, hash });
}

export type FrameError = { readonly type: "BackupTruncated" } | { readonly type: "BackupDamaged" };

const kinds: readonly FrameKind[] = ["header", "section", "end"];
const headSizeBytes = 7;
const hashSizeBytes = 32;
