import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import * as fc from "fast-check";
import { allEntries, stockWorlds } from "@tillmesh/crdt-inventory/testing";
import type { HeldEntry, Sku } from "@tillmesh/kernel";
import { testClock, testRandom } from "@tillmesh/kernel/testing";
import { emptyTill, foldTill } from "@tillmesh/sales-ledger";
import { afterAll, describe, expect, test } from "vitest";
import { FakeReplica, heldEntry } from "../testing/fake-replica.ts";
import { entriesAfter } from "./entries.ts";
import { Projection } from "./projection.ts";
import { levelAt, stockOf } from "./stock.ts";
import { createToldTransfers } from "./told-transfers.ts";

type Till = ReturnType<typeof emptyTill>;

function open(replica: FakeReplica, file: string): Projection<Till> {
  return new Projection<Till>({
    told: createToldTransfers(),
    file,
    replica,
    random: testRandom(1),
    fold: { initial: emptyTill(replica.device.id), step: foldTill },
    onApplied: () => undefined,
  });
}

const root = fs.mkdtempSync(path.join(os.tmpdir(), "tillmesh-carry-"));
let files = 0;

afterAll(() => fs.rmSync(root, { recursive: true, force: true }));

function newFile(): string {
  files += 1;
  return path.join(root, `${files}.sqlite`);
}

/** What the reader of a till does. */
async function readAll(projection: Projection<Till>): Promise<void> {
  if (projection.isSuperseded) projection.startAnew("branches-below-carry");
  for (;;) {
    projection.sync();
    if (projection.catchUp("any")) continue;
    const next = projection.nextCarry();
    if (next === undefined) return;
    await projection.begin(next);
  }
}

const skus = ["coffee" as Sku, "tea" as Sku];

/** What a person sees of the stock. */
function shown(projection: Projection<Till>): unknown {
  const all = (sql: string) => projection.sql(sql).all();
  const places = all("SELECT DISTINCT location, sku FROM stock ORDER BY 1, 2");
  return {
    stock: skus.map((sku) =>
      stockOf(projection, sku).map(({ location, onHandMilli, inTransitMilli }) => {
        return { location, onHandMilli, inTransitMilli };
      }),
    ),
    levels: places.map(({ location, sku }) =>
      levelAt(projection, { location, sku } as Parameters<typeof levelAt>[1]),
    ),
    totals: all(
      "SELECT location, sku, device, total_milli FROM stock WHERE total_milli <> 0 ORDER BY 1, 2, 3",
    ),
    transfers: all("SELECT * FROM transfers ORDER BY 1, 2, 3"),
    counts: all("SELECT location, sku, count FROM count_lines ORDER BY 1, 2, 3"),
    openingStock: all("SELECT * FROM opening_stock ORDER BY 1, 2"),
    raised: all(
      "SELECT id, facts FROM exceptions WHERE scope LIKE 'level/%' OR scope LIKE 'transfer/%' ORDER BY 1",
    ),
  };
}

/** All that the tables say, but arrival numbers, moments of exceptions, and how a ledger was begun. */
function content(projection: Projection<Till>): unknown {
  const all = (sql: string) => projection.sql(sql).all();
  return {
    shown: shown(projection),
    entries: all(
      "SELECT device, incarnation, sequence, hash, flags, entry FROM entries ORDER BY 1, 2, 3, 4",
    ),
    ledgers: all("SELECT device, incarnation, sequence, hash FROM ledgers ORDER BY 1, 2"),
    exceptions: all("SELECT id, type, facts FROM exceptions ORDER BY 1"),
    own: projection.own,
  };
}

function replicaOf(held: readonly HeldEntry[]): FakeReplica {
  return new FakeReplica({ clock: testClock(Date.parse("2026-11-22T10:00:00Z")), held });
}

async function read(replica: FakeReplica): Promise<Projection<Till>> {
  const projection = open(replica, newFile());
  await readAll(projection);
  return projection;
}

/** Where the ledgers of others begin: somewhere before their ends. */
function carriedIn(held: readonly HeldEntry[], share: number): ReadonlyMap<string, number> {
  const ends = new Map<string, number>();
  for (const { entry } of held)
    ends.set(entry.device, Math.max(entry.sequence, ends.get(entry.device) ?? 0));
  return new Map(
    [...ends].flatMap(([device, end]) => {
      const through = Math.floor(((end - 1) * share) / 100);
      return through > 0 ? [[device, through]] : [];
    }),
  );
}

const worlds = stockWorlds({ accidents: false, maxLength: 60 });
const share = fc.integer({ min: 1, max: 100 });

describe("a projection that begins with carries", () => {
  test("[CW4] shows the stock that all entries make, and has the rest once the history came", async () => {
    const property = fc.asyncProperty(worlds, share, fc.boolean(), async (world, part, isLive) => {
      const held = allEntries(world);
      const all = await read(replicaOf(held));
      const replica = replicaOf(held);
      const carried = carriedIn(held, part);
      for (const [device, through] of carried) replica.carryThrough(device, through);
      const file = newFile();
      let projection = open(replica, file);
      const restart = () => {
        if (isLive) return;
        projection.close();
        projection = open(replica, file);
        expect(projection.madeAnew).toBe(undefined);
      };
      await readAll(projection);
      expect(shown(projection)).toEqual(shown(all));
      restart();
      await readAll(projection);
      expect(shown(projection)).toEqual(shown(all));
      const served = entriesAfter(projection, undefined, 1_000).entries;
      expect(served.filter(({ entry }) => carried.has(entry.device))).toEqual([]);
      for (const device of carried.keys()) replica.bringHistory(device);
      restart();
      await readAll(projection);
      expect(content(projection)).toEqual(content(all));
      expect(entriesAfter(projection, undefined, 1_000).entries).toHaveLength(held.length);
      expect(projection.missingHistory).toBe(0);
      projection.close();
      all.close();
    });
    await fc.assert(property, { numRuns: 60 });
  }, 120_000);

  test("[CW4] a service that ends in the middle begins anew, and counts nothing twice", async () => {
    const property = fc.asyncProperty(worlds, share, fc.nat(30), async (world, part, steps) => {
      const held = allEntries(world);
      const all = await read(replicaOf(held));
      const replica = replicaOf(held);
      const carried = carriedIn(held, part);
      for (const [device, through] of carried) replica.carryThrough(device, through);
      const file = newFile();
      const first = open(replica, file);
      const next = first.nextCarry();
      const begun = next && first.begin(next);
      for (let turn = 0; turn < steps; turn += 1) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      for (const device of carried.keys()) replica.bringHistory(device);
      first.catchUp("any");
      first.close();
      await begun?.catch(() => undefined);
      const again = open(replica, file);
      await readAll(again);
      expect(content(again)).toEqual(content(all));
      again.close();
      all.close();
    });
    await fc.assert(property, { numRuns: 60 });
  }, 120_000);

  test("[CW8] branches below the carry: everything is read again, and each counts once", async () => {
    const property = fc.asyncProperty(worlds, share, async (world, part) => {
      const held = allEntries(world);
      const carried = carriedIn(held, part);
      const [device] = carried.keys();
      fc.pre(device !== undefined);
      const through = carried.get(device) ?? 0;
      const first = held.find(
        ({ entry }) => entry.device === device && entry.movements && entry.sequence <= through,
      );
      fc.pre(first !== undefined);
      const twin = heldEntry({ ...first.entry, actor: "f".repeat(16) });
      const replica = replicaOf(held);
      for (const [one, last] of carried) replica.carryThrough(one, last);
      const projection = await read(replica);
      replica.held.push(twin);
      replica.bringHistory(device);
      await readAll(projection);
      const all = await read(replicaOf([...held, twin]));
      expect(shown(projection)).toEqual(shown(all));
      projection.close();
      all.close();
    });
    await fc.assert(property, { numRuns: 40 });
  }, 120_000);

  test("[CW13] a carry that says another sum than its entries: once they are here, they are what counts", async () => {
    const property = fc.asyncProperty(worlds, share, async (world, part) => {
      const held = allEntries(world);
      const carried = carriedIn(held, part);
      const [device] = carried.keys();
      fc.pre(held.some(({ entry }) => entry.device === device && entry.sequence === 1));
      const moved = held.filter(({ entry }) => entry.sequence <= (carried.get(entry.device) ?? 0));
      fc.pre(moved.some(({ entry }) => entry.movements !== undefined));
      const replica = replicaOf(held);
      replica.carryLie = 7000;
      for (const [one, through] of carried) replica.carryThrough(one, through);
      const projection = await read(replica);
      for (const one of carried.keys()) replica.bringHistory(one);
      await expect(readAll(projection)).rejects.toThrow("another sum than its carry");
      projection.startAnew("failed");
      await readAll(projection);
      const all = await read(replicaOf(held));
      expect(content(projection)).toEqual(content(all));
      projection.close();
      all.close();
    });
    await fc.assert(property, { numRuns: 30 });
  }, 120_000);
});
