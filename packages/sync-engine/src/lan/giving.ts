/**
 * Asking for what is missing, and answering. SPEC.md §7 (EL, PT).
 *
 * @module
 */

import { base64url, fromBase64url } from "@tillmesh/kernel";
import {
  formatDocumentName,
  parseDocumentName,
  type DocumentName,
} from "../documents/document-name.ts";
import { keyOf } from "../replica/core-state.ts";
import { receiveNamed } from "../replica/receive.ts";
import { changesSince, headsOf } from "../replica/summary.ts";
import { isToBlame } from "./admission-gate.ts";
import type { ExchangeMessage } from "./exchange-message.ts";
import {
  answerWant,
  answerWantCarry,
  nextWant,
  takePiece,
  type WantedText,
  type WantMessage,
} from "./part-transfer.ts";
import { isShared } from "./sharing.ts";
import { send, type Talk } from "./talk.ts";

/** Asks for what the peer has of a document, unless that was done a moment ago. */
export function wantDocument(talk: Talk, text: string): void {
  const { nowMs } = talk.options;
  const name = sharedName(talk, text);
  const askedAtMs = talk.asked.get(text) ?? Number.NEGATIVE_INFINITY;
  if (!name || nowMs() - askedAtMs < askAgainMs) return;
  talk.asked.set(text, nowMs());
  if (talk.asked.size > askedMax) talk.asked.clear();
  askFor(talk, name);
}

/** A peer that does not have the document says nothing. */
const askAgainMs = 1_000;
const askedMax = 10_000;

function askFor(talk: Talk, name: DocumentName): void {
  const { state } = talk.options;
  const document = state.documents.get(keyOf(state, name));
  const heads = document ? headsOf(document) : [];
  send(talk, { type: "want", document: formatDocumentName(name), heads });
}

/** Gives what is asked for, if it is here. */
export function give(
  talk: Talk,
  want: Extract<ExchangeMessage, { type: "want" }> | WantMessage,
): undefined {
  if (want.type === "want") giveChanges(talk, want);
  else givePiece(talk, want);
}

function giveChanges(
  talk: Talk,
  { document: text, heads }: Extract<ExchangeMessage, { type: "want" }>,
): void {
  const { state } = talk.options;
  const name = sharedName(talk, text);
  const document = name && state.documents.get(keyOf(state, name));
  if (!document) return;
  const changes = changesSince(document, heads, changesMaxSizeBytes);
  // Nothing is an answer too: whoever asked may ask again, as soon as there is a reason.
  send(talk, {
    type: "changes",
    document: text,
    changes: changes.map(({ bytes }) => base64url(bytes)),
  });
}

/** Admitting as much takes some ten milliseconds: a frame is dealt with in one turn. */
const changesMaxSizeBytes = 65_536;

/** Takes what was asked for, and asks again until nothing new comes. */
export function takeChanges(
  talk: Talk,
  { document: text, changes: texts }: Extract<ExchangeMessage, { type: "changes" }>,
): string | undefined {
  if (!parseDocumentName(text)) return "no document name";
  const name = sharedName(talk, text);
  if (!name) return undefined;
  const changes = bytesOf(texts);
  if (!changes) return "malformed change";
  talk.asked.delete(text);
  return changes.length === 0 ? undefined : takeSome(talk, name, changes);
}

function takeSome(
  talk: Talk,
  name: DocumentName,
  changes: readonly Uint8Array[],
): string | undefined {
  const peer = talk.peer?.id ?? "";
  const received = receiveNamed(talk.options.state, { name, changes }, { peer });
  if (received.ok && received.value.admitted > 0) askFor(talk, name);
  const isRefusal = !received.ok && isToBlame(received.error, talk.doubts);
  return isRefusal ? `refused change: ${received.error.type}` : undefined;
}

function bytesOf(texts: readonly string[]): readonly Uint8Array[] | undefined {
  const all = texts.flatMap((one) => {
    const bytes = fromBase64url(one);
    return bytes.ok ? [bytes.value] : [];
  });
  return all.length === texts.length ? all : undefined;
}

/** Asks for the next piece of a sealed part or a carry that nobody else is asked for. */
export function wantPart(talk: Talk, busy: ReadonlySet<string>): void {
  const want = nextWant(talk.options.state, talk.transfer, (text) => {
    return busy.has(text.sha256) || !mayAskFor(talk, text);
  });
  if (want) send(talk, want);
}

function givePiece(talk: Talk, want: WantMessage): void {
  const { device, incarnation, sha256, offset } = want;
  const { state } = talk.options;
  const part = want.type === "want-part" ? want.part : 1;
  if (!sharedName(talk, `ledger/${device}/${incarnation}/${part}`)) {
    send(talk, { type: "part", sha256, offset, size: -1, data: "" });
  } else if (want.type === "want-part") {
    send(talk, answerWant(state, want, talk.cache));
  } else {
    void answerWantCarry(state, want, talk.cache).then((piece) => {
      if (piece) send(talk, piece);
    });
  }
}

export function takePart(
  talk: Talk,
  message: Extract<ExchangeMessage, { type: "part" }>,
): string | undefined {
  const next = takePiece(talk.options.state, talk.transfer, message);
  if (next === "refused") return "wrong piece of a text";
  if (next === "done") wantPart(talk, new Set());
  else send(talk, next);
  return undefined;
}

function mayAskFor({ options, peer }: Talk, text: WantedText): boolean {
  const name: DocumentName =
    text.type === "part"
      ? text.part.name
      : { kind: "ledger", device: text.carry.device, incarnation: text.carry.incarnation, part: 1 };
  return peer !== undefined && isShared(options.state, peer, name);
}

/** The name, if both ends may speak of it: any other document is as if it were not here. */
function sharedName({ options, peer }: Talk, text: string): DocumentName | undefined {
  const name = parseDocumentName(text);
  return name && peer && isShared(options.state, peer, name) ? name : undefined;
}
