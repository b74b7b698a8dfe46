/**
 * What a replica tells those who watch it, always after it is durable. SPEC.md §5 (EV).
 *
 * @module
 */

import type { DeviceId, HeldEntry, Publication } from "@tillmesh/kernel";
import type { MadeChange } from "../documents/change-plan.ts";
import type { DocumentKey, DocumentName } from "../documents/document-name.ts";

export type CoreEvent =
  | { readonly type: "entries"; readonly entries: readonly HeldEntry[]; readonly own: boolean }
  | CarryEvent
  | HistoryEvent
  | { readonly type: "publication"; readonly publication: Publication; readonly own: boolean }
  | { readonly type: "exception"; readonly exception: ReplicaException }
  /** Entries and publications of this device that were told before may have other flags now, or not count. */
  | { readonly type: "revoked"; readonly device: DeviceId }
  /** What is known of the organisation's devices, or what HQ has to say of them, is another. */
  | { readonly type: "devices" }
  | {
      readonly type: "changes";
      readonly key: DocumentKey;
      readonly name: DocumentName;
      readonly changes: readonly MadeChange[];
    }
  | { readonly type: "document"; readonly key: DocumentKey; readonly name: DocumentName }
  | { readonly type: "sealing"; readonly name: DocumentName }
  | { readonly type: "carry-taken" }
  | { readonly type: "retired"; readonly key: DocumentKey; readonly name: DocumentName }
  /** Entries have got further, or the relay lost some. */
  | { readonly type: "horizon" }
  /** The link to the relay stands otherwise than before. */
  | { readonly type: "relay" }
  | { readonly type: "failed"; readonly operation: string; readonly code: string };

/** A ledger begins here with a carry: its totals stand for all entries up to this one. What follows comes as entries. */
export interface CarryEvent {
  readonly type: "carry";
  readonly device: DeviceId;
  readonly incarnation: number;
  readonly throughSequence: number;
}

/**
 * What the carry stood for is here, down to the first entry. Whoever started from the carry reads these entries to have
 * them, and does not add up their movements again. `isForked`: not all of them are in the carry, so forget the ledger
 * and read it from its first entry.
 */
export interface HistoryEvent {
  readonly type: "history";
  readonly device: DeviceId;
  readonly incarnation: number;
  readonly throughSequence: number;
  readonly isForked: boolean;
}

/** Something a person should know; nothing was dropped because of it. */
export type ReplicaException =
  | {
      readonly type: "Fork";
      readonly device: DeviceId;
      readonly incarnation: number;
      readonly sequence: number;
    }
  | {
      readonly type: "RefusedChange";
      readonly document: string;
      readonly peer: string;
      readonly reason: string;
      readonly facts: object;
    }
  | { readonly type: "PeerRefused"; readonly peer: string; readonly reason: string }
  /** This device is cut off; it goes on selling. `isProved`: HQ's own word is here, not only a peer's. */
  | {
      readonly type: "Revoked";
      readonly device: DeviceId;
      readonly by: string;
      readonly isProved: boolean;
    }
  | {
      readonly type: "NewIncarnation";
      readonly device: DeviceId;
      readonly incarnation: number;
      readonly reason: string;
    }
  | {
      readonly type: "LedgerCutShort";
      readonly device: DeviceId;
      readonly incarnation: number;
      readonly heldThrough: number;
      readonly expectedThrough: number;
    }
  | {
      /** The ledger comes entry by entry instead. */
      readonly type: "CarryRefused";
      readonly device: DeviceId;
      readonly incarnation: number;
      readonly throughSequence: number;
      readonly reason: string;
    }
  | {
      /** This device's next parts go on naming its carry through this entry; 0: none. */
      readonly type: "CarryNotWritten";
      readonly device: DeviceId;
      readonly incarnation: number;
      readonly throughSequence: number;
      readonly reason: string;
    }
  | {
      /** The relay left out, doubled, exchanged or lost something; it is published again by whoever has it. */
      readonly type:
        | "RelayGap"
        | "RelayFork"
        | "RelayReplay"
        | "RelayOmission"
        | "RelayLost"
        | "RelayUnreadable"
        | "RelayChanged";
      readonly channel: string;
      readonly lane: number;
      readonly facts: Readonly<Record<string, string | number>>;
    }
  | { readonly type: "TailSetAside"; readonly path: string; readonly sizeBytes: number }
  | { readonly type: "DamagedFile"; readonly path: string; readonly isRepaired: boolean };
