/**
 * What must hold of simulated replicas: at any time, after a reload, and after healing. SPEC.md §8.
 *
 * Each check throws an error that says which replica and what is wrong.
 *
 * @module
 */

import * as Automerge from "@automerge/automerge";
import { assert, type HeldEntry } from "@tillmesh/kernel";
import { testCrypto } from "@tillmesh/kernel/testing";
import { formatDocumentName } from "../documents/document-name.ts";
import { counterBucketCount, counterBucketKey, genesisOf } from "../documents/genesis.ts";
import { counterTotals } from "../documents/ledger-part.ts";
import type { CoreState } from "../replica/core-state.ts";
import { heldFrom, ledgerState } from "../replica/ledger.ts";
import {
  alive,
  drawBelow,
  heal,
  publicationsHeldBy,
  viewOf,
  type SimNetwork,
  type SimNode,
} from "./sim-network.ts";
import { heldBy, ledgerId, type SimCarried } from "./sim-app.ts";
import { copyDisk, startReplica } from "./sim-replica.ts";

/** Everything that holds at any time of a replica, whatever it has and has not heard. */
export function checkNode(network: SimNetwork, node: SimNode): void {
  const held = heldBy(node.state);
  checkAcknowledged(node, held);
  checkChains(node, held);
  checkForks(network, node, held);
  checkFeed(node, held);
  checkRefusals(node);
}

/** The live state against one that is folded again from what is on the disk. */
export function checkReload({ world }: SimNetwork, node: SimNode): void {
  const crypto = { ...world.crypto, randomBytes: testCrypto(7).randomBytes };
  const copy = startReplica({ ...world, crypto }, node.device, { disk: copyDisk(node.disk) });
  const [live, reloaded] = [viewOf(node.state), viewOf(copy)];
  const isSame = live === reloaded;
  assert(isSame, `${node.device.id}: live ${live} and reloaded ${reloaded} differ`);
}

/** The changes as Automerge sees them, in any order, live and loaded, against the fold. */
export function checkDocuments(network: SimNetwork, { state, device }: SimNode): void {
  for (const document of state.documents.values()) {
    if (document.kind !== "ledger") continue;
    const { part } = document;
    const name = `${device.id}: ${formatDocumentName(part.name)}`;
    const changes = [
      genesisOf("ledger").change,
      ...shuffled(
        network,
        part.nodes.map(({ change }) => change.bytes),
      ),
    ];
    const [live] = Automerge.applyChanges(Automerge.init<LedgerDocument>(), changes);
    const loaded = Automerge.load<LedgerDocument>(Automerge.save(live));
    for (const doc of [live, loaded]) {
      assert(doc.entries.length === part.nodes.length, `${name}: all entries`);
      const counters = countersIn(doc);
      const totals = [...counterTotals(part)].filter(([, milli]) => milli !== 0);
      assert(counters.size === totals.length, `${name}: ${counters.size} counters`);
      for (const [key, milli] of totals) {
        assert(counters.get(key) === milli, `${name}: counter ${key}`);
      }
    }
  }
}

/** Partitions end; then all replicas show the same, and nothing that anybody held is gone. */
export function checkHealing(network: SimNetwork): void {
  const held = alive(network).flatMap(({ state }) => heldBy(state));
  const said = alive(network).flatMap(({ state }) => publicationsHeldBy(state));
  const rounds = heal(network);
  const nodes = alive(network);
  // Who had the history of a ledger may be gone; then the carry is all there is.
  const from = latestBeginnings(nodes);
  const before = new Set([
    ...held
      .filter(({ entry }) => entry.sequence >= (from.get(ledgerId(entry)) ?? 1))
      .map(({ hash }) => hash),
    ...said.map(({ id }) => id),
  ]);
  const views = nodes.map(({ state }) => viewOf(state, (one) => from.get(ledgerId(one)) ?? 1));
  nodes.forEach(({ device }, index) => {
    const isSame = views[index] === views[0];
    assert(isSame, `${device.id} and ${nodes[0]?.device.id} differ after ${rounds} rounds`);
  });
  const after = new Set(factsOf(nodes[0]!.state));
  for (const fact of before) assert(after.has(fact), `${fact} was held and is gone`);
  for (const node of network.nodes) {
    for (const hash of node.acknowledged) {
      const isHere = after.has(hash) || network.lost.has(hash);
      assert(isHere, `${hash} was acknowledged by ${node.device.id} and is gone`);
    }
  }
}

function latestBeginnings(nodes: readonly SimNode[]): ReadonlyMap<string, number> {
  const from = new Map<string, number>();
  for (const ledger of nodes.flatMap(({ state }) => [...state.ledgers.values()])) {
    const id = ledgerId(ledger);
    from.set(id, Math.max(heldFrom(ledger), from.get(id) ?? 1));
  }
  return from;
}

function factsOf(state: CoreState): readonly string[] {
  return [
    ...heldBy(state).map(({ hash }) => hash),
    ...publicationsHeldBy(state).map(({ id }) => id),
  ];
}

function checkAcknowledged(node: SimNode, held: readonly HeldEntry[]): void {
  const here = new Set([
    ...held.map(({ hash }) => hash),
    ...publicationsHeldBy(node.state).map(({ id }) => id),
  ]);
  for (const fact of node.acknowledged) {
    assert(here.has(fact), `${node.device.id}: ${fact} was acknowledged`);
  }
}

/** Numbers without a gap, each entry after the one it names. */
function checkChains({ device, state }: SimNode, held: readonly HeldEntry[]): void {
  const hashes = new Set<string>();
  const reached = new Map<string, number>();
  for (const { entry, hash } of held) {
    const ledger = ledgerId(entry);
    const start = startOf(state, ledger);
    const last = reached.get(ledger) ?? start.sequence;
    const place = `${device.id}: ${ledger}/${entry.sequence}`;
    assert(!hashes.has(hash), `${place} is there once`);
    assert(entry.sequence === last || entry.sequence === last + 1, `${place} follows ${last}`);
    const isFirst = entry.sequence === start.sequence + 1;
    const isChained = isFirst ? entry.previous === start.hash : hashes.has(entry.previous);
    assert(isChained, `${place} continues an entry that is here`);
    hashes.add(hash);
    reached.set(ledger, entry.sequence);
  }
  for (const [ledger, { deliveredThrough }] of state.ledgers) {
    const last = reached.get(ledger) ?? startOf(state, ledger).sequence;
    assert(last === deliveredThrough, `${device.id}: ${ledger} reaches its end`);
  }
}

/** The entry after which a ledger begins here. */
function startOf({ ledgers }: CoreState, ledger: string): LedgerStart {
  const { base } = ledgers.get(ledger) ?? {};
  return base ? { sequence: base.throughSequence, hash: base.hash } : { sequence: 0, hash: "" };
}

interface LedgerStart {
  readonly sequence: number;
  readonly hash: string;
}

/** Two entries of one number are a fork: found, shown, flagged, and never made by a device that was not copied. */
function checkForks(
  network: SimNetwork,
  { device, state }: SimNode,
  held: readonly HeldEntry[],
): void {
  for (const ledger of state.ledgers.values()) {
    const own = held.filter(
      ({ entry }) => entry.device === ledger.device && entry.incarnation === ledger.incarnation,
    );
    const sequences = own.map(({ entry }) => entry.sequence);
    const twice = sequences.filter((one, index) => sequences[index - 1] === one);
    if (twice.length === 0) continue;
    const forkAt = Math.min(...twice);
    const place = `${device.id}: ${ledger.device}/${ledger.incarnation} forks at ${forkAt}`;
    assert(network.copied.has(ledger.device), `${place}, though the device was not copied`);
    assert(ledgerState(ledger).isForked, `${place} and says so`);
    const isShown = state.exceptions.some(
      (one) =>
        one.type === "Fork" &&
        one.device === ledger.device &&
        one.incarnation === ledger.incarnation,
    );
    assert(isShown, `${place} and shows it`);
    for (const { entry, flags } of own.filter((one) => one.entry.sequence >= forkAt)) {
      assert(flags.includes("fork"), `${place}: ${entry.sequence} is flagged`);
    }
  }
}

/** What was handed on live is what can be read: each once, none before the one it continues. */
function checkFeed({ device, feed, carried }: SimNode, held: readonly HeldEntry[]): void {
  const seen = new Set([...carried.values()].flatMap(hashesCarried));
  for (const { entry, hash } of feed) {
    const place = `${device.id}: ${entry.device}/${entry.incarnation}/${entry.sequence}`;
    assert(!seen.has(hash), `${place} is handed on once`);
    const { throughSequence = 0 } = carried.get(ledgerId(entry)) ?? {};
    const isFirst = entry.sequence === 1 || entry.sequence === throughSequence + 1;
    const isInOrder = isFirst || seen.has(entry.previous);
    assert(isInOrder, `${place} is handed on after the one before`);
    seen.add(hash);
  }
  for (const { entry, hash } of held) {
    const place = `${entry.device}/${entry.incarnation}/${entry.sequence}`;
    assert(seen.has(hash), `${device.id}: ${place} was handed on`);
  }
  assert(seen.size === held.length, `${device.id}: nothing was handed on that is not held`);
}

/** Of a carry whose history was told of: what the app has read of it. */
function hashesCarried({ history }: SimCarried): readonly string[] {
  return history.map(({ hash }) => hash);
}

function checkRefusals({ device, state }: SimNode): void {
  const refused = state.exceptions.find(({ type }) => type === "RefusedChange");
  assert(!refused, `${device.id}: refused an honest peer: ${JSON.stringify(refused)}`);
}

interface LedgerDocument {
  readonly [member: string]: unknown;
  readonly entries: readonly unknown[];
  readonly stock: Readonly<Record<string, Readonly<Record<string, Automerge.Counter>>>>;
}

/** Clones may each create one counter: both stand side by side, and both count. */
function countersIn(doc: LedgerDocument): ReadonlyMap<string, number> {
  const counters = new Map<string, number>();
  for (let index = 0; index < counterBucketCount; index += 1) {
    const bucket = doc.stock[counterBucketKey(index)] ?? {};
    for (const [key, counter] of Object.entries(bucket)) {
      const all = Object.values<unknown>(Automerge.getConflicts(bucket, key) ?? { counter });
      const sum = all.reduce<number>((total, one) => total + (one as Automerge.Counter).value, 0);
      if (sum !== 0) counters.set(key, sum);
    }
  }
  return counters;
}

function shuffled<Item>(network: SimNetwork, items: readonly Item[]): readonly Item[] {
  const rest = [...items];
  return items.map(() => rest.splice(drawBelow(network, rest.length), 1)[0]!);
}
