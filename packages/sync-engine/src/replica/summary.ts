/**
 * What a replica has, in few words, and what follows from another's words. SPEC.md §7 (SU).
 *
 * @module
 */

import type { DeviceId } from "@tillmesh/kernel";
import type { MadeChange } from "../documents/change-plan.ts";
import {
  formatDocumentName,
  parseDocumentName,
  type DocumentName,
} from "../documents/document-name.ts";
import type { EntryNode } from "../documents/ledger-part.ts";
import type { PublicationNode } from "../documents/publication-set.ts";
import {
  ensureDocument,
  keyOf,
  ledgerOf,
  type CoreState,
  type OpenDocument,
} from "./core-state.ts";
import { sealedAt, type Ledger } from "./ledger.ts";

/** Everything named here is on the sender's disk. */
export type Summary = {
  readonly device: string;
  /** Ledgers, and the last entry up to which each is complete there from its first; 0 while a carry stands for its beginning. */
  readonly ledgers: readonly LedgerSummary[];
  /** Live documents, and the hashes of the facts that nothing follows there. */
  readonly documents: readonly DocumentSummary[];
};

export type LedgerSummary = {
  readonly device: string;
  readonly incarnation: number;
  readonly sequence: number;
  readonly hash: string;
};

export type DocumentSummary = { readonly name: string; readonly heads: readonly string[] };

export function summaryOf(state: CoreState): Summary {
  return {
    device: state.ports.device,
    ledgers: [...state.ledgers.values()].map(claimOf),
    documents: [...state.documents.values()].map((document) => ({
      name: formatDocumentName(document.kind === "ledger" ? document.part.name : document.set.name),
      heads: headsOf(document),
    })),
  };
}

/** What a replica says that it holds of a ledger: nothing while a carry stands for its beginning. */
export function claimOf(ledger: Ledger): LedgerSummary {
  const { device, incarnation, deliveredThrough, lastHash, base } = ledger;
  return base
    ? { device, incarnation, sequence: 0, hash: "" }
    : { device, incarnation, sequence: deliveredThrough, hash: lastHash };
}

/** Names the documents of which this replica lacks something; those it has not heard of are only named. */
export function lackingNames(state: CoreState, summary: Summary): readonly DocumentName[] {
  return summary.documents.flatMap(({ name: text, heads }) => {
    const name = parseDocumentName(text);
    if (!name || heads.length === 0 || !mayExist(state, name)) return [];
    if (hasAllSealed(state, name, heads)) return [];
    const document = state.documents.get(keyOf(state, name));
    return document && heads.every((hash) => hasFact(document, hash)) ? [] : [name];
  });
}

/** The same, with those it has not heard of started: for replicas that believe each other. */
export function lackingFrom(state: CoreState, summary: Summary): readonly DocumentName[] {
  const names = lackingNames(state, summary);
  for (const name of names) ensureDocument(state, name);
  return names;
}

/** The hashes of the facts in a document that nothing follows. */
export function headsOf(document: OpenDocument): readonly string[] {
  if (document.kind === "ledger") {
    return document.part.branches.map((branch) => branch.entryHash).filter((hash) => hash !== "");
  }
  const { nodes } = document.set;
  const followed = new Set(nodes.map((node) => node.parent?.signed.hash));
  return nodes.map((node) => node.signed.hash).filter((hash) => !followed.has(hash));
}

/** Changes a replica with these heads lacks, parents first, at most about `sizeMaxBytes`. */
export function changesSince(
  document: OpenDocument,
  heads: readonly string[],
  sizeMaxBytes: number,
): readonly MadeChange[] {
  const nodes = nodesOf(document);
  const byHash = new Map(nodes.map((node) => [node.signed.hash, node]));
  const known = new Set<string>();
  for (const head of heads) {
    let node = byHash.get(head);
    while (node && !known.has(node.signed.hash)) {
      known.add(node.signed.hash);
      node = node.parent;
    }
  }
  const changes: MadeChange[] = [];
  let sizeBytes = 0;
  for (const node of nodes) {
    if (known.has(node.signed.hash)) continue;
    if (sizeBytes > 0 && sizeBytes + node.change.bytes.length > sizeMaxBytes) break;
    changes.push(node.change);
    sizeBytes += node.change.bytes.length;
  }
  return changes;
}

/**
 * How far a peer proves that it holds this device's ledger of `incarnation`: it names the hash of
 * an entry that is here. Where the ledger is forked nothing is proven from the fork on, since the
 * peer may hold the other branch.
 */
export function acknowledgedThrough(
  state: CoreState,
  summary: Summary,
  incarnation: number,
): number {
  const { device } = state.ports;
  const claim = summary.ledgers.find(
    (ledger) => ledger.device === device && ledger.incarnation === incarnation,
  );
  const own = state.ledgers.get(`${device}/${incarnation}`);
  if (!claim || !own || !holdsEntry(state, own, claim)) return 0;
  return Math.min(claim.sequence, own.forkedFrom - 1);
}

/** Whether the entry that a claim names is here: then so is all that its chain reaches. */
export function holdsEntry(
  state: CoreState,
  ledger: Ledger,
  { sequence, hash }: Pick<LedgerSummary, "sequence" | "hash">,
): boolean {
  if (hash === ledger.lastHash) return sequence === ledger.deliveredThrough;
  const isOpen = [...ledger.open.values()].some(
    (part) => part.nodeByEntry.get(hash)?.signed.fact.sequence === sequence,
  );
  if (isOpen) return true;
  const sealed = [...ledger.sealed.values()].filter(
    (part) => part.firstSequence <= sequence && sequence <= part.lastSequence,
  );
  return sealed.some((part) => state.readSealed(part).some((entry) => entry.hash === hash));
}

/** Lines of two lists that share their parent pointers. */
type Node = EntryNode | PublicationNode;

function nodesOf(document: OpenDocument): readonly Node[] {
  return document.kind === "ledger" ? document.part.nodes : document.set.nodes;
}

function hasFact(document: OpenDocument, hash: string): boolean {
  return document.kind === "ledger"
    ? document.part.nodeByEntry.has(hash)
    : document.set.nodes.some((node) => node.signed.hash === hash);
}

/** A part that is sealed here needs no document, unless the other side knows of another branch. */
function hasAllSealed(state: CoreState, name: DocumentName, heads: readonly string[]): boolean {
  if (name.kind !== "ledger" || state.documents.has(keyOf(state, name))) return false;
  const sealed = sealedAt(ledgerOf(state, name), name.part);
  if (sealed.length === 0) return false;
  const hashes = new Set(sealed.flatMap((part) => state.readSealed(part).map(({ hash }) => hash)));
  return heads.every((hash) => hashes.has(hash));
}

/** Nobody makes this replica open documents without end, or of devices nobody vouches for. */
export function mayExist(state: CoreState, name: DocumentName): boolean {
  if (state.documents.has(keyOf(state, name))) return true;
  if (state.documents.size >= documentsMax) return false;
  return name.kind === "publications"
    ? name.epoch <= epochsMax
    : state.ports.trust.deviceOf(name.device satisfies DeviceId) !== undefined;
}

const documentsMax = 5_000;
const epochsMax = 10_000;
