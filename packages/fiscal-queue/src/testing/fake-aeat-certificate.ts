/**
 * A self-signed certificate of an RSA key made on the spot, for tests.
 *
 * @module
 */

import type { KeyObject } from "node:crypto";
import { selfSignedRsa } from "../node/spanish-keys.ts";

export interface TestCertificate {
  readonly privateKey: KeyObject;
  /** Base64. */
  readonly der: string;
  readonly pem: string;
}

/** Issuer and subject bear an identifier of an authority's kind, a name with a comma and a letter beyond ASCII. */
export function testCertificate(): TestCertificate {
  const subject = {
    country: "ES",
    organization: "Café, Té",
    serialNumber: "IDCES-89890001K",
    name: "Prueba #1",
  };
  const { der, privateKey } = selfSignedRsa(subject, {
    serial: Buffer.from("7f0000000000000000000000000000a1", "hex"),
    fromMs: Date.UTC(2026, 0, 1),
    notAfterMs: Date.UTC(2036, 0, 1),
  });
  const base64 = Buffer.from(der).toString("base64");
  const lines = base64.match(/.{1,64}/g) ?? [];
  const pem = ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
  return { privateKey, der: base64, pem };
}
