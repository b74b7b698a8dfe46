/**
 * The port between the relay and what keeps its logs. SPEC.md (LS).
 *
 * One log per organisation, channel and lane. Two backends stand behind it, files and NATS JetStream, with one
 * contract suite: `testing/log-store-suite.ts`. All calls may come at any time and in any number; those for one
 * log take effect in the order in which they were made.
 *
 * @module
 */

import type { Result } from "@tillmesh/kernel";
import type { Envelope, Lane } from "@tillmesh/sync-engine/relay-protocol";

export interface LogStore {
  /**
   * Resolves when the envelope is durable, or was already. An envelope has a place in its publisher's chain: the log,
   * publisher, run and sequence of its header. A sequence beyond the chain's newest is appended, also when it leaves
   * a gap. At or below: with the hash of what stands there it is a duplicate, otherwise `Fork`.
   */
  readonly append: (
    organisation: string,
    envelope: Envelope,
  ) => Promise<Result<Place, AppendError>>;
  /** A log that nobody wrote to has a head too: its id, and nothing in it. */
  readonly head: (log: LogName) => Promise<Result<LogHead, StoreFault>>;
  /**
   * Envelopes from offset `from` on, oldest first, one after the other as they stand in the log: so many that their
   * bytes stay within `sizeMaxBytes`, but one if there is any. Only durable ones. From below `first`: as from `first`.
   */
  readonly read: (log: LogName, span: Span) => Promise<Result<readonly Stored[], StoreFault>>;
  /**
   * SHA-256 of the envelope at `offset`; undefined if none stands there. Answers for the newest released one as
   * well, so that a reader who stands at the border is known.
   */
  readonly hashAt: (
    log: LogName,
    offset: number,
  ) => Promise<Result<Uint8Array | undefined, StoreFault>>;
  /**
   * `onNew` is called after envelopes became durable, also those that another process appended: at least once after
   * the last of them. Every append that becomes durable after `watch` resolved is told.
   */
  readonly watch: (log: LogName, onNew: () => void) => Promise<Unwatch>;
  /** Channels in which a log of the organisation holds or held envelopes; in the order of their bytes. */
  readonly channels: (organisation: string) => Promise<Result<readonly Uint8Array[], StoreFault>>;
  /**
   * Lets go of the envelopes below `offset`, durably. The newest of them may stay. Nothing happens if the log is
   * not `logId`; an offset beyond `next` counts as `next`. Chains go on: a duplicate of a released newest envelope
   * is still a duplicate, of an older one may be a `Fork`.
   */
  readonly release: (
    log: LogName,
    logId: Uint8Array,
    offset: number,
  ) => Promise<Result<void, StoreFault>>;
  /** Keeps a signed revocation, durably. The first for a device stays; a second changes nothing. */
  readonly revoke: (revocation: Revocation) => Promise<Result<void, StoreFault>>;
  /** The signed statement, if the device is revoked. */
  readonly revocationOf: (
    organisation: string,
    device: string,
  ) => Promise<Result<Uint8Array | undefined, StoreFault>>;
  /** Told of each new revocation after `watchRevocations` resolved, also those that another process kept. */
  readonly watchRevocations: (onRevoked: (revocation: Revocation) => void) => Promise<Unwatch>;
  /** Bytes of envelopes held, for quotas. May lag behind by some seconds. */
  readonly usage: (organisation: string) => Promise<Result<Usage, StoreFault>>;
  readonly health: () => Promise<StoreHealth>;
  /** Finishes what is under way. Appends that were not durable by then are answered `Unavailable`. */
  readonly close: () => Promise<void>;
}

export interface LogName {
  readonly organisation: string;
  /** 16 bytes. */
  readonly channel: Uint8Array;
  readonly lane: Lane;
}

/**
 * Offsets grow and are given once, but a backend may leave some out: the envelope after the one at offset 7 may stand
 * at 9. A reader who has read offset 7 stands at 8.
 */
export interface LogHead {
  /** 16 bytes; another id is another log, with offsets of its own. */
  readonly id: Uint8Array;
  /** Of the oldest envelope there; `next` if there is none. */
  readonly first: number;
  /** One more than that of the newest envelope ever; 0 if there was none. */
  readonly next: number;
}

export interface Place {
  readonly log: Uint8Array;
  readonly offset: number;
  /** It had been stored before. */
  readonly isDuplicate: boolean;
}

export interface Span {
  readonly from: number;
  readonly sizeMaxBytes: number;
}

export interface Stored {
  readonly offset: number;
  readonly hash: Uint8Array;
  readonly bytes: Uint8Array;
}

export interface Revocation {
  readonly organisation: string;
  readonly device: string;
  /** As HQ signed it. */
  readonly statement: Uint8Array;
}

export interface Usage {
  readonly envelopes: number;
  readonly sizeBytes: number;
  readonly logs: number;
  /** By publisher; one that holds nothing may be missing. */
  readonly sizeBytesByDevice: ReadonlyMap<string, number>;
}

export type AppendError =
  /** Another envelope has this place in the chain, or the place is below the chain's newest and was released. */
  { readonly type: "Fork"; readonly newest: number } | StoreFault;

/** Not answered, now: no space, no quorum, a disk that failed, closed. Nothing was promised. */
export interface StoreFault {
  readonly type: "Unavailable";
  /** `ENOSPC`, `EIO`, `closed`, ... */
  readonly code: string;
  readonly detail: string;
}

export interface StoreHealth {
  /** `full`: reads go on, appends are refused until there is space. `failed`: only a restart helps. */
  readonly state: "ok" | "full" | "unreachable" | "failed";
  readonly detail: string;
  /** Numbers for the metrics page, by name: `segments`, `disk_bytes`, ... */
  readonly gauges: Readonly<Record<string, number>>;
}

export type Unwatch = () => void;
