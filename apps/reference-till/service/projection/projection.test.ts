import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import * as fc from "fast-check";
import type { DeviceId, Entry, HeldEntry, Hlc, LocationId, Sku } from "@tillmesh/kernel";
import { testClock, testRandom } from "@tillmesh/kernel/testing";
import { emptyTill, foldTill } from "@tillmesh/sales-ledger";
import { describe, expect, test } from "vitest";
import { FakeReplica, heldEntry } from "../testing/fake-replica.ts";
import { entriesAfter, type EntriesPlace } from "./entries.ts";
import { createToldTransfers } from "./told-transfers.ts";
import { Projection } from "./projection.ts";

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

function newFile(): string {
  return path.join(
    fs.mkdtempSync(path.join(os.tmpdir(), "tillmesh-projection-")),
    "projection.sqlite",
  );
}

function readAll(projection: Projection<Till>): void {
  projection.sync();
  while (projection.catchUp("any"));
}

/** Everything but arrival numbers and the moments of exceptions, which depend on the order of arrival. */
function content(projection: Projection<Till>): unknown {
  const all = (sql: string) => projection.sql(sql).all();
  return {
    entries: all(
      "SELECT device, incarnation, sequence, hash, entry FROM entries ORDER BY 1, 2, 3, 4",
    ),
    ledgers: all(
      "SELECT device, incarnation, sequence, extras, forked_from FROM ledgers ORDER BY 1, 2",
    ),
    stock: all("SELECT * FROM stock ORDER BY 1, 2, 3"),
    transfers: all("SELECT * FROM transfers ORDER BY 1, 2, 3"),
    counts: all("SELECT location, sku, count FROM count_lines ORDER BY 1, 2, 3"),
    exceptions: all("SELECT id, type, facts FROM exceptions ORDER BY 1"),
    own: projection.own,
  };
}

interface Fact {
  readonly device: "dev_b" | "dev_c";
  readonly kind: "stock" | "count";
  readonly sku: string;
  readonly milli: number;
}

const fact = fc.record({
  device: fc.constantFrom("dev_b" as const, "dev_c" as const),
  kind: fc.constantFrom("stock" as const, "stock" as const, "count" as const),
  sku: fc.constantFrom("A", "B"),
  milli: fc.integer({ min: -5, max: 5 }).map((n) => n * 1000 || 1000),
});

/** Ledgers of two devices; a count of one has seen nothing of the other. */
function entriesOf(facts: readonly Fact[]): readonly HeldEntry[] {
  const lasts = new Map<string, HeldEntry>();
  return facts.map((one, index) => {
    const last = lasts.get(one.device);
    const entry = entryOf(one, (last?.entry.sequence ?? 0) + 1, index);
    const held = heldEntry({ ...entry, previous: last?.hash ?? "" });
    lasts.set(one.device, held);
    return held;
  });
}

function entryOf({ device, kind, sku, milli }: Fact, sequence: number, index: number): Entry {
  const location = "loc_a" as LocationId;
  const at = `2026-11-22T10:00:00.000Z/${String(index).padStart(4, "0")}` as Hlc;
  const base = {
    v: 1,
    device: device as DeviceId,
    incarnation: 1,
    part: 1,
    sequence,
    previous: "",
    actor: "0123456789abcdef",
    at,
    location,
    businessDate: "2026-11-22" as Entry["businessDate"],
    by: { device: device as DeviceId },
  } as const;
  if (kind === "stock") {
    const movement = {
      kind: "adjustment",
      location,
      sku: sku as Sku,
      quantityMilli: milli,
    } as const;
    return { ...base, kind: "stock", movements: [movement], body: {} };
  }
  const seen = { [device]: { incarnation: 1, sequence: sequence - 1 || 1, totalMilli: 0 } };
  const body = { countId: "count_1", location, sku, countedMilli: Math.abs(milli), seen };
  return { ...base, kind: "count", body };
}

const clock = testClock(Date.parse("2026-11-22T10:00:00Z"));

describe("the projection", () => {
  test("is the same, whatever the order between devices, in slices, at once or after a restart", () => {
    fc.assert(
      fc.property(fc.array(fact, { maxLength: 30 }), fc.nat(), fc.nat(), (facts, seed, cut) => {
        const entries = entriesOf(facts);
        const whole = new FakeReplica({ clock, held: entries });
        const rebuilt = open(whole, newFile());
        readAll(rebuilt);

        const live = new FakeReplica({ clock });
        const file = newFile();
        const first = open(live, file);
        live.subscribe((event) => event.type === "entries" && first.add(event.entries));
        const order = interleave(entries, seed);
        const before = order.slice(0, cut % (order.length + 1));
        for (const held of before) {
          live.deliver([held]);
          if (held.entry.sequence % 3 === 0) first.applySlice();
        }
        first.sync();
        first.close();
        live.held.push(...order.slice(before.length));
        const second = open(live, file);
        readAll(second);
        expect(second.madeAnew).toBeUndefined();
        expect(content(second)).toEqual(content(rebuilt));
        second.close();
        rebuilt.close();
      }),
      { numRuns: 60 },
    );
  });

  test("an entry after a gap waits until the gap is read", () => {
    const entries = entriesOf(
      Array.from({ length: 5 }, () => ({ device: "dev_b", kind: "stock", sku: "A", milli: 1000 })),
    );
    const replica = new FakeReplica({ clock });
    const projection = open(replica, newFile());
    replica.held.push(...entries);
    projection.add(entries.slice(4));
    projection.sync();
    expect(projection.isBehind("any")).toBe(true);
    readAll(projection);
    expect(projection.sql("SELECT total_milli FROM stock").get()?.["total_milli"]).toBe(5000);
    projection.close();
  });

  test("a page that ends early is not the end", () => {
    const facts = Array.from({ length: 70 }, (): Fact => ({
      device: "dev_b",
      kind: "stock",
      sku: "A",
      milli: 1000,
    }));
    const replica = new FakeReplica({ clock, held: entriesOf(facts) });
    // The engine reads a part at a time.
    const whole = new FakeReplica({ clock, held: replica.held });
    replica.entries = (query) => {
      const end = Math.ceil((query.after + 1) / 10) * 10;
      return whole.entries(query).filter(({ entry }) => entry.sequence <= end);
    };
    const projection = open(replica, newFile());
    readAll(projection);
    expect(projection.sql("SELECT total_milli FROM stock").get()?.["total_milli"]).toBe(70_000);
    projection.close();
  });

  test("what follows must continue what was read", () => {
    const facts = Array.from({ length: 3 }, (): Fact => ({
      device: "dev_b",
      kind: "stock",
      sku: "A",
      milli: 1000,
    }));
    const file = newFile();
    const first = open(new FakeReplica({ clock, held: entriesOf(facts.slice(0, 2)) }), file);
    readAll(first);
    first.close();
    const other = entriesOf(facts.map((one) => ({ ...one, milli: 7000 })));
    const second = open(new FakeReplica({ clock, held: other }), file);
    expect(() => readAll(second)).toThrow("another past");
    second.startAnew("damaged");
    readAll(second);
    expect(second.sql("SELECT total_milli FROM stock").get()?.["total_milli"]).toBe(21_000);
    second.close();
  });

  test("both branches of a fork count, and the fork is raised", () => {
    const facts: readonly Fact[] = [
      { device: "dev_b", kind: "stock", sku: "A", milli: 1000 },
      { device: "dev_b", kind: "stock", sku: "A", milli: 2000 },
    ];
    const [one, two] = entriesOf(facts);
    if (one === undefined || two === undefined) throw new Error("two entries");
    const branch = heldEntry({ ...two.entry, actor: "fedcba9876543210" });
    const replica = new FakeReplica({ clock, held: [one, two, branch] });
    const projection = open(replica, newFile());
    readAll(projection);
    expect(projection.sql("SELECT total_milli FROM stock").get()?.["total_milli"]).toBe(5000);
    expect(projection.sql("SELECT type FROM exceptions").all()).toEqual([{ type: "Fork" }]);
    projection.close();
  });

  test.each([
    ["missing", (file: string) => fs.rmSync(file)],
    ["damaged", (file: string) => fs.writeFileSync(file, Buffer.alloc(8192, 7))],
    ["damaged", (file: string) => fs.truncateSync(file, 0)],
  ])("%s: made anew, with the same content", (reason, harm) => {
    const entries = entriesOf([{ device: "dev_b", kind: "stock", sku: "A", milli: 1000 }]);
    const replica = new FakeReplica({ clock, held: entries });
    const file = newFile();
    const first = open(replica, file);
    readAll(first);
    const expected = content(first);
    first.close();
    harm(file);
    const again = open(replica, file);
    expect(again.madeAnew).toBe(reason);
    readAll(again);
    expect(content(again)).toEqual(expected);
    again.close();
  });

  test("ahead of its replica, or of another one: made anew", () => {
    const entries = entriesOf(
      Array.from({ length: 3 }, () => ({ device: "dev_b", kind: "stock", sku: "A", milli: 1000 })),
    );
    const file = newFile();
    const first = open(new FakeReplica({ clock, held: entries }), file);
    readAll(first);
    first.close();
    const behind = open(new FakeReplica({ clock, held: entries.slice(0, 2) }), file);
    expect(behind.madeAnew).toBe("of-another-past");
    readAll(behind);
    expect(behind.sql("SELECT total_milli FROM stock").get()?.["total_milli"]).toBe(2000);
    behind.close();
    const other = open(new FakeReplica({ clock, device: "dev_z" }), file);
    expect(other.madeAnew).toBe("other-owner");
    other.close();
  });
});

describe("entries for an ERP", () => {
  test("page by page nothing is missed, whatever arrives in between", () => {
    fc.assert(
      fc.property(
        fc.array(fact, { maxLength: 40 }),
        fc.integer({ min: 1, max: 7 }),
        fc.nat(),
        (facts, limit, seed) => {
          const order = [...interleave(entriesOf(facts), seed)];
          const replica = new FakeReplica({ clock });
          const projection = open(replica, newFile());
          const got: string[] = [];
          let place: EntriesPlace | undefined;
          for (let isMore = true; isMore || order.length > 0;) {
            const arrived = order.splice(0, 3);
            replica.held.push(...arrived);
            projection.add(arrived);
            readAll(projection);
            const page = entriesAfter(projection, place, limit);
            got.push(...page.entries.map(({ hash }) => hash));
            ({ place, isMore } = page);
          }
          expect(got.toSorted()).toEqual(replica.held.map(({ hash }) => hash).toSorted());
          projection.close();
        },
      ),
      { numRuns: 40 },
    );
  });

  test("a branch that arrives behind the place is given, too", () => {
    const entries = entriesOf(
      Array.from({ length: 4 }, () => ({ device: "dev_b", kind: "stock", sku: "A", milli: 1000 })),
    );
    const replica = new FakeReplica({ clock, held: entries });
    const projection = open(replica, newFile());
    readAll(projection);
    const { place } = entriesAfter(projection, undefined, 100);
    const third = entries[2];
    if (third === undefined) throw new Error("four entries");
    const branch = heldEntry({ ...third.entry, actor: "fedcba9876543210" });
    projection.add([branch]);
    readAll(projection);
    const more = entriesAfter(projection, place, 100);
    expect(more.entries.map(({ hash }) => hash)).toContain(branch.hash);
    expect(entriesAfter(projection, more.place, 100).entries).toEqual([]);
    projection.close();
  });
});

/** Another order between devices; within each ledger the order stays. */
function interleave(entries: readonly HeldEntry[], seed: number): readonly HeldEntry[] {
  const queues = ["dev_b", "dev_c"].map((device) =>
    entries.filter(({ entry }) => entry.device === device),
  );
  const random = testRandom(seed);
  const order: HeldEntry[] = [];
  while (queues.some((queue) => queue.length > 0)) {
    const [byte = 0] = random(1);
    const next = queues[byte % 2]?.shift();
    if (next !== undefined) order.push(next);
  }
  return order;
}
