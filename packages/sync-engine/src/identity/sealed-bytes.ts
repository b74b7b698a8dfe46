/**
 * Bytes under a passphrase.
 *
 *     "TMK" | version 1 | log2 N | r | p | salt 16 | nonce 12 | AES-256-GCM ciphertext and tag
 *
 * Everything before the ciphertext is authenticated with it. Rules: SPEC.md
 * [RK2], [RK3].
 *
 * @module
 */

import { assert, err, ok, type Crypto, type Result } from "@tillmesh/kernel";
import type { DeriveKey } from "./passphrase.ts";

export interface SealOptions {
  readonly passphrase: string;
  readonly costLog2: number;
}

export async function sealBytes(
  plain: Uint8Array,
  { passphrase, costLog2 }: SealOptions,
  { crypto, deriveKey }: { readonly crypto: Crypto; readonly deriveKey: DeriveKey },
): Promise<Uint8Array> {
  assert(costLog2 >= costLog2Min && costLog2 <= costLog2Max, "the cost is within its bounds");
  const salt = crypto.randomBytes(saltSizeBytes);
  const nonce = crypto.randomBytes(nonceSizeBytes);
  const parameters = [version, costLog2, scryptR, scryptP];
  const head = Uint8Array.from([...magic, ...parameters, ...salt, ...nonce]);
  const key = await importKey(await deriveKey(passphrase, salt, costLog2));
  const sealed = await globalThis.crypto.subtle.encrypt(
    gcm(nonce, head),
    key,
    new Uint8Array(plain),
  );
  return Uint8Array.from([...head, ...new Uint8Array(sealed)]);
}

/** The bytes are whole (a checksum said so), so what does not open has another passphrase. */
export async function openSealed(
  sealed: Uint8Array,
  passphrase: string,
  deriveKey: DeriveKey,
): Promise<Result<Uint8Array, OpenSealedError>> {
  const head = sealed.slice(0, headSizeBytes);
  const parameters = readParameters(head);
  if (!parameters.ok) return parameters;
  const { costLog2, salt, nonce } = parameters.value;
  const key = await importKey(await deriveKey(passphrase, salt, costLog2));
  const cipherText = new Uint8Array(sealed.slice(headSizeBytes));
  try {
    const plain = await globalThis.crypto.subtle.decrypt(gcm(nonce, head), key, cipherText);
    return ok(new Uint8Array(plain));
  } catch {
    return err({ type: "WrongPassphrase" });
  }
}

export type OpenSealedError =
  | { readonly type: "NotAKit" }
  | { readonly type: "KitVersion"; readonly found: number; readonly known: number }
  | {
      readonly type: "KitParameters";
      readonly costLog2: number;
      readonly r: number;
      readonly p: number;
    }
  | { readonly type: "WrongPassphrase" };

const magic = [0x54, 0x4d, 0x4b] as const;
const version = 1;
const scryptR = 8;
const scryptP = 1;
const costLog2Min = 15;
const costLog2Max = 18;
const saltSizeBytes = 16;
const nonceSizeBytes = 12;
const headSizeBytes = magic.length + 4 + saltSizeBytes + nonceSizeBytes;

interface Parameters {
  readonly costLog2: number;
  readonly salt: Uint8Array;
  readonly nonce: Uint8Array;
}

function readParameters(head: Uint8Array): Result<Parameters, OpenSealedError> {
  const isOurs = magic.every((byte, index) => head[index] === byte);
  if (!isOurs || head.length < headSizeBytes) return err({ type: "NotAKit" });
  const [found, costLog2, r, p] = head.slice(magic.length) as unknown as FourBytes;
  if (found !== version) return err({ type: "KitVersion", found, known: version });
  const isBounded = costLog2 >= costLog2Min && costLog2 <= costLog2Max;
  if (!isBounded || r !== scryptR || p !== scryptP) {
    return err({ type: "KitParameters", costLog2, r, p });
  }
  const nonceAt = headSizeBytes - nonceSizeBytes;
  const salt = head.slice(nonceAt - saltSizeBytes, nonceAt);
  return ok({ costLog2, salt, nonce: head.slice(nonceAt) });
}

type FourBytes = readonly [number, number, number, number];

type GcmKey = Awaited<ReturnType<typeof globalThis.crypto.subtle.importKey>>;

function importKey(raw: Uint8Array): Promise<GcmKey> {
  return globalThis.crypto.subtle.importKey("raw", new Uint8Array(raw), "AES-GCM", false, [
    "encrypt",
    "decrypt",
  ]);
}

function gcm(nonce: Uint8Array, head: Uint8Array) {
  return { name: "AES-GCM", iv: new Uint8Array(nonce), additionalData: new Uint8Array(head) };
}
