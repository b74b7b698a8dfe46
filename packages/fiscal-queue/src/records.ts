/**
 * What a till records of its fiscal streams beside the sales. Type aliases: see Json. SPEC.md §2, §7 (FDO, FHO).
 *
 * @module
 */

import type { Json, JsonObject } from "@tillmesh/kernel";
import type { Throttle, Verdict } from "./delivery.ts";
import type { SealedDocument, StreamConfig, StreamKey } from "./document.ts";
import type { Intent } from "./intent.ts";

export type FiscalRecord =
  /** The only way a chain begins. `state` is what the regime's `open` gave. */
  | {
      readonly type: "opened";
      readonly config: StreamConfig;
      readonly state: Json;
      readonly atMs: number;
    }
  | Rekeyed
  /** The regime's own documents; those of sales stand in the sales' records. */
  | { readonly type: "sealed"; readonly document: SealedDocument }
  | { readonly type: "intended"; readonly intent: Intent }
  /** The device knows nothing of an intent: its number is free. */
  | { readonly type: "withdrawn"; readonly stream: string; readonly sequence: number }
  | {
      readonly type: "answered";
      readonly stream: string;
      readonly verdicts: readonly SequenceVerdict[];
      readonly throttle: Throttle;
      readonly atMs: number;
    }
  | {
      readonly type: "parked";
      readonly stream: string;
      readonly sequence: number;
      readonly code: string;
      readonly detail: string;
      readonly atMs: number;
    }
  | {
      readonly type: "released";
      readonly stream: string;
      readonly sequence: number;
      readonly atMs: number;
    }
  /** Document `by` of the same stream puts `sequence` right. */
  | {
      readonly type: "corrected";
      readonly stream: string;
      readonly sequence: number;
      readonly by: number;
      readonly atMs: number;
    }
  | HandedOver
  | Deposited
  /** No document follows; the next epoch, if any, begins a new chain. */
  | {
      readonly type: "closed";
      readonly stream: string;
      readonly reason: ClosedReason;
      readonly atMs: number;
    };

export type SequenceVerdict = { readonly sequence: number; readonly verdict: Verdict };

export type ClosedReason = "fork" | "lost-head" | "moved" | "ended";

/** From the next document on a stream signs with these keys, by these settings. The chain goes on; see `rekey.ts`. */
export type Rekeyed = {
  readonly type: "rekeyed";
  readonly stream: string;
  /** One more than that of the change before, from 1: the highest is in force. */
  readonly number: number;
  /** In the order of their use; those that stood there before and are not named sign no more. */
  readonly keys: readonly StreamKey[];
  /** All of them. */
  readonly settings: JsonObject;
  readonly atMs: number;
};

/** Another device delivers, from `fromSequence` on, with the waiting time that the authority asked of the one before. */
export type HandedOver = {
  readonly type: "handed-over";
  readonly stream: string;
  readonly fromSequence: number;
  /** The last one it delivers; absent for all that come. */
  readonly toSequence?: number;
  /** One more than the highest hand-over of the stream that was known: the highest is in force. */
  readonly number: number;
  /** Device ids. Back to the owner ends a hand-over. */
  readonly from: string;
  readonly to: string;
  readonly throttle: Throttle;
  readonly atMs: number;
};

/** What it takes to deliver a stream, sealed by its till to one device that may take over. Nothing of the chain or its delivery reads it here. */
export type Deposited = {
  readonly type: "deposited";
  readonly stream: string;
  /** A device id. */
  readonly to: string;
  /** base64url; the newest of a device counts. */
  readonly sealed: string;
  readonly atMs: number;
};
