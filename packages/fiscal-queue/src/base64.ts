/**
 * Bytes as base64 with padding, RFC 4648 section 4.
 *
 * @module
 */

import { base64url, fromBase64url } from "@tillmesh/kernel";

export function base64(bytes: Uint8Array): string {
  const text = base64url(bytes).replaceAll("-", "+").replaceAll("_", "/");
  return text.padEnd(Math.ceil(text.length / 4) * 4, "=");
}

/** `undefined` unless it is what `base64` writes for some bytes. */
export function fromBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined;
  const bare = text.replace(/=+$/, "").replaceAll("+", "-").replaceAll("/", "_");
  const bytes = fromBase64url(bare);
  return bytes.ok && base64(bytes.value) === text ? bytes.value : undefined;
}
