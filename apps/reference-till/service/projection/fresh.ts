/**
 * Which entries this process recorded itself, into tables that were never made anew since: what they seal has not been sent yet.
 *
 * @module
 */

import type { HeldEntry } from "@tillmesh/kernel";
import type { Replica } from "../till/replica.ts";

export interface Fresh {
  readonly isFresh: (held: HeldEntry) => boolean;
  /** The tables are made anew: what they knew of deliveries is gone. */
  forget(): void;
}

export function createFresh(replica: Pick<Replica, "device" | "incarnation" | "ledgers">): Fresh {
  const { device, incarnation } = replica;
  const own = replica
    .ledgers()
    .find((ledger) => ledger.device === device.id && ledger.incarnation === incarnation);
  let after = own?.sequence ?? 0;
  return {
    isFresh: ({ entry }) =>
      entry.device === device.id && entry.incarnation === incarnation && entry.sequence > after,
    forget: () => {
      after = Number.MAX_SAFE_INTEGER;
    },
  };
}
