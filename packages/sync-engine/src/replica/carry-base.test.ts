import { testClock, testCrypto, testSigner } from "@tillmesh/kernel/testing";
import type {
  BusinessDate,
  DeviceId,
  EntryDraft,
  HeldEntry,
  LocationId,
  Sku,
  StaffId,
} from "@tillmesh/kernel";
import { describe, expect, test } from "vitest";
import {
  copyDisk,
  emptyDisk,
  exchange,
  finishSeals,
  giveCarries,
  giveParts,
  startReplica,
  type SimDisk,
  type SimWorld,
} from "../testing/sim-replica.ts";
import { carriedBy, heldBy } from "../testing/sim-app.ts";
import { wantedByHaste } from "./accept-part.ts";
import { historyThrough, leaveUncounted, wantedCarries } from "./carry-base.ts";
import { beginIncarnation, commitEntry } from "./commit.ts";
import { composeCarry, noteCarry, planCarry } from "./compose-carry.ts";
import type { CoreState } from "./core-state.ts";
import type { CoreEvent } from "./events.ts";
import { defaultLimits } from "./limits.ts";
import { acknowledgedThrough, summaryOf } from "./summary.ts";

const world: SimWorld = {
  crypto: testCrypto(1),
  clock: testClock(Date.parse("2026-11-22T08:00:00Z")),
  devices: [0, 1, 2].map((index) => ({
    id: `dev_${index}` as DeviceId,
    roles: ["till"],
    signer: testSigner(index + 1),
  })),
  limits: { ...defaultLimits, partEntriesMax: 4, carryAfterParts: 2 },
  carryRule: { name: "test/1", keeps: ({ kind }) => kind === "count" },
};

interface Till {
  readonly state: CoreState;
  readonly disk: SimDisk;
  readonly events: CoreEvent[];
}

function till(index: number, disk = emptyDisk(), shop: SimWorld = world): Till {
  const state = startReplica(shop, shop.devices[index]!, { disk });
  const events: CoreEvent[] = [];
  state.listeners.add((event) => void events.push(event));
  return { state, disk, events };
}

function draft(n: number): EntryDraft {
  const location = "loc_sim" as LocationId;
  return {
    kind: n % 5 === 0 ? "count" : "sale",
    businessDate: "2026-11-22" as BusinessDate,
    by: { staff: "staff_1" as StaffId },
    movements: [{ kind: "sale", location, sku: "C1" as Sku, quantityMilli: -1000 }],
    body: { n },
  };
}

function sell({ state, disk }: Till, count: number): void {
  for (let n = 0; n < count; n += 1) {
    expect(commitEntry(state, draft(n)).ok).toBe(true);
    finishSeals(state, disk);
  }
}

/** Documents and carries, and of the parts those that are needed to be up to date. */
function catchUp(from: Till, to: Till): void {
  const withoutHistory = { ...from, disk: { ...from.disk, sealed: new Map<string, string>() } };
  for (let step = 0; step < 20; step += 1) {
    exchange(withoutHistory, to);
    giveCarries(from.disk, to.state);
    giveParts(from.disk, to.state, wantedByHaste(to.state).soon);
    finishSeals(to.state, to.disk);
  }
}

/** One more part of the history. */
function bringPart(from: Till, to: Till): boolean {
  const isNew = giveParts(from.disk, to.state, wantedByHaste(to.state).late);
  finishSeals(to.state, to.disk);
  return isNew;
}

function ledgerOf({ state }: Till, id = "dev_0/1") {
  return state.ledgers.get(id)!;
}

function sold({ state, disk }: Till): number {
  const carried = [...carriedBy(state, disk).values()].flatMap(({ totals }) => totals);
  const sums = [
    ...carried.map(({ totalMilli }) => totalMilli),
    ...heldBy(state).flatMap(({ entry }) =>
      (entry.movements ?? []).map((one) => one.quantityMilli),
    ),
  ];
  return sums.reduce((sum, milli) => sum + milli, 0) / -1000;
}

function typesOf({ events }: Till): readonly string[] {
  return events.map(({ type }) => type).filter((type) => type === "carry" || type === "history");
}

describe("a ledger that begins with a carry (CW)", () => {
  test("[CW5] nothing is claimed of it before its history is here", () => {
    const [a, b] = [till(0), till(1)];
    sell(a, 40);
    catchUp(a, b);
    expect(ledgerOf(b).base?.throughSequence).toBeGreaterThan(20);
    expect(sold(b)).toBe(40);
    const claim = () => acknowledgedThrough(a.state, summaryOf(b.state), 1);
    expect(claim()).toBe(0);
    const own = ledgerOf(a).deliveredThrough;
    expect(ledgerOf(b).deliveredThrough).toBe(own);
    while (bringPart(a, b)) expect(typesOf(b).at(-1)).toMatch(/carry|history/);
    expect(typesOf(b)).toEqual(["carry", "history"]);
    expect(ledgerOf(b).base).toBe(undefined);
    expect(claim()).toBe(own);
    expect(sold(b)).toBe(40);
  });

  test("[CW5] history comes newest part first, and after all that is needed to be up to date", () => {
    const [a, b] = [till(0), till(1)];
    sell(a, 40);
    catchUp(a, b);
    const order: number[] = [];
    for (;;) {
      const { soon, late } = wantedByHaste(b.state);
      expect(soon).toEqual([]);
      if (late.length === 0) break;
      order.push(...late.map(({ name }) => name.part));
      bringPart(a, b);
    }
    expect(order).toEqual(order.toSorted((x, y) => y - x));
    expect(order.at(-1)).toBe(1);
  });

  test("[CW7] where anything is complete already, no carry is wanted", () => {
    const [a, b] = [till(0), till(1)];
    sell(a, 2);
    exchange(a, b);
    sell(a, 40);
    exchange(a, b);
    expect(wantedCarries(b.state)).toEqual([]);
    expect(historyThrough(b.state, ledgerOf(b))).toBe(0);
  });

  test("[CW7] of the carries that nobody has, an older one that somebody has is taken", () => {
    const [a, b] = [till(0), till(1)];
    sell(a, 40);
    const newest = a.state.ownCarry!.ref;
    const named = a.state.own!.part.nodes[0]!.signed.fact.body as { carry?: { sha256: string } };
    a.disk.carries.delete(newest.sha256);
    a.disk.carries.delete(named.carry!.sha256);
    for (let step = 0; step < 20; step += 1) {
      giveCarries(a.disk, b.state);
      exchange({ ...a, disk: { ...a.disk, carries: new Map() } }, b);
      if (ledgerOf(b).sealed.size > 3) giveCarries(a.disk, b.state);
      finishSeals(b.state, b.disk);
      if (typesOf(b).length > 0) break;
    }
    expect(typesOf(b)).toEqual(["carry"]);
    expect(ledgerOf(b).base!.throughSequence).toBeLessThan(newest.throughSequence);
    expect(sold(b)).toBe(40);
  });

  test("[CW8] a branch that left below the carry: the ledger is read anew once its history is here", () => {
    const [a, b] = [till(0), till(1)];
    sell(a, 6);
    const twin = till(0, copyDisk(a.disk));
    sell(a, 40);
    sell(twin, 3);
    catchUp(a, b);
    expect(sold(b)).toBe(46);
    while (bringPart(a, b) || exchange(twin, b)) finishSeals(b.state, b.disk);
    expect(ledgerOf(b).base).toBe(undefined);
    expect(b.events).toContainEqual(expect.objectContaining({ type: "history" }));
    expect(ledgerOf(b).forkedFrom).toBeLessThan(10);
    expect(sold(b)).toBe(49);
    const told = new Set(
      b.events.flatMap((event) => (event.type === "entries" ? event.entries : [])).map(hashOf),
    );
    const missed = heldBy(b.state).filter(({ hash }) => !told.has(hash));
    const history = b.events.find((event) => event.type === "history");
    expect(history?.isForked === true || missed.length > 0).toBe(true);
  });

  test("[CW8] a branch that is whole waits for the history of the line that was carried", () => {
    const [a, b] = [till(0), till(1)];
    sell(a, 1);
    const twin = till(0, copyDisk(a.disk));
    sell(a, 40);
    catchUp(a, b);
    const { base, deliveredThrough } = ledgerOf(b);
    // The twin went on for as long, and all that it sold is known, also to its first entry.
    sell(twin, 44);
    for (let step = 0; step < 40; step += 1) {
      exchange(twin, b);
      finishSeals(b.state, b.disk);
    }
    const parts = [...ledgerOf(b).sealed.values()].map(({ name }) => name.part);
    expect(parts).toContain(1);
    expect(ledgerOf(b).base).toEqual(base);
    expect(ledgerOf(b).deliveredThrough).toBe(deliveredThrough);
    expect(sold(b)).toBe(41);
    while (bringPart(a, b)) continue;
    expect(ledgerOf(b).base).toBe(undefined);
    expect(b.events).toContainEqual(expect.objectContaining({ type: "history", isForked: true }));
    expect(sold(b)).toBe(85);
  });

  test("[CW10] what is revoked below the carry: the carry is given up", () => {
    const [a, b] = [till(0), till(1)];
    sell(a, 40);
    catchUp(a, b);
    const ledger = ledgerOf(b);
    const { throughSequence } = ledger.base!;
    ledger.accepts = ({ sequence }) => sequence <= throughSequence;
    leaveUncounted(b.state);
    expect(ledger.base).toBeDefined();
    ledger.accepts = ({ sequence }) => sequence < throughSequence;
    leaveUncounted(b.state);
    expect(ledger.base).toBe(undefined);
    expect(heldBy(b.state).filter(({ entry }) => entry.device === "dev_0")).toEqual([]);
    while (bringPart(a, b)) continue;
    expect(ledger.deliveredThrough).toBe(ledgerOf(a).deliveredThrough);
    expect(typesOf(b)).toEqual(["carry"]);
  });
});

describe("writing carries (CW)", () => {
  test("[CW11] one that is too large is not written, told once, and the last one stays named", () => {
    const limits = { ...world.limits!, carrySizeMaxBytes: 2_500 };
    const a = till(0, emptyDisk(), { ...world, limits });
    sell(a, 80);
    const told = a.state.exceptions.filter(({ type }) => type === "CarryNotWritten");
    expect(told).toEqual([
      expect.objectContaining({ reason: "too large", throughSequence: expect.any(Number) }),
    ]);
    const through = a.state.ownCarry!.ref.throughSequence;
    expect(told[0]).toMatchObject({ throughSequence: through });
    const b = till(1);
    catchUp(a, b);
    expect(ledgerOf(b).base?.throughSequence).toBe(through);
    expect(sold(b)).toBe(80);
  });

  test("[CW11] one that is ready only when the ledger ended is not named in the next", () => {
    const a = till(0, emptyDisk(), {
      ...world,
      limits: { ...world.limits!, carryAfterParts: 1_000 },
    });
    sell(a, 20);
    const late = { ...a.state, limits: world.limits! };
    const plan = planCarry(late, 0)!;
    const steps = composeCarry(a.state, plan, undefined);
    let step = steps.next();
    while (!step.done) step = steps.next();
    expect(beginIncarnation(a.state, "fork").ok).toBe(true);
    noteCarry(a.state, step.value!, { sha256: "f".repeat(64), at: a.state.ports.hlc.now() });
    expect(a.state.ownCarry).toBe(undefined);
  });

  test("[CW11] the rule has another name: the carry is put together from all parts again", () => {
    const a = till(0);
    sell(a, 40);
    const carryRule = { name: "test/2", keeps: () => true };
    const again = till(0, a.disk, { ...world, carryRule });
    sell(again, 20);
    const bytes = again.disk.carries.get(again.state.ownCarry!.ref.sha256)!;
    const lines = new TextDecoder().decode(bytes).split("\n");
    expect(lines[0]).toContain(`"keeps":"test/2"`);
    const kept = lines.filter((line) => line.startsWith(`{"entry"`));
    expect(kept).toHaveLength(again.state.ownCarry!.ref.throughSequence);
  });
});

function hashOf({ hash }: HeldEntry): string {
  return hash;
}
