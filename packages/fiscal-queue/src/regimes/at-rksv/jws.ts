/**
 * The compact JWS of a receipt, its machine-readable forms, and what chains it to the next. SPEC.md §9 (RAT).
 *
 * The header is a fixed text: no JOSE library may reorder or extend it.
 *
 * @module
 */

import { base64url, fromBase64url, utf8 } from "@tillmesh/kernel";
import type { FiscalCrypto } from "../../ports.ts";
import { base64, fromBase64 } from "../../base64.ts";
import { base32 } from "./base32.ts";

export const outageText = "Sicherheitseinrichtung ausgefallen";

/** `{"alg":"ES256"}` and the payload: what is signed. */
export function signingInput(payload: string): string {
  return `${header}.${base64url(utf8(payload))}`;
}

/** Without a signature the mark of the failed device takes its place. */
export function compactJws(payload: string, signature: Uint8Array | undefined): string {
  return `${signingInput(payload)}.${base64url(signature ?? outageMark)}`;
}

export interface ReceiptJws {
  readonly payload: string;
  readonly signature: Uint8Array;
  /** The device was out. */
  readonly isDegraded: boolean;
  /** What the signature covers. */
  readonly signed: Uint8Array;
}

/** `undefined` unless it is a receipt's JWS to the letter. */
export function readJws(text: string): ReceiptJws | undefined {
  const [head, body = "", tail = "", ...more] = text.split(".");
  if (head !== header || more.length > 0) return undefined;
  const bytes = fromBase64url(body);
  const signature = fromBase64url(tail);
  if (!bytes.ok || !signature.ok) return undefined;
  const payload = new TextDecoder().decode(bytes.value);
  // Text that is not UTF-8 would be read as something else than what was signed.
  if (compactJws(payload, signature.value) !== text) return undefined;
  const isDegraded = tail === base64url(outageMark);
  return { payload, signature: signature.value, isDegraded, signed: utf8(`${head}.${body}`) };
}

/** base64 of the first eight bytes of the hash: of the JWS before, or of the KassenID for the first receipt. */
export function chainValue(text: string, crypto: FiscalCrypto): string {
  return base64(crypto.sha256(utf8(text)).slice(0, 8));
}

export function qrText({ payload, signature }: ReceiptJws): string {
  return `${payload}_${base64(signature)}`;
}

/** The QR text with its bytes in base32: counter, chain value, signature. */
export function ocrText(jws: ReceiptJws): string {
  const fields = qrText(jws).split("_");
  return fields.map((field, at) => (at === 10 || at >= 12 ? inBase32(field) : field)).join("_");
}

const header = "eyJhbGciOiJFUzI1NiJ9";
const outageMark = utf8(outageText);

function inBase32(field: string): string {
  const bytes = fromBase64(field);
  return bytes === undefined ? field : base32(bytes);
}
