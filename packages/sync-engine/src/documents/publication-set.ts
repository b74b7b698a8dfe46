/**
 * One epoch of what HQ published about a topic. SPEC.md §4 (PS).
 *
 * Many HQ devices may write. Each continues its own line of changes from the
 * genesis, so no change depends on another device's that may never come. A
 * change is admitted only if it is the one change that can carry a publication
 * signed by a device with role `hq`: nothing is overwritten, nothing deleted.
 *
 * @module
 */

import { err, ok, type Crypto, type Publication, type Result } from "@tillmesh/kernel";
import { readClaim } from "./change-claim.ts";
import type { ChunkOp } from "./change-chunk.ts";
import { encodePlan, type MadeChange } from "./change-plan.ts";
import type { PublicationSetName } from "./document-name.ts";
import { genesisObjects, genesisOf } from "./genesis.ts";
import {
  publicationMaxLength,
  readPublication,
  type PublicationFormatError,
} from "./publication-format.ts";
import {
  isSignedBy,
  openSignedText,
  type OpenedText,
  type Signed,
  type SignedTextError,
} from "./signed-text.ts";

/** Mutable: owned by one replica. */
export interface PublicationSet {
  readonly name: PublicationSetName;
  readonly nodes: PublicationNode[];
  readonly nodeByChange: Map<string, PublicationNode>;
  readonly nodeById: Map<string, PublicationNode>;
  readonly actorSeqs: Set<string>;
  textLength: number;
}

/** An admitted publication, its change, and the numbers that the publisher's next change continues. */
export interface PublicationNode {
  readonly signed: Signed<Publication>;
  readonly change: MadeChange;
  /** The publisher's publication before it in this set. */
  readonly parent: PublicationNode | undefined;
  readonly maxOp: number;
  readonly actorSeq: number;
}

/** How an admission finds out whether a publisher may publish. */
export interface PublisherContext {
  readonly crypto: Pick<Crypto, "sha256" | "verify">;
  /** The raw public key of a device with role `hq`; `"not-hq"` for another device, undefined if unknown. */
  readonly hqKeyOf: (publisher: string) => Uint8Array | "not-hq" | undefined;
}

export function emptyPublicationSet(name: PublicationSetName): PublicationSet {
  return {
    name,
    nodes: [],
    nodeByChange: new Map(),
    nodeById: new Map(),
    actorSeqs: new Set(),
    textLength: 0,
  };
}

/** Admits a change, or says which rule it breaks. A change known already is answered with its node. */
export function admitPublicationChange(
  set: PublicationSet,
  bytes: Uint8Array,
  context: PublisherContext,
): Result<{ readonly node: PublicationNode; readonly isNew: boolean }, PublicationAdmissionError> {
  const read = readClaim(bytes, publicationMaxLength, context.crypto);
  if (!read.ok) return err({ type: "NotAPublicationChange", reason: read.error.reason });
  const known = set.nodeByChange.get(read.value.hash);
  if (known) return ok({ node: known, isNew: false });
  const parent = set.nodeByChange.get(read.value.parent);
  if (!parent && read.value.parent !== genesisOf("publications").hash) {
    return err({ type: "MissingParent", parent: read.value.parent });
  }
  const opened = openSignedText("publication", read.value.text, context.crypto);
  if (!opened.ok) return opened;
  const signed = readSignedPublication(set, opened.value, context);
  if (!signed.ok) return signed;
  return admitAfter(set, { parent, signed: signed.value, changeHash: read.value.hash }, context);
}

/**
 * Admits a publication by its signed text alone: the change that carries it is made here. The text does not say
 * whether the publication before it stands in this epoch or in an earlier one, so that one must be here first.
 */
export function admitPublicationText(
  set: PublicationSet,
  text: string,
  context: PublisherContext & { readonly isInOtherEpoch: (hash: string) => boolean },
): Result<{ readonly node: PublicationNode; readonly isNew: boolean }, PublicationAdmissionError> {
  if (text.length > publicationMaxLength) {
    return err({ type: "NotAPublicationChange", reason: `${text.length} characters` });
  }
  const opened = openSignedText("publication", text, context.crypto);
  if (!opened.ok) return opened;
  const signed = readSignedPublication(set, opened.value, context);
  if (!signed.ok) return signed;
  const { id, previous } = signed.value.fact;
  const known = set.nodeById.get(id);
  if (known?.signed.hash === signed.value.hash) return ok({ node: known, isNew: false });
  const parent = set.nodes.findLast((node) => node.signed.hash === previous);
  if (!parent && previous !== "" && !context.isInOtherEpoch(previous)) {
    return err({ type: "MissingParent", parent: previous });
  }
  return admitAfter(set, { parent, signed: signed.value, changeHash: undefined }, context);
}

/** The change for a publication this device is about to make, after its own last one here. */
export function planPublication(
  set: PublicationSet,
  signed: Signed<Publication>,
  crypto: Pick<Crypto, "sha256">,
): PublicationNode {
  const parent = set.nodes.findLast((node) => node.signed.hash === signed.fact.previous);
  return nodeAfter(parent, signed, crypto);
}

/** Adds a publication that this device has made durable. */
export function addPublication(set: PublicationSet, node: PublicationNode): void {
  set.nodes.push(node);
  set.nodeByChange.set(node.change.hash, node);
  set.nodeById.set(node.signed.fact.id, node);
  set.actorSeqs.add(`${node.signed.fact.actor}/${node.actorSeq}`);
  set.textLength += node.signed.text.length;
}

export type PublicationAdmissionError =
  | SignedTextError
  | PublicationFormatError
  | { readonly type: "NotAPublicationChange"; readonly reason: string }
  | { readonly type: "MissingParent"; readonly parent: string }
  | { readonly type: "WrongTopic"; readonly topic: string; readonly epoch: number }
  | { readonly type: "UnknownPublisher"; readonly publisher: string }
  | { readonly type: "NotHq"; readonly publisher: string }
  | { readonly type: "BadSignature"; readonly publisher: string; readonly sequence: number }
  | { readonly type: "BrokenLine"; readonly publisher: string; readonly sequence: number }
  | { readonly type: "OtherChange"; readonly publisher: string; readonly sequence: number }
  | { readonly type: "IdTwice"; readonly publisher: string; readonly sequence: number }
  | { readonly type: "ActorReused"; readonly publisher: string; readonly sequence: number };

function readSignedPublication(
  set: PublicationSet,
  opened: OpenedText,
  { crypto, hqKeyOf }: PublisherContext,
): Result<Signed<Publication>, PublicationAdmissionError> {
  const publication = readPublication(opened.fact);
  if (!publication.ok) return publication;
  const { topic, epoch, publisher, sequence } = publication.value;
  if (topic !== set.name.topic || epoch !== set.name.epoch) {
    return err({ type: "WrongTopic", topic, epoch });
  }
  const key = hqKeyOf(publisher);
  if (key === undefined) return err({ type: "UnknownPublisher", publisher });
  if (key === "not-hq") return err({ type: "NotHq", publisher });
  if (!isSignedBy(opened, key, crypto)) return err({ type: "BadSignature", publisher, sequence });
  return ok({ fact: publication.value, text: opened.text, hash: opened.hash });
}

interface Claim {
  readonly parent: PublicationNode | undefined;
  readonly signed: Signed<Publication>;
  /** Of the change that was sent; undefined if only the text was. */
  readonly changeHash: string | undefined;
}

function admitAfter(
  set: PublicationSet,
  { parent, signed, changeHash }: Claim,
  { crypto }: PublisherContext,
): Result<{ readonly node: PublicationNode; readonly isNew: boolean }, PublicationAdmissionError> {
  const { publisher, sequence, previous, actor, id } = signed.fact;
  const continues =
    !parent || (parent.signed.hash === previous && parent.signed.fact.publisher === publisher);
  if (!continues) return err({ type: "BrokenLine", publisher, sequence });
  const node = nodeAfter(parent, signed, crypto);
  if (changeHash !== undefined && node.change.hash !== changeHash) {
    return err({ type: "OtherChange", publisher, sequence });
  }
  if (set.nodeById.has(id)) return err({ type: "IdTwice", publisher, sequence });
  if (set.actorSeqs.has(`${actor}/${node.actorSeq}`)) {
    return err({ type: "ActorReused", publisher, sequence });
  }
  addPublication(set, node);
  return ok({ node, isNew: true });
}

/** The one change that can carry `signed` after `parent`. */
function nodeAfter(
  parent: PublicationNode | undefined,
  signed: Signed<Publication>,
  crypto: Pick<Crypto, "sha256">,
): PublicationNode {
  const { actor, id } = signed.fact;
  const genesis = genesisOf("publications");
  const startOp = (parent?.maxOp ?? genesis.maxOp) + 1;
  const actorSeq = parent?.signed.fact.actor === actor ? parent.actorSeq + 1 : 1;
  const frame = { actor, seq: actorSeq, startOp, parent: parent?.change.hash ?? genesis.hash };
  const op: ChunkOp = {
    action: "set",
    obj: genesisObjects.publications,
    key: id,
    value: signed.text,
    pred: [],
  };
  return { signed, change: encodePlan(frame, [op], crypto), parent, maxOp: startOp, actorSeq };
}
