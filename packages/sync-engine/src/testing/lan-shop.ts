/**
 * Tills of one organisation on disks and sockets of this machine. SPEC.md §8.
 *
 * @module
 */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  newId,
  type BusinessDate,
  type EntryDraft,
  type Json,
  type Result,
  type Sku,
  type StaffId,
} from "@tillmesh/kernel";
import { nodeCrypto } from "@tillmesh/kernel/node";
import type { LocationRecord, Role } from "../identity/records.ts";
import type { LanOptions } from "../lan/lan.ts";
import {
  createOrganisation,
  inviteDevice,
  joinOrganisation,
  type DevicePlace,
} from "../node/create-device.ts";
import { openReplicaParts, type LogEvent, type OpenedReplica } from "../node/open-replica.ts";
import type { Replica } from "../node/replica.ts";
import type { CarryRule } from "../replica/carry.ts";
import type { ReplicaLimits } from "../replica/limits.ts";
import { freePort } from "./free-port.ts";

export interface LanShop {
  place(name: string): DevicePlace;
  /** Where a device listens. */
  port(name: string): number;
  readonly corner: LocationRecord;
  readonly away: LocationRecord;
  /** Opens a replica that dials these ports; its log goes to `events`. */
  start(name: string, ports: readonly number[], options?: StartOptions): Promise<Started>;
  /** Moves all clocks on. */
  advance(ms: number): void;
  /** Closes what is open. */
  stop(): Promise<void>;
  close(): Promise<void>;
}

export interface StartOptions {
  readonly lan?: Partial<LanOptions>;
  readonly limits?: ReplicaLimits;
  readonly carryRule?: CarryRule;
}

export interface Started extends OpenedReplica {
  readonly events: LogEvent[];
}

export type DeviceAt = "corner" | "away";

const names = {
  organisationName: "Corner Café",
  locationName: "Corner",
  deviceName: "Till a",
  currency: "GBP",
  timeZone: "Europe/London",
};

/** Device `a` is till and HQ at the corner; the others as told. */
export async function openLanShop(
  devices: Readonly<Record<string, DeviceAt | readonly [DeviceAt, Role]>>,
): Promise<LanShop> {
  const root = mkdtempSync(join(tmpdir(), "tillmesh-lan-"));
  let aheadMs = 0;
  const clock = { nowMs: () => Date.now() + aheadMs };
  const place = (name: string): DevicePlace => {
    return { directory: join(root, name), clock, crypto: nodeCrypto() };
  };
  const { device } = must(await createOrganisation(place("a"), names));
  const corner = device.location;
  const away = { ...corner, id: newId("loc", nodeCrypto().randomBytes), name: "Away" };
  for (const [name, at] of Object.entries(devices)) {
    const [where, role] = typeof at === "string" ? ([at, "till"] as const) : at;
    const location = where === "corner" ? corner : away;
    const request = { name, roles: [role], location, takenCodes: new Set<string>() };
    const invited = must(await inviteDevice(place("a"), request));
    must(await joinOrganisation(place(name), invited.text));
  }
  const ports = new Map<string, number>();
  for (const name of ["a", ...Object.keys(devices)]) ports.set(name, await freePort());
  const open: Replica[] = [];
  const stop = async (): Promise<void> => {
    for (const replica of open.splice(0)) await replica.close();
  };
  return {
    place,
    port: (name) => ports.get(name) ?? 0,
    corner,
    away,
    start: async (name, dialled, { lan, ...options } = {}) => {
      const events: LogEvent[] = [];
      const listen = { host: "127.0.0.1", port: ports.get(name) ?? 0 };
      const peers = dialled.map((port) => ({ host: "127.0.0.1", port }));
      const opened = must(
        await openReplicaParts({
          ...place(name),
          ...options,
          lan: { listen, peers, ...lan },
          logger: (event) => void events.push(event),
        }),
      );
      open.push(opened.replica);
      return { ...opened, events };
    },
    advance: (ms) => {
      aheadMs += ms;
    },
    stop,
    close: async () => {
      await stop();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

export function draftOf(replica: Replica, sku: string, body: Json = { sku }): EntryDraft {
  const { location } = replica;
  return {
    kind: "sale",
    businessDate: "2026-11-22" as BusinessDate,
    by: { staff: "staff_1" as StaffId },
    movements: [{ kind: "sale", location: location.id, sku: sku as Sku, quantityMilli: -1000 }],
    body,
  };
}

/** Ledgers and how far each is complete, as text that two replicas can compare. */
export function ledgersOf(replica: Replica): string {
  const ledgers = replica
    .ledgers()
    .map(({ device, incarnation, sequence, hash }) => ({ device, incarnation, sequence, hash }))
    .toSorted((x, y) => (x.device < y.device ? -1 : 1));
  return JSON.stringify(ledgers);
}

function must<Value>(result: Result<Value, unknown>): Value {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}
