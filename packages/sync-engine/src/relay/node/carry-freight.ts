/**
 * The carries on this device's disk, as the uplink sees them. SPEC.md §8a (UL).
 *
 * @module
 */

import { utf8 } from "@tillmesh/kernel";
import type { ReplicaParts } from "../../node/run-replica.ts";
import { takeCarry, wantedCarries } from "../../replica/carry-base.ts";
import type { CarryPlace } from "../../replica/ports.ts";
import type { CarryFreight } from "../ports.ts";

/** Whoever took one may give it on: its hash stands in an entry that the owner signed. */
export function carryFreight({
  carries,
  state,
}: Pick<ReplicaParts, "carries" | "state">): CarryFreight {
  return {
    known: () =>
      carries.refs().map(({ name, sha256 }): CarryPlace => {
        const [device = "", incarnation = ""] = name.split("/");
        return { device, incarnation: Number(incarnation), sha256 };
      }),
    read: async (place) => {
      const bytes = await carries.read(place);
      return bytes && new TextDecoder().decode(bytes);
    },
    take: ({ sha256 }, text) => {
      const wanted = wantedCarries(state).find(({ ref }) => ref.sha256 === sha256);
      return wanted !== undefined && takeCarry(state, wanted, utf8(text)).ok;
    },
  };
}
