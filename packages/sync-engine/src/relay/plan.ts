/**
 * What a lane of a channel lacks and this device has: the next envelope's load. SPEC.md §8a (PN).
 *
 * Own facts go at once. Those of others go when nobody else has brought them within a while, so any device with an
 * uplink serves the shop and all together do not say everything twice.
 *
 * @module
 */

import { canonicalJson, hex, utf8, type Crypto } from "@tillmesh/kernel";
import { parseDocumentName, type DocumentName } from "../documents/document-name.ts";
import type { EntryNode } from "../documents/ledger-part.ts";
import type { PublicationNode, PublicationSet } from "../documents/publication-set.ts";
import type { SealedPart } from "../documents/sealed-part.ts";
import { openSignedText } from "../documents/signed-text.ts";
import { keyOf } from "../replica/core-state.ts";
import { ledgerKey } from "../replica/horizon.ts";
import type { CarryPlace } from "../replica/ports.ts";
import type { BundleItem } from "../relay-protocol/bundle-item.ts";
import type { ChannelLane, FreightSpan } from "./channels.ts";
import { isHq, isOfChannel, ledgersOf, type CourierState } from "./courier-state.ts";
import { isLackingThing, lackingFacts, type Freight } from "./coverage.ts";
import { signHeld } from "./held.ts";

/** What one envelope is to say. */
export interface Load {
  readonly items: readonly BundleItem[];
  readonly freight: Freight;
  readonly spans: readonly FreightSpan[];
  readonly sizeBytes: number;
}

/** The next load of a lane; undefined if nothing is due. */
export async function nextLoad(
  courier: CourierState,
  lane: ChannelLane,
): Promise<Load | undefined> {
  const { name } = lane.channel;
  if (name === "org") return joined([...controlLoads(courier, lane), ...factLoads(courier, lane)]);
  if (name === "control" || name === "hq") return joined(controlLoads(courier, lane));
  if (lane.lane === 1) {
    return joined([
      ...heldLoads(courier, lane),
      ...askingLoads(courier, lane),
      ...factLoads(courier, lane),
    ]);
  }
  return partLoad(courier, lane) ?? (await carryLoad(courier, lane));
}

/** How long others' facts wait for somebody nearer to publish them. */
export const othersWaitMs = 2_000;
/** Of a bundle, before it is compressed: admitting it is one short turn. */
export const loadMaxBytes = 196_608;
const textsMax = 1_000;

/** Bytes of facts in a lane that no envelope was made of yet. */
export function waitingBytes(courier: CourierState, lane: ChannelLane): number {
  let bytes = 0;
  for (const { nodes, document } of lackingDocuments(courier, lane)) {
    for (const { signed } of lackingFacts(lane.coverage, document, nodes))
      bytes += signed.text.length;
  }
  return bytes;
}

/** An item's own name: two that say the same are one. */
export function itemId(item: BundleItem, crypto: Pick<Crypto, "sha256">): string {
  return `item:${hex(crypto.sha256(utf8(canonicalJson(item))))}`;
}

export function carryId({ sha256 }: CarryPlace): string {
  return `carry:${sha256}`;
}

interface LackingDocument {
  readonly document: string;
  readonly name: DocumentName;
  readonly isOwn: boolean;
  readonly nodes: readonly (EntryNode | PublicationNode)[];
}

/** Those of which something may be missing in the lane, own ones first. */
function lackingDocuments(
  { ports }: CourierState,
  { channel }: ChannelLane,
): readonly LackingDocument[] {
  const { state } = ports;
  const all: LackingDocument[] = [];
  for (const document of channel.lacking.keys()) {
    const name = parseDocumentName(document);
    const open = name && state.documents.get(keyOf(state, name));
    if (!name || !open) continue;
    const nodes = open.kind === "ledger" ? open.part.nodes : open.set.nodes;
    const writer = open.kind === "ledger" ? open.part.name.device : lastPublisher(open.set);
    const isOwn = writer === state.ports.device;
    all.push({ document, name, isOwn, nodes });
  }
  return all.toSorted((a, b) => Number(b.isOwn) - Number(a.isOwn) || inOrder(a.name, b.name));
}

function lastPublisher({ nodes }: PublicationSet): string | undefined {
  return nodes.at(-1)?.signed.fact.publisher;
}

/** Earlier parts and epochs first: later ones continue them. */
function inOrder(a: DocumentName, b: DocumentName): number {
  return numberOf(a) - numberOf(b);
}

function numberOf(name: DocumentName): number {
  return name.kind === "ledger" ? name.part : name.epoch;
}

function factLoads(courier: CourierState, lane: ChannelLane): readonly Load[] {
  if (lane.channel.name === "org" && !isHq(courier.ports.state)) return [];
  const loads: Load[] = [];
  let roomBytes = loadMaxBytes;
  for (const one of lackingDocuments(courier, lane)) {
    const lacking = lackingFacts(lane.coverage, one.document, one.nodes);
    if (lacking.length === 0) settle(lane, one.document);
    if (lacking.length === 0 || roomBytes <= 0 || !isDue(courier, lane, one)) continue;
    const load = loadOf(one, withinBounds(lacking, roomBytes));
    loads.push(load);
    roomBytes -= load.sizeBytes;
  }
  return loads;
}

function isDue(
  { ports }: CourierState,
  { channel, isCaughtUp }: ChannelLane,
  { document, isOwn }: LackingDocument,
): boolean {
  return isOwn || (isCaughtUp && (channel.lacking.get(document) ?? 0) <= ports.nowMs());
}

function loadOf({ document, name }: LackingDocument, nodes: LackingDocument["nodes"]): Load {
  return name.kind === "ledger"
    ? entriesLoad(document, name, nodes as readonly EntryNode[])
    : publicationsLoad(document, nodes as readonly PublicationNode[]);
}

/** Nothing of it is missing and nothing is under way: it need not be looked at until it changes. */
function settle({ channel, coverage }: ChannelLane, document: string): void {
  if ((coverage.facts.get(document)?.underWay.size ?? 0) === 0) channel.lacking.delete(document);
}

function withinBounds<Node extends { readonly signed: { readonly text: string } }>(
  nodes: readonly Node[],
  roomBytes: number,
): readonly Node[] {
  let bytes = 0;
  const end = nodes.findIndex(({ signed }, index) => {
    bytes += signed.text.length;
    return index > 0 && (bytes > roomBytes || index >= textsMax);
  });
  return end < 0 ? nodes : nodes.slice(0, end);
}

/** One item per unbroken line. */
function entriesLoad(
  document: string,
  name: Extract<DocumentName, { kind: "ledger" }>,
  nodes: readonly EntryNode[],
): Load {
  const lines: EntryNode[][] = [];
  for (const node of nodes) {
    const line = lines.find((one) => one.at(-1) === node.parent);
    if (line) line.push(node);
    else lines.push([node]);
  }
  const ledger = ledgerKey(name);
  return {
    items: lines.map((line) => {
      return { type: "entries", document, texts: line.map(({ signed }) => signed.text) };
    }),
    freight: { facts: [{ document, hashes: nodes.map(({ signed }) => signed.hash) }], things: [] },
    spans: lines.map((line): FreightSpan => {
      const [first, last] = [line[0]!.signed, line.at(-1)!.signed];
      const { sequence } = first.fact;
      return { ledger, from: sequence, through: last.fact.sequence, hash: last.hash };
    }),
    sizeBytes: sizeOf(nodes),
  };
}

function publicationsLoad(document: string, nodes: readonly PublicationNode[]): Load {
  const texts = nodes.map(({ signed }) => signed.text);
  return {
    items: [{ type: "publications", document, texts }],
    freight: { facts: [{ document, hashes: nodes.map(({ signed }) => signed.hash) }], things: [] },
    spans: [],
    sizeBytes: sizeOf(nodes),
  };
}

function sizeOf(nodes: readonly { readonly signed: { readonly text: string } }[]): number {
  return nodes.reduce((sum, { signed }) => sum + signed.text.length, 0);
}

/** What changed of others' ledgers since it was said last. */
function heldLoads(courier: CourierState, { channel }: ChannelLane): readonly Load[] {
  const { state, nowMs } = courier.ports;
  const dueMs = courier.heldDueMs.get(channel.name);
  if (dueMs === undefined || dueMs > nowMs()) return [];
  courier.heldDueMs.delete(channel.name);
  const told = courier.heldTold.get(channel.name) ?? new Map<string, string>();
  courier.heldTold.set(channel.name, told);
  const news = ledgersOf(state, channel.name).filter((ledger) => {
    const { device, sequence, hash } = ledger;
    if (device === state.ports.device || sequence === 0) return false;
    const isNew = told.get(ledgerKey(ledger)) !== `${sequence}/${hash}`;
    told.set(ledgerKey(ledger), `${sequence}/${hash}`);
    return isNew;
  });
  return news.length === 0 ? [] : [bare([signHeld(state, news)])];
}

function askingLoads({ asking }: CourierState, { channel }: ChannelLane): readonly Load[] {
  const item = asking.get(channel.name);
  asking.delete(channel.name);
  return item ? [bare([item])] : [];
}

function controlLoads({ ports }: CourierState, lane: ChannelLane): readonly Load[] {
  return ports.control
    .items()
    .filter(({ channel }) => channel === lane.channel.name)
    .flatMap(({ item }) => {
      const id = itemId(item, ports.state.ports.crypto);
      if (!isLackingThing(lane.coverage, id)) return [];
      return [{ ...bare([item]), freight: { facts: [], things: [id] } }];
    });
}

function bare(items: readonly BundleItem[]): Load {
  const sizeBytes = items.reduce((sum, item) => sum + JSON.stringify(item).length, 0);
  return { items, freight: { facts: [], things: [] }, spans: [], sizeBytes };
}

/** The newest part that the lane lacks: each names the one before it, so they are taken in this order by anybody. */
function partLoad(courier: CourierState, lane: ChannelLane): Load | undefined {
  if (!lane.isCaughtUp) return undefined;
  const { state } = courier.ports;
  const sealed = [...state.ledgers.values()]
    .filter(({ device }) => isOfChannel(state, device, lane.channel.name))
    .flatMap((ledger) => [...ledger.sealed.values()])
    .filter((part) => isLackingThing(lane.coverage, part.sha256))
    .filter((part) => isThingDue(courier, lane, { owner: part.name.device, id: part.sha256 }))
    .toSorted((a, b) => b.name.part - a.name.part);
  for (const part of sealed) {
    const text = state.ports.sealed.read(part);
    if (text !== undefined) return loadOfPart(courier, part, text);
  }
  return undefined;
}

function loadOfPart({ ports }: CourierState, part: SealedPart, text: string): Load {
  const { name, sha256, firstSequence, lastSequence } = part;
  const { device, incarnation } = name;
  const last = openSignedText(
    "entry",
    text.slice(text.lastIndexOf("\n") + 1),
    ports.state.ports.crypto,
  );
  const place = { device, incarnation, part: name.part, sha256, firstSequence, lastSequence };
  const span = { ledger: ledgerKey(name), from: firstSequence, through: lastSequence };
  return {
    items: [{ type: "part", ...place, text }],
    freight: { facts: [], things: [sha256] },
    spans: last.ok ? [{ ...span, hash: last.value.hash }] : [],
    sizeBytes: text.length,
  };
}

async function carryLoad(courier: CourierState, lane: ChannelLane): Promise<Load | undefined> {
  if (!lane.isCaughtUp) return undefined;
  const { state, carries } = courier.ports;
  for (const carry of carries.known()) {
    const id = carryId(carry);
    if (!isOfChannel(state, carry.device, lane.channel.name)) continue;
    if (!isLackingThing(lane.coverage, id)) continue;
    if (!isThingDue(courier, lane, { owner: carry.device, id })) continue;
    const text = await carries.read(carry);
    // A larger one is for the LAN: over the relay the ledger comes part by part.
    if (text === undefined || text.length > carryMaxLength) continue;
    const { device, incarnation, sha256 } = carry;
    return {
      items: [{ type: "carry", device, incarnation, sha256, text }],
      freight: { facts: [], things: [id] },
      spans: [],
      sizeBytes: text.length,
    };
  }
  return undefined;
}

/** Its lines fit into a bundle, and packed it fits into an envelope. */
const carryMaxLength = 4_194_304;

/** Own ones at once; others' when nobody brought them within a while. */
function isThingDue(
  { ports }: CourierState,
  { channel }: ChannelLane,
  { owner, id }: { readonly owner: string; readonly id: string },
): boolean {
  if (owner === ports.state.ports.device) return true;
  const nowMs = ports.nowMs();
  const dueMs = channel.thingsDueMs.get(id);
  if (dueMs === undefined) {
    channel.thingsDueMs.set(id, nowMs + othersWaitMs + Math.floor(ports.random() * othersWaitMs));
  }
  return dueMs !== undefined && dueMs <= nowMs;
}

function joined(loads: readonly Load[]): Load | undefined {
  const [first] = loads;
  if (!first) return undefined;
  const some: Load[] = [];
  let sizeBytes = 0;
  for (const load of loads) {
    if (some.length > 0 && sizeBytes + load.sizeBytes > loadMaxBytes) break;
    some.push(load);
    sizeBytes += load.sizeBytes;
  }
  return {
    items: some.flatMap(({ items }) => items),
    freight: {
      facts: some.flatMap(({ freight }) => freight.facts),
      things: some.flatMap(({ freight }) => freight.things),
    },
    spans: some.flatMap(({ spans }) => spans),
    sizeBytes,
  };
}
