/**
 * The QR code's content: base64 of tag, length, value, one byte each for tag and length. SPEC.md §11 (RSA).
 *
 * @module
 */

import { assert, utf8 } from "@tillmesh/kernel";
import { base64, fromBase64 } from "../../base64.ts";
import { concat } from "./der.ts";

export interface QrFacts {
  readonly sellerName: string;
  readonly vatNumber: string;
  /** `2022-08-17T17:41:08`. */
  readonly issuedAt: string;
  readonly totalWithVat: string;
  readonly vatTotal: string;
  /** Base64 text, as in the document. */
  readonly hash: string;
  /** Base64 text, as in the document. */
  readonly signature: string;
  /** SPKI DER. */
  readonly publicKey: Uint8Array;
  /** Of simplified documents only. */
  readonly issuerSignature?: Uint8Array;
}

/** Longer is not read by the authority's reader. */
export const qrTextMax = 700;

export function qrText(facts: QrFacts): string {
  const texts = [
    facts.sellerName,
    facts.vatNumber,
    facts.issuedAt,
    facts.totalWithVat,
    facts.vatTotal,
    facts.hash,
    facts.signature,
  ];
  const values = [...texts.map(utf8), facts.publicKey, facts.issuerSignature].filter(
    (value) => value !== undefined,
  );
  return base64(concat(values.flatMap((value, index) => [head(index + 1, value), value])));
}

/** The values of tags 1 to 8 or 9, in this order; none for anything else. */
export function readQr(text: string): readonly Uint8Array[] {
  const bytes = fromBase64(text);
  const values = bytes === undefined || text.length > qrTextMax ? [] : valuesIn(bytes);
  return values.length === 8 || values.length === 9 ? values : [];
}

function head(tag: number, value: Uint8Array): Uint8Array {
  assert(value.length < 256, `QR value ${tag} fits one byte of length`);
  return Uint8Array.of(tag, value.length);
}

/** Tags 1, 2, 3 and so on, in this order; else none. */
function valuesIn(bytes: Uint8Array): readonly Uint8Array[] {
  const values: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const size = bytes[at + 1] ?? 256;
    const end = at + 2 + size;
    if (bytes[at] !== values.length + 1 || end > bytes.length) return [];
    values.push(bytes.subarray(at + 2, end));
    at = end;
  }
  return values;
}
