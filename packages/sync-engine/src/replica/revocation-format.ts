/**
 * What HQ publishes on topic `revocations`: a device is cut off, or what it did since is let in. SPEC.md §5 (RV).
 *
 * An item's key is the device. The value repeats it, since the CA's signature is over the value.
 *
 * @module
 */

import {
  base64url,
  canonicalJson,
  fromBase64url,
  utf8,
  type Json,
  type PublicationItem,
} from "@tillmesh/kernel";

export const revocationsTopic = "revocations";

/** The last entry of a line that counts. */
export type EntryHead = {
  readonly incarnation: number;
  readonly sequence: number;
  readonly hash: string;
};

/** The last publication of a line that counts. */
export type PublicationHead = {
  readonly topic: string;
  readonly sequence: number;
  readonly hash: string;
};

export type RevocationItem = {
  readonly v: 1;
  readonly organisation: string;
  readonly device: string;
  /** As the publisher held the device's ledgers: one per incarnation, of a forked one one per branch. */
  readonly through: readonly EntryHead[];
  /** The same for what it published, if it had role `hq`. */
  readonly published: readonly PublicationHead[];
  /** PEM: says what the device was. */
  readonly certificates: readonly string[];
  /** The key epoch that begins with this; absent if whoever revoked does not hold the keys. */
  readonly epoch?: number;
  readonly reason?: string;
  /** By the CA's key: needed to cut off a device with role `hq`. base64url. */
  readonly caSignature?: string;
};

/** Lets in what a revoked device recorded up to these entries. */
export type AdmissionItem = {
  readonly v: 1;
  readonly device: string;
  readonly admittedThrough: readonly EntryHead[];
};

/** What the CA signs. */
export function bytesToCertify(item: RevocationItem): Uint8Array {
  const { caSignature: _, ...value } = item;
  return utf8(`tillmesh/revocation/1\n${canonicalJson(value)}`);
}

export function withCaSignature(
  item: RevocationItem,
  sign: (data: Uint8Array) => Uint8Array,
): RevocationItem {
  return { ...item, caSignature: base64url(sign(bytesToCertify(item))) };
}

/** Undefined for anything that is neither; a later version is passed over. */
export function readRevocationItem({
  key,
  value,
}: PublicationItem): RevocationItem | AdmissionItem | undefined {
  if (!isObject(value) || value["v"] !== 1 || value["device"] !== key) return undefined;
  if (isListOf(value["admittedThrough"], isEntryHead)) return value as unknown as AdmissionItem;
  const isRevocation = Object.entries(checks).every(([member, isRight]) => isRight(value[member]));
  return isRevocation ? (value as unknown as RevocationItem) : undefined;
}

type Check = (value: Json | undefined) => boolean;

const isText: Check = (value) => typeof value === "string";
const optional =
  (isRight: Check): Check =>
  (value) =>
    value === undefined || isRight(value);

const checks: Readonly<Record<string, Check>> = {
  organisation: isText,
  through: (value) => isListOf(value, isEntryHead),
  published: (value) => isListOf(value, isPublicationHead),
  certificates: (value) => isListOf(value, isText),
  epoch: optional(isCount),
  reason: optional(isText),
  caSignature: optional((value) => typeof value === "string" && fromBase64url(value).ok),
};

function isEntryHead(value: Json): boolean {
  return (
    isObject(value) &&
    isCount(value["incarnation"]) &&
    isCount(value["sequence"]) &&
    isHash(value["hash"])
  );
}

function isPublicationHead(value: Json): boolean {
  return (
    isObject(value) &&
    typeof value["topic"] === "string" &&
    isCount(value["sequence"]) &&
    isHash(value["hash"])
  );
}

function isListOf(value: Json | undefined, isRight: (one: Json) => boolean): boolean {
  return Array.isArray(value) && value.every((one: Json) => isRight(one));
}

function isCount(value: Json | undefined): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 1;
}

function isHash(value: Json | undefined): boolean {
  return typeof value === "string" && /^[0-9a-f]{64}$/.test(value);
}

function isObject(value: Json | undefined): value is { readonly [member: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
