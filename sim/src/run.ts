/**
 * One run of a whole shop: acts in a row, checks after each, healing, checks of everything.
 *
 * @module
 */

import { referenceCell } from "@tillmesh/crdt-inventory/testing";
import { cellsOf, stockLevel, totalsByDevice, type StockState } from "@tillmesh/crdt-inventory";
import { assert, canonicalJson, type DeviceId, type HeldEntry, type Json } from "@tillmesh/kernel";
import { testClock, testCrypto, testRandom, testSigner } from "@tillmesh/kernel/testing";
import { naiveBook } from "@tillmesh/pricing-core/testing";
import { parseReceiptNumber, readEntry, verifyReports, xReport } from "@tillmesh/sales-ledger";
import { referenceReport } from "@tillmesh/sales-ledger/testing";
import {
  alive,
  arrive,
  breakNextAppend,
  carriedBy,
  checkDocuments,
  checkHealing,
  checkNode,
  checkpointOn,
  checkReload,
  clone,
  deliverSome,
  die,
  exchangeSome,
  heal,
  heldBy,
  publicationsHeldBy,
  restart,
  setBack,
  settle,
  simNetwork,
  smallLimits,
  takeBackup,
  type SimNetwork,
  type SimNode,
} from "@tillmesh/sync-engine/testing";
import { carryRule, firstDate, foldShop, shopText } from "./shop.ts";
import { locations, playTill, publishShop, type TillAct } from "./tills.ts";

export type SimAct =
  | { readonly type: "till"; readonly node: number; readonly act: TillAct }
  | { readonly type: "deliver"; readonly node: number; readonly to: number }
  | { readonly type: "exchange"; readonly node: number; readonly to: number; readonly size: number }
  | { readonly type: "restart" | "checkpoint" | "clone" | "back-up" | "die"; readonly node: number }
  | { readonly type: "cut"; readonly node: number; readonly keep: number }
  | { readonly type: "set-back"; readonly node: number; readonly isTold: boolean }
  | { readonly type: "arrive"; readonly node: number }
  | { readonly type: "clock"; readonly ms: number };

export interface Scenario {
  readonly seed: number;
  readonly devices: number;
  readonly partEntriesMax: number;
  /** A carry after so many parts. */
  readonly carryAfterParts: number;
  readonly acts: readonly SimAct[];
}

/** Plays a scenario; throws what is wrong. The trace names the run. */
export function runScenario({ seed, devices, acts, ...limits }: Scenario): {
  readonly trace: string;
  readonly entries: number;
} {
  const clock = testClock(Date.parse("2026-11-22T08:00:00Z"));
  const world = {
    crypto: testCrypto(seed),
    clock,
    devices: Array.from({ length: devices + arrivalsMax }, (_, index) => ({
      id: `dev_${index}` as DeviceId,
      roles: index < 2 ? (["till", "hq"] as const) : (["till"] as const),
      signer: testSigner(index + 1),
      location: locations[index % 2] ?? locations[0],
    })),
    limits: {
      ...smallLimits(limits.partEntriesMax),
      carryAfterParts: limits.carryAfterParts,
    },
    carryRule,
  };
  const network = simNetwork(world, testRandom(seed + 1), devices);
  publishShop(network, network.nodes[0]!);
  heal(network);
  for (const act of acts) {
    if (act.type === "clock") clock.advance(act.ms);
    else playAct(network, act);
  }
  for (const node of alive(network)) {
    settle(network, node);
    checkReload(network, node);
  }
  checkHealing(network);
  for (const node of alive(network)) {
    checkNode(network, node);
    checkReload(network, node);
    checkDocuments(network, node);
    checkLive(network, node);
  }
  checkShops(network);
  return { trace: network.trace, entries: heldBy(alive(network)[0]!.state).length };
}

const nodesMax = 7;
/** Devices that may come later. */
const arrivalsMax = 2;

type NodeAct = Exclude<SimAct, { type: "clock" }>;

function playAct(network: SimNetwork, act: NodeAct): void {
  const node = aliveAt(network, act.node);
  const play = players[act.type] as (network: SimNetwork, node: SimNode, act: NodeAct) => void;
  play(network, node, act);
  if (node.isDead) return;
  checkNode(network, node);
  // Folding all again is what takes the time of a run: about every fourth act.
  if (/[0-3]$/.test(network.trace)) checkLive(network, node);
}

const players: {
  readonly [Type in NodeAct["type"]]: (
    network: SimNetwork,
    node: SimNode,
    act: Extract<NodeAct, { type: Type }>,
  ) => void;
} = {
  till: (network, node, { act }) => playTill(network, node, act),
  deliver: (network, node, { to }) => deliverSome(network, aliveAt(network, to), node),
  exchange: (network, node, { to, size }) =>
    exchangeSome(network, [aliveAt(network, to), node], size),
  restart: (network, node) => restart(network, node),
  checkpoint: checkpointOn,
  cut: (_, node, { keep }) => breakNextAppend(node, keep),
  clone: (network, node) => {
    if (network.nodes.length < nodesMax) clone(network, node);
  },
  arrive: (network) => {
    const known = new Set(network.nodes.map(({ device }) => device.id));
    const device = network.world.devices.find(({ id }) => !known.has(id));
    if (device && network.nodes.length < nodesMax) arrive(network, device);
  },
  "back-up": (_, node) => takeBackup(node),
  "set-back": (network, node, { isTold }) =>
    setBack(network, node, isTold ? "restored" : undefined),
  die: (network, node) => {
    if (alive(network).length > 1) die(network, node);
  },
};

function aliveAt(network: SimNetwork, index: number): SimNode {
  const there = alive(network);
  return there[index % there.length]!;
}

/** What was folded as it came is what is folded from the disk. */
function checkLive(network: SimNetwork, { state, feed, carried, disk, device }: SimNode): void {
  const publications = publicationsHeldBy(state);
  const begun = new Set([...carried.keys()].map(deviceOf));
  const isWhole = (one: DeviceId): boolean => !network.copied.has(one) && !begun.has(one);
  const live = shopText(foldShop(feed, publications.toReversed(), carried), isWhole);
  const read = foldShop(heldBy(state), publications, carriedBy(state, disk));
  const reloaded = shopText(read, isWhole);
  assert(live === reloaded, `${device.id}: live shop and reloaded shop differ`);
}

/** After healing: one shop, equal to the naive models. */
function checkShops(network: SimNetwork): void {
  const nodes = alive(network);
  const [first] = nodes;
  assert(first !== undefined, "somebody is left");
  // Where the last that had a history is gone, a carry stands for it: no reports of that device, and no sales.
  const begun = new Set(
    nodes.flatMap(({ state, disk }) => [...carriedBy(state, disk).keys()].map(deviceOf)),
  );
  const isWhole = (one: DeviceId): boolean => !begun.has(one);
  const shops = nodes.map(({ state, disk }) =>
    foldShop(heldBy(state), publicationsHeldBy(state), carriedBy(state, disk)),
  );
  const [shop] = shops;
  assert(shop !== undefined, "somebody is left");
  const shown = shops.map((one) =>
    shopText(begun.size > 0 ? { ...one, sales: new Map() } : one, isWhole),
  );
  shown.forEach((text, index) => {
    assert(
      text === shown[0],
      `${nodes[index]?.device.id}: shows another shop than ${first.device.id}`,
    );
  });
  if (begun.size > 0) return;
  const entries = heldBy(first.state);
  const publications = publicationsHeldBy(first.state);
  checkStock(shop.stock, entries);
  for (const naive of naiveBook(publications.filter(({ topic }) => topic === "prices"))) {
    const inForce = shop.books.prices.book.inForce(naive.key);
    assert(inForce?.publication.id === naive.publication, `price ${naive.key}`);
  }
  for (const { id } of network.world.devices) {
    if (!network.copied.has(id)) checkTill(entries, id);
  }
  if (network.copied.size === 0) {
    const wrong = verifyReports(entries);
    assert(wrong.length === 0, `reports: ${JSON.stringify(wrong)}`);
  }
}

function deviceOf(ledger: string): string {
  return ledger.split("/")[0] ?? "";
}

function checkStock(stock: StockState, entries: readonly HeldEntry[]): void {
  for (const cell of cellsOf(stock)) {
    const reference = referenceCell(entries, cell.location, cell.sku);
    const { levelMilli, inForce } = stockLevel(stock, cell);
    const totals = totalsByDevice(stock, cell);
    const isSame =
      levelMilli === reference.levelMilli &&
      (inForce?.hash ?? null) === reference.inForce &&
      sameJson(nonZero(totals), nonZero(reference.totals));
    assert(isSame, `stock of ${cell.sku} at ${cell.location}`);
  }
}

/** A till that was never copied: receipts without gap or duplicate, and its report by the naive model. */
function checkTill(entries: readonly HeldEntry[], device: DeviceId): void {
  const own = entries.filter(({ entry }) => entry.device === device);
  const series = new Map<string, number>();
  for (const held of own) {
    const read = readEntry(held);
    if (read.kind !== "sale" && read.kind !== "refund" && read.kind !== "reversal") continue;
    const receipt = parseReceiptNumber(read.body.receiptNumber);
    const last = series.get(`${receipt?.incarnation}`) ?? 0;
    assert(receipt?.number === last + 1, `${read.body.receiptNumber} follows ${last}`);
    series.set(`${receipt.incarnation}`, receipt.number);
  }
  const till = foldShop(own, []).tills.get(device);
  if (!till) return;
  const isSame = sameJson(xReport(till, firstDate), referenceReport(own, device, firstDate));
  assert(isSame, `${device}: report by the naive model`);
}

function nonZero(totals: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(totals).filter(([, milli]) => milli !== 0));
}

function sameJson(a: unknown, b: unknown): boolean {
  return canonicalJson(a as Json) === canonicalJson(b as Json);
}
