/**
 * What a signature says of its certificate: issuer, serial number and key, read from DER.
 *
 * Source: RFC 5280 section 4.1, names as RFC 4514 writes them.
 *
 * @module
 */

import { hex } from "@tillmesh/kernel";

export interface CertificateFacts {
  /** RFC 4514: the last part of the name first. */
  readonly issuer: string;
  /** Decimal. */
  readonly serial: string;
  /** SPKI, DER. */
  readonly publicKey: Uint8Array;
}

/** `undefined` for what is no certificate. */
export function readCertificate(der: Uint8Array): CertificateFacts | undefined {
  try {
    const fields = partsOf(contentOf(partsOf(readPart(der, 0))[0]));
    const at = fields[0]?.tag === versionTag ? 1 : 0;
    const [serial, , issuer, , , publicKey] = fields.slice(at);
    return {
      issuer: nameOf(contentOf(issuer)),
      serial: BigInt(`0x${hex(contentOf(serial).bytes)}`).toString(),
      publicKey: contentOf(publicKey).whole,
    };
  } catch {
    return undefined;
  }
}

interface Part {
  readonly tag: number;
  readonly bytes: Uint8Array;
  readonly whole: Uint8Array;
}

function readPart(der: Uint8Array, start: number): Part {
  const first = der[start + 1] ?? Number.NaN;
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  const begin = start + 2 + lengthBytes;
  let size = lengthBytes === 0 ? first : 0;
  for (const byte of der.subarray(start + 2, begin)) size = size * 256 + byte;
  const end = begin + size;
  if (!(end <= der.length)) throw new RangeError("DER ends early");
  return {
    tag: der[start] ?? 0,
    bytes: der.subarray(begin, end),
    whole: der.subarray(start, end),
  };
}

function partsOf({ bytes }: Part): readonly Part[] {
  const parts: Part[] = [];
  for (let at = 0; at < bytes.length;) {
    const part = readPart(bytes, at);
    parts.push(part);
    at += part.whole.length;
  }
  return parts;
}

function contentOf(part: Part | undefined): Part {
  if (part === undefined) throw new RangeError("a field is missing");
  return part;
}

function nameOf(name: Part): string {
  return partsOf(name)
    .map((set) => partsOf(set).map(attributeOf).join("+"))
    .toReversed()
    .join(",");
}

function attributeOf(attribute: Part): string {
  const [type, value] = partsOf(attribute);
  const oid = oidOf(contentOf(type).bytes);
  const short = shortNames[oid];
  const { tag, bytes, whole } = contentOf(value);
  if (short === undefined || !textTags.has(tag)) return `${oid}=#${hex(whole)}`;
  return `${short}=${escaped(new TextDecoder("utf-8", { fatal: true }).decode(bytes))}`;
}

function oidOf(bytes: Uint8Array): string {
  const numbers: number[] = [];
  let value = 0;
  for (const byte of bytes) {
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) {
      numbers.push(value);
      value = 0;
    }
  }
  const [first = 0, ...rest] = numbers;
  const root = Math.min(Math.floor(first / 40), 2);
  return [root, first - root * 40, ...rest].join(".");
}

function escaped(text: string): string {
  return text
    .replaceAll(/[\\"+,;<>]/g, String.raw`\$&`)
    .replace(/^[ #]/, String.raw`\$&`)
    .replace(/ $/, String.raw`\ `);
}

const versionTag = 0xa0;
/** UTF8String, PrintableString, IA5String. */
const textTags: ReadonlySet<number> = new Set([0x0c, 0x13, 0x16]);

const shortNames: Readonly<Record<string, string>> = {
  "2.5.4.3": "CN",
  "2.5.4.6": "C",
  "2.5.4.7": "L",
  "2.5.4.8": "ST",
  "2.5.4.9": "STREET",
  "2.5.4.10": "O",
  "2.5.4.11": "OU",
  "0.9.2342.19200300.100.1.1": "UID",
  "0.9.2342.19200300.100.1.25": "DC",
};
