import { readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Entry } from "@tillmesh/kernel";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { CarrySlice } from "../node/read-carry.ts";
import type { Replica } from "../node/replica.ts";
import { defaultLimits } from "../replica/limits.ts";
import { layCable } from "../testing/cable.ts";
import { draftOf, openLanShop, type LanShop } from "../testing/lan-shop.ts";

const limits = { ...defaultLimits, partEntriesMax: 20, carryAfterParts: 3 };
const carryRule = { name: "test/1", keeps: ({ kind }: Entry) => kind === "count" };
const options = { limits, carryRule };

let shop: LanShop;

beforeAll(async () => {
  shop = await openLanShop({ b: "corner", c: "corner", d: "corner", e: "corner", f: "corner" });
});
afterEach(() => shop.stop());
afterAll(() => shop.close());

/** Parts are sealed and carries written between commits, as upkeep finds time for it. */
async function sell(replica: Replica, count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) {
    const kind = n % 25 === 7 ? "count" : "sale";
    const committed = await replica.commit({ ...draftOf(replica, `S${n % 7}`), kind });
    expect(committed.ok).toBe(true);
    if (n % 10 === 9) await replica.checkpoint();
  }
}

interface Known {
  readonly totals: ReadonlyMap<string, number>;
  readonly counts: ReadonlySet<number>;
}

/** What a replica shows of a device: its carry, and the entries after it. */
async function knownOf(replica: Replica, device: string): Promise<Known> {
  const carry = await replica.carry({ device, incarnation: 1 });
  const slices: CarrySlice[] = [];
  for await (const slice of carry?.slices ?? []) slices.push(slice);
  const entries = entriesAfter(replica, device, carry?.throughSequence ?? 0);
  const kept = slices.flatMap((slice) => slice.kept.map(({ entry }) => entry));
  const counts = [...kept, ...entries].filter(({ kind }) => kind === "count");
  const totals = new Map<string, number>();
  const moved = [
    ...slices.flatMap((slice) => slice.totals),
    ...entries
      .flatMap(({ movements = [] }) => movements)
      .map(({ sku, quantityMilli }) => ({ sku, totalMilli: quantityMilli })),
  ];
  for (const { sku, totalMilli } of moved) totals.set(sku, (totals.get(sku) ?? 0) + totalMilli);
  return { totals, counts: new Set(counts.map(({ sequence }) => sequence)) };
}

function entriesAfter(replica: Replica, device: string, first: number): readonly Entry[] {
  const all: Entry[] = [];
  for (let after = first; ;) {
    const page = replica.entries({ device, incarnation: 1, after, limit: 500 });
    const last = page.at(-1);
    if (!last) return all;
    all.push(...page.map(({ entry }) => entry));
    after = last.entry.sequence;
  }
}

function ledgerOf(replica: Replica, device: string) {
  return replica.ledgers().find((ledger) => ledger.device === device);
}

/** Hides the sealed files of the first parts, as if this till had lost them; gives back how to bring them back. */
function hideParts(directory: string, device: string, through: number): () => void {
  const moved: (readonly [string, string])[] = [];
  for (const folder of [join(directory, "sealed"), join(directory, "sealed", "mirror")]) {
    const place = join(folder, device, "1");
    for (const name of readdirSync(place)) {
      if (Number(name.split("-")[0]) > through) continue;
      moved.push([join(place, name), join(place, `hidden-${name}`)]);
    }
  }
  for (const [from, to] of moved) renameSync(from, to);
  return () => {
    for (const [from, to] of moved) renameSync(to, from);
  };
}

const within = { timeout: 20_000, interval: 50 };

describe("a new device on the LAN (CW)", () => {
  test("[CW5] it has the right totals before any history came, and the history later", async () => {
    const { replica: a } = await shop.start("a", [], options);
    await sell(a, 230);
    const { device } = a;
    const all = await knownOf(a, device.id);
    const bring = hideParts(shop.place("a").directory, device.id, 9);
    const { replica: b } = await shop.start("b", [shop.port("a")], options);
    const told: string[] = [];
    b.subscribe(({ type }) => void told.push(type));
    const own = () => ledgerOf(a, device.id)!.sequence;
    await expect.poll(() => ledgerOf(b, device.id)?.sequence, within).toBe(own());
    expect(ledgerOf(b, device.id)!.heldFrom).toBeGreaterThan(100);
    expect(await knownOf(b, device.id)).toEqual(all);
    expect(told).toContain("carry");
    expect(told).not.toContain("history");
    expect(b.entries({ device: device.id, incarnation: 1, after: 0, limit: 5 })).toEqual([]);
    const report = await b.verify();
    expect(report.differences).toEqual([]);
    expect(report.missingParts).toBeGreaterThan(0);
    // Nobody's "only here" is cleared by a device that does not hold the entries.
    expect(a.status().onlyHere.entries).toBe(own());

    bring();
    await a.commit(draftOf(a, "S1"));
    await expect.poll(() => ledgerOf(b, device.id)?.heldFrom, within).toBe(1);
    expect(told).toContain("history");
    expect(await knownOf(b, device.id)).toEqual(await knownOf(a, device.id));
    expect(await b.verify()).toMatchObject({ missingParts: 0, differences: [] });
    await expect.poll(() => a.status().onlyHere.entries, within).toBe(0);
  }, 60_000);

  test("[CW6] who took a carry passes it on, after a restart as well", async () => {
    const { replica: b } = await shop.start("b", [], options);
    const cable = await layCable(shop.port("b"));
    cable.pull();
    const { replica: c } = await shop.start("c", [cable.port], options);
    const device = b.ledgers().find((one) => one.device !== b.device.id)!.device;
    const told: string[] = [];
    c.subscribe(({ type }) => void told.push(type));
    cable.plug();
    await expect.poll(() => told, within).toContain("history");
    expect(told.indexOf("carry")).toBeLessThan(told.indexOf("history"));
    expect(await knownOf(c, device)).toEqual(await knownOf(b, device));
    expect(await c.verify()).toMatchObject({ missingParts: 0, differences: [] });
    await cable.close();
  }, 60_000);

  test("[CW7] what was kept by another rule, or by none, is no place to start from", async () => {
    const { replica: a } = await shop.start("a", [], options);
    const other = { limits, carryRule: { ...carryRule, name: "test/2" } };
    const { replica: d } = await shop.start("d", [shop.port("a")], other);
    const { replica: e } = await shop.start("e", [shop.port("a")], { limits });
    for (const replica of [d, e]) {
      const told: string[] = [];
      replica.subscribe(({ type }) => void told.push(type));
      const { device } = a;
      const own = ledgerOf(a, device.id)!.sequence;
      await expect.poll(() => ledgerOf(replica, device.id)?.sequence, within).toBe(own);
      expect(told).not.toContain("carry");
      expect(await knownOf(replica, device.id)).toEqual(await knownOf(a, device.id));
    }
    expect(d.exceptions()).toContainEqual(expect.objectContaining({ type: "CarryRefused" }));
  }, 60_000);

  test("[CW12] a carry that is lost before its history came: the ledger begins anew, and that is told", async () => {
    const { replica: a } = await shop.start("a", [], options);
    const { device } = a;
    const own = ledgerOf(a, device.id)!.sequence;
    const bring = hideParts(shop.place("a").directory, device.id, 9);
    const first = await shop.start("f", [shop.port("a")], options);
    await expect.poll(() => ledgerOf(first.replica, device.id)?.sequence, within).toBe(own);
    expect(ledgerOf(first.replica, device.id)!.heldFrom).toBeGreaterThan(1);
    await first.replica.close();
    rmSync(join(shop.place("f").directory, "carries"), { recursive: true });
    const again = await shop.start("f", [], options);
    expect(ledgerOf(again.replica, device.id)).toMatchObject({ heldFrom: 1, sequence: 0 });
    const told = again.replica.exceptions().filter(({ type }) => type === "DamagedFile");
    expect(told).toHaveLength(1);
    await again.replica.close();
    bring();
    const { replica: f } = await shop.start("f", [shop.port("a")], options);
    await expect.poll(() => ledgerOf(f, device.id)?.sequence, within).toBe(own);
    await expect.poll(() => ledgerOf(f, device.id)?.heldFrom, within).toBe(1);
    expect(await f.verify()).toMatchObject({ missingParts: 0, differences: [] });
  }, 60_000);
});
