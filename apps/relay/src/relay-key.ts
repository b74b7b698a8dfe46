/**
 * The relay's own Ed25519 key: it signs what was stored, and is known to devices since they first met it.
 *
 * @module
 */

import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import type { Signer } from "@tillmesh/kernel";
import { nodeSigner } from "@tillmesh/kernel/node";

/** Reads the key, or makes one that only this user can read. Throws if it can do neither. */
export function relayKey(file: string): Signer {
  if (!fs.existsSync(file)) makeKey(file);
  return nodeSigner(fs.readFileSync(file, "utf8"));
}

/** From the 32 bytes that an Ed25519 key is (RFC 8410). */
export function seedToSigner(seed: Uint8Array): Signer {
  const head = Buffer.from("302e020100300506032b657004220420", "hex");
  const der = Buffer.concat([head, seed]);
  const privateKey = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  return nodeSigner(privateKey.export({ type: "pkcs8", format: "pem" }).toString());
}

function makeKey(file: string): void {
  const { privateKey } = generateKeyPairSync("ed25519");
  const directory = path.dirname(file);
  const temporary = `${file}.${process.pid}.tmp`;
  fs.mkdirSync(directory, { recursive: true, mode: 0o700 });
  const descriptor = fs.openSync(temporary, "wx", 0o600);
  fs.writeSync(descriptor, privateKey.export({ type: "pkcs8", format: "pem" }).toString());
  fs.fsyncSync(descriptor);
  fs.closeSync(descriptor);
  fs.renameSync(temporary, file);
  const held = fs.openSync(directory, "r");
  fs.fsyncSync(held);
  fs.closeSync(held);
}
