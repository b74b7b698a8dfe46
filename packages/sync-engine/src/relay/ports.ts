/**
 * What the uplink needs from outside. SPEC.md §8a (UL).
 *
 * @module
 */

import type { CoreState } from "../replica/core-state.ts";
import type { CarryPlace, TrustedDevice } from "../replica/ports.ts";
import type { BundleItem } from "../relay-protocol/bundle-item.ts";
import type { BundlePorts } from "../relay-protocol/bundle.ts";
import type { ChannelName } from "../relay-protocol/channel.ts";

/** The channel keys this device was given; all epochs are kept. */
export interface ChannelKeyRing {
  /** 32 bytes; undefined: not given, or not yet. */
  keyOf(channel: ChannelName, epoch: number): Uint8Array | undefined;
  /** The epoch to publish under; undefined before there is a key. */
  epochOf(channel: ChannelName): number | undefined;
}

/** Enrolment, keys and revocations: not the uplink's business, but its freight. */
export interface ControlDesk {
  /** All that the relay must hold of this device now. The same item is the same JSON. */
  items(): readonly { readonly channel: ChannelName; readonly item: BundleItem }[];
  /** An item of `control`, `hq` or `org` that is no publication, from a device that may write there. */
  take(item: BundleItem, from: TrustedDevice): void | Promise<void>;
}

/** Carries by hash, on this device's disk. */
export interface CarryFreight {
  /** Those that are here: of own ledgers, and of others. */
  known(): readonly CarryPlace[];
  read(carry: CarryPlace): Promise<string | undefined>;
  /** Whether it is wanted here, and taken. */
  take(carry: CarryPlace, text: string): boolean;
}

export interface CourierPorts extends BundlePorts {
  readonly state: CoreState;
  readonly keys: ChannelKeyRing;
  readonly control: ControlDesk;
  readonly carries: CarryFreight;
  readonly nowMs: () => number;
  /** Lets others have the event loop. */
  readonly nextTurn: () => Promise<void>;
  /** 0 up to and without 1. */
  readonly random: () => number;
}
