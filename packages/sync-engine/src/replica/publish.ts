/**
 * What HQ says: signed, numbered after everything seen, durable, then shown. SPEC.md §6 (PU).
 *
 * @module
 */

import {
  err,
  newId,
  ok,
  type Publication,
  type PublicationItem,
  type Result,
} from "@tillmesh/kernel";
import { publicationItemsMax, publicationMaxLength } from "../documents/publication-format.ts";
import {
  addPublication,
  planPublication,
  type PublicationSet,
} from "../documents/publication-set.ts";
import { parseDocumentName } from "../documents/document-name.ts";
import { signFact, type Signed } from "../documents/signed-text.ts";
import { fail, type CommitError } from "./commit.ts";
import {
  changeRecord,
  emit,
  ensureDocument,
  keyOf,
  type CoreState,
  type OpenDocument,
} from "./core-state.ts";
import { isAboutDevices, judgeDevices } from "./judge.ts";
import { checkOwnPublication } from "./own-fact.ts";
import { countedAmong } from "./revocation.ts";

/** Publishes items under a topic. The same synchronous turn as a commit. */
export function publishItems(
  state: CoreState,
  topic: string,
  items: readonly PublicationItem[],
): Result<Publication, PublishError> {
  if (state.failure) return err({ type: "Failed", ...state.failure });
  const { ports } = state;
  if (!mayPublish(state)) return err({ type: "NotHq", device: ports.device });
  if (items.length === 0 || items.length > publicationItemsMax) {
    return err({ type: "TooLarge", what: "items", limit: publicationItemsMax });
  }
  if (!parseDocumentName(`publications/${topic}/1`)) {
    return err({ type: "Malformed", member: "topic" });
  }
  const set = setToWrite(state, topic);
  const signed = signFact("publication", nextPublication(state, set, items), ports);
  if (signed.text.length > publicationMaxLength) {
    return err({ type: "TooLarge", what: "text", limit: publicationMaxLength });
  }
  const checked = checkOwnPublication(signed, ports.crypto);
  if (!checked.ok) return checked;
  const node = planPublication(set, signed, ports.crypto);
  const appended = ports.log.append([changeRecord(set.name, node.change)]);
  if (!appended.ok) return err(fail(state, appended.error));

  addPublication(set, node);
  const key = keyOf(state, set.name);
  emit(state, { type: "changes", key, name: set.name, changes: [node.change] });
  emit(state, { type: "publication", publication: signed.fact, own: true });
  if (isAboutDevices(topic)) judgeDevices(state, { isStart: false });
  return ok(signed.fact);
}

/** `NotHq`: this device may not publish. The rest as for a commit. */
export type PublishError =
  | CommitError
  | { readonly type: "NotHq"; readonly device: string }
  | { readonly type: "TooLarge"; readonly what: "items" | "text"; readonly limit: number };

/** All publications of a topic that count, in no particular order. */
export function publicationsOf(state: CoreState, topic: string): readonly Publication[] {
  return countedOf(state, topic).map(({ fact }) => fact);
}

function mayPublish({ ports, revocations }: CoreState): boolean {
  const isHq = ports.trust.deviceOf(ports.device)?.roles.includes("hq") === true;
  return isHq && !revocations.has(ports.device);
}

function countedOf(state: CoreState, topic: string): readonly Signed<Publication>[] {
  const all = setsOf(state, topic).flatMap((set) => set.nodes.map(({ signed }) => signed));
  return all.filter(countedAmong(state, state.revocations));
}

function nextPublication(
  state: CoreState,
  set: PublicationSet,
  items: readonly PublicationItem[],
): Publication {
  const { device, crypto, hlc } = state.ports;
  // What does not count makes no number: who was cut off cannot drive the numbers up.
  const all = countedOf(state, set.name.topic);
  const seen: Record<string, number> = {};
  for (const { fact } of all) {
    seen[fact.publisher] = Math.max(seen[fact.publisher] ?? 0, fact.sequence);
  }
  const own = lastOwn(all, state);
  return {
    v: 1,
    topic: set.name.topic,
    id: newId("pub", crypto.randomBytes),
    epoch: set.name.epoch,
    publisher: device,
    sequence: 1 + Math.max(0, ...Object.values(seen)),
    previous: own?.hash ?? "",
    actor: state.actor,
    at: hlc.now(),
    seen,
    items,
  };
}

/** The publication that this run made last, or else the highest of this device: a clone's line is not continued. */
function lastOwn(
  all: readonly Signed<Publication>[],
  { actor, ports }: CoreState,
): Signed<Publication> | undefined {
  const own = all
    .filter(({ fact }) => fact.publisher === ports.device)
    .toSorted((a, b) => a.fact.sequence - b.fact.sequence);
  return own.findLast(({ fact }) => fact.actor === actor) ?? own.at(-1);
}

/** The newest epoch of the topic, or the next when that is full. */
function setToWrite(state: CoreState, topic: string): PublicationSet {
  const newest = setsOf(state, topic)
    .toSorted((a, b) => a.name.epoch - b.name.epoch)
    .at(-1);
  if (newest && !isFull(state, newest)) return newest;
  const epoch = (newest?.name.epoch ?? 0) + 1;
  const document = ensureDocument(state, { kind: "publications", topic, epoch });
  return (document as Extract<OpenDocument, { kind: "publications" }>).set;
}

function setsOf(state: CoreState, topic: string): readonly PublicationSet[] {
  return [...state.documents.values()].flatMap((document) =>
    document.kind === "publications" && document.set.name.topic === topic ? [document.set] : [],
  );
}

function isFull({ limits }: CoreState, set: PublicationSet): boolean {
  return set.nodes.length >= limits.setPublicationsMax || set.textLength >= limits.setTextMax;
}
