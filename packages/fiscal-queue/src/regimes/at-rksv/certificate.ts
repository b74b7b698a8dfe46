/**
 * Serial number and public key of an X.509 certificate, read out of its DER. SPEC.md §9 (RAT).
 *
 * No chain and no dates are checked: the RKSV lets an expired certificate sign on, and whom a key belongs to is registered with
 * the authority.
 *
 * @module
 */

import { hex } from "@tillmesh/kernel";

export interface CertificateKey {
  /** Hex without leading zeros. */
  readonly serial: string;
  /** SPKI DER. */
  readonly publicKey: Uint8Array;
}

export function readCertificate(der: Uint8Array): CertificateKey | undefined {
  const [whole] = elements(der, 0, der.length) ?? [];
  const [body] = whole === undefined ? [] : (childrenOf(der, whole) ?? []);
  const fields = body === undefined ? undefined : childrenOf(der, body);
  const [serial, , , , , key] = (fields ?? []).filter(({ tag }) => tag !== versionTag);
  if (serial?.tag !== integerTag || key?.tag !== sequenceTag) return undefined;
  return {
    serial: hex(der.slice(serial.from, serial.to)).replace(/^0+(?=.)/, ""),
    publicKey: der.slice(key.start, key.to),
  };
}

interface Element {
  readonly tag: number;
  readonly start: number;
  readonly from: number;
  readonly to: number;
}

const integerTag = 0x02;
const sequenceTag = 0x30;
const versionTag = 0xa0;

function childrenOf(der: Uint8Array, { tag, from, to }: Element): readonly Element[] | undefined {
  return tag === sequenceTag ? elements(der, from, to) : undefined;
}

function elements(der: Uint8Array, from: number, to: number): readonly Element[] | undefined {
  const found: Element[] = [];
  for (let at = from; at < to;) {
    const element = elementAt(der, at);
    if (element === undefined || element.to > to) return undefined;
    found.push(element);
    at = element.to;
  }
  return found;
}

/** Lengths of up to four bytes. */
function elementAt(der: Uint8Array, start: number): Element | undefined {
  const first = der[start + 1] ?? 0x80;
  const lengthBytes = first < 0x80 ? 0 : first - 0x80;
  if (lengthBytes > 4 || first === 0x80) return undefined;
  const from = start + 2 + lengthBytes;
  const size = der
    .slice(start + 2, from)
    .reduce((total, byte) => total * 256 + byte, lengthBytes === 0 ? first : 0);
  return { tag: der[start] ?? 0, start, from, to: from + size };
}
