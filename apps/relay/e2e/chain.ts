/**
 * A small chain of shops on real disks, and a real relay process between them; no LAN unless asked for.
 *
 * @module
 */

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  newId,
  type BusinessDate,
  type EntryDraft,
  type Result,
  type Sku,
  type StaffId,
} from "@tillmesh/kernel";
import { nodeCrypto } from "@tillmesh/kernel/node";
import {
  createOrganisation,
  inviteDevice,
  joinOrganisation,
  openReplica,
  readDeviceIdentity,
  type DevicePlace,
  type LanOptions,
  type LogEvent,
  type OpenReplicaOptions,
  type Replica,
} from "@tillmesh/sync-engine/node";
import { freePort } from "@tillmesh/sync-engine/testing";

export interface Chain {
  readonly root: string;
  readonly relay: RelayAtWork;
  place(name: string): DevicePlace;
  /** Opens a device; it has an uplink unless told otherwise. */
  open(name: string, options?: DeviceOptions): Promise<OpenDevice>;
  /** Moves all tills' clocks on. */
  advance(ms: number): void;
  close(): Promise<void>;
}

export type DeviceOptions = Partial<OpenReplicaOptions> & { readonly hasUplink?: boolean };

export interface OpenDevice {
  readonly name: string;
  readonly replica: Replica;
  readonly events: LogEvent[];
  close(): Promise<void>;
}

/** HQ and till `hq`, tills `b` and `d` beside it, till `c` in another shop. */
export async function openChain(): Promise<Chain> {
  const root = mkdtempSync(join(tmpdir(), "tillmesh-chain-"));
  let aheadMs = 0;
  const crypto = nodeCrypto();
  const clock = { nowMs: () => Date.now() + aheadMs };
  const place = (name: string): DevicePlace => ({ directory: join(root, name), clock, crypto });
  const { device } = must(await createOrganisation(place("hq"), organisation));
  const away = { ...device.location, id: newId("loc", crypto.randomBytes), name: names.away };
  for (const [name, location] of [
    ["b", device.location],
    ["c", away],
    ["d", device.location],
  ] as const) {
    const request = {
      name: names[name],
      roles: ["till"] as const,
      location,
      takenCodes: new Set<string>(),
    };
    must(await joinOrganisation(place(name), must(await inviteDevice(place("hq"), request)).text));
  }
  const identity = must(await readDeviceIdentity(place("hq")));
  const trust = join(root, "org-ca.pem");
  writeFileSync(trust, identity.caCertificate);
  const relay = await startRelayProcess(join(root, "relay"), { trust, port: await freePort() });
  const open: OpenDevice[] = [];
  return {
    root,
    relay,
    place,
    open: async (name, options = {}) => {
      const { hasUplink = true, ...rest } = options;
      const one = await openDevice(place(name), {
        name,
        url: hasUplink ? relay.url : undefined,
        rest,
      });
      open.push(one);
      return one;
    },
    advance: (ms) => {
      aheadMs += ms;
    },
    close: async () => {
      for (const one of open) await one.close();
      await relay.stop();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** Words that no relay may ever see. */
export const names = {
  organisation: "Zebrafish Coffee Roasters",
  shop: "Quillfeather Lane",
  away: "Marmalade Wharf",
  hq: "Backoffice Obsidian",
  b: "Counter Tangerine",
  c: "Counter Wolfram",
  d: "Counter Isinglass",
};

const organisation = {
  organisationName: names.organisation,
  locationName: names.shop,
  deviceName: names.hq,
  currency: "GBP",
  timeZone: "Europe/London",
};

async function openDevice(
  place: DevicePlace,
  {
    name,
    url,
    rest,
  }: {
    readonly name: string;
    readonly url: string | undefined;
    readonly rest: Partial<OpenReplicaOptions>;
  },
): Promise<OpenDevice> {
  const events: LogEvent[] = [];
  const replica = must(
    await openReplica({
      ...place,
      logger: (event) => void events.push(event),
      ...(url !== undefined && {
        relay: { url, pace: { baseMs: 50, maxMs: 400, lastedMs: 2_000 } },
      }),
      ...rest,
    }),
  );
  let isOpen = true;
  const close = async (): Promise<void> => {
    if (isOpen) await replica.close();
    isOpen = false;
  };
  return { name, replica, events, close };
}

export interface RelayAtWork {
  readonly directory: string;
  readonly port: number;
  readonly url: string;
  /** Its log lines, as it wrote them. */
  readonly lines: string[];
  /** At once, as a power cut would. */
  kill(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

async function startRelayProcess(
  directory: string,
  { trust, port }: { readonly trust: string; readonly port: number },
): Promise<RelayAtWork> {
  let child: ChildProcess | undefined;
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const ending = child;
    child = undefined;
    if (!ending || ending.exitCode !== null) return;
    ending.kill(signal);
    await once(ending, "exit");
  };
  const relay: RelayAtWork = {
    directory,
    port,
    url: `ws://127.0.0.1:${port}`,
    lines: [],
    kill: () => end("SIGKILL"),
    stop: () => end("SIGTERM"),
    start: async () => {
      const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));
      const args = ["serve", "--data", directory, "--port", String(port), "--trust", trust];
      child = spawn(process.execPath, ["--conditions=@tillmesh/source", main, ...args], {
        stdio: ["ignore", "ignore", "pipe"],
      });
      child.stderr?.on("data", (data: Buffer) => relay.lines.push(data.toString("utf8")));
      await untilServing(child);
    },
  };
  await relay.start();
  return relay;
}

function untilServing(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = "";
    child.stderr?.on("data", (data: Buffer) => {
      said += data.toString("utf8");
      if (said.includes('"serving"')) resolve();
    });
    child.once("exit", (code) =>
      reject(new Error(`the relay ended with ${String(code)}: ${said}`)),
    );
  });
}

/** A sale that says what no relay may read. */
export function saleOf(
  { location }: Replica,
  sku = "SKU-PERIWINKLE-042",
  priceMinor = 123_457,
): EntryDraft {
  return {
    kind: "sale",
    businessDate: "2026-11-22" as BusinessDate,
    by: { staff: "staff_1" as StaffId },
    movements: [{ kind: "sale", location: location.id, sku: sku as Sku, quantityMilli: -1000 }],
    body: { sku, name: "Flat White Extraordinaire", priceMinor, receipt: "RCPT-00871-XQ" },
  };
}

/** How far a device holds another's ledgers, summed. */
export function heldOf(replica: Replica, device: string): number {
  return replica
    .ledgers()
    .filter((ledger) => ledger.device === (device as typeof ledger.device))
    .reduce((sum, { sequence }) => sum + sequence, 0);
}

export async function sell({ replica }: OpenDevice, count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) must(await replica.commit(saleOf(replica)));
}

/** Sockets have no other clock than the real one. */
export async function until(what: string, isSo: () => boolean, limitMs = 15_000): Promise<void> {
  const from = performance.now();
  while (!isSo()) {
    if (performance.now() - from > limitMs) throw new Error(`not within ${limitMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function at(port: number): { readonly host: string; readonly port: number } {
  return { host: "127.0.0.1", port };
}

/** Each listens, and dials the others. */
export async function lanOf(count: number): Promise<readonly LanOptions[]> {
  const ports = await Promise.all(Array.from({ length: count }, freePort));
  return ports.map((own): LanOptions => {
    return { listen: at(own), peers: ports.filter((one) => one !== own).map(at) };
  });
}

export function must<Value>(result: Result<Value, unknown>): Value {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}
