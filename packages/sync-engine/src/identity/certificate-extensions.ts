/**
 * What each kind of certificate may do, as X.509 extensions.
 *
 *     CA          issues, two steps deep     path length 1, keyCertSign
 *     enrolment   issues one step deep       path length 0, keyCertSign
 *     device      signs, and speaks TLS      no CA, digitalSignature, serverAuth + clientAuth
 *
 * DER has one encoding for one value, so reading compares bytes with these.
 * Rules: SPEC.md [CE2].
 *
 * @module
 */

import { hex, unreachable, type Crypto } from "@tillmesh/kernel";
import type { Subject } from "./subject.ts";
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectKeyIdentifierExtension,
  type Extension,
} from "./x509.ts";

export interface KeyIds {
  readonly subjectKeyId: string;
  readonly authorityKeyId: string;
}

export function extensionsOf(kind: Subject["kind"], keyIds: KeyIds): readonly Extension[] {
  return [
    ...constraintsOf(kind),
    new SubjectKeyIdentifierExtension(keyIds.subjectKeyId),
    new AuthorityKeyIdentifierExtension(keyIds.authorityKeyId),
  ];
}

export function isSameExtensions(a: readonly Extension[], b: readonly Extension[]): boolean {
  return a.map(toHex).join(" ") === b.map(toHex).join(" ");
}

/** RFC 7093 method 1: the leftmost 160 bits of the SHA-256 of the public key. */
export function keyIdentifier(publicKey: Uint8Array, crypto: Crypto): string {
  return hex(crypto.sha256(publicKey).slice(0, 20));
}

function constraintsOf(kind: Subject["kind"]): readonly Extension[] {
  switch (kind) {
    case "ca":
      return [new BasicConstraintsExtension(true, 1, true), usage(KeyUsageFlags.keyCertSign)];
    case "enrolment":
      return [new BasicConstraintsExtension(true, 0, true), usage(KeyUsageFlags.keyCertSign)];
    case "device":
      return [
        new BasicConstraintsExtension(false, undefined, true),
        usage(KeyUsageFlags.digitalSignature),
        new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth]),
      ];
    default:
      return unreachable(kind);
  }
}

function usage(flags: KeyUsageFlags): KeyUsagesExtension {
  return new KeyUsagesExtension(flags, true);
}

function toHex(extension: Extension): string {
  return hex(new Uint8Array(extension.rawData));
}
