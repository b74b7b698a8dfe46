/**
 * Several simulated replicas, and everything that can happen to them and between them. SPEC.md §8.
 *
 * Nothing here waits or draws from anything but the seed: the same seed and the same acts give the same trace.
 *
 * @module
 */

import {
  canonicalJson,
  hex,
  utf8,
  type EntryDraft,
  type HeldEntry,
  type Json,
  type Publication,
  type PublicationItem,
  type Random,
} from "@tillmesh/kernel";
import { wantedByHaste } from "../replica/accept-part.ts";
import { commitEntry } from "../replica/commit.ts";
import { keyOf, type CoreState } from "../replica/core-state.ts";
import { heldFrom, ledgerState, type Ledger } from "../replica/ledger.ts";
import { publishItems } from "../replica/publish.ts";
import { receiveChanges } from "../replica/receive.ts";
import { lackingFrom, summaryOf } from "../replica/summary.ts";
import { byLedger, carriedBy, followEvent, heldBy, ledgerId, type SimApp } from "./sim-app.ts";
import {
  checkpoint,
  copyDisk,
  emptyDisk,
  exchange,
  finishSeals,
  giveCarries,
  giveParts,
  startReplica,
  type SimDevice,
  type SimDisk,
  type SimWorld,
  type StartOptions,
} from "./sim-replica.ts";

/** One disk with a process on it, or a process that is gone. */
export interface SimNode extends SimApp {
  readonly device: SimDevice;
  disk: SimDisk;
  state: CoreState;
  /** A copy made earlier. */
  backup: SimDisk | undefined;
  isDead: boolean;
  /** Hashes of entries and ids of publications that this disk has answered for. */
  readonly acknowledged: Set<string>;
}

export interface SimNetwork {
  readonly world: SimWorld;
  readonly random: Random;
  readonly nodes: SimNode[];
  /** Devices that were cloned or set back: their ledgers may fork. */
  readonly copied: Set<string>;
  /** Hashes of what was on a disk that is gone for ever. */
  readonly lost: Set<string>;
  trace: string;
}

/** Starts the first `count` devices of the world; the others may arrive later. */
export function simNetwork(
  world: SimWorld,
  random: Random,
  count: number = world.devices.length,
): SimNetwork {
  const network: SimNetwork = {
    world,
    random,
    nodes: [],
    copied: new Set(),
    lost: new Set(),
    trace: "",
  };
  for (const device of world.devices.slice(0, count)) addNode(network, device, emptyDisk());
  return network;
}

/** An integer from 0 to below `count`, from the seed. */
export function drawBelow({ random }: Pick<SimNetwork, "random">, count: number): number {
  const [a = 0, b = 0, c = 0] = random(3);
  return count <= 0 ? 0 : (a * 65_536 + b * 256 + c) % count;
}

/** Records a draft; the answer's hash is what must never be lost. */
export function commitOn(network: SimNetwork, node: SimNode, draft: EntryDraft): HeldEntry | null {
  const committed = commitEntry(node.state, draft);
  if (committed.ok) node.acknowledged.add(committed.value.hash);
  finishUnlessFailed(network, node);
  note(network, { commit: node.device.id, ok: committed.ok });
  return committed.ok ? committed.value : null;
}

export function publishOn(
  network: SimNetwork,
  node: SimNode,
  publication: { readonly topic: string; readonly items: readonly PublicationItem[] },
): Publication | null {
  const published = publishItems(node.state, publication.topic, publication.items);
  if (published.ok) node.acknowledged.add(published.value.id);
  finishUnlessFailed(network, node);
  note(network, { publish: node.device.id, ok: published.ok });
  return published.ok ? published.value : null;
}

/** Some changes of some documents, in any order and some of them twice; what does not fit yet is turned away. */
export function deliverSome(network: SimNetwork, from: SimNode, to: SimNode): void {
  // Peers hear of a document before they get changes of it.
  const names = lackingFrom(to.state, summaryOf(from.state));
  for (const name of names) {
    const key = keyOf(to.state, name);
    const document = from.state.documents.get(key);
    if (!document) continue;
    const { nodes } = document.kind === "ledger" ? document.part : document.set;
    const count = drawBelow(network, Math.min(nodes.length * 2, 24) + 1);
    const changes = Array.from(
      { length: count },
      () => nodes[drawBelow(network, nodes.length)]!.change.bytes,
    );
    if (drawBelow(network, 2) === 0) {
      receiveChanges(to.state, { key, changes }, { peer: from.device.id });
    } else {
      for (const change of changes) {
        receiveChanges(to.state, { key, changes: [change] }, { peer: from.device.id });
      }
    }
  }
  if (drawBelow(network, 2) === 0) deliverSealed(network, from, to);
  finishUnlessFailed(network, to);
  note(network, { deliver: [from.device.id, to.device.id], heads: headsText(to) });
}

/** What the LAN does, one bounded step; `sizeMaxBytes` small cuts a part into many messages. */
export function exchangeSome(
  network: SimNetwork,
  [from, to]: readonly [SimNode, SimNode],
  sizeMaxBytes: number,
): boolean {
  const isNew = exchange(from, to, sizeMaxBytes);
  finishUnlessFailed(network, to);
  note(network, { exchange: [from.device.id, to.device.id], heads: headsText(to) });
  return isNew;
}

/** The process ends at once, and another starts on the same disk. */
export function restart(network: SimNetwork, node: SimNode, reason?: StartOptions["reason"]): void {
  node.disk.fault = undefined;
  node.feed = [];
  node.carried = new Map();
  node.state = start(network, node, reason);
  note(network, { restart: node.device.id, heads: headsText(node) });
}

export function checkpointOn(network: SimNetwork, node: SimNode): void {
  checkpoint(node.state, node.disk);
  note(network, { checkpoint: node.device.id });
}

/** The next append is cut short after `keep` of its records. */
export function breakNextAppend(node: SimNode, keep: number): void {
  node.disk.fault = keep;
}

/** A device that was not there before: it has heard of nothing yet. */
export function arrive(network: SimNetwork, device: SimDevice): SimNode {
  return addNode(network, device, emptyDisk());
}

/** A second process on a copy of the disk. */
export function clone(network: SimNetwork, node: SimNode): SimNode {
  network.copied.add(node.device.id);
  const twin = addNode(network, node.device, copyDisk(node.disk));
  for (const hash of node.acknowledged) twin.acknowledged.add(hash);
  return twin;
}

export function takeBackup(node: SimNode): void {
  node.backup = copyDisk(node.disk);
}

/** Puts the old copy back. `reason` undefined: nobody told the device. */
export function setBack(network: SimNetwork, node: SimNode, reason?: "restored"): void {
  const { backup } = node;
  if (!backup) return;
  network.copied.add(node.device.id);
  node.disk = copyDisk(backup);
  restart(network, node, reason);
  const held = new Set([...heldBy(node.state).map(({ hash }) => hash), ...publicationIds(node)]);
  for (const hash of [...node.acknowledged].filter((one) => !held.has(one))) {
    node.acknowledged.delete(hash);
    network.lost.add(hash);
  }
}

/** The disk is gone. */
export function die(network: SimNetwork, node: SimNode): void {
  node.isDead = true;
  for (const hash of node.acknowledged) network.lost.add(hash);
  note(network, { die: node.device.id });
}

/** The disk is well again, and what waited for it is written. */
export function settle(network: SimNetwork, node: SimNode): void {
  node.disk.fault = undefined;
  if (node.state.failure) restart(network, node);
  finishSeals(node.state, node.disk);
}

export function alive({ nodes }: SimNetwork): readonly SimNode[] {
  return nodes.filter(({ isDead }) => !isDead);
}

/** Everybody with everybody, until nothing new comes; says how many rounds it took. */
export function heal(network: SimNetwork): number {
  for (const node of alive(network)) settle(network, node);
  for (let round = 1; round <= healRoundsMax; round += 1) {
    let isNew = false;
    for (const from of alive(network)) {
      for (const to of alive(network)) {
        if (from === to) continue;
        isNew = exchangeSome(network, [from, to], 100_000) || isNew;
        finishSeals(to.state, to.disk);
      }
    }
    if (!isNew) return round;
  }
  throw new Error(`no end of exchanging after ${healRoundsMax} rounds`);
}

const healRoundsMax = 60;

export function publicationsHeldBy(state: CoreState): readonly Publication[] {
  return [...state.documents.values()]
    .flatMap((document) =>
      document.kind === "publications" ? document.set.nodes.map(({ signed }) => signed.fact) : [],
    )
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

/**
 * What all replicas must agree on, as one text. `from` leaves out what not all of them have, where the last who had a
 * ledger's history is gone.
 */
export function viewOf(state: CoreState, from: (ledger: Ledger) => number = heldFrom): string {
  const ledgers = [...state.ledgers.values()]
    .filter(({ deliveredThrough }) => deliveredThrough > 0)
    .toSorted(byLedger)
    .map((ledger) => {
      const { device, incarnation, sequence, hash, isForked } = ledgerState(ledger);
      return { device, incarnation, from: from(ledger), sequence, hash, isForked };
    });
  const first = new Map(ledgers.map((one) => [ledgerId(one), one.from]));
  const entries = heldBy(state)
    .filter(({ entry }) => entry.sequence >= (first.get(ledgerId(entry)) ?? 1))
    .map(({ hash, flags }) => [hash, ...flags].join(" "));
  const publications = publicationsHeldBy(state).map(({ id }) => id);
  return canonicalJson({ ledgers, entries, publications });
}

/** Adds to the trace; its hash says whether two runs were the same. */
export function note(network: SimNetwork, fact: object): void {
  const line = canonicalJson(fact as Json);
  network.trace = hex(network.world.crypto.sha256(utf8(`${network.trace}\n${line}`)));
}

function addNode(network: SimNetwork, device: SimDevice, disk: SimDisk): SimNode {
  const node: SimNode = {
    device,
    disk,
    state: undefined as unknown as CoreState,
    backup: undefined,
    isDead: false,
    acknowledged: new Set(),
    feed: [],
    carried: new Map(),
  };
  node.state = start(network, node, undefined);
  network.nodes.push(node);
  note(network, { start: device.id });
  return node;
}

function start({ world }: SimNetwork, node: SimNode, reason: StartOptions["reason"]): CoreState {
  const onStarting = (state: CoreState): void => {
    node.feed = [...heldBy(state)];
    node.carried = carriedBy(state, node.disk);
    state.listeners.add((event) => followEvent(node, state, event));
  };
  return startReplica(world, node.device, {
    disk: node.disk,
    onStarting,
    ...(reason && { reason }),
  });
}

/** Carries and parts in no particular order: history may come before what follows it. */
function deliverSealed(network: SimNetwork, from: SimNode, to: SimNode): void {
  if (drawBelow(network, 2) === 0) giveCarries(from.disk, to.state);
  const { soon, late } = wantedByHaste(to.state);
  giveParts(from.disk, to.state, drawBelow(network, 4) === 0 ? late : soon);
}

/** A process whose disk failed writes nothing more; it is restarted by whoever runs it. */
function finishUnlessFailed(network: SimNetwork, node: SimNode): void {
  if (node.state.failure) restart(network, node);
  else if (drawBelow(network, 4) > 0) finishSeals(node.state, node.disk);
}

function publicationIds({ state }: SimNode): readonly string[] {
  return publicationsHeldBy(state).map(({ id }) => id);
}

function headsText({ state }: SimNode): string {
  return [...state.ledgers.values()]
    .toSorted(byLedger)
    .map((ledger) => `${ledger.incarnation}:${ledger.deliveredThrough}:${ledger.lastHash}`)
    .join(" ");
}
