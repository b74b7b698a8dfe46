/**
 * How the tiny regime speaks to its authority, and the authority's side of it.
 *
 * @module
 */

import { canonicalJson, parseJson, unreachable, type JsonObject } from "@tillmesh/kernel";
import { createHash } from "node:crypto";
import type {
  DeliveryGroup,
  Interpreted,
  LookupAnswer,
  RegimeDelivery,
  Throttle,
  Verdict,
} from "../delivery.ts";
import type { SealedDocument } from "../document.ts";
import type { WireAnswer, WireRequest } from "../ports.ts";
import type { AuthorityRecord, RecordFate } from "./authority-books.ts";
import type { AuthorityProtocol, AuthorityReading } from "./scripted-authority.ts";

export interface TinyDeliveryOptions {
  readonly batchMax?: number;
  readonly pendingMax?: number;
  readonly lateAfterMs?: number;
  /** Without it a duplicate's hash is told by a look-up. */
  readonly tellsHash?: boolean;
  readonly hasLookup?: boolean;
}

export function tinyDelivery(options: TinyDeliveryOptions): RegimeDelivery {
  const { batchMax = 5, hasLookup = true, lateAfterMs = 86_400_000, pendingMax = 10 } = options;
  return {
    initialThrottle: { notBeforeMs: 0, waitMs: 0, lastSentMs: 0 },
    pendingMax,
    plan: (pending, { now, throttle }) => {
      if (throttle.notBeforeMs > now.epochMs) {
        return { type: "wait", untilMs: throttle.notBeforeMs };
      }
      const isLate = (one: SealedDocument) => now.epochMs - one.at.epochMs > lateAfterMs;
      const [first] = pending;
      const late = first !== undefined && isLate(first);
      const until = pending.findIndex((one) => isLate(one) !== late);
      const documents = pending.slice(0, Math.min(batchMax, until < 0 ? batchMax : until));
      return { type: "send", group: { documents, isLate: late } };
    },
    encode: ({ documents, isLate }) => {
      const poison = documents.find(({ text }) => text.includes("POISON"));
      if (poison !== undefined) throw new Error(`${poison.number} cannot be written`);
      const texts = documents.map(({ text }) => text);
      return {
        method: "POST",
        path: "/records",
        headers: {},
        body: canonicalJson({ isLate, texts }),
      };
    },
    interpret: (group, answer, { nowMs, throttle }) =>
      interpret(group, answer, { nowMs, throttle }),
    ...(hasLookup
      ? {
          lookup: ({ sequence, stream }): WireRequest => ({
            method: "GET",
            path: `/records/${encodeURIComponent(idOf(stream, sequence))}`,
            headers: {},
            body: "",
          }),
          readLookup: (_, answer): LookupAnswer => readLookup(answer),
        }
      : {}),
    correct: ({ document, fix }) =>
      fix === undefined
        ? undefined
        : { kind: "correction", receipt: fix, facts: { corrects: document.number } },
  };
}

/** The authority of the tiny regime. */
export function tinyAuthority({ tellsHash = true }: TinyDeliveryOptions = {}): AuthorityProtocol {
  return {
    name: "tiny",
    read: readRequest,
    answer: (fates) => ({
      status: 200,
      body: canonicalJson({ results: fates.map((fate) => resultOf(fate, tellsHash)) }),
    }),
    answerLookup: (found) =>
      found === undefined
        ? { status: 404, body: "" }
        : { status: 200, body: canonicalJson({ hash: found.hash, receiptId: found.receiptId }) },
  };
}

function readRequest({ body, method, path }: WireRequest): AuthorityReading {
  if (method === "GET") {
    return { type: "lookup", id: decodeURIComponent(path.slice("/records/".length)) };
  }
  const parsed = parseJson(body);
  const { texts } = (parsed.ok ? parsed.value : {}) as { readonly texts?: readonly string[] };
  if (texts === undefined) return { type: "refused", answer: { status: 400, body: "" } };
  return { type: "records", records: texts.map(recordOf) };
}

function recordOf(text: string): AuthorityRecord {
  const { content } = JSON.parse(text) as {
    readonly content: {
      readonly stream: string;
      readonly sequence: number;
      readonly previous: string;
    };
  };
  const { previous, sequence, stream } = content;
  const hash = createHash("sha256").update(text).digest("hex");
  return { id: idOf(stream, sequence), hash, chain: stream, previous };
}

function idOf(stream: string, sequence: number): string {
  return `${stream}#${sequence}`;
}

function resultOf(fate: RecordFate, tellsHash: boolean): JsonObject {
  switch (fate.type) {
    case "accepted":
      return { status: "accepted", receiptId: fate.kept.receiptId };
    case "duplicate":
      return { status: "duplicate", hash: tellsHash ? fate.kept.hash : undefined };
    case "fork":
      return { status: "rejected", code: "FORK", detail: fate.rival };
    case "rejected":
      return { status: "rejected", code: fate.code, detail: fate.detail };
    default:
      return unreachable(fate);
  }
}

function interpret(
  { documents }: DeliveryGroup,
  answer: WireAnswer,
  { nowMs, throttle }: { readonly nowMs: number; readonly throttle: Throttle },
): Interpreted {
  const all = (verdict: Verdict): readonly Verdict[] => documents.map(() => verdict);
  if (answer.type !== "answer") {
    const mayBeDuplicate = answer.type === "lost";
    return { verdicts: all({ type: "retry", reason: answer.reason, mayBeDuplicate }), throttle };
  }
  const authorityMs = Date.parse(answer.headers["date"] ?? "");
  const told = Number.isNaN(authorityMs) ? {} : { authorityMs };
  const { status } = answer;
  if (status === 429) {
    const waitMs = Number(answer.headers["retry-after"] ?? 1) * 1000;
    const next = { notBeforeMs: nowMs + waitMs, waitMs, lastSentMs: nowMs };
    const slow = { type: "retry", reason: "throttled", mayBeDuplicate: false } as const;
    return { verdicts: all(slow), throttle: next, ...told };
  }
  if (status === 401) {
    const fatal = { type: "fatal-config", code: "401", detail: "not let in" } as const;
    return { verdicts: all(fatal), throttle, ...told };
  }
  const results = status === 200 ? readResults(answer.body) : undefined;
  const unread = { type: "retry", reason: `status ${status}`, mayBeDuplicate: true } as const;
  return { verdicts: results ?? all(unread), throttle, ...told };
}

function readResults(body: string): readonly Verdict[] | undefined {
  const parsed = parseJson(body);
  if (!parsed.ok) return undefined;
  const { results } = parsed.value as { readonly results?: readonly TinyResult[] };
  return results?.map(verdictOf);
}

interface TinyResult {
  readonly status: "accepted" | "duplicate" | "rejected";
  readonly hash?: string;
  readonly receiptId?: string;
  readonly code?: string;
  readonly detail?: string;
}

function verdictOf({ code = "", detail = "", hash, receiptId, status }: TinyResult): Verdict {
  if (status === "rejected") return { type: "rejected-fixable", code, detail };
  const id = receiptId === undefined ? {} : { receiptId };
  if (status === "accepted") return { type: "accepted", ...id };
  return { type: "duplicate", ...(hash === undefined ? {} : { hash }), ...id };
}

function readLookup(answer: WireAnswer): LookupAnswer {
  if (answer.type !== "answer") return { type: "unknown", reason: answer.reason };
  if (answer.status === 404) return { type: "absent" };
  const parsed = parseJson(answer.body);
  const { hash } = (parsed.ok ? parsed.value : {}) as { readonly hash?: string };
  if (hash === undefined) return { type: "unknown", reason: `status ${answer.status}` };
  return { type: "found", hash };
}
