/**
 * Reporting: one document a request, any order, within 24 hours; what the answers mean. SPEC.md §11 (RSA).
 *
 * Credentials are the transport's: `zatcaAuthorization` writes the header.
 *
 * @module
 */

import { unreachable, utf8, type JsonObject } from "@tillmesh/kernel";
import { base64 } from "../../base64.ts";
import type { SealedDocument } from "../../document.ts";
import type { RegimeDelivery, Throttle, Verdict } from "../../delivery.ts";
import type { WireRequest } from "../../ports.ts";
import { bodyOf, clockOf, headerOf, messagesIn, textIn, type HttpAnswer } from "./answers.ts";
import { reportWithinMs, type ChainState } from "./seal-invoice.ts";

export const zatcaDelivery: RegimeDelivery = {
  initialThrottle: { notBeforeMs: 0, waitMs: 0, lastSentMs: 0 },
  pendingMax: 1,
  plan: ([oldest], { now, throttle }) => {
    const isWaiting = oldest === undefined || throttle.notBeforeMs > now.epochMs;
    if (isWaiting) return { type: "wait", untilMs: Math.max(throttle.notBeforeMs, now.epochMs) };
    const isLate = now.epochMs - oldest.at.epochMs > reportWithinMs;
    return { type: "send", group: { documents: [oldest], isLate } };
  },
  encode: ({ documents: [document] }) => reportingRequest(document as SealedDocument),
  interpret: ({ documents }, answer, { nowMs, throttle }) => {
    const [document] = documents as [SealedDocument];
    const sent = { ...throttle, lastSentMs: nowMs };
    switch (answer.type) {
      case "unsent":
        return { verdicts: [retry(answer.reason, false)], throttle };
      case "lost":
        return { verdicts: [retry(answer.reason, true)], throttle: sent };
      case "answer": {
        const authorityMs = clockOf(answer);
        return {
          verdicts: [verdictOf(document, answer)],
          throttle: throttleAfter(sent, answer, nowMs),
          ...(authorityMs !== undefined && { authorityMs }),
        };
      }
      default:
        return unreachable(answer);
    }
  },
  // Nothing is edited: the sale is sealed once more, with a new UUID, counter and previous hash.
  correct: ({ fix, verdict }) => {
    const isRejected = verdict.type === "rejected-final" || verdict.type === "rejected-fixable";
    return isRejected && fix !== undefined ? { kind: "correction", receipt: fix } : undefined;
  },
};

export function reportingRequest(document: SealedDocument): WireRequest {
  return documentRequest(document, "/invoices/reporting/single", { "clearance-status": "0" });
}

/** The body that all interfaces for documents take. */
export function documentRequest(
  { hash, state, text }: SealedDocument,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): WireRequest {
  const { uuid = "" } = state as ChainState;
  return {
    method: "POST",
    path,
    headers: { ...jsonHeaders, "accept-language": "en", ...headers },
    body: JSON.stringify({ invoiceHash: hash, uuid, invoice: base64(utf8(text)) }),
  };
}

export const jsonHeaders: Readonly<Record<string, string>> = {
  accept: "application/json",
  "accept-version": "V2",
  "content-type": "application/json",
};

/** HTTP Basic: the security token as issued, which is base64 of the certificate's text, and the secret. */
export function zatcaAuthorization(securityToken: string, secret: string): string {
  return `Basic ${base64(utf8(`${securityToken}:${secret}`))}`;
}

function verdictOf(document: SealedDocument, answer: HttpAnswer): Verdict {
  const { status } = answer;
  if (status === 401 || status === 403) {
    return { type: "fatal-config", code: String(status), detail: "the credentials are refused" };
  }
  const body = bodyOf(answer);
  // Whatever is not the authority's own answer says nothing: a hotel's network answers 200, too.
  if (body === undefined) return retry(`status ${status} without a readable answer`, true);
  if (status === 200 || status === 202) return acceptance(body, status);
  if (status === 208 || status === 409) return duplicate(document, body);
  if (status === 400) return rejection(body);
  if (status === 303) return retry("303: the authority asks for its other interface", true);
  return retry(`status ${status}`, true);
}

function acceptance(body: JsonObject, status: number): Verdict {
  if (textIn(body, "reportingStatus") !== "REPORTED") return rejection(body);
  const [warning] = messagesIn(body, "warningMessages");
  if (warning === undefined && status === 200) return { type: "accepted" };
  const { code, message } = warning ?? { code: "202", message: "accepted with warnings" };
  return { type: "accepted-warn", code, detail: message, asksCorrection: false };
}

/** The authority speaks of the hash that was sent, unless it names another. */
function duplicate({ hash }: SealedDocument, body: JsonObject): Verdict {
  const told = textIn(body, "invoiceHash");
  if (told !== "" && told !== hash) return { type: "duplicate", hash: told };
  const status = textIn(body, "reportingStatus") || textIn(body, "clearanceStatus");
  const isEarlier = /EARLIER|^REPORTED$|^CLEARED$/.test(status);
  return isEarlier ? { type: "duplicate", hash } : retry("a duplicate of nothing known", true);
}

function rejection(body: JsonObject): Verdict {
  const [error] = messagesIn(body, "errorMessages");
  if (error === undefined) return retry("neither accepted nor refused", true);
  return { type: "rejected-final", code: error.code, detail: error.message };
}

function throttleAfter(sent: Throttle, answer: HttpAnswer, nowMs: number): Throttle {
  if (answer.status !== 429) return { ...sent, waitMs: 0 };
  const seconds = /^\d{1,5}$/.exec(headerOf(answer, "retry-after"))?.[0];
  const doubled = Math.min(Math.max(sent.waitMs * 2, waitMinMs), waitMaxMs);
  const waitMs = seconds === undefined ? doubled : Number(seconds) * 1000;
  return { ...sent, waitMs, notBeforeMs: nowMs + waitMs };
}

const waitMinMs = 1000;
const waitMaxMs = 300_000;

function retry(reason: string, mayBeDuplicate: boolean): Verdict {
  return { type: "retry", reason, mayBeDuplicate };
}
