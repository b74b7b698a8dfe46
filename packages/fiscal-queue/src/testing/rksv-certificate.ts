/**
 * A self-signed certificate of a P-256 key, as a signature card carries one, for tests.
 *
 * @module
 */

import { createPublicKey, sign, type KeyObject } from "node:crypto";

/** DER, base64. `serial` is hex of whole bytes. */
export function rksvCertificate(privateKey: KeyObject, serial: string): string {
  const algorithm = sequence(der(0x06, bytes("2a8648ce3d040302")));
  const name = sequence(
    der(0x31, sequence(der(0x06, bytes("550403")), der(0x0c, Buffer.from("Prüfkarte")))),
  );
  const times = ["260101000000Z", "310101000000Z"].map((time) => der(0x17, Buffer.from(time)));
  const body = sequence(
    der(0xa0, der(0x02, bytes("02"))),
    // Unsigned: a leading zero keeps it positive.
    der(0x02, bytes(`00${serial}`)),
    algorithm,
    name,
    sequence(...times),
    name,
    createPublicKey(privateKey).export({ format: "der", type: "spki" }),
  );
  const signature = der(0x03, Buffer.concat([bytes("00"), sign("sha256", body, privateKey)]));
  return sequence(body, algorithm, signature).toString("base64");
}

function sequence(...contents: readonly Buffer[]): Buffer {
  return der(0x30, Buffer.concat(contents));
}

function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size =
    length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function bytes(hex: string): Buffer {
  return Buffer.from(hex, "hex");
}
