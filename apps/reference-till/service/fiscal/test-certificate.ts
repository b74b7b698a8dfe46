/**
 * A certificate that a key issues to itself, for tests: X.509 v3, DER. Good for nothing else, and it says so.
 *
 * @module
 */

import { createPublicKey, randomBytes, sign, type KeyObject } from "node:crypto";

export interface TestCertificate {
  readonly der: Uint8Array;
  /** Hex, lower case, without leading zeros. */
  readonly serial: string;
  readonly notAfterMs: number;
}

/** Of an EC key, signed with ECDSA and SHA-256. */
export function testCertificate(
  key: KeyObject,
  commonName: string,
  nowMs: number,
): TestCertificate {
  const serial = randomBytes(8);
  // Positive, and without a leading zero.
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40;
  const notBeforeMs = nowMs - dayMs;
  const notAfterMs = nowMs + yearsValid * 365 * dayMs;
  const name = sequence(set(sequence(oid(commonNameId), utf8String(`TEST ${commonName}`))));
  const body = sequence(
    tagged(0, integer(Buffer.from([2]))),
    integer(serial),
    ecdsaWithSha256,
    name,
    sequence(utcTime(notBeforeMs), utcTime(notAfterMs)),
    name,
    createPublicKey(key).export({ format: "der", type: "spki" }),
  );
  const signature = sign("sha256", body, key);
  const der = sequence(
    body,
    ecdsaWithSha256,
    element(0x03, Buffer.concat([Buffer.of(0), signature])),
  );
  return { der: new Uint8Array(der), serial: serial.toString("hex"), notAfterMs };
}

const dayMs = 86_400_000;
const yearsValid = 5;
const commonNameId = [0x55, 0x04, 0x03];
const ecdsaWithSha256 = sequence(oid([0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02]));

function element(tag: number, content: Uint8Array): Buffer {
  const { length } = content;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function sequence(...items: readonly Uint8Array[]): Buffer {
  return element(0x30, Buffer.concat(items));
}

function set(...items: readonly Uint8Array[]): Buffer {
  return element(0x31, Buffer.concat(items));
}

function oid(bytes: readonly number[]): Buffer {
  return element(0x06, Buffer.from(bytes));
}

function integer(bytes: Uint8Array): Buffer {
  return element(0x02, bytes);
}

function utf8String(text: string): Buffer {
  return element(0x0c, Buffer.from(text, "utf8"));
}

function tagged(number: number, content: Uint8Array): Buffer {
  return element(0xa0 + number, content);
}

/** `261122100000Z`; good until 2049. */
function utcTime(ms: number): Buffer {
  const text = new Date(ms).toISOString().replaceAll(/[-:T]/g, "").slice(2, 14);
  return element(0x17, Buffer.from(`${text}Z`, "ascii"));
}
