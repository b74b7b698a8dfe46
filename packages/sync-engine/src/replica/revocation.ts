/**
 * Which devices are revoked, and what of theirs counts. SPEC.md §5 (RV).
 *
 * All of it follows from what is published on topic `revocations`, in any order of arrival: what several
 * revocations and admissions of a device accept is put together. A revoked device's entries and publications
 * are kept like any others, so that replicas agree on them; they only do not count.
 *
 * @module
 */

import {
  canonicalJson,
  fromBase64url,
  hex,
  utf8,
  type DeviceId,
  type Entry,
  type Hlc,
  type Json,
  type Publication,
} from "@tillmesh/kernel";
import type { PublicationNode } from "../documents/publication-set.ts";
import type { Signed } from "../documents/signed-text.ts";
import type { CoreState } from "./core-state.ts";
import type { Ledger, ReadSealed } from "./ledger.ts";
import {
  bytesToCertify,
  readRevocationItem,
  revocationsTopic,
  type EntryHead,
  type PublicationHead,
  type RevocationItem,
} from "./revocation-format.ts";

/** A revoked device: what of its entries and publications counts all the same. */
export interface Revocation {
  readonly device: DeviceId;
  readonly by: DeviceId;
  readonly at: Hlc;
  readonly reason: string | undefined;
  readonly through: readonly EntryHead[];
  readonly published: readonly PublicationHead[];
  /** The highest key epoch that began with a revocation of it; 0 if none did yet. */
  readonly epoch: number;
}

export type Revocations = ReadonlyMap<string, Revocation>;

/**
 * What is in force. First what the CA signed, which cuts off any device; then what a device with role `hq` said that
 * is not cut off itself (or said before), which cuts off tills only. So no two can cut off each other.
 */
export function judgeRevocations(state: CoreState): Revocations {
  const said = itemsSaid(state);
  const revocations = new Map<string, Revocation>();
  for (const one of said) {
    if (one.item && isByCa(state, one.item)) addRevocation(revocations, one.publication, one.item);
  }
  const isHeard = countedAmong(state, revocations);
  const heard = said.filter(({ publication }) => isHeard(publication));
  for (const { publication, item } of heard) {
    if (item && isOfTill(state, item)) addRevocation(revocations, publication, item);
  }
  for (const { device, admitted } of heard) {
    const known = revocations.get(device);
    if (known && admitted) revocations.set(device, admitting(known, admitted));
  }
  return revocations;
}

/** Says of an entry of the ledger whether it counts; undefined if all do. */
export function acceptanceOf(
  { revocations, ports, readSealed }: AcceptanceState,
  ledger: Ledger,
): Ledger["accepts"] {
  const revocation = revocations.get(ledger.device);
  // To itself a revoked device goes on: its drawer must still add up.
  if (!revocation || ledger.device === ports.device) return undefined;
  const heads = revocation.through.filter(({ incarnation }) => incarnation === ledger.incarnation);
  const highest = Math.max(0, ...heads.map(({ sequence }) => sequence));
  const lines = acceptedLines(ledger, heads, readSealed);
  return ({ sequence }, hash) => {
    if (sequence > highest) return false;
    if (sequence >= ledger.forkedFrom) return lines().has(hash);
    return sequence < highest || heads.some((head) => head.hash === hash);
  };
}

type AcceptanceState = Pick<CoreState, "revocations" | "readSealed"> & {
  readonly ports: Pick<CoreState["ports"], "device">;
};

/** Whether a publication counts: its publisher is not revoked, or published it before. */
export function countedAmong(
  state: CoreState,
  revocations: Revocations,
  without: ReadonlySet<string> = new Set(),
): (publication: Signed<Publication>) => boolean {
  const counted = new Map<string, ReadonlySet<string>>();
  return ({ fact: { publisher, topic }, hash }) => {
    const revocation = revocations.get(publisher);
    if (!revocation) return true;
    const key = `${publisher}/${topic}`;
    const line =
      counted.get(key) ??
      publishedLine(
        revocation,
        nodesOf(state, topic).filter((one) => !without.has(one.signed.hash)),
      );
    counted.set(key, line);
    return line.has(hash);
  };
}

/** Names all that flags follow from: read models made under another one must be made anew. */
export function revisionOf({ revocations, ledgers, ports }: CoreState): string {
  if (revocations.size === 0) return "";
  const forks = [...ledgers.values()]
    .filter(({ device }) => revocations.has(device))
    .map(({ device, incarnation, forkedFrom }) => `${device}/${incarnation}/${forkedFrom}`);
  const inForce = [...revocations.values()].map(({ device, through, published }) => [
    device,
    ...new Set([...through, ...published].map(({ hash }) => hash).toSorted()),
  ]);
  const text = canonicalJson([inForce.map(String).toSorted(), forks.toSorted()] as Json);
  return hex(ports.crypto.sha256(utf8(text))).slice(0, 32);
}

/** The ends of what is here of a ledger and was handed on. */
export function headsOfLedger(ledger: Ledger, readSealed: ReadSealed): readonly EntryHead[] {
  const { incarnation, deliveredThrough, lastHash, forkedFrom, handedOn } = ledger;
  if (deliveredThrough === 0) return [];
  if (forkedFrom === Number.POSITIVE_INFINITY) {
    return [{ incarnation, sequence: deliveredThrough, hash: lastHash }];
  }
  const here = [...entriesFrom(ledger, forkedFrom - 1, readSealed)].filter(
    ([hash]) => handedOn?.has(hash) !== false,
  );
  const followed = new Set(here.map(([, { previous }]) => previous));
  return here
    .filter(([hash]) => !followed.has(hash))
    .map(([hash, { sequence }]) => ({ incarnation, sequence, hash }));
}

/** The ends of what a device published. */
export function headsOfPublisher(state: CoreState, device: string): readonly PublicationHead[] {
  const own = [...state.documents.values()].flatMap((document) =>
    document.kind === "publications"
      ? document.set.nodes.filter(({ signed }) => signed.fact.publisher === device)
      : [],
  );
  const followed = new Set(own.map(({ signed }) => signed.fact.previous));
  return own
    .filter(({ signed }) => !followed.has(signed.hash))
    .map(({ signed: { fact, hash } }) => ({ topic: fact.topic, sequence: fact.sequence, hash }));
}

interface Said {
  readonly publication: Signed<Publication>;
  readonly device: string;
  readonly item: RevocationItem | undefined;
  readonly admitted: readonly EntryHead[] | undefined;
}

function itemsSaid(state: CoreState): readonly Said[] {
  return nodesOf(state, revocationsTopic).flatMap(({ signed }) =>
    signed.fact.items.flatMap((one): readonly Said[] => {
      const read = readRevocationItem(one);
      if (!read) return [];
      const said = { publication: signed, device: read.device };
      return "admittedThrough" in read
        ? [{ ...said, item: undefined, admitted: read.admittedThrough }]
        : [{ ...said, item: read, admitted: undefined }];
    }),
  );
}

function isByCa({ ports }: CoreState, item: RevocationItem): boolean {
  if (item.caSignature === undefined || item.organisation !== ports.organisation) return false;
  const signature = fromBase64url(item.caSignature);
  return signature.ok && ports.trust.isSignedByCa(bytesToCertify(item), signature.value);
}

function isOfTill({ ports }: CoreState, { device, certificates }: RevocationItem): boolean {
  const target = ports.trust.read(certificates);
  return target.ok && target.value.id === device && !target.value.roles.includes("hq");
}

function addRevocation(
  revocations: Map<string, Revocation>,
  { fact }: Signed<Publication>,
  item: RevocationItem,
): void {
  const { device, through, published, epoch = 0, reason } = item;
  const known = revocations.get(device);
  // The earliest is the one that is told; what any of them accepts counts.
  const isEarlier = !known || `${fact.at} ${fact.publisher}` < `${known.at} ${known.by}`;
  const told = isEarlier ? { by: fact.publisher, at: fact.at, reason } : known;
  revocations.set(device, {
    device: device as DeviceId,
    by: told.by,
    at: told.at,
    reason: told.reason,
    through: [...(known?.through ?? []), ...through],
    published: [...(known?.published ?? []), ...published],
    epoch: Math.max(known?.epoch ?? 0, epoch),
  });
}

function admitting(known: Revocation, admitted: readonly EntryHead[]): Revocation {
  return { ...known, through: [...known.through, ...admitted] };
}

/** Hashes from the fork on that lead to one of `heads`; worked out again when something came. */
function acceptedLines(
  ledger: Ledger,
  heads: readonly EntryHead[],
  readSealed: ReadSealed,
): () => ReadonlySet<string> {
  let lines: ReadonlySet<string> = new Set();
  let seen = "";
  return () => {
    const open = [...ledger.open.values()].reduce((sum, { nodes }) => sum + nodes.length, 0);
    const now = `${ledger.forkedFrom}/${ledger.sealed.size}/${open}`;
    if (now === seen) return lines;
    const before = entriesFrom(ledger, ledger.forkedFrom, readSealed);
    lines = walkBack(
      heads.map(({ hash }) => hash),
      (hash) => before.get(hash)?.previous,
    );
    seen = now;
    return lines;
  };
}

/** Every entry here from `first` on, handed on or not. */
function entriesFrom(
  ledger: Ledger,
  first: number,
  readSealed: ReadSealed,
): ReadonlyMap<string, Pick<Entry, "sequence" | "previous">> {
  const sealed = [...ledger.sealed.values()].filter(({ lastSequence }) => lastSequence >= first);
  const open = [...ledger.open.values()].flatMap(({ nodes }) => nodes.map(({ signed }) => signed));
  return new Map(
    [...sealed.flatMap((part) => readSealed(part)), ...open]
      .filter(({ fact }) => fact.sequence >= first)
      .map(({ hash, fact }) => [hash, fact]),
  );
}

function publishedLine(
  { published }: Revocation,
  nodes: readonly PublicationNode[],
): ReadonlySet<string> {
  const before = new Map(nodes.map(({ signed }) => [signed.hash, signed.fact.previous]));
  return walkBack(
    published.map(({ hash }) => hash),
    (hash) => before.get(hash),
  );
}

/** The starts that are here and all that leads to them. */
function walkBack(
  starts: readonly string[],
  previousOf: (hash: string) => string | undefined,
): ReadonlySet<string> {
  const line = new Set<string>();
  for (const start of starts) {
    let hash = start;
    for (let previous = previousOf(hash); previous !== undefined && !line.has(hash);) {
      line.add(hash);
      hash = previous;
      previous = previousOf(hash);
    }
  }
  return line;
}

function nodesOf(state: CoreState, topic: string): readonly PublicationNode[] {
  return [...state.documents.values()].flatMap((document) =>
    document.kind === "publications" && document.set.name.topic === topic ? document.set.nodes : [],
  );
}
