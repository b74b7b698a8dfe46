/**
 * Distinguished encoding of ASN.1 (X.690), as far as certificates and signing requests need it. SPEC.md §11 (RSA).
 *
 * @module
 */

import { assert, err, formatInstant, ok, utf8, type Result } from "@tillmesh/kernel";

export interface DerItem {
  /** The identifier octet: 0x30 is SEQUENCE, 0xA3 the third context tag. */
  readonly tag: number;
  readonly content: Uint8Array;
  /** Tag, length and content. */
  readonly bytes: Uint8Array;
}

/** One item that fills `bytes` whole. */
export function readDer(bytes: Uint8Array): Result<DerItem, DerFault> {
  const items = readDerList(bytes);
  if (!items.ok) return items;
  const [item, ...rest] = items.value;
  return item === undefined || rest.length > 0 ? err({ type: "Der", at: 0 }) : ok(item);
}

/** The items that stand in `bytes` one after the other, such as the content of a SEQUENCE. */
export function readDerList(bytes: Uint8Array): Result<readonly DerItem[], DerFault> {
  const items: DerItem[] = [];
  let at = 0;
  while (at < bytes.length) {
    const size = sizeAt(bytes, at + 1);
    const end = size === undefined ? Infinity : at + size.headBytes + size.contentBytes;
    if (size === undefined || end > bytes.length) return err({ type: "Der", at });
    const tag = bytes[at] ?? 0;
    items.push({
      tag,
      content: bytes.subarray(at + size.headBytes, end),
      bytes: bytes.subarray(at, end),
    });
    at = end;
  }
  return ok(items);
}

export interface DerFault {
  readonly type: "Der";
  readonly at: number;
}

export function der(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const content = concat(contents);
  return concat([Uint8Array.from([tag, ...lengthOf(content.length)]), content]);
}

export const sequence = (...items: readonly Uint8Array[]): Uint8Array => der(0x30, ...items);
export const set = (...items: readonly Uint8Array[]): Uint8Array => der(0x31, ...items);
export const octetString = (content: Uint8Array): Uint8Array => der(0x04, content);
/** Whole octets. */
export const bitString = (content: Uint8Array): Uint8Array => der(0x03, Uint8Array.of(0), content);

/** To the end of 2049, in whole seconds. */
export function utcTime(atMs: number): Uint8Array {
  const digits = formatInstant(atMs).slice(2, 19).replaceAll(/\D/g, "");
  return der(0x17, utf8(`${digits}Z`));
}

/** Of a number that is not negative, big-endian. */
export function integer(bytes: Uint8Array): Uint8Array {
  const first = bytes.findIndex((byte) => byte !== 0);
  const minimal = first < 0 ? Uint8Array.of(0) : bytes.subarray(first);
  return (minimal[0] ?? 0) < 0x80 ? der(0x02, minimal) : der(0x02, Uint8Array.of(0), minimal);
}

/** `2.5.4.3`. */
export function objectIdentifier(text: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = text.split(".").map(Number);
  assert([first, second, ...rest].every(Number.isSafeInteger), `"${text}" is an object identifier`);
  return der(0x06, Uint8Array.from([first * 40 + second, ...rest].flatMap(base128)));
}

export function readObjectIdentifier(content: Uint8Array): string {
  const parts: number[] = [];
  let part = 0;
  for (const byte of content) {
    part = part * 128 + (byte & 0x7f);
    if (byte >= 0x80) continue;
    parts.push(part);
    part = 0;
  }
  const [head = 0, ...rest] = parts;
  const first = Math.min(Math.floor(head / 40), 2);
  return [first, head - first * 40, ...rest].join(".");
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function sizeAt(
  bytes: Uint8Array,
  at: number,
): { readonly headBytes: number; readonly contentBytes: number } | undefined {
  const first = bytes[at];
  if (first === undefined) return undefined;
  if (first < 0x80) return { headBytes: 2, contentBytes: first };
  const digits = bytes.subarray(at + 1, at + 1 + (first & 0x7f));
  if (first === 0x80 || digits.length > 3 || digits.length < (first & 0x7f)) return undefined;
  const contentBytes = digits.reduce((sum, byte) => sum * 256 + byte, 0);
  return { headBytes: 2 + digits.length, contentBytes };
}

function lengthOf(size: number): readonly number[] {
  if (size < 0x80) return [size];
  if (size < 0x100) return [0x81, size];
  assert(size < 0x1_0000, "certificates are small");
  return [0x82, size >> 8, size & 0xff];
}

function base128(value: number): readonly number[] {
  const low = [value & 0x7f];
  for (let rest = value >> 7; rest > 0; rest >>= 7) low.unshift((rest & 0x7f) | 0x80);
  return low;
}
