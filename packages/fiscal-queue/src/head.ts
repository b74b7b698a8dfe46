/**
 * The head of a stream: a fold over its own documents, so that a till makes it again from its ledger. SPEC.md §2 (FDO).
 *
 * @module
 */

import { assert, type Json } from "@tillmesh/kernel";
import {
  streamIdOf,
  type Head,
  type Period,
  type SealedDocument,
  type StreamConfig,
} from "./document.ts";

/** Before the first document. `state` is what the regime's `open` gave; only a recorded opening may begin a stream. */
export function emptyHead(config: StreamConfig, state: Json): Head {
  return {
    stream: streamIdOf(config),
    sequence: 0,
    lastNumber: config.numbersFrom,
    hash: "",
    sealedAtMs: 0,
    state,
  };
}

/** Asserts that the document comes next: whoever reads documents of others asks `faultOfNext` first. */
export function headAfter(document: SealedDocument, head: Head): Head {
  const wrong = faultOfNext(document, head);
  assert(wrong === undefined, `document ${document.sequence} follows: ${wrong?.detail}`);
  const outage = outageAfter(document, head.outage);
  const openSince = openSinceAfter(document, head.openSince ?? {});
  return {
    stream: head.stream,
    sequence: document.sequence,
    lastNumber: head.lastNumber + (isNextReceipt(document, head) ? 1 : 0),
    hash: document.hash,
    sealedAtMs: document.at.epochMs,
    state: document.state,
    ...(outage === undefined ? {} : { outage }),
    ...(Object.keys(openSince).length === 0 ? {} : { openSince }),
  };
}

/** Why the document cannot come next, if it cannot. */
export function faultOfNext(document: SealedDocument, head: Head): ChainFault | undefined {
  if (document.stream !== head.stream) return fault("stream", head.stream, document.stream);
  if (document.sequence !== head.sequence + 1) {
    return fault("gap", String(head.sequence + 1), String(document.sequence));
  }
  if (document.previous !== head.hash) return fault("chain", head.hash, document.previous);
  return undefined;
}

export type ChainFault = {
  readonly type: "ChainFault";
  readonly code: "stream" | "gap" | "chain";
  readonly detail: string;
};

/** `B1-1-000043`. */
export function receiptNumber(series: string, number: number): string {
  return `${series}-${String(number).padStart(6, "0")}`;
}

/** The series that a stream's id names. */
export function seriesOf(stream: string): string {
  return decodeURIComponent(stream.split("/")[3] ?? "");
}

// A number of the series is known by its text; sealing lets no other document carry it.
function isNextReceipt({ number }: SealedDocument, head: Head): boolean {
  return number === receiptNumber(seriesOf(head.stream), head.lastNumber + 1);
}

function outageAfter(document: SealedDocument, outage: Head["outage"]): Head["outage"] {
  const { at, degraded, kind, number } = document;
  if (degraded !== undefined) {
    const { firstNumber = number, sinceMs = at.epochMs } = outage ?? {};
    return { firstNumber, lastNumber: number, sinceMs };
  }
  if (outage === undefined || kind === "collective") return undefined;
  // Unsigned by design says nothing of the signer.
  return document.keyId === "" ? outage : { endedMs: at.epochMs, ...outage };
}

function openSinceAfter(
  { at, closes, kind }: SealedDocument,
  open: NonNullable<Head["openSince"]>,
): NonNullable<Head["openSince"]> {
  if (closes !== undefined) {
    const covered: readonly Period[] = closes === "year" ? ["year", "month"] : [closes];
    return Object.fromEntries(
      Object.entries(open).filter(([period]) => !covered.some((one) => one === period)),
    );
  }
  return turnoverKinds.has(kind)
    ? { day: at.epochMs, month: at.epochMs, year: at.epochMs, ...open }
    : open;
}

const turnoverKinds: ReadonlySet<string> = new Set([
  "sale",
  "refund",
  "void",
  "correction",
  "cancellation",
]);

function fault(code: ChainFault["code"], expected: string, found: string): ChainFault {
  return { type: "ChainFault", code, detail: `expected "${expected}", found "${found}"` };
}
