/**
 * Real Ed25519 keys from a seed, and real cryptography with seeded randomness.
 *
 * @module
 */

import { createPrivateKey, hash } from "node:crypto";
import type { Crypto, Signer } from "../crypto.ts";
import { nodeCrypto, nodeSigner } from "../node/index.ts";
import { testRandom } from "./test-random.ts";

export function testCrypto(seed: number): Crypto {
  return { ...nodeCrypto(), randomBytes: testRandom(seed) };
}

/** The same seed gives the same key. */
export function testSigner(seed: number): Signer {
  const secret = hash("sha256", `tillmesh test key ${seed}`, "buffer");
  const der = Buffer.concat([pkcs8Prefix, secret]);
  const key = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  return nodeSigner(key.export({ type: "pkcs8", format: "pem" }).toString());
}

// RFC 8410: what comes before the 32 bytes of an Ed25519 seed in PKCS #8.
const pkcs8Prefix = Uint8Array.from([48, 46, 2, 1, 0, 48, 5, 6, 3, 43, 101, 112, 4, 34, 4, 32]);
