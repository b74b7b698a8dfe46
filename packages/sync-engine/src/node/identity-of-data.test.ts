import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nodeCrypto, systemClock } from "@tillmesh/kernel/node";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { defaultLimits } from "../replica/limits.ts";
import { allEntries, must, sale } from "../testing/crash-life.ts";
import { createOrganisation, inviteDevice, joinOrganisation } from "./create-device.ts";
import { openReplica } from "./open-replica.ts";
import type { Replica } from "./replica.ts";

let root: string;
const running = new Map<string, Replica>();
const ports = new Map<string, number>();

const place = (name: string) => ({
  directory: join(root, name),
  clock: systemClock(),
  crypto: nodeCrypto(),
});

/** Two tills and a third, in directories `a`, `b` and `c`. */
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "tillmesh-copies-"));
  const names = {
    organisationName: "Corner Café",
    locationName: "Corner",
    deviceName: "Till a",
    currency: "GBP",
    timeZone: "Europe/London",
  };
  const made = must(await createOrganisation(place("a"), names));
  for (const name of ["b", "c"]) {
    const { location } = made.device;
    const request = { name, roles: ["till"] as const, location, takenCodes: new Set<string>() };
    const invited = must(await inviteDevice(place("a"), request));
    must(await joinOrganisation(place(name), invited.text));
  }
  for (const name of ["a", "a2", "b", "c"]) ports.set(name, await freePort());
});

afterEach(async () => {
  for (const name of running.keys()) await stop(name);
  rmSync(root, { recursive: true, force: true });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const address = (name: string) => ({ host: "127.0.0.1", port: ports.get(name)! });

async function start(name: string, peers: readonly string[]): Promise<Replica> {
  const lan = { listen: address(name), peers: peers.map(address) };
  const limits = { ...defaultLimits, partEntriesMax: 8 };
  const replica = must(await openReplica({ ...place(name), lan, limits }));
  running.set(name, replica);
  return replica;
}

async function stop(name: string): Promise<void> {
  await running.get(name)?.close();
  running.delete(name);
}

function copy(from: string, to: string): void {
  rmSync(join(root, to), { recursive: true, force: true });
  cpSync(join(root, from), join(root, to), { recursive: true });
}

async function sell(replica: Replica, count: number): Promise<readonly string[]> {
  const hashes: string[] = [];
  for (let n = 0; n < count; n += 1) {
    hashes.push(must(await replica.commit(sale(replica, `${n}`))).hash);
  }
  return hashes;
}

function view(replica: Replica): string {
  const ledgers = replica
    .ledgers()
    .map(({ device, incarnation, sequence, hash, isForked }) =>
      [device, incarnation, sequence, hash, isForked].join("/"),
    );
  const entries = allEntries(replica).map(({ hash, flags }) => [hash, ...flags].join(" "));
  return [...ledgers, ...entries].toSorted().join("\n");
}

async function agree(...replicas: readonly Replica[]): Promise<void> {
  const isSame = () => new Set(replicas.map(view)).size === 1;
  await expect.poll(isSame, { timeout: 40_000, interval: 100 }).toBe(true);
}

function expectHeld(replica: Replica, hashes: readonly string[]): void {
  const held = new Set(allEntries(replica).map(({ hash }) => hash));
  expect(hashes.filter((hash) => !held.has(hash))).toEqual([]);
}

describe("copies of a device (CP)", () => {
  test("[CP1] a directory cloned and both started: both branches stay, both go on under new incarnations", async () => {
    const first = await start("a", []);
    const before = await sell(first, 12);
    await stop("a");
    copy("a", "a2");
    const [a, twin] = [await start("a", ["b"]), await start("a2", ["b"])];
    const apart = [...(await sell(a, 11)), ...(await sell(twin, 4))];
    const b = await start("b", []);
    await agree(a, twin, b);
    expectHeld(b, [...before, ...apart]);
    expect(a.incarnation).not.toBe(twin.incarnation);
    for (const replica of [a, twin, b]) {
      expect(replica.exceptions()).toContainEqual(expect.objectContaining({ type: "Fork" }));
    }
    const after = [...(await sell(a, 2)), ...(await sell(twin, 2))];
    await agree(a, twin, b);
    expectHeld(b, after);
    expect((await b.verify()).differences).toEqual([]);
  }, 120_000);

  test("[CP2] an old copy put back meets what it forgot before it sells: a new incarnation, and no fork", async () => {
    const a = await start("a", []);
    await sell(a, 5);
    await stop("a");
    copy("a", "old");
    const again = await start("a", ["b"]);
    const b = await start("b", []);
    const forgotten = await sell(again, 14);
    await agree(again, b);
    await stop("a");
    copy("old", "a");
    const restored = await start("a", ["b"]);
    await expect.poll(() => restored.incarnation, { timeout: 20_000 }).toBeGreaterThan(1);
    await agree(restored, b);
    expectHeld(restored, forgotten);
    const sold = await sell(restored, 3);
    await agree(restored, b);
    expectHeld(b, sold);
    expect(b.ledgers().some(({ isForked }) => isForked)).toBe(false);
    expect((await restored.verify()).differences).toEqual([]);
  }, 120_000);

  test("[CP3] an old copy put back that sells first: both pasts are kept, also across sealed parts and a restart", async () => {
    const a = await start("a", []);
    await sell(a, 5);
    await stop("a");
    copy("a", "old");
    const again = await start("a", ["b"]);
    const b = await start("b", []);
    const forgotten = await sell(again, 14);
    await agree(again, b);
    await stop("a");
    copy("old", "a");
    const restored = await start("a", []);
    const sold = await sell(restored, 4);
    await stop("a");
    const met = await start("a", ["b"]);
    await agree(met, b);
    for (const replica of [met, b]) expectHeld(replica, [...forgotten, ...sold]);
    await b.checkpoint();
    await stop("b");
    const reopened = await start("b", []);
    expectHeld(reopened, [...forgotten, ...sold]);
    expect(reopened.ledgers().some(({ isForked }) => isForked)).toBe(true);
    await stop("a");
    const { incarnation } = met;
    expect((await start("a", ["b"])).incarnation).toBe(incarnation);
  }, 120_000);

  test("[CP4] a till that dies after half a sync: whoever has a part of it passes that part on", async () => {
    const a = await start("a", []);
    await sell(a, 60);
    const b = await start("b", ["a"]);
    const heard = () => allEntries(b).filter(({ entry }) => entry.device === a.device.id).length;
    await expect.poll(heard, { timeout: 20_000, interval: 1 }).toBeGreaterThan(0);
    await stop("a");
    rmSync(join(root, "a"), { recursive: true });
    const c = await start("c", ["b"]);
    await agree(b, c);
    expect(allEntries(c).length).toBeGreaterThan(0);
    expect((await c.verify()).differences).toEqual([]);
  }, 120_000);
});
