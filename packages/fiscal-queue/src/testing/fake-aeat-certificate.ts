/**
 * A self-signed certificate of an RSA key made on the spot, for tests.
 *
 * @module
 */

import { generateKeyPairSync, sign, type KeyObject } from "node:crypto";

export interface TestCertificate {
  readonly privateKey: KeyObject;
  /** Base64. */
  readonly der: string;
  readonly pem: string;
}

/** Issuer and subject bear an identifier of an authority's kind, a name with a comma and a letter beyond ASCII. */
export function testCertificate(): TestCertificate {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const algorithm = seq(oid("2a864886f70d01010b"), der(0x05));
  const name = seq(
    rdn("550406", der(0x13, text("ES"))),
    rdn("55040a", der(0x0c, text("Café, Té"))),
    rdn("550405", der(0x13, text("IDCES-89890001K"))),
    rdn("550403", der(0x0c, text("Prueba #1"))),
  );
  const time = (value: string): Buffer => der(0x17, text(value));
  const body = seq(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from("7f0000000000000000000000000000a1", "hex")),
    algorithm,
    name,
    seq(time("260101000000Z"), time("360101000000Z")),
    name,
    publicKey.export({ format: "der", type: "spki" }),
  );
  const signature = sign("sha256", body, privateKey);
  const whole = seq(body, algorithm, der(0x03, Buffer.from([0]), signature));
  const base64 = whole.toString("base64");
  const lines = base64.match(/.{1,64}/g) ?? [];
  const pem = ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
  return { privateKey, der: base64, pem };
}

function der(tag: number, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  const size = content.length;
  const length = size < 128 ? [size] : size < 256 ? [0x81, size] : [0x82, size >> 8, size & 255];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
}

function seq(...contents: readonly Buffer[]): Buffer {
  return der(0x30, ...contents);
}

function rdn(type: string, value: Buffer): Buffer {
  return der(0x31, seq(oid(type), value));
}

function oid(content: string): Buffer {
  return der(0x06, Buffer.from(content, "hex"));
}

function text(value: string): Buffer {
  return Buffer.from(value, "utf8");
}
