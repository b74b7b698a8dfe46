/**
 * What others recorded: verified, made durable, then folded. SPEC.md §6 (RX).
 *
 * The order is the promise: a change is admitted by the rule of its document,
 * appended to the same log as own changes and synced, and only then shown to
 * anything that could acknowledge or build on it. A change that breaks the rule
 * stops there; what else the message holds is taken, since each device's line is its own.
 *
 * @module
 */

import { err, ok, type Result } from "@tillmesh/kernel";
import type { DocumentKey, DocumentName } from "../documents/document-name.ts";
import { formatDocumentName } from "../documents/document-name.ts";
import {
  admitEntryChange,
  peekEntry,
  emptyPart,
  type EntryAdmissionError,
  type EntryNode,
  type LedgerPart,
} from "../documents/ledger-part.ts";
import { readOpened } from "../documents/opened.ts";
import {
  admitPublicationChange,
  emptyPublicationSet,
  type PublicationAdmissionError,
  type PublicationNode,
  type PublicationSet,
  type PublisherContext,
} from "../documents/publication-set.ts";
import { endBase } from "./carry-base.ts";
import { beginIncarnation, fail } from "./commit.ts";
import {
  changeRecord,
  deliver,
  deliverNodes,
  documentName,
  emit,
  ensureDocument,
  keyOf,
  ledgerOf,
  noteFork,
  raise,
  type CoreState,
} from "./core-state.ts";
import { entriesDelivered, sealedAt, type Ledger } from "./ledger.ts";
import { isAboutDevices, judgeDevices, publicationsToTell } from "./judge.ts";
import type { CoreLogError, TrustError } from "./ports.ts";
import { noteOpened } from "./seal.ts";
import { mayExist } from "./summary.ts";

/** Where changes came from: a device id, for the log and for exceptions. */
export interface ReceivedFrom {
  readonly peer: string;
}

/** Admits changes of one document, in causal order. */
export function receiveChanges(
  state: CoreState,
  { key, changes }: { readonly key: DocumentKey; readonly changes: readonly Uint8Array[] },
  from: ReceivedFrom,
): Result<{ readonly admitted: number }, ReceiveError> {
  const document = state.documents.get(key);
  if (!document) return err({ type: "UnknownDocument", key });
  if (document.kind === "ledger") {
    const learned = learnDevice(state, document.part, changes[0]);
    if (!learned.ok) return refuse(state, key, { from, error: learned.error });
  }
  if (state.failure) return err({ type: "LogFailed", ...state.failure });
  const sizeBytes = changes.reduce((sum, change) => sum + change.length, 0);
  const reserved = state.ports.log.reserve(sizeBytes);
  if (!reserved.ok) return reserved;
  return document.kind === "ledger"
    ? receiveEntries(state, document.part, { key, changes, from })
    : receivePublications(state, document.set, { key, changes, from });
}

/**
 * The same for a document that may be new here. It is made only for a first change that is
 * admitted: whoever merely names documents makes nothing.
 */
export function receiveNamed(
  state: CoreState,
  { name, changes }: { readonly name: DocumentName; readonly changes: readonly Uint8Array[] },
  from: ReceivedFrom,
): Result<{ readonly admitted: number }, ReceiveError> {
  const key = keyOf(state, name);
  if (!state.documents.has(key)) {
    const [first] = changes;
    if (!first || !mayExist(state, name)) return err({ type: "UnknownDocument", key });
    const begun = admitFirst(state, name, first);
    if (!begun.ok)
      return early.has(begun.error.type) ? begun : refuse(state, key, { from, error: begun.error });
    ensureDocument(state, name);
  }
  return receiveChanges(state, { key, changes }, from);
}

/** `MissingParent` is no fault: the changes before these must come first. All others are refusals. */
export type ReceiveError =
  | CoreLogError
  | TrustError
  | EntryAdmissionError
  | PublicationAdmissionError
  | { readonly type: "UnknownDocument"; readonly key: DocumentKey };

interface Received {
  readonly key: DocumentKey;
  readonly changes: readonly Uint8Array[];
  readonly from: ReceivedFrom;
}

function receiveEntries(
  state: CoreState,
  part: LedgerPart,
  { key, changes, from }: Received,
): Result<{ readonly admitted: number }, ReceiveError> {
  const device = state.ports.trust.deviceOf(part.name.device);
  if (!device)
    return err({ type: "Untrusted", reason: "no certificate", device: part.name.device });
  const { crypto } = state.ports;
  const { nodes, error } = admitAll(changes, (bytes) =>
    admitEntryChange(part, bytes, { crypto, publicKey: device.publicKey }),
  );
  const durable = makeDurable(state, { key, nodes });
  if (!durable.ok) return durable;
  settleEntries(state, part, nodes);
  if (!error) return ok({ admitted: nodes.length });
  return error.type === "MissingParent" ? err(error) : refuse(state, key, { from, error });
}

function receivePublications(
  state: CoreState,
  set: PublicationSet,
  { key, changes, from }: Received,
): Result<{ readonly admitted: number }, ReceiveError> {
  const { nodes, error } = admitAll(changes, (bytes) =>
    admitPublicationChange(set, bytes, publisherContext(state)),
  );
  const durable = makeDurable(state, { key, nodes });
  if (!durable.ok) return durable;
  settlePublications(state, nodes);
  if (!error) return ok({ admitted: nodes.length });
  return early.has(error.type) ? err(error) : refuse(state, key, { from, error });
}

/** No fault of the change: others must come first. */
export const early: ReadonlySet<string> = new Set(["MissingParent", "UnknownPublisher"]);

/** Admits the change that begins a document, in a document of its own. */
function admitFirst(
  state: CoreState,
  name: DocumentName,
  first: Uint8Array,
): Result<unknown, TrustError | EntryAdmissionError | PublicationAdmissionError> {
  if (name.kind === "publications") {
    return admitPublicationChange(emptyPublicationSet(name), first, publisherContext(state));
  }
  const part = emptyPart(name);
  const learned = learnDevice(state, part, first);
  if (!learned.ok) return learned;
  const { crypto, trust } = state.ports;
  return admitEntryChange(part, first, {
    crypto,
    publicKey: trust.deviceOf(name.device)?.publicKey,
  });
}

export function publisherContext({ ports }: CoreState): PublisherContext {
  const { crypto, trust } = ports;
  return {
    crypto,
    hqKeyOf: (publisher) => {
      const device = trust.deviceOf(publisher);
      return device && !device.roles.includes("hq") ? "not-hq" : device?.publicKey;
    },
  };
}

/** Hands on entries that are durable, and draws the conclusions from them. Also used by recovery. */
export function settleEntries(
  state: CoreState,
  part: LedgerPart,
  nodes: readonly EntryNode[],
): void {
  if (nodes.length === 0) return;
  for (const { signed } of nodes) {
    state.ports.hlc.observe(signed.fact.at);
    if (signed.fact.kind === "opened") noteOpened(state, signed.fact);
  }
  const { device, incarnation } = part.name;
  const fresh = notSealed(state, part, nodes);
  noteFork(state, part.name, (ledger) => handedOnWithout(state, ledger, fresh));
  deliverNodes(state, part, { nodes: fresh, own: false });
  const ledger = ledgerOf(state, part.name);
  if (endBase(state, ledger)) deliver(state, ledger);
  // Somebody else writes this device's ledger: a clone, or this disk is an old copy.
  const { own } = state;
  if (device !== state.ports.device || own?.incarnation !== incarnation) return;
  own.isShared = true;
  beginIncarnation(state, "fork");
}

function handedOnWithout(
  { readSealed }: CoreState,
  ledger: Ledger,
  fresh: readonly EntryNode[],
): ReadonlySet<string> {
  const handedOn = new Set(entriesDelivered(ledger, 1, readSealed).map(({ hash }) => hash));
  for (const { signed } of fresh) handedOn.delete(signed.hash);
  return handedOn;
}

/** A document that was retired comes back whole for a branch: what its sealed texts hold is nothing new. */
function notSealed(
  state: CoreState,
  { name }: LedgerPart,
  nodes: readonly EntryNode[],
): readonly EntryNode[] {
  const texts = sealedAt(ledgerOf(state, name), name.part);
  if (texts.length === 0) return nodes;
  const hashes = new Set(texts.flatMap((part) => state.readSealed(part).map(({ hash }) => hash)));
  return nodes.filter(({ signed }) => !hashes.has(signed.hash));
}

export function settlePublications(state: CoreState, nodes: readonly PublicationNode[]): void {
  for (const { signed } of nodes) state.ports.hlc.observe(signed.fact.at);
  for (const publication of publicationsToTell(state, nodes)) {
    emit(state, { type: "publication", publication, own: false });
  }
  const isNews = nodes.some(({ signed }) => isAboutDevices(signed.fact.topic));
  if (isNews) judgeDevices(state, { isStart: false });
}

/** Trusts the owner of a part through the certificates in its first entry. */
function learnDevice(
  state: CoreState,
  part: LedgerPart,
  first: Uint8Array | undefined,
): Result<void, TrustError> {
  if (state.ports.trust.deviceOf(part.name.device) || !first) return ok(undefined);
  const entry = peekEntry(first);
  const opened = entry?.kind === "opened" ? readOpened(entry) : undefined;
  if (!opened?.ok) {
    return err({ type: "Untrusted", reason: "no certificates", device: part.name.device });
  }
  const learned = state.ports.trust.learn(opened.value.certificates);
  return learned.ok ? ok(undefined) : learned;
}

export function admitAll<Carried, Node, AdmissionError>(
  changes: readonly Carried[],
  admit: (
    bytes: Carried,
  ) => Result<{ readonly node: Node; readonly isNew: boolean }, AdmissionError>,
): { readonly nodes: readonly Node[]; readonly error?: AdmissionError } {
  const nodes: Node[] = [];
  let error: AdmissionError | undefined;
  for (const bytes of changes) {
    const admitted = admit(bytes);
    if (!admitted.ok) error ??= admitted.error;
    else if (admitted.value.isNew) nodes.push(admitted.value.node);
  }
  return error ? { nodes, error } : { nodes };
}

interface Admitted {
  readonly key: DocumentKey;
  readonly nodes: readonly (EntryNode | PublicationNode)[];
}

/** After this memory may be ahead of the disk only if the replica has failed. */
export function makeDurable(
  state: CoreState,
  { key, nodes }: Admitted,
): Result<void, CoreLogError> {
  if (nodes.length === 0) return ok(undefined);
  const name = documentName(state.documents.get(key)!);
  const appended = state.ports.log.append(nodes.map(({ change }) => changeRecord(name, change)));
  if (!appended.ok) {
    const { error } = appended;
    fail(
      state,
      error.type === "Full" ? { type: "LogFailed", operation: "reserve", code: "ENOSPC" } : error,
    );
    return appended;
  }
  emit(state, { type: "changes", key, name, changes: nodes.map((node) => node.change) });
  return ok(undefined);
}

function refuse<Reason extends { readonly type: string }>(
  state: CoreState,
  key: DocumentKey,
  { from, error }: { readonly from: ReceivedFrom; readonly error: Reason },
): Result<never, Reason> {
  const document = state.documents.get(key);
  raise(state, {
    type: "RefusedChange",
    document: document ? formatDocumentName(documentName(document)) : key,
    peer: from.peer,
    reason: error.type,
    facts: error,
  });
  return { ok: false, error };
}
