/**
 * Signed facts and the documents they make, without a replica around them. SPEC.md §8.
 *
 * @module
 */

import * as Automerge from "@automerge/automerge";
import type {
  BusinessDate,
  DeviceId,
  Entry,
  Hlc,
  LocationId,
  Movement,
  Publication,
  Signer,
  Sku,
  StaffId,
} from "@tillmesh/kernel";
import { testCrypto, testSigner } from "@tillmesh/kernel/testing";
import type { DocumentName, LedgerPartName } from "../documents/document-name.ts";
import { genesisOf } from "../documents/genesis.ts";
import {
  admitEntryChange,
  appendEntry,
  emptyPart,
  planEntry,
  type EntryNode,
  type LedgerPart,
} from "../documents/ledger-part.ts";
import {
  addPublication,
  emptyPublicationSet,
  planPublication,
  type PublicationNode,
  type PublicationSet,
} from "../documents/publication-set.ts";
import { signFact, type Signed } from "../documents/signed-text.ts";

export const factCrypto: ReturnType<typeof testCrypto> = testCrypto(1);

/** Keys of the ledger's owner, of an HQ device, and of somebody else. */
export const factKeys: Readonly<Record<"owner" | "hq" | "other", ReturnType<typeof testSigner>>> = {
  owner: testSigner(1),
  hq: testSigner(2),
  other: testSigner(3),
};

export const factPart: LedgerPartName = {
  kind: "ledger",
  device: "dev_owner" as DeviceId,
  incarnation: 1,
  part: 1,
};

/** A whole entry, `members` over the defaults. */
export function factEntry(members: Partial<Entry> = {}): Entry {
  return {
    v: 1,
    kind: "sale",
    device: factPart.device,
    incarnation: 1,
    part: 1,
    sequence: 1,
    previous: "",
    actor: "a1a1a1a1a1a1a1a1",
    at: "2026-11-22T10:00:00.000Z/0000" as Hlc,
    location: "loc_1" as LocationId,
    businessDate: "2026-11-22" as BusinessDate,
    by: { staff: "staff_1" as StaffId },
    body: {},
    ...members,
  };
}

export function factMovement(sku: string, quantityMilli: number, location = "loc_1"): Movement {
  return { kind: "sale", location: location as LocationId, sku: sku as Sku, quantityMilli };
}

/** Signs an entry as its owner, unless told otherwise. */
export function signedEntry(entry: Entry, signer: Signer = factKeys.owner): Signed<Entry> {
  return signFact("entry", entry, { signer, crypto: factCrypto });
}

export interface PartWriter {
  readonly part: LedgerPart;
  /** The next entry of the line, signed; nothing is changed yet. */
  next(members?: Partial<Entry>): Signed<Entry>;
  append(members?: Partial<Entry>): EntryNode;
}

/** An owner at work on a part. The first entry opens it. */
export function writePart(part: LedgerPart = emptyPart(factPart), actor?: string): PartWriter {
  let last = part.nodes.at(-1);
  const next = (members: Partial<Entry> = {}): Signed<Entry> => {
    const { device, incarnation, part: number } = part.name;
    return signedEntry(
      factEntry({
        device,
        incarnation,
        part: number,
        kind: last ? "sale" : "opened",
        sequence: (last?.signed.fact.sequence ?? 0) + 1,
        previous: last?.signed.hash ?? "",
        ...(actor !== undefined && { actor }),
        ...members,
      }),
    );
  };
  return {
    part,
    next,
    append: (members) => {
      const signed = next(members);
      last = appendEntry(part, signed, planEntry(part, signed, factCrypto));
      return last;
    },
  };
}

/** A copy of the part as a receiver would have it. */
export function receivedPart(part: LedgerPart): LedgerPart {
  const copy = emptyPart(part.name);
  for (const { change } of part.nodes) {
    const admitted = admitEntryChange(copy, change.bytes, ownerContext);
    if (!admitted.ok) throw new Error(JSON.stringify(admitted.error));
  }
  return copy;
}

/** How a receiver verifies the owner's entries. */
export const ownerContext: Parameters<typeof admitEntryChange>[2] = {
  crypto: factCrypto,
  publicKey: factKeys.owner.publicKey,
};

export interface SetWriter {
  readonly set: PublicationSet;
  next(members?: Partial<Publication>): Signed<Publication>;
  add(members?: Partial<Publication>): PublicationNode;
}

/** An HQ device at work on a publication set, seeing what the set holds. */
export function writeSet(publisher = "dev_hq", set: PublicationSet = pricesSet()): SetWriter {
  const next = (members: Partial<Publication> = {}): Signed<Publication> => {
    const seen: Record<string, number> = {};
    for (const { fact } of set.nodes.map((node) => node.signed)) {
      seen[fact.publisher] = Math.max(seen[fact.publisher] ?? 0, fact.sequence);
    }
    const own = set.nodes.findLast((node) => node.signed.fact.publisher === publisher);
    const sequence = 1 + Math.max(0, ...Object.values(seen));
    const fact: Publication = {
      v: 1,
      topic: set.name.topic,
      id: `pub_${publisher}_${sequence}`,
      epoch: set.name.epoch,
      publisher: publisher as DeviceId,
      sequence,
      previous: own?.signed.hash ?? "",
      actor: publisher === "dev_hq" ? "b1b1b1b1b1b1b1b1" : "b2b2b2b2b2b2b2b2",
      at: "2026-11-22T10:00:00.000Z/0000" as Hlc,
      seen,
      items: [{ key: "standard/C001/-", value: { priceMinor: sequence * 100 } }],
      ...members,
    };
    return signFact("publication", fact, { signer: factKeys.hq, crypto: factCrypto });
  };
  return {
    set,
    next,
    add: (members) => {
      const node = planPublication(set, next(members), factCrypto);
      addPublication(set, node);
      return node;
    },
  };
}

export function pricesSet(): PublicationSet {
  return emptyPublicationSet({ kind: "publications", topic: "prices", epoch: 1 });
}

/** A document as Automerge shows it. */
export type AutomergeDocument = {
  readonly format?: number;
  readonly entries?: readonly unknown[];
  readonly publications?: Readonly<Record<string, unknown>>;
  readonly stock?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
};

/** What anybody sees who opens the changes with Automerge and knows nothing of Tillmesh. */
export interface SeenDocument {
  readonly entries: readonly string[];
  readonly publications: Readonly<Record<string, string>>;
  /** Per counter key, summed over conflicting values. */
  readonly counters: ReadonlyMap<string, number>;
}

export function automergeDocument(
  kind: DocumentName["kind"],
  changes: readonly Uint8Array[],
): AutomergeDocument {
  const all = [genesisOf(kind).change, ...changes];
  return Automerge.applyChanges(Automerge.init<AutomergeDocument>(), all)[0];
}

export function seeDocument(root: AutomergeDocument): SeenDocument {
  const counters = new Map<string, number>();
  for (const bucket of Object.values(root.stock ?? {})) {
    for (const key of Object.keys(bucket)) {
      const values = Object.values(Automerge.getConflicts(bucket, key) ?? [bucket[key]]);
      counters.set(
        key,
        values.map(Number).reduce((sum, value) => sum + value, 0),
      );
    }
  }
  const publications = Object.entries(root.publications ?? {});
  return {
    entries: (root.entries ?? []).map(String),
    publications: Object.fromEntries(publications.map(([id, text]) => [id, String(text)])),
    counters,
  };
}
