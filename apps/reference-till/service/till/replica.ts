/**
 * What the till needs of the sync engine.
 *
 * @module
 */

import type { Replica, ReplicaStatus } from "@tillmesh/sync-engine/node";

export type { DeviceListing, PeerStatus, Replica, ReplicaEvent } from "@tillmesh/sync-engine/node";

/** Where an entry is durable, as those who hold it have signed. */
export type EntryHorizon = ReturnType<Replica["horizonOf"]>;
export type Links = ReplicaStatus["links"];
export type RelayStatus = NonNullable<ReplicaStatus["relay"]>;
export type RelayChannel = RelayStatus["channels"][number];

export type CommitError = ErrorOf<ReturnType<Replica["commit"]>>;
export type PublishError = ErrorOf<ReturnType<Replica["publish"]>>;

type ErrorOf<P> =
  Extract<Awaited<P>, { readonly ok: false }> extends { readonly error: infer E } ? E : never;
