/**
 * A shop of two honest tills on real sockets, and identities of those who attack it. SPEC.md §8.
 *
 * @module
 */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  canonicalJson,
  newId,
  type BusinessDate,
  type EntryDraft,
  type Json,
  type Result,
  type Sku,
  type StaffId,
} from "@tillmesh/kernel";
import { nodeCrypto } from "@tillmesh/kernel/node";
import type { Identity } from "../identity/identity.ts";
import {
  createOrganisation,
  inviteDevice,
  joinOrganisation,
  readDeviceIdentity,
  type DevicePlace,
} from "../node/create-device.ts";
import type { LanOptions } from "../lan/lan.ts";
import { defaultLanLimits } from "../lan/limits.ts";
import {
  openReplica,
  openReplicaParts,
  type LogEvent,
  type OpenedReplica,
} from "../node/open-replica.ts";
import type { ReplicaParts } from "../node/run-replica.ts";
import type { Replica } from "../node/replica.ts";
import { freePort } from "./free-port.ts";
import type { Attacker } from "./hostile-peer.ts";
import { until } from "./until.ts";

export interface HostileShop extends Attacker {
  readonly victim: Replica;
  readonly honest: Replica;
  /** The victim's own identity, with the CA's key. */
  readonly hq: Identity;
  /** A device of the same organisation at another location. */
  readonly elsewhere: Identity;
  /** A device of another organisation. */
  readonly stranger: Identity;
  /** What the victim logged since the last `reset`. */
  readonly events: LogEvent[];
  /** A replica on the disk of the device at another location. */
  openAnother(lan: LanOptions): Promise<OpenedReplica>;
  /** From now on the victim takes this device for revoked; undefined: none. */
  revoke(device: string | undefined): void;
  /** Moves all clocks on. */
  advance(ms: number): void;
  /** Ends what the hostile device has open. */
  reset(): void;
  close(): Promise<void>;
}

/** Two tills that sell and agree, HQ being the victim, and a third identity that turned bad. */
export async function openHostileShop(lan: Partial<LanOptions> = {}): Promise<HostileShop> {
  const root = mkdtempSync(join(tmpdir(), "tillmesh-hostile-"));
  let aheadMs = 0;
  const clock = { nowMs: () => Date.now() + aheadMs };
  const place = (name: string): DevicePlace => {
    return { directory: join(root, name), clock, crypto: nodeCrypto() };
  };
  await makeDevices(place);
  const hostile = must(await readDeviceIdentity(place("h")));
  const hq = must(await readDeviceIdentity(place("a")));
  const elsewhere = must(await readDeviceIdentity(place("w")));
  const stranger = must(await readDeviceIdentity(place("x")));
  const [a, b] = [await freePort(), await freePort()];
  const events: LogEvent[] = [];
  const logger = (event: LogEvent): void => void events.push(event);
  const { replica: victim, parts } = must(
    await openReplicaParts({ ...place("a"), lan: { ...lanOf(a, b), ...lan }, logger }),
  );
  const honest = must(await openReplica({ ...place("b"), lan: { ...lanOf(b, a), ...lan } }));
  const closing: (() => void)[] = [];
  return {
    victim,
    honest,
    hostile,
    hq,
    elsewhere,
    stranger,
    events,
    port: a,
    closing,
    openAnother: async (options) => must(await openReplicaParts({ ...place("w"), lan: options })),
    revoke: (device) => revokeIn(parts, device),
    advance: (ms) => {
      aheadMs += ms;
    },
    reset: () => {
      for (const close of closing.splice(0)) close();
      events.length = 0;
    },
    close: async () => {
      await honest.close();
      await victim.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

function revokeIn({ state, lan }: ReplicaParts, device: string | undefined): void {
  const revocationOf = (one: string): object | undefined => (one === device ? {} : undefined);
  Object.assign(state.ports.trust, { revocationOf });
  // The publication that says so would do this.
  lan?.announce();
}

/** Attacks follow each other faster than any shop's devices connect. */
const limits = { ...defaultLanLimits, handshakesPerAddress: { burst: 10_000, perSecond: 100 } };

function lanOf(own: number, other: number): LanOptions {
  return {
    limits,
    listen: { host: "127.0.0.1", port: own },
    peers: [{ host: "127.0.0.1", port: other }],
  };
}

export function draftSale({ location }: Replica, sku: string): EntryDraft {
  return {
    kind: "sale",
    businessDate: "2026-11-22" as BusinessDate,
    by: { staff: "staff_1" as StaffId },
    movements: [{ kind: "sale", location: location.id, sku: sku as Sku, quantityMilli: -1000 }],
    body: { sku },
  };
}

/** Everything that a till shows: ledgers entry by entry, and prices. */
export function viewOf(replica: Replica): string {
  const ledgers = replica
    .ledgers()
    .filter(({ sequence }) => sequence > 0)
    .toSorted((x, y) => (x.device < y.device ? -1 : 1));
  const entries = ledgers.map(({ device, incarnation }) =>
    replica.entries({ device, incarnation, after: 0, limit: 1_000 }),
  );
  const isForked = ledgers.map((ledger) => ledger.isForked);
  const prices = replica.publications("prices").toSorted((x, y) => x.sequence - y.sequence);
  return canonicalJson({ entries, isForked, prices } as unknown as Json);
}

/** Honest tills still sell, publish and agree. */
export async function businessAsUsual({ victim, honest }: HostileShop): Promise<void> {
  must(await victim.commit(draftSale(victim, "C002")));
  must(await honest.commit(draftSale(honest, "C002")));
  must(await victim.publish("prices", [{ key: "standard/C002/-", value: { priceMinor: 420 } }]));
  await until("honest tills agree", () => viewOf(victim) === viewOf(honest));
}

/** The same after a morning of sales and a price, and both agreeing on it. */
export async function openBusyHostileShop(lan: Partial<LanOptions> = {}): Promise<HostileShop> {
  const shop = await openHostileShop(lan);
  await shop.victim.publish("prices", [{ key: "standard/C001/-", value: { priceMinor: 350 } }]);
  for (let n = 0; n < 3; n += 1) {
    await shop.victim.commit(draftSale(shop.victim, "C001"));
    await shop.honest.commit(draftSale(shop.honest, "C001"));
  }
  await businessAsUsual(shop);
  return shop;
}

/** Whoever was refused a minute ago may try again, and nothing that it had open is left. */
export function nextAttack(shop: HostileShop): void {
  shop.advance(61_000);
  shop.reset();
}

function must<Value>(result: Result<Value, unknown>): Value {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

async function makeDevices(place: (name: string) => DevicePlace): Promise<void> {
  const names = {
    organisationName: "Corner Café",
    locationName: "Corner",
    deviceName: "Till 1",
    currency: "GBP",
    timeZone: "Europe/London",
  };
  const made = must(await createOrganisation(place("a"), names));
  const { location } = made.device;
  const away = { ...location, id: newId("loc", nodeCrypto().randomBytes), name: "Away" };
  for (const [name, where] of [
    ["b", location],
    ["h", location],
    ["w", away],
  ] as const) {
    const invited = await inviteDevice(place("a"), {
      name: `Till ${name}`,
      roles: ["till"],
      location: where,
      takenCodes: new Set(),
    });
    must(await joinOrganisation(place(name), must(invited).text));
  }
  must(await createOrganisation(place("x"), { ...names, organisationName: "Elsewhere" }));
}
