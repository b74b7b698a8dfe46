/**
 * What two peers say to each other beside automerge-repo's own messages. PROTOCOL.md §2 (EX).
 *
 * One JSON object per frame. Live documents travel through automerge-repo; this
 * says who is there, how far each is, and carries sealed parts and whatever a
 * sync left out.
 *
 * @module
 */

import { err, ok, parseJson, type Json, type Result } from "@tillmesh/kernel";
import type { HqWord } from "../replica/horizon-book.ts";
import type { Span } from "../replica/spans.ts";
import type { Summary } from "../replica/summary.ts";
import type { Digest } from "./digest.ts";

export type ExchangeMessage =
  | HelloMessage
  | { readonly type: "devices"; readonly chains: readonly (readonly string[])[] }
  | { readonly type: "digest"; readonly digest: Digest; readonly signature: string }
  | { readonly type: "summary"; readonly summary: Summary; readonly signature: string }
  | { readonly type: "want"; readonly document: string; readonly heads: readonly string[] }
  | { readonly type: "changes"; readonly document: string; readonly changes: readonly string[] }
  | ReachedMessage
  | WantPartMessage
  | WantCarryMessage
  | PartMessage;

export type HelloMessage = {
  readonly type: "hello";
  readonly v: 1;
  readonly device: string;
  /** PEM, first the one that the channel proves. */
  readonly certificates: readonly string[];
  /** Base64url of 16 random bytes: the other side names it when it opens the live sync. */
  readonly link: string;
};

/** What of ledgers lies at the relay, and what HQ has signed to hold. */
export type ReachedMessage = {
  readonly type: "reached";
  readonly reached: {
    readonly device: string;
    readonly relay: readonly {
      readonly device: string;
      readonly incarnation: number;
      readonly spans: readonly Span[];
    }[];
    readonly held: readonly HqWord[];
  };
  readonly signature: string;
};

export type WantPartMessage = {
  readonly type: "want-part";
  readonly device: string;
  readonly incarnation: number;
  readonly part: number;
  readonly sha256: string;
  readonly offset: number;
};

export type WantCarryMessage = {
  readonly type: "want-carry";
  readonly device: string;
  readonly incarnation: number;
  readonly sha256: string;
  readonly offset: number;
};

/** A piece of a sealed text or a carry. `size` is -1 if the sender does not have it. */
export type PartMessage = {
  readonly type: "part";
  readonly sha256: string;
  readonly offset: number;
  readonly size: number;
  /** Base64url of UTF-8 bytes. */
  readonly data: string;
};

/** No frame is longer; larger things go in pieces. */
export const frameMaxSizeBytes = 1_048_576;

/** The message in a frame, or what is wrong with it. Unknown types are for newer peers: skipped. */
export function parseExchangeMessage(
  text: string,
): Result<ExchangeMessage | "unknown", ExchangeMessageError> {
  const parsed = parseJson(text, { maxBytes: frameMaxSizeBytes });
  if (!parsed.ok) return err({ type: "ExchangeMessage", reason: parsed.error.type });
  if (!isObject(parsed.value) || typeof parsed.value["type"] !== "string") {
    return err({ type: "ExchangeMessage", reason: "no type" });
  }
  const message = parsed.value;
  const type = parsed.value["type"];
  const check = Object.hasOwn(checks, type) ? checks[type] : undefined;
  if (!check) return ok("unknown");
  const wrong = Object.entries(check).find(([member, isRight]) => !isRight(message[member]));
  return wrong
    ? err({ type: "ExchangeMessage", reason: `${type}.${wrong[0]}` })
    : ok(message as unknown as ExchangeMessage);
}

export interface ExchangeMessageError {
  readonly type: "ExchangeMessage";
  readonly reason: string;
}

type Check = (value: Json | undefined) => boolean;

const isText: Check = (value) => typeof value === "string" && value.length <= frameMaxSizeBytes;
const isShort: Check = (value) => typeof value === "string" && value.length <= 256;
const isHash: Check = (value) => typeof value === "string" && /^[0-9a-f]{64}$/.test(value);
const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const listOf =
  (check: Check, max: number): Check =>
  (value) =>
    Array.isArray(value) && value.length <= max && value.every(check);
const objectOf =
  (members: Readonly<Record<string, Check>>): Check =>
  (value) =>
    isObject(value) && Object.entries(members).every(([member, check]) => check(value[member]));

const isLedger = objectOf({
  device: isShort,
  incarnation: isCount,
  sequence: isCount,
  hash: (value) => value === "" || isHash(value),
});
const isSummary = objectOf({
  device: isShort,
  ledgers: listOf(isLedger, 10_000),
  documents: listOf(objectOf({ name: isShort, heads: listOf(isHash, 1_000) }), 10_000),
});

const isSpan = objectOf({ from: isCount, through: isCount, hash: isHash });
const isReached = objectOf({
  device: isShort,
  relay: listOf(
    objectOf({ device: isShort, incarnation: isCount, spans: listOf(isSpan, 1_000) }),
    10_000,
  ),
  held: listOf(
    objectOf({
      summary: objectOf({ device: isShort, ledgers: listOf(isLedger, 10_000) }),
      signature: isShort,
    }),
    1_000,
  ),
});

const checks: Readonly<Record<string, Readonly<Record<string, Check>>>> = {
  hello: {
    v: (value) => value === 1,
    device: isShort,
    certificates: listOf(isText, 4),
    link: (value) => typeof value === "string" && /^[\w-]{22}$/.test(value),
  },
  devices: { chains: listOf(listOf(isText, 4), 1_000) },
  digest: {
    digest: objectOf({ device: isShort, devices: isHash, ledgers: isHash, publications: isHash }),
    signature: isShort,
  },
  summary: { summary: isSummary, signature: isShort },
  reached: { reached: isReached, signature: isShort },
  want: { document: isShort, heads: listOf(isHash, 1_000) },
  changes: { document: isShort, changes: listOf(isText, 10_000) },
  "want-part": {
    device: isShort,
    incarnation: isCount,
    part: isCount,
    sha256: isHash,
    offset: isCount,
  },
  "want-carry": { device: isShort, incarnation: isCount, sha256: isHash, offset: isCount },
  part: {
    sha256: isHash,
    offset: isCount,
    size: (value) => value === -1 || isCount(value),
    data: isText,
  },
};

function isObject(value: Json | undefined): value is { readonly [member: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
