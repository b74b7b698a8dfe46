/**
 * What the queue asks of its surroundings. SPEC.md §4 (FPO).
 *
 * @module
 */

import type { Result } from "@tillmesh/kernel";

/** Names as JOSE and XML signatures have them; `rsa-*` is PKCS#1 v1.5. */
export type SignatureAlgorithm =
  | "ES256"
  | "ecdsa-secp256k1-sha256-der"
  | "rsa-sha1"
  | "rsa-sha256"
  | "hmac-sha1";

/** Synchronous primitives. All throw on malformed keys: a bug of the caller; `verify` returns false instead. */
export interface FiscalCrypto {
  sha256(data: Uint8Array): Uint8Array;
  sha1(data: Uint8Array): Uint8Array;
  hmacSha1(key: Uint8Array, data: Uint8Array): Uint8Array;
  /** AES-256 in counter mode: the same call encrypts and decrypts. */
  aes256Ctr(key: Uint8Array, iv: Uint8Array, data: Uint8Array): Uint8Array;
  /** `publicKey` is SPKI DER. ES256 signatures are R||S of 64 bytes. */
  verify(
    algorithm: SignatureAlgorithm,
    publicKey: Uint8Array,
    data: Uint8Array,
    signature: Uint8Array,
  ): boolean;
  randomBytes(sizeBytes: number): Uint8Array;
}

/** A software key, a device behind PKCS#11, or a service elsewhere. Never throws. */
export interface FiscalSigner {
  sign(request: SignRequest): Promise<Result<Uint8Array, SignFailure>>;
  /** Of a device that acts on its own: what became of a request, asked before anything is signed again. */
  ask?(request: SignRequest): Promise<AskAnswer>;
}

export type AskAnswer =
  | { readonly type: "signed"; readonly signature: Uint8Array }
  | { readonly type: "absent" }
  | { readonly type: "unknown"; readonly reason: string };

/** Time that passes. `cancel` lets go of what `passed` would hold. */
export interface Timer {
  after(ms: number): { readonly passed: Promise<void>; readonly cancel: () => void };
}

export interface SignRequest {
  readonly keyId: string;
  readonly algorithm: SignatureAlgorithm;
  readonly data: Uint8Array;
}

export interface SignFailure {
  readonly type: "SignFailed";
  readonly reason: string;
  /** The device may have signed: it is asked before anything is signed again. */
  readonly isUnknown: boolean;
}

/** One request to an authority, and its answer; bounded in size and time by whoever implements it. */
export interface Transport {
  send(request: WireRequest): Promise<WireAnswer>;
}

export interface WireRequest {
  readonly method: "GET" | "POST" | "PATCH";
  /** Below the address that the operator configured. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export type WireAnswer =
  | {
      readonly type: "answer";
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string;
    }
  /** No answer: nothing is known of what became of the request. */
  | { readonly type: "lost"; readonly reason: string }
  /** It never left this device. */
  | { readonly type: "unsent"; readonly reason: string };

/** Business days and announced extensions. */
export interface Calendar {
  isBusinessDay(date: string): boolean;
}
