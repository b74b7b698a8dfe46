/**
 * A replica: what an app opens, commits to, publishes through and watches. SPEC.md §5.
 *
 * @module
 */

import type { EntryDraft, HeldEntry, Publication, PublicationItem, Result } from "@tillmesh/kernel";
import type { DeviceRecord, LocationRecord, OrganisationRecord } from "../identity/records.ts";
import type { CommitError } from "../replica/commit.ts";
import type { CarryEvent, HistoryEvent, ReplicaException } from "../replica/events.ts";
import type { LedgerState } from "../replica/ledger.ts";
import type { PublishError } from "../replica/publish.ts";
import type { NotRevokedError, RevokeError } from "../replica/revoke.ts";
import type { BoxError } from "../identity/sealed-to.ts";
import type { CertifyError } from "./certify.ts";
import type { DeviceListing } from "./device-list.ts";
import type { RenewError, TakeRenewalError } from "./membership.ts";
import type { Links } from "./links.ts";
import type { RelayStatus } from "../relay/node/relay-options.ts";
import type { EntryHorizon, HorizonCounts } from "../replica/horizon.ts";
import type { LedgerCarry } from "./read-carry.ts";
import type { SealForError, SecretFor } from "./secrets-for-devices.ts";
import type { VerifyReport } from "./verify-replica.ts";

export interface Replica {
  readonly organisation: Pick<OrganisationRecord, "id" | "name">;
  readonly device: Pick<DeviceRecord, "id" | "name" | "code" | "roles">;
  readonly location: LocationRecord;
  /** Grows when this device finds out that its ledger goes on elsewhere. */
  readonly incarnation: number;
  /**
   * Records a draft. The whole commit runs before this returns, so state that was read
   * before it in the same turn still holds. Resolved `ok`, the entry is durable here.
   */
  commit(draft: EntryDraft): Promise<Result<HeldEntry, CommitError>>;
  /** Publishes under a topic; only a device with role `hq` may. As synchronous as `commit`. */
  publish(
    topic: string,
    items: readonly PublicationItem[],
  ): Promise<Result<Publication, PublishError>>;
  ledgers(): readonly LedgerState[];
  /**
   * Entries of one ledger after a sequence, in order, both branches of a fork; gaps are never skipped. None before
   * `heldFrom`: a carry stands for those.
   */
  entries(query: EntriesQuery): readonly HeldEntry[];
  /** The carry that a ledger begins with here; undefined for one that begins with its first entry. */
  carry(ledger: LedgerQuery): Promise<LedgerCarry | undefined>;
  /** Every publication of a topic, in no particular order. */
  publications(topic: string): readonly Publication[];
  exceptions(): readonly ReplicaException[];
  /**
   * Names the revocations and admissions that flags follow from. What was derived from entries and publications
   * under another revision is to be derived anew; event `revoked` says when it changes.
   */
  revision(): string;
  devices(): readonly DeviceListing[];
  /**
   * HQ cuts a device off: its connections, the keys of the next epoch, and what it records beyond what is held here. Final;
   * it comes back by a new invitation only. A device with role `hq` is cut off by the holder of the CA.
   */
  revoke(device: string, reason?: string): Promise<Result<void, RevokeError>>;
  /** HQ lets in what a revoked device recorded, as far as it is held here. */
  admit(device: string): Promise<Result<void, PublishError | NotRevokedError>>;
  /** The holder of the CA lets a device in that asked to join, or renews one. */
  approve(device: string): Promise<Result<void, CertifyError>>;
  /** What a device asks with that cannot connect any more; the answer of `renew` at HQ goes to `takeRenewal` here. */
  renewalRequest(): string;
  renew(request: string): Promise<Result<string, RenewError>>;
  takeRenewal(renewal: string): Result<void, TakeRenewalError>;
  /**
   * A box that may stand in an entry, and that only the named device opens, for the same purpose: one that the CA itself certified and that is
   * not revoked. The same secret makes the same box.
   */
  sealFor(to: SecretFor, secret: Uint8Array): Result<Uint8Array, SealForError>;
  /** What was sealed to this device. A box does not tell who sealed it; the entry that holds it does. */
  openSealed(box: Uint8Array, purpose: string): Result<Uint8Array, BoxError>;
  /** Called in the turn that made something durable. Returns how to stop. */
  subscribe(listener: (event: ReplicaEvent) => void): () => void;
  status(): ReplicaStatus;
  /** Where an entry is durable, by what its holders have signed. */
  horizonOf(entry: {
    readonly device: string;
    readonly incarnation: number;
    readonly sequence: number;
  }): EntryHorizon;
  /** Shuts or opens the shop's network and the uplink while the replica runs: for demonstrations. */
  setLinks(links: Partial<Links>): void;
  /** Folds everything again and compares. Takes its time; sales go on. */
  verify(): Promise<VerifyReport>;
  /** This device in one file, piece by piece. Secret: it holds the private key. */
  backup(): AsyncIterable<Uint8Array>;
  /** Saves documents, and lets go of the log that they cover. */
  checkpoint(): Promise<void>;
  close(): Promise<void>;
}

export interface LedgerQuery {
  readonly device: string;
  readonly incarnation: number;
}

export interface EntriesQuery extends LedgerQuery {
  /** 0 for the first. */
  readonly after: number;
  readonly limit: number;
}

export type ReplicaEvent =
  | { readonly type: "entries"; readonly entries: readonly HeldEntry[]; readonly own: boolean }
  | CarryEvent
  | HistoryEvent
  | { readonly type: "publication"; readonly publication: Publication; readonly own: boolean }
  | { readonly type: "exception"; readonly exception: ReplicaException }
  /** Flags of entries and publications of this device that were told before may be others now. */
  | { readonly type: "revoked"; readonly device: string }
  /** `devices()` answers something else. */
  | { readonly type: "devices" }
  | { readonly type: "peers" }
  /** Entries have got further, or the relay lost some. */
  | { readonly type: "horizon" }
  /** The link to the relay stands otherwise than before. */
  | { readonly type: "relay" }
  | { readonly type: "failed"; readonly operation: string; readonly code: string };

export interface ReplicaStatus {
  readonly state: "ready" | "failed";
  readonly peers: readonly PeerStatus[];
  /** Entries of this device that nobody else, the relay included, has said to hold. */
  readonly onlyHere: { readonly entries: number };
  /** How far this device's own entries have got. */
  readonly horizon: HorizonCounts;
  /** Absent without an uplink. */
  readonly relay?: RelayStatus;
  readonly links: Links;
  /** This device was cut off. It goes on recording; nothing leaves it. `isProved`: by HQ's own word. */
  readonly revoked?: { readonly by: string; readonly isProved: boolean };
  readonly log: { readonly throughSequence: number; readonly segments: number };
  readonly freeBytes: number;
  readonly isSpaceLow: boolean;
}

export interface PeerStatus {
  /** Unknown until the first contact. */
  readonly device?: string;
  readonly address: string;
  readonly state: "connected" | "connecting";
  readonly lastExchangeAtMs?: number;
  /** Why there is no link with this address: what the one end told the other the last time. */
  readonly refusal?: string;
}
