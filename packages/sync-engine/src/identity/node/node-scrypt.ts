/**
 * scrypt by node:crypto, off the event loop.
 *
 * @module
 */

import { scrypt } from "node:crypto";
import type { DeriveKey } from "../passphrase.ts";

export const nodeScrypt: DeriveKey = (passphrase, salt, costLog2) => {
  const cost = 2 ** costLog2;
  // RFC 7914: 128 * N * r bytes, and a little for the rest.
  const options = { N: cost, r: 8, p: 1, maxmem: 128 * cost * 8 + 1_048_576 };
  return new Promise((resolve, reject) => {
    scrypt(passphrase, salt, 32, options, (error, key) => {
      if (error === null) resolve(new Uint8Array(key));
      else reject(error);
    });
  });
};
