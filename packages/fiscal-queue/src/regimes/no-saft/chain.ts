/**
 * How one document holds on to the one before, and whose signature it bears. SPEC.md §12 (RNR).
 *
 * @module
 */

import { utf8 } from "@tillmesh/kernel";
import type { StreamKey } from "../../document.ts";
import type { FiscalCrypto } from "../../ports.ts";
import type { SealContext } from "../../regime.ts";
import { base64, fromBase64 } from "../../base64.ts";
import { hmacSecret } from "./keys.ts";

/** Over the hash before and all that the document says, its signature included. */
export function documentHash(
  { previous, text }: { readonly previous: string; readonly text: string },
  crypto: FiscalCrypto,
): string {
  return base64(crypto.sha256(utf8(`${previous}\n${text}`)));
}

/** `unknown`: a shared key that is not on this device. */
export function checkSignature(
  { keyId, publicKey }: StreamKey,
  { data, signature }: { readonly data: Uint8Array; readonly signature: Uint8Array },
  { crypto, secrets }: Pick<SealContext, "crypto" | "secrets">,
): "right" | "wrong" | "unknown" {
  if (publicKey !== undefined) {
    const spki = fromBase64(publicKey);
    const isRight = spki !== undefined && crypto.verify("rsa-sha1", spki, data, signature);
    return isRight ? "right" : "wrong";
  }
  const secret = hmacSecret(secrets, keyId);
  if (secret === undefined) return "unknown";
  return base64(crypto.hmacSha1(secret, data)) === base64(signature) ? "right" : "wrong";
}
