/**
 * The fiscal law of Ruritania, which does not exist: what a regime of one's own looks like.
 *
 * Every receipt is a line of text that is chained by SHA-256 and signed with ES256. While the signer is out a receipt says so, and one collective
 * document follows. The ministry takes receipts one by one over HTTP, within two business days, in any order and from any device of the shop.
 *
 * @module
 */

import { base64url, err, hex, ok, parseJson, utf8, type JsonObject } from "@tillmesh/kernel";
import {
  localDate,
  offsetDateTime,
  type Finished,
  type LookupAnswer,
  type Regime,
  type RegimeDelivery,
  type SealContext,
  type SealedDocument,
  type Verdict,
  type VerifyFinding,
  type WireAnswer,
} from "@tillmesh/fiscal-queue";

const keyId = "RUR-1";

export const ruritania: Regime = {
  id: "xx-ruritania",
  builtOn: "Receipts Act of Ruritania, 2026-01-01",
  capabilities: {
    signer: "key",
    transmit: "each",
    handOver: "allowed",
    offline: "final",
    training: "apart",
  },
  open: ({ taxpayer }) =>
    /^RU\d{6}$/.test(taxpayer)
      ? ok({ state: { soldMinor: 0 } })
      : err({ type: "Settings", faults: [fault("/taxpayer", "taxpayer", "RU and six digits")] }),
  isNumbered: (kind) => kind === "sale" || kind === "refund" || kind === "void",
  numberOf: ({ kind }, config, head) => `${config.series}/${kind}/${head.sequence + 1}`,
  check: ({ kind, receipt }) =>
    kind === "refund" && receipt?.refersTo === undefined
      ? [fault("/receipt/refersTo", "missing", "a refund names the receipt it gives back")]
      : [],
  prepare: ({ at, head, number, request }, { config }) => {
    const soldMinor = soldBefore(head.state) + (request.receipt?.totalMinor ?? 0);
    const total = String(request.receipt?.totalMinor ?? 0);
    const parts = [config.taxpayer, config.till, number, request.kind, offsetDateTime(at), total];
    const line = [...parts, String(soldMinor), head.hash].map(encodeURIComponent).join("|");
    const toSign = { keyId, algorithm: "ES256", data: utf8(line) } as const;
    return { request, number, at, content: { line, soldMinor }, toSign };
  },
  finish: (draft, outcome, context) => {
    const { line, soldMinor } = draft.content as { line: string; soldMinor: number };
    if (outcome.type === "signed") {
      return ok(finished(`${line}|${base64url(outcome.signature)}`, soldMinor, context));
    }
    const reason = outcome.type === "failed" ? outcome.reason : "unsigned";
    if (draft.request.kind === "collective") return err({ type: "SignerNeeded", reason });
    const document = finished(`${line}|OUT`, soldMinor, context);
    const lines = ["SIGNER OUT OF ORDER", ...document.print.lines];
    return ok({ ...document, print: { ...document.print, lines } });
  },
  recover: ({ outage }) =>
    outage === undefined
      ? []
      : [{ kind: "collective", facts: { from: outage.firstNumber, to: outage.lastNumber } }],
  delivery: delivery(),
  exports: {
    journal: {
      mediaType: "text/plain",
      fileName: ({ till }, at) => `journal-${till}-${localDate(at)}.txt`,
      write: async function* write(documents) {
        for await (const { text } of documents) yield `${text}\n`;
      },
    },
  },
  verifier: (context) => {
    let previous = "";
    return {
      step: (document) => {
        const codes = faultCodes(document, previous, context);
        previous = document.hash;
        const { number, sequence } = document;
        return codes.map((code): VerifyFinding => ({ sequence, number, code, detail: code }));
      },
      end: () => [],
    };
  },
};

function finished(text: string, soldMinor: number, { crypto }: SealContext): Finished {
  const hash = hex(crypto.sha256(utf8(text)));
  return {
    text,
    hash,
    keyId,
    print: { lines: [`RUR ${hash.slice(0, 16)}`], qr: { text, level: "M" } },
    state: { soldMinor },
    due: { kind: "business-days", days: 2 },
  };
}

function delivery(): RegimeDelivery {
  return {
    initialThrottle: { notBeforeMs: 0, waitMs: 0, lastSentMs: 0 },
    pendingMax: 16,
    plan: ([first], { now, throttle }) =>
      first === undefined || throttle.notBeforeMs > now.epochMs
        ? { type: "wait", untilMs: throttle.notBeforeMs }
        : { type: "send", group: { documents: [first], isLate: false } },
    encode: ({ documents }) => ({
      method: "POST",
      path: "/receipts",
      headers: { "content-type": "text/plain" },
      body: documents.map(({ text }) => text).join(""),
    }),
    interpret: ({ documents }, answer, { throttle }) => ({
      verdicts: documents.map(() => verdictOf(answer)),
      throttle,
    }),
    lookup: ({ number }) => ({
      method: "GET",
      path: `/receipts/${encodeURIComponent(number)}`,
      headers: {},
      body: "",
    }),
    readLookup: (_, answer): LookupAnswer => {
      if (answer.type !== "answer") return { type: "unknown", reason: answer.reason };
      if (answer.status === 404) return { type: "absent" };
      const { hash } = bodyOf(answer);
      return typeof hash === "string"
        ? { type: "found", hash }
        : { type: "unknown", reason: "no hash" };
    },
  };
}

/** 201 is stored, 409 was there before, 422 is refused; everything else is to be tried again. */
function verdictOf(answer: WireAnswer): Verdict {
  if (answer.type !== "answer") {
    return { type: "retry", reason: answer.reason, mayBeDuplicate: answer.type === "lost" };
  }
  const { status } = answer;
  if (status === 201) return { type: "accepted" };
  if (status === 409) return { type: "duplicate" };
  if (status === 422) {
    return { type: "rejected-final", code: "422", detail: detailOf(bodyOf(answer)) };
  }
  return { type: "retry", reason: `status ${status}`, mayBeDuplicate: true };
}

function detailOf({ detail }: JsonObject): string {
  return typeof detail === "string" ? detail : "";
}

function bodyOf({ body }: Extract<WireAnswer, { type: "answer" }>): JsonObject {
  const parsed = parseJson(body);
  const isObject = parsed.ok && typeof parsed.value === "object" && parsed.value !== null;
  return isObject ? (parsed.value as JsonObject) : {};
}

function faultCodes(
  document: SealedDocument,
  previous: string,
  { config, crypto }: SealContext,
): readonly string[] {
  const { hash, number, text } = document;
  const parts = text.split("|");
  const signature = parts.at(-1) ?? "";
  const signed = utf8(parts.slice(0, -1).join("|"));
  const publicKey = config.keys.find((key) => key.keyId === keyId)?.publicKey ?? "";
  const isSigned =
    signature === "OUT" || crypto.verify("ES256", base64(publicKey), signed, base64(signature));
  const isChained = document.previous === previous && parts[7] === previous;
  return [
    ...(hex(crypto.sha256(utf8(text))) === hash ? [] : ["hash"]),
    ...(isChained ? [] : ["chain"]),
    ...(parts[2] === encodeURIComponent(number) ? [] : ["number"]),
    ...(isSigned ? [] : ["signature"]),
  ];
}

/** Either alphabet, padded or not. */
function base64(text: string): Uint8Array {
  const standard = text.replaceAll("-", "+").replaceAll("_", "/");
  return Uint8Array.from(atob(standard), (character) => character.charCodeAt(0));
}

function soldBefore(state: unknown): number {
  return (state as { readonly soldMinor: number }).soldMinor;
}

function fault(pointer: string, code: string, detail: string) {
  return { pointer, code, detail };
}
