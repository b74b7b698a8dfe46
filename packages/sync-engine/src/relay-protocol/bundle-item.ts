/**
 * The items of a bundle: what devices tell each other through a relay. PROTOCOL.md §4 (BN).
 *
 * Long texts stand beside the items, not in them: an item says how many are its own.
 *
 * @module
 */

import { err, ok, type Json, type JsonObject, type Result } from "@tillmesh/kernel";
import type { LedgerSummary } from "../replica/summary.ts";

export type BundleItem =
  | DevicesItem
  | EntriesItem
  | PublicationsItem
  | PartItem
  | CarryItem
  | HeldItem
  | WantItem
  | KeysItem
  | CertificateItem
  | RevocationItem
  | RevokedStatementItem
  | JoinItem
  | RenewItem
  | UnknownItem;

/** Certificate chains in PEM, of devices the publisher trusts. */
export type DevicesItem = {
  readonly type: "devices";
  readonly chains: readonly (readonly string[])[];
};

/** Consecutive entries of one ledger part, as signed texts. */
export type EntriesItem = {
  readonly type: "entries";
  readonly document: string;
  readonly texts: readonly string[];
};

/** Publications of one set, as signed texts. */
export type PublicationsItem = {
  readonly type: "publications";
  readonly document: string;
  readonly texts: readonly string[];
};

/** A sealed part, whole. */
export type PartItem = {
  readonly type: "part";
  readonly device: string;
  readonly incarnation: number;
  readonly part: number;
  readonly sha256: string;
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly text: string;
};

export type CarryItem = {
  readonly type: "carry";
  readonly device: string;
  readonly incarnation: number;
  readonly sha256: string;
  readonly text: string;
};

/** What the publisher has on its disk; signed, so that it can be passed on. */
export type HeldItem = {
  readonly type: "held";
  readonly summary: HeldSummary;
  readonly signature: string;
};

export type HeldSummary = { readonly device: string; readonly ledgers: readonly LedgerSummary[] };

/** Whoever holds it may publish it. */
export type WantItem = { readonly type: "want"; readonly what: readonly Wanted[] };

export type Wanted =
  | {
      readonly what: "part";
      readonly device: string;
      readonly incarnation: number;
      readonly part: number;
      readonly sha256: string;
    }
  /** Entries above `after`. */
  | {
      readonly what: "ledger";
      readonly device: string;
      readonly incarnation: number;
      readonly after: number;
    }
  | { readonly what: "publications"; readonly document: string };

/** Channel keys up to an epoch, in a box for each device: `identity/grants.ts`. `box` is base64url. */
export type KeysItem = {
  readonly type: "keys";
  readonly epoch: number;
  readonly grants: readonly {
    readonly device: string;
    readonly covers: string;
    readonly box: string;
  }[];
};

/** A device was approved, or has a new certificate. */
export type CertificateItem = { readonly type: "certificate"; readonly chain: readonly string[] };

/** A device counts up to a stated entry only; the signed text says which. */
export type RevocationItem = { readonly type: "revocation"; readonly text: string };

/** For a relay: the statement that it is to be given. `bytes` is base64url. */
export type RevokedStatementItem = { readonly type: "revoked-statement"; readonly bytes: string };

/** To HQ: a device that an invitation let in. */
export type JoinItem = {
  readonly type: "join";
  readonly chain: readonly string[];
  readonly name: string;
};

/** To HQ: a certificate that ends soon. */
export type RenewItem = { readonly type: "renew"; readonly chain: readonly string[] };

/** Of a later version, or of none: kept as it is. */
export type UnknownItem = { readonly type: "unknown"; readonly item: JsonObject };

/** The item as it stands in a bundle's head, and the texts beside it. */
export interface ItemParts {
  readonly head: JsonObject;
  readonly texts: readonly string[];
}

export function itemToParts(item: BundleItem): ItemParts {
  if (item.type === "unknown") return { head: item.item, texts: [] };
  if ("texts" in item) return { head: { ...item, texts: item.texts.length }, texts: item.texts };
  if (item.type !== "part" && item.type !== "carry") return { head: item, texts: [] };
  const texts = item.text.split("\n");
  return { head: { ...item, text: texts.length }, texts };
}

/** The item of a head; `take` gives its texts, or undefined if there are not so many. */
export function itemFromHead(
  head: Json,
  take: (count: number) => readonly string[] | undefined,
): Result<BundleItem, BundleItemError> {
  if (!isObject(head) || typeof head["type"] !== "string") {
    return err({ type: "BundleItem", reason: "no type" });
  }
  const type = head["type"];
  const check = Object.hasOwn(checks, type) ? checks[type] : undefined;
  if (!check) return ok({ type: "unknown", item: head });
  const wrong = Object.entries(check).find(([member, isRight]) => !isRight(head[member]));
  if (wrong) return err({ type: "BundleItem", reason: `${type}.${wrong[0]}` });
  return withTexts(type, head, take);
}

export interface BundleItemError {
  readonly type: "BundleItem";
  readonly reason: string;
}

/** In one bundle. */
export const bundleTextsMax = 65_536;

function withTexts(
  type: string,
  head: JsonObject,
  take: (count: number) => readonly string[] | undefined,
): Result<BundleItem, BundleItemError> {
  const member = Object.hasOwn(textMembers, type) ? textMembers[type] : undefined;
  if (member === undefined) return ok(head as unknown as BundleItem);
  const texts = take(Number(head[member]));
  if (!texts) return err({ type: "BundleItem", reason: `${type} without texts` });
  const value = member === "text" ? texts.join("\n") : texts;
  return ok({ ...head, [member]: value } as unknown as BundleItem);
}

const textMembers: Readonly<Record<string, "text" | "texts">> = {
  entries: "texts",
  publications: "texts",
  part: "text",
  carry: "text",
};

type Check = (value: Json | undefined) => boolean;

const isShort: Check = (value) => typeof value === "string" && value.length <= 256;
const isLong: Check = (value) => typeof value === "string" && value.length <= 65_536;
const isHash: Check = (value) => typeof value === "string" && /^[0-9a-f]{64}$/.test(value);
const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const isTextCount: Check = (value) =>
  isCount(value) && (value as number) >= 1 && (value as number) <= bundleTextsMax;
const listOf =
  (check: Check, max: number): Check =>
  (value) =>
    Array.isArray(value) && value.length <= max && value.every(check);
const objectOf =
  (members: Readonly<Record<string, Check>>): Check =>
  (value) =>
    isObject(value) && Object.entries(members).every(([member, check]) => check(value[member]));

const isChain = listOf(isLong, 4);
const isPlace = { device: isShort, incarnation: isCount };
const isLedgerSummary = objectOf({
  ...isPlace,
  sequence: isCount,
  hash: (value) => value === "" || isHash(value),
});
const wantedChecks: Readonly<Record<string, Check>> = {
  part: objectOf({ ...isPlace, part: isCount, sha256: isHash }),
  ledger: objectOf({ ...isPlace, after: isCount }),
  publications: objectOf({ document: isShort }),
};
/** What a later version wants is passed over by whoever answers. */
const isWanted: Check = (value) => {
  if (!isObject(value) || typeof value["what"] !== "string") return false;
  const check = Object.hasOwn(wantedChecks, value["what"])
    ? wantedChecks[value["what"]]
    : () => true;
  return check !== undefined && check(value);
};

const isGrant = objectOf({
  device: isShort,
  covers: isShort,
  box: (value) => typeof value === "string" && value.length <= 1_048_576,
});

const checks: Readonly<Record<string, Readonly<Record<string, Check>>>> = {
  devices: { chains: listOf(isChain, 1_000) },
  entries: { document: isShort, texts: isTextCount },
  publications: { document: isShort, texts: isTextCount },
  part: {
    ...isPlace,
    part: isCount,
    sha256: isHash,
    firstSequence: isCount,
    lastSequence: isCount,
    text: isTextCount,
  },
  carry: { ...isPlace, sha256: isHash, text: isTextCount },
  held: {
    summary: objectOf({ device: isShort, ledgers: listOf(isLedgerSummary, 10_000) }),
    signature: isShort,
  },
  want: { what: listOf(isWanted, 1_000) },
  keys: { epoch: isCount, grants: listOf(isGrant, 10_000) },
  certificate: { chain: isChain },
  revocation: { text: isLong },
  "revoked-statement": { bytes: isLong },
  join: { chain: isChain, name: isShort },
  renew: { chain: isChain },
};

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
