/**
 * What others recorded, as signed texts: many at once, one append. SPEC.md §6 (TE).
 *
 * Only the facts travel through a relay; the changes that carry them are made here. Every signature is verified
 * before a fact stands in a document that peers are offered: a device that took a bad one on somebody's word would be
 * refused by its own peers for it.
 *
 * @module
 */

import { err, ok, type Result } from "@tillmesh/kernel";
import {
  formatDocumentName,
  type DocumentName,
  type LedgerPartName,
} from "../documents/document-name.ts";
import {
  admitEntryText,
  emptyPart,
  type EntryAdmissionError,
  type EntryNode,
} from "../documents/ledger-part.ts";
import { readOpened } from "../documents/opened.ts";
import {
  admitPublicationText,
  emptyPublicationSet,
  type PublicationAdmissionError,
  type PublicationNode,
} from "../documents/publication-set.ts";
import { readEntry } from "../documents/entry-format.ts";
import { openSignedText } from "../documents/signed-text.ts";
import { ensureDocument, keyOf, raise, type CoreState } from "./core-state.ts";
import { sealedAt } from "./ledger.ts";
import {
  admitAll,
  early,
  makeDurable,
  publisherContext,
  settleEntries,
  settlePublications,
  type ReceivedFrom,
  type ReceiveError,
} from "./receive.ts";
import { mayExist } from "./summary.ts";

/** Texts of one document, each after those it continues. */
export interface ReceivedTexts {
  readonly name: DocumentName;
  readonly texts: readonly string[];
}

/** What came of it: how many were new, and why the others were not taken. */
export interface TextsTaken {
  readonly admitted: number;
  /** The first that must wait for another, and the fact it waits for. */
  readonly missing?: string;
  /** The first that breaks a rule; it was told as an exception. */
  readonly refused?: Exclude<ReceiveError, { readonly type: "MissingParent" }>;
}

/** Admits texts, makes them durable and hands them on. `err`: nothing can be taken, of anybody. */
export function receiveTexts(
  state: CoreState,
  received: ReceivedTexts,
  from: ReceivedFrom,
): Result<TextsTaken, ReceiveError> {
  if (state.failure) return err({ type: "LogFailed", ...state.failure });
  const { name, texts } = received;
  // The change of a text is a little longer than the text, and a text may be three bytes a character.
  const reserved = state.ports.log.reserve(
    3 * texts.reduce((sum, text) => sum + text.length + 256, 0),
  );
  if (!reserved.ok) return reserved;
  return name.kind === "ledger"
    ? receiveEntryTexts(state, { name, texts }, from)
    : receivePublicationTexts(state, { name, texts }, from);
}

function receiveEntryTexts(
  state: CoreState,
  { name, texts }: { readonly name: LedgerPartName; readonly texts: readonly string[] },
  from: ReceivedFrom,
): Result<TextsTaken, ReceiveError> {
  const fresh = notSealed(state, name, texts);
  const [first] = fresh;
  if (first === undefined) return ok({ admitted: 0 });
  const learned = learnOwner(state, name, first);
  if (!learned.ok) return learned;
  const { crypto, trust } = state.ports;
  const context = { crypto, publicKey: trust.deviceOf(name.device)?.publicKey };
  const key = keyOf(state, name);
  if (!state.documents.has(key)) {
    // A document is made for a first entry that is admitted, never for a name alone.
    if (!mayExist(state, name)) return err({ type: "UnknownDocument", key });
    const begun = admitEntryText(emptyPart(name), first, context);
    if (!begun.ok) return ok({ admitted: 0, ...whyNot(state, name, { from, error: begun.error }) });
  }
  const document = ensureDocument(state, name);
  if (document.kind !== "ledger") return err({ type: "UnknownDocument", key });
  const { part } = document;
  const { nodes, error } = admitAll(fresh, (text) => admitEntryText(part, text, context));
  const durable = makeDurable(state, { key, nodes });
  if (!durable.ok) return durable;
  settleEntries(state, part, nodes satisfies readonly EntryNode[]);
  return ok({ admitted: nodes.length, ...(error && whyNot(state, name, { from, error })) });
}

function receivePublicationTexts(
  state: CoreState,
  {
    name,
    texts,
  }: ReceivedTexts & { readonly name: Extract<DocumentName, { kind: "publications" }> },
  from: ReceivedFrom,
): Result<TextsTaken, ReceiveError> {
  const [first] = texts;
  if (first === undefined) return ok({ admitted: 0 });
  const key = keyOf(state, name);
  const context = {
    ...publisherContext(state),
    isInOtherEpoch: (hash: string) => isInOtherEpoch(state, name, hash),
  };
  if (!state.documents.has(key)) {
    if (!mayExist(state, name)) return err({ type: "UnknownDocument", key });
    const begun = admitPublicationText(emptyPublicationSet(name), first, context);
    if (!begun.ok) return ok({ admitted: 0, ...whyNot(state, name, { from, error: begun.error }) });
  }
  const document = ensureDocument(state, name);
  if (document.kind !== "publications") return err({ type: "UnknownDocument", key });
  const { set } = document;
  const { nodes, error } = admitAll(texts, (text) => admitPublicationText(set, text, context));
  const durable = makeDurable(state, { key, nodes });
  if (!durable.ok) return durable;
  settlePublications(state, nodes satisfies readonly PublicationNode[]);
  return ok({ admitted: nodes.length, ...(error && whyNot(state, name, { from, error })) });
}

/** Trusts the owner of a part through the certificates in its first entry. */
export function learnOwner(
  state: CoreState,
  { device }: Pick<LedgerPartName, "device">,
  text: string,
): Result<void, Extract<ReceiveError, { readonly type: "Untrusted" }>> {
  const { trust, crypto } = state.ports;
  if (trust.deviceOf(device)) return ok(undefined);
  const opened = openSignedText("entry", text, crypto);
  const entry = opened.ok ? readEntry(opened.value.fact) : opened;
  const body = entry.ok && entry.value.kind === "opened" ? readOpened(entry.value) : undefined;
  if (!body?.ok) return err({ type: "Untrusted", reason: "no certificates", device });
  const learned = trust.learn(body.value.certificates);
  if (!learned.ok) return learned;
  return learned.value.id === device
    ? ok(undefined)
    : err({ type: "Untrusted", reason: "certificates of another device", device });
}

/**
 * What is sealed here needs no document again. For a branch the document comes back whole: the sealed entries that
 * the branch may continue stand before it.
 */
function notSealed(
  state: CoreState,
  name: LedgerPartName,
  texts: readonly string[],
): readonly string[] {
  const ledger = state.ledgers.get(`${name.device}/${name.incarnation}`);
  const sealed = (ledger ? sealedAt(ledger, name.part) : []).flatMap((part) =>
    state.readSealed(part).map(({ text }) => text),
  );
  const known = new Set(sealed);
  const fresh = texts.filter((text) => !known.has(text));
  const isAway = sealed.length > 0 && !state.documents.has(keyOf(state, name));
  return isAway && fresh.length > 0 ? [...known, ...fresh] : fresh;
}

function isInOtherEpoch(
  { documents }: CoreState,
  { topic, epoch }: { readonly topic: string; readonly epoch: number },
  hash: string,
): boolean {
  for (const document of documents.values()) {
    if (document.kind !== "publications") continue;
    const { set } = document;
    if (set.name.topic !== topic || set.name.epoch === epoch) continue;
    if (set.nodes.some((node) => node.signed.hash === hash)) return true;
  }
  return false;
}

type AdmissionError = EntryAdmissionError | PublicationAdmissionError;

function whyNot(
  state: CoreState,
  name: DocumentName,
  { from, error }: { readonly from: ReceivedFrom; readonly error: AdmissionError },
): Omit<TextsTaken, "admitted"> {
  if (error.type === "MissingParent") return { missing: error.parent };
  if (early.has(error.type)) return { missing: "" };
  raise(state, {
    type: "RefusedChange",
    document: formatDocumentName(name),
    peer: from.peer,
    reason: error.type,
    facts: error,
  });
  return { refused: error };
}
