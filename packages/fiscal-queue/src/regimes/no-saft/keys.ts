/**
 * RSA keys and shared keys of a Norwegian till. SPEC.md §12 (RNR).
 *
 * @module
 */

import { err, ok, type Result } from "@tillmesh/kernel";
import { fromBase64 } from "../../base64.ts";

/**
 * A shared key of 128 bits as it is handed over: 16 characters are its bytes, 24 characters base64 of
 * them. Source: the validator of the tax administration.
 */
export function hmacKeyOf(text: string): Result<Uint8Array, KeyError> {
  if (/^[\x20-\x7e]{16}$/.test(text)) return ok(new TextEncoder().encode(text));
  const bytes = text.length === 24 ? fromBase64(text) : undefined;
  return bytes?.length === 16 ? ok(bytes) : err({ type: "HmacKey", length: text.length });
}

export interface KeyError {
  readonly type: "HmacKey";
  readonly length: number;
}

/** The name of a key's bytes in `SealContext.secrets`: of 16 bytes, or of the text of 24 characters. */
export function hmacSecretName(keyId: string): string {
  return `no-saft:${keyId}`;
}

export function hmacSecret(
  secrets: Readonly<Record<string, Uint8Array>>,
  keyId: string,
): Uint8Array | undefined {
  const name = hmacSecretName(keyId);
  const bytes = Object.hasOwn(secrets, name) ? secrets[name] : undefined;
  if (bytes === undefined || bytes.length === 16) return bytes;
  const read = hmacKeyOf(new TextDecoder().decode(bytes));
  return read.ok ? read.value : undefined;
}

/** Of an RSA public key as SPKI DER; undefined for anything else. */
export function rsaModulusBits(spki: Uint8Array): number | undefined {
  const modulus = modulusOf(spki);
  if (modulus === undefined) return undefined;
  const start = spki[modulus.start] === 0 ? modulus.start + 1 : modulus.start;
  return (modulus.end - start) * 8 - Math.clz32(spki[start] ?? 0) + 24;
}

/** SEQUENCE { SEQUENCE { rsaEncryption, NULL }, BIT STRING { SEQUENCE { modulus, exponent } } } */
function modulusOf(spki: Uint8Array): Element | undefined {
  const outer = element(spki, 0, 0x30);
  const algorithm = outer && element(spki, outer.start, 0x30);
  const id = algorithm && element(spki, algorithm.start, 0x06);
  if (id === undefined || !isRsa(spki.subarray(id.start, id.end))) return undefined;
  const bits = element(spki, algorithm?.end ?? 0, 0x03);
  const key = bits && element(spki, bits.start + 1, 0x30);
  return key && element(spki, key.start, 0x02);
}

interface Element {
  readonly start: number;
  readonly end: number;
}

/** Lengths of one to three bytes: keys are far below 64 KiB. */
function element(bytes: Uint8Array, at: number, tag: number): Element | undefined {
  const first = bytes[at + 1];
  if (bytes[at] !== tag || first === undefined) return undefined;
  const extra = first < 0x80 ? 0 : first - 0x80;
  if (extra > 2) return undefined;
  let length = extra === 0 ? first : 0;
  for (let i = 0; i < extra; i += 1) length = length * 256 + (bytes[at + 2 + i] ?? 0);
  const start = at + 2 + extra;
  return start + length <= bytes.length ? { start, end: start + length } : undefined;
}

const rsaEncryption = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];

function isRsa(id: Uint8Array): boolean {
  return id.length === rsaEncryption.length && rsaEncryption.every((byte, i) => id[i] === byte);
}
