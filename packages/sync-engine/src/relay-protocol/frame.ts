/**
 * What a device and a relay say to each other, one frame per WebSocket message. PROTOCOL.md §4 (WF).
 *
 * @module
 */

import { err, ok, type Result } from "@tillmesh/kernel";
import {
  byte,
  count,
  counted,
  decode,
  encode,
  fixed,
  flag,
  listOf,
  optional,
  record,
  remaining,
  text,
  within,
  type Field,
  type MalformedError,
} from "./wire.ts";

export const relayProtocolVersion = 1;

/** 0 control, revocations, prices · 1 sales and stock · 2 fiscal evidence · 3 history and checkpoints. */
export type Lane = 0 | 1 | 2 | 3;
export const lanes: readonly Lane[] = [0, 1, 2, 3];

/** No fragment carries more of an envelope, so that no lane waits long behind another. */
export const fragmentMaxSizeBytes = 4_096;
/** No envelope is larger. */
export const envelopeMaxSizeBytes = 4_194_304;
/** No frame is larger. */
export const frameMaxSizeBytes = 16_384;
/** A signed statement with two certificates. */
export const statementMaxSizeBytes = 10_240;
/** Of `deliver` data that may come before the first `credit` of a device. */
export const windowSizeBytes = 262_144;
/** In one frame. */
export const storedItemsMax = 256;
export const channelsMax = 900;

/** Where a reader stands in the log of one channel and lane. */
export interface LogPosition {
  /** Names the log: another one begins anew. 16 bytes. */
  readonly log: Uint8Array;
  /** Of the next envelope to read; the first is 0. */
  readonly offset: number;
  /** SHA-256 of the envelope before; 32 zero bytes at offset 0. */
  readonly hash: Uint8Array;
}

export interface HelloFrame {
  readonly version: number;
  /** 32 random bytes. */
  readonly nonce: Uint8Array;
  readonly organisation: string;
  /** DER, the device's own certificate first. */
  readonly certificates: readonly Uint8Array[];
}

/** A device's frames, by type. */
export interface ClientFrames {
  /** Who says it is there. */
  readonly hello: HelloFrame;
  /** Ed25519 over `proofBytes`. */
  readonly proof: { readonly signature: Uint8Array };
  /** A piece of an envelope; `size` is that of the whole. Pieces of one stream come in order. */
  readonly publish: Fragment & { readonly stream: number };
  /** Envelopes from `after` on; absent: from the oldest there is. `subscription` is chosen by the device. */
  readonly subscribe: {
    readonly subscription: number;
    readonly channel: Uint8Array;
    readonly lane: Lane;
    readonly after: LogPosition | undefined;
  };
  readonly unsubscribe: { readonly subscription: number };
  /** So many bytes of `deliver` data in all may have come on this connection. */
  readonly credit: { readonly through: number };
  /** A revocation or a release, signed by HQ: `statement.ts`. */
  readonly statement: { readonly number: number; readonly bytes: Uint8Array };
  /** Which channels of the organisation have a log here. Answered to role `hq` only. */
  readonly list: { readonly number: number };
}

/** A relay's frames, by type. */
export interface RelayFrames {
  readonly challenge: {
    readonly version: number;
    readonly nonce: Uint8Array;
    /** Ed25519, raw. The relay's own key, no key of the organisation. */
    readonly relayKey: Uint8Array;
  };
  /** `signature` by the relay's key over `welcomeBytes`. */
  readonly welcome: {
    readonly signature: Uint8Array;
    /** So many bytes of `publish` data in all may have been sent. */
    readonly credit: number;
    readonly envelopeMaxSizeBytes: number;
  };
  /** Envelopes that are durable; `signature` over `storedBytes`. */
  readonly stored: { readonly signature: Uint8Array; readonly items: readonly StoredItem[] };
  readonly refused: {
    /** Of the publish stream, the subscription, or the number of the statement. */
    readonly number: number;
    readonly what: number;
    readonly code: number;
  };
  readonly subscribed: {
    readonly subscription: number;
    readonly log: Uint8Array;
    /** Of the oldest envelope that is still there. */
    readonly first: number;
    /** Of the next envelope to come. */
    readonly next: number;
    /** Where delivery begins: `after` if it is in the log, otherwise `first`. */
    readonly from: number;
  };
  readonly deliver: Fragment & {
    readonly subscription: number;
    /** Of the envelope in the log. */
    readonly at: number;
  };
  /** So many bytes of `publish` data in all may have been sent. */
  readonly credit: { readonly through: number };
  /** The statement is durable. */
  readonly accepted: { readonly number: number };
  /** More may follow under the same number. */
  readonly channels: {
    readonly number: number;
    readonly isLast: boolean;
    readonly channels: readonly Uint8Array[];
  };
  /** Before the connection is closed: why. `statement` is the revocation, if that is why. */
  readonly bye: { readonly code: number; readonly statement: Uint8Array };
}

export interface Fragment {
  readonly offset: number;
  readonly size: number;
  readonly data: Uint8Array;
}

export interface StoredItem {
  readonly stream: number;
  readonly log: Uint8Array;
  readonly offset: number;
}

export type FrameOf<Frames> = {
  readonly [Type in keyof Frames]: { readonly type: Type } & Frames[Type];
}[keyof Frames];
export type ClientFrame = FrameOf<ClientFrames>;
export type RelayFrame = FrameOf<RelayFrames>;

export function encodeClientFrame(frame: ClientFrame): Uint8Array {
  return encodeFrame(clientFields, frame);
}

export function decodeClientFrame(
  bytes: Uint8Array,
): Result<ClientFrame | "unknown", MalformedError> {
  return decodeFrame<ClientFrames>(clientByCode, bytes);
}

export function encodeRelayFrame(frame: RelayFrame): Uint8Array {
  return encodeFrame(relayFields, frame);
}

/**
 * The version in a hello, also of one that this version cannot read: code and version are the first two bytes of it
 * for ever.
 */
export function helloVersion(bytes: Uint8Array): number | undefined {
  return bytes[0] === clientFields.hello.code ? bytes[1] : undefined;
}

/** `"unknown"`: a type of a later version, to be passed over. */
export function decodeRelayFrame(
  bytes: Uint8Array,
): Result<RelayFrame | "unknown", MalformedError> {
  return decodeFrame<RelayFrames>(relayByCode, bytes);
}

const hash = fixed(32);
const nonce = fixed(32);
const signature = fixed(64);
const id16 = fixed(16);
const certificate = counted(4_096);
const data = remaining(fragmentMaxSizeBytes);
const size = within(count, (value) => value >= 1 && value <= envelopeMaxSizeBytes);
export const laneField: Field<Lane> = within(byte as Field<Lane>, (value) => lanes.includes(value));
const position: Field<LogPosition> = record<LogPosition>({ log: id16, offset: count, hash });
const storedItem: Field<StoredItem> = record<StoredItem>({
  stream: count,
  log: id16,
  offset: count,
});

/** `fault`: what only several fields together show. */
type Codes<Frames> = {
  readonly [Type in keyof Frames]: {
    readonly code: number;
    readonly field: Field<Frames[Type]>;
    readonly fault?: (value: Frames[Type]) => string | undefined;
  };
};

function fragmentFault({ offset, size: whole, data: piece }: Fragment): string | undefined {
  return offset + piece.length > whole ? "a fragment beyond its envelope" : undefined;
}

const clientFields: Codes<ClientFrames> = {
  hello: {
    code: 1,
    field: record<ClientFrames["hello"]>({
      version: byte,
      nonce,
      organisation: text(64),
      certificates: listOf(certificate, 2),
    }),
  },
  proof: { code: 2, field: record<ClientFrames["proof"]>({ signature }) },
  publish: {
    code: 3,
    fault: fragmentFault,
    field: record<ClientFrames["publish"]>({ stream: count, offset: count, size, data }),
  },
  subscribe: {
    code: 4,
    field: record<ClientFrames["subscribe"]>({
      subscription: count,
      channel: id16,
      lane: laneField,
      after: optional(position),
    }),
  },
  unsubscribe: { code: 5, field: record<ClientFrames["unsubscribe"]>({ subscription: count }) },
  credit: { code: 6, field: record<ClientFrames["credit"]>({ through: count }) },
  statement: {
    code: 7,
    field: record<ClientFrames["statement"]>({
      number: count,
      bytes: counted(statementMaxSizeBytes),
    }),
  },
  list: { code: 8, field: record<ClientFrames["list"]>({ number: count }) },
};

const relayFields: Codes<RelayFrames> = {
  challenge: {
    code: 65,
    field: record<RelayFrames["challenge"]>({ version: byte, nonce, relayKey: fixed(32) }),
  },
  welcome: {
    code: 66,
    field: record<RelayFrames["welcome"]>({
      signature,
      credit: count,
      envelopeMaxSizeBytes: count,
    }),
  },
  stored: {
    code: 67,
    field: record<RelayFrames["stored"]>({ signature, items: listOf(storedItem, storedItemsMax) }),
  },
  refused: {
    code: 68,
    field: record<RelayFrames["refused"]>({ number: count, what: byte, code: byte }),
  },
  subscribed: {
    code: 69,
    field: record<RelayFrames["subscribed"]>({
      subscription: count,
      log: id16,
      first: count,
      next: count,
      from: count,
    }),
  },
  deliver: {
    code: 70,
    fault: fragmentFault,
    field: record<RelayFrames["deliver"]>({
      subscription: count,
      at: count,
      offset: count,
      size,
      data,
    }),
  },
  credit: { code: 71, field: record<RelayFrames["credit"]>({ through: count }) },
  accepted: { code: 72, field: record<RelayFrames["accepted"]>({ number: count }) },
  channels: {
    code: 73,
    field: record<RelayFrames["channels"]>({
      number: count,
      isLast: flag,
      channels: listOf(id16, channelsMax),
    }),
  },
  bye: {
    code: 74,
    field: record<RelayFrames["bye"]>({ code: byte, statement: counted(statementMaxSizeBytes) }),
  },
};

function encodeFrame<Frames>(codes: Codes<Frames>, frame: FrameOf<Frames>): Uint8Array {
  const { code, field } = codes[frame.type];
  return encode(field, frame as Frames[keyof Frames], code);
}

function decodeFrame<Frames>(
  byCode: ByCode<Frames>,
  bytes: Uint8Array,
): Result<FrameOf<Frames> | "unknown", MalformedError> {
  if (bytes.length === 0 || bytes.length > frameMaxSizeBytes) {
    return err({ type: "Malformed", at: 0, reason: `a frame of ${bytes.length} bytes` });
  }
  const known = byCode[bytes[0]!];
  if (!known) return ok("unknown");
  const decoded = decode(known.field, bytes, 1);
  if (!decoded.ok) return decoded;
  const fault = known.fault?.(decoded.value);
  if (fault !== undefined) return err({ type: "Malformed", at: 1, reason: fault });
  return ok(Object.assign(decoded.value as object, { type: known.type }) as FrameOf<Frames>);
}

type ByCode<Frames> = readonly (
  | (Codes<Frames>[keyof Frames] & { readonly type: keyof Frames })
  | undefined
)[];

function byCodeOf<Frames>(codes: Codes<Frames>): ByCode<Frames> {
  const byCode = Array.from({ length: 256 }, () => undefined as ByCode<Frames>[number]);
  for (const type of Object.keys(codes) as (keyof Frames)[]) {
    byCode[codes[type].code] = { ...codes[type], type };
  }
  return byCode;
}

const clientByCode = byCodeOf(clientFields);
const relayByCode = byCodeOf(relayFields);

/** What a `refused` speaks of. */
export const refusedWhat = { publish: 1, subscribe: 2, statement: 3 } as const;

/** Why, and whether trying again helps: after back-off, after a person did something, or never. */
export const refusalCodes = {
  malformed: { code: 1, retry: "never" },
  tooLarge: { code: 2, retry: "never" },
  /** The certificate does not entitle to this channel. */
  forbidden: { code: 3, retry: "never" },
  /** Another envelope has this place in the publisher's chain. */
  fork: { code: 4, retry: "never" },
  organisationQuota: { code: 5, retry: "after-operator" },
  deviceQuota: { code: 6, retry: "after-operator" },
  /** Disk full, cluster without quorum. */
  unavailable: { code: 7, retry: "after-backoff" },
} as const;

/** Why a connection is closed; sent in `bye`, and as WebSocket close code 4400 + code. */
export const byeCodes = {
  malformed: 0,
  notAuthenticated: 1,
  revoked: 3,
  version: 5,
  tooSlow: 8,
  /** A newer connection of the same device. */
  replaced: 9,
  tooMany: 29,
  draining: 53,
} as const;
