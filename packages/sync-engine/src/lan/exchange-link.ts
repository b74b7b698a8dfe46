/**
 * One connection to one peer: hello, digests and summaries, and whatever is missing. SPEC.md §7 (EL).
 *
 * @module
 */

import { base64url, unreachable } from "@tillmesh/kernel";
import type { RawData } from "ws";
import type { TrustedDevice } from "../replica/ports.ts";
import { closeCodes, endSocket, flood } from "./end-socket.ts";
import { parseExchangeMessage, type ExchangeMessage } from "./exchange-message.ts";
import { give, takeChanges, takePart, wantDocument, wantPart } from "./giving.ts";
import { hello, takeHello } from "./greeting.ts";
import { createPartTransfer } from "./part-transfer.ts";
import { takeReached, tellReached } from "./reaching.ts";
import { send, type LinkOptions, type Talk } from "./talk.ts";
import { takeDigest, takeSummary, tell } from "./telling.ts";
import { nothingTold } from "./told.ts";

export interface ExchangeLink {
  /** Known once its hello fits the certificate of its channel. */
  peer(): TrustedDevice | undefined;
  /** When the peer's certificates expire. */
  untilMs(): number;
  /** What the peer names when it opens the live sync that belongs to this link. */
  readonly id: string;
  /** The same for the other direction. */
  peerLink(): string | undefined;
  /** Refused changes that this peer may hold in good faith: so many and no more. */
  readonly doubts: Set<string>;
  /** True if this replica dialled. */
  readonly isDialled: boolean;
  /** Says how far this replica is. */
  sendSummary(): void;
  /** Says how far entries have got beyond the shop, if there is news. */
  sendReached(): void;
  /** Asks for what the peer has of a document and this replica lacks. */
  want(document: string): void;
  /** Asks for sealed parts, if any are wanted. */
  wantParts(busy: ReadonlySet<string>): void;
  fetching(): string | undefined;
  lastExchangeAtMs(): number | undefined;
  /** How long nothing has come. */
  silentForMs(): number;
  close(code: number, reason: string): void;
}

/** Begins the conversation on an open socket. */
export function openExchangeLink(options: LinkOptions): ExchangeLink {
  const { state, socket, isDialled } = options;
  const talk: Talk = {
    options,
    id: base64url(state.ports.crypto.randomBytes(16)),
    peer: undefined,
    untilMs: Number.POSITIVE_INFINITY,
    peerLink: undefined,
    doubts: new Set(),
    lastExchangeAtMs: undefined,
    transfer: createPartTransfer(),
    cache: {},
    asked: new Map(),
    offered: undefined,
    isAgreed: false,
    devicesTold: new Set(),
    told: nothingTold(),
    reachedTold: new Map(),
    heard: nothingTold(),
  };
  const link: ExchangeLink = {
    peer: () => talk.peer,
    untilMs: () => talk.untilMs,
    id: talk.id,
    peerLink: () => talk.peerLink,
    doubts: talk.doubts,
    isDialled,
    sendSummary: () => tell(talk),
    sendReached: () => tellReached(talk),
    want: (document) => wantDocument(talk, document),
    wantParts: (busy) => wantPart(talk, busy),
    fetching: () => talk.transfer.current?.text.sha256,
    lastExchangeAtMs: () => talk.lastExchangeAtMs,
    silentForMs: () => performance.now() - heardAtMs,
    close: (code, reason) => endSocket(socket, code, reason),
  };
  let heardAtMs = performance.now();
  socket.on("message", (data, isBinary) => {
    heardAtMs = performance.now();
    // What still arrives on a link that is being closed is nobody's fault.
    if (socket.readyState !== socket.OPEN) return;
    const refusal = isBinary ? "binary frame" : takeFrame(talk, link, data);
    if (refusal === undefined) return;
    options.onRefused(link, refusal);
    endSocket(socket, closeCodes.refused, refusal);
  });
  const silence = setTimeout(() => {
    if (talk.peer === undefined) endSocket(socket, closeCodes.refused, "no hello");
  }, helloMs);
  socket.on("close", () => clearTimeout(silence));
  send(talk, hello(talk));
  return link;
}

/** Nothing that a frame holds may throw into the event loop. */
function takeFrame(talk: Talk, link: ExchangeLink, data: RawData): string | undefined {
  const bytes = Buffer.from(data as Uint8Array);
  if (!talk.options.meter.allows(bytes.length)) return flood;
  try {
    const message = parseExchangeMessage(bytes.toString("utf8"));
    return message.ok ? take(talk, link, message.value) : "malformed frame";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Whoever has not said by then who it is takes a place from others. */
const helloMs = 5_000;

/** Deals with a message; says what is wrong with it, if anything. */
function take(
  talk: Talk,
  link: ExchangeLink,
  message: ExchangeMessage | "unknown",
): string | undefined {
  if (message === "unknown") return undefined;
  if (message.type === "hello") return takeHello(talk, link, message);
  if (talk.peer === undefined) return `${message.type} before hello`;
  talk.lastExchangeAtMs = talk.options.nowMs();
  return takeFromPeer(talk, link, message);
}

function takeFromPeer(
  talk: Talk,
  link: ExchangeLink,
  message: Exclude<ExchangeMessage, { type: "hello" }>,
): string | undefined {
  switch (message.type) {
    case "digest":
      return takeDigest(talk, link, message);
    case "summary":
      return takeSummary(talk, link, message);
    case "reached":
      return takeReached(talk, message);
    case "devices":
      message.chains.forEach((chain) => talk.options.state.ports.trust.learn(chain));
      return undefined;
    case "changes":
      return takeChanges(talk, message);
    case "want":
    case "want-part":
    case "want-carry":
      return give(talk, message);
    case "part":
      return takePart(talk, message);
    default:
      return unreachable(message);
  }
}
