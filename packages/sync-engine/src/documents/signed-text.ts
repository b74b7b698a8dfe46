/**
 * A signed fact as one canonical JSON text. SPEC.md §2 (ST).
 *
 * `{"<kind>":<canonical JSON>,"signature":"<base64url>"}`. The signature covers
 * the exact bytes of the inner JSON, which are cut out of the text by position:
 * nothing is serialised again to be verified.
 *
 * @module
 */

import {
  base64url,
  canonicalJson,
  err,
  fromBase64url,
  hex,
  isCanonicalJson,
  ok,
  parseJson,
  utf8,
  type Crypto,
  type Json,
  type Result,
  type Signer,
} from "@tillmesh/kernel";

export type SignedKind = "entry" | "publication";

/** A fact, the text that carries it, and the hash that names it in chains. */
export interface Signed<Fact> {
  readonly fact: Fact;
  readonly text: string;
  /** Hex SHA-256 of the fact's canonical JSON. */
  readonly hash: string;
}

/** Serialises and signs a fact. */
export function signFact<Fact>(
  kind: SignedKind,
  fact: Fact,
  keys: { readonly signer: Signer; readonly crypto: Pick<Crypto, "sha256"> },
): Signed<Fact> {
  const inner = canonicalJson(fact as Json);
  const digest = keys.crypto.sha256(utf8(inner));
  const signature = base64url(keys.signer.sign(digest));
  return { fact, text: `{"${kind}":${inner},"signature":"${signature}"}`, hash: hex(digest) };
}

/** A signed text taken apart; its signature is not verified yet. */
export interface OpenedText {
  readonly fact: Json;
  readonly text: string;
  readonly hash: string;
  readonly digest: Uint8Array;
  readonly signature: Uint8Array;
}

/** Takes a signed text apart. Refuses what is not exactly in the canonical form. */
export function openSignedText(
  kind: SignedKind,
  text: string,
  crypto: Pick<Crypto, "sha256">,
): Result<OpenedText, SignedTextError> {
  const head = `{"${kind}":`;
  const tailAt = text.length - tailLength;
  if (!text.startsWith(head) || tailAt < head.length || !isTail(text.slice(tailAt))) {
    return err({ type: "NotSignedText", kind, length: text.length });
  }
  const inner = text.slice(head.length, tailAt);
  const parsed = parseJson(inner);
  if (!parsed.ok || !isCanonicalJson(inner, parsed.value)) {
    return err({ type: "NotCanonical", kind, length: text.length });
  }
  const digest = crypto.sha256(utf8(inner));
  const signature = fromBase64url(text.slice(tailAt + signatureAt, -2));
  if (!signature.ok) return err({ type: "NotSignedText", kind, length: text.length });
  return ok({ fact: parsed.value, text, hash: hex(digest), digest, signature: signature.value });
}

/** The JSON that was signed, of a text whose form was checked before. */
export function innerText(kind: SignedKind, text: string): string {
  return text.slice(`{"${kind}":`.length, text.length - tailLength);
}

export type SignedTextError =
  | { readonly type: "NotSignedText"; readonly kind: SignedKind; readonly length: number }
  | { readonly type: "NotCanonical"; readonly kind: SignedKind; readonly length: number };

/** The hash that a text of the right form is known by; of any other text, a hash that nothing is known by. */
export function hashOfSignedText(
  kind: SignedKind,
  text: string,
  crypto: Pick<Crypto, "sha256">,
): string {
  return hex(crypto.sha256(utf8(text.slice(`{"${kind}":`.length, text.length - tailLength))));
}

/** Whether the holder of `publicKey` signed this text. */
export function isSignedBy(
  opened: OpenedText,
  publicKey: Uint8Array,
  crypto: Pick<Crypto, "verify">,
): boolean {
  return crypto.verify(publicKey, opened.digest, opened.signature);
}

/** 64 signature bytes are 86 characters of base64url. */
const signatureLength = 86;
const signatureAt = `,"signature":"`.length;
const tailLength = signatureAt + signatureLength + `"}`.length;

function isTail(tail: string): boolean {
  return /^,"signature":"[A-Za-z0-9_-]{86}"\}$/.test(tail);
}
