import * as fc from "fast-check";
import { assert, type DeviceId, type HeldEntry } from "@tillmesh/kernel";
import { testClock, testCrypto, testRandom, testSigner } from "@tillmesh/kernel/testing";
import { describe, test } from "vitest";
import { totalKey } from "../documents/carry-text.ts";
import { playAct, simActs, type SimAct } from "../testing/sim-acts.ts";
import { carriedBy, heldBy, ledgerId, type SimCarried } from "../testing/sim-app.ts";
import { checkHealing, checkNode, checkReload } from "../testing/sim-checks.ts";
import { alive, simNetwork, type SimNetwork, type SimNode } from "../testing/sim-network.ts";
import { finishSeals } from "../testing/sim-replica.ts";
import { defaultLimits } from "./limits.ts";

/** Small parts, and carries after one or two: a newcomer nearly always has one to start from. */
function network(seed: number, [count, partEntriesMax, carryAfterParts]: Shape): SimNetwork {
  const world = {
    crypto: testCrypto(seed),
    clock: testClock(Date.parse("2026-11-22T08:00:00Z")),
    devices: Array.from({ length: count + 3 }, (_, index) => ({
      id: `dev_${index}` as DeviceId,
      roles: index < 2 ? (["till", "hq"] as const) : (["till"] as const),
      signer: testSigner(index + 1),
    })),
    limits: { ...defaultLimits, partEntriesMax, carryAfterParts, setPublicationsMax: 3 },
    carryRule: { name: "law/1", keeps: ({ kind }: HeldEntry["entry"]) => kind === "count" },
  };
  return simNetwork(world, testRandom(seed + 1), count);
}

type Shape = readonly [count: number, partEntriesMax: number, carryAfterParts: number];

/** What an app knows: a sum per counter and ledger, and every entry that a rule keeps. */
function known(
  carried: ReadonlyMap<string, SimCarried>,
  entries: readonly HeldEntry[],
): ReadonlyMap<string, number> {
  const facts = new Map<string, number>();
  const add = (key: string, amount: number) => facts.set(key, (facts.get(key) ?? 0) + amount);
  for (const [ledger, { totals, kept }] of carried) {
    for (const total of totals) add(`${ledger} ${totalKey(total)}`, total.totalMilli);
    for (const { hash } of kept) facts.set(`${ledger} ${hash}`, 1);
  }
  for (const { entry, hash } of entries) {
    const ledger = ledgerId(entry);
    if (entry.kind === "count") facts.set(`${ledger} ${hash}`, 1);
    for (const { location, sku, quantityMilli } of entry.movements ?? []) {
      add(`${ledger} ${totalKey({ location, sku })}`, quantityMilli);
    }
  }
  return new Map([...facts].filter(([, amount]) => amount !== 0).toSorted(byKey));
}

function byKey([a]: readonly [string, number], [b]: readonly [string, number]): number {
  return a < b ? -1 : 1;
}

function assertSame(
  what: string,
  a: ReadonlyMap<string, number>,
  b: ReadonlyMap<string, number>,
): void {
  const [left, right] = [JSON.stringify([...a]), JSON.stringify([...b])];
  assert(left === right, `${what}: ${left} ${right}`);
}

/** What was told live is what can be read, and what the owners recorded up to there. */
function checkKnown(shop: SimNetwork, node: SimNode): void {
  const read = known(carriedBy(node.state, node.disk), heldBy(node.state));
  assertSame(`${node.device.id} live and read`, known(node.carried, node.feed), read);
  assertSame(`${node.device.id} and the owners`, ofOwners(shop, node, read), read);
}

/** The same from the entries of those who recorded them; of copied devices nobody has the one true ledger. */
function ofOwners(
  shop: SimNetwork,
  { state }: SimNode,
  read: ReadonlyMap<string, number>,
): ReadonlyMap<string, number> {
  const ledgers = [...state.ledgers.values()];
  const isCopied = (id: string) => [...shop.copied].some((device) => id.startsWith(`${device}/`));
  const entries = ledgers.flatMap((ledger) => {
    const owner = shop.nodes.find(({ device }) => device.id === ledger.device);
    if (!owner || isCopied(ledgerId(ledger))) return [];
    return heldBy(owner.state).filter(
      ({ entry }) =>
        ledgerId(entry) === ledgerId(ledger) && entry.sequence <= ledger.deliveredThrough,
    );
  });
  const copied = [...read].filter(([key]) => isCopied(key));
  return new Map([...known(new Map(), entries), ...copied].toSorted(byKey));
}

let started = 0;

function run(seed: number, shape: Shape, list: readonly SimAct[]): void {
  const shop = network(seed, shape);
  const started0 = startsIn(shop);
  for (const act of list) {
    const touched = playAct(shop, act);
    if (!touched) continue;
    checkNode(shop, touched);
    checkKnown(shop, touched);
  }
  for (const one of alive(shop)) {
    one.disk.fault = undefined;
    finishSeals(one.state, one.disk);
    checkReload(shop, one);
  }
  checkHealing(shop);
  for (const one of alive(shop)) {
    checkNode(shop, one);
    checkKnown(shop, one);
    checkReload(shop, one);
  }
  started += startsIn(shop) - started0;
}

function startsIn(shop: SimNetwork): number {
  return shop.nodes.reduce((sum, { carried }) => sum + carried.size, 0);
}

const seed = fc.nat(1_000_000);
const shape: fc.Arbitrary<Shape> = fc.tuple(
  fc.integer({ min: 2, max: 3 }),
  fc.integer({ min: 2, max: 5 }),
  fc.integer({ min: 1, max: 2 }),
);
const numRuns = Number(process.env["TILLMESH_RUNS"] ?? 40);

function parameters(runs: number): fc.Parameters<unknown> {
  const { TILLMESH_SEED: fcSeed, TILLMESH_PATH: path } = process.env;
  const again = fcSeed === undefined ? {} : { seed: Number(fcSeed), path: path ?? "" };
  return { numRuns: runs, endOnFailure: true, ...again };
}

describe("starting from carries (CW)", () => {
  test("[CW4] a carry and what follows is what all entries say, live and restarted, before and after the history came", () => {
    const acts = simActs({ accidents: 0, arrivals: 1 });
    fc.assert(
      fc.property(seed, shape, acts, (...args) => run(...args)),
      parameters(numRuns),
    );
    assert(started > 0, "nobody started from a carry");
  }, 120_000);

  test("[CW8] so also with clones, old copies put back and disks that died: no branch is counted twice or lost", () => {
    const acts = simActs({ accidents: 2, arrivals: 1 });
    fc.assert(
      fc.property(seed, shape, acts, (...args) => run(...args)),
      parameters(numRuns),
    );
  }, 120_000);
});
