/**
 * The smallest regime that uses every part of the port: a country of tests.
 *
 * Texts are canonical JSON and a signature; the hash is SHA-256 over them.
 *
 * @module
 */

import { canonicalJson, err, hex, ok, parseJson, utf8, type JsonObject } from "@tillmesh/kernel";
import type { SealedDocument, StreamConfig } from "../document.ts";
import type { SignatureAlgorithm } from "../ports.ts";
import type {
  Capabilities,
  DocumentRequest,
  Draft,
  Finished,
  Regime,
  SealContext,
  SignOutcome,
  VerifyFinding,
  Verifier,
} from "../regime.ts";
import { tinyDelivery, type TinyDeliveryOptions } from "./tiny-delivery.ts";

export interface TinyOptions extends TinyDeliveryOptions {
  readonly capabilities?: Partial<Capabilities>;
  readonly algorithm?: SignatureAlgorithm;
  /** Seals without a signature while the signer is out, and a collective document after; else refuses. */
  readonly isDegradable?: boolean;
  readonly hasStart?: boolean;
  readonly hasClosings?: boolean;
  readonly dueMs?: number;
}

export function createTinyRegime(options: TinyOptions = {}): Regime {
  const { algorithm = "hmac-sha1", dueMs, hasClosings = false, hasStart = false } = options;
  const { isDegradable = false } = options;
  const capabilities: Capabilities = {
    signer: "key",
    transmit: "batch",
    handOver: "allowed",
    offline: "final",
    training: "sealed",
    ...options.capabilities,
  };
  return {
    id: "tiny",
    builtOn: "2026-11-22, for tests",
    capabilities,
    open: (config) =>
      config.taxpayer === ""
        ? err({ type: "Settings", faults: [missing("/taxpayer")] })
        : ok({ state: { total: 0 }, ...(hasStart ? { start: { kind: "start" } } : {}) }),
    isNumbered: isReceipt,
    numberOf: ({ kind }, config, head) => `${config.series}-${kind}-${head.sequence + 1}`,
    check: ({ receipt }) =>
      receipt?.options?.["invoiceType"] === "unknown" ? [missing("/options/invoiceType")] : [],
    prepare: (input, { crypto }) => {
      const content = contentOf(input);
      const draft = { request: input.request, number: input.number, at: input.at, content };
      if (capabilities.signer === "none") return draft;
      const data = crypto.sha256(utf8(canonicalJson(content)));
      return { ...draft, toSign: { keyId: "K1", algorithm, data } };
    },
    finish: (draft, outcome, { crypto }) => {
      const { kind } = draft.request;
      const mustSign = !isDegradable || kind === "collective" || kind === "year";
      if (outcome.type === "failed" && mustSign) {
        return err({ type: "SignerNeeded", reason: outcome.reason });
      }
      return ok({
        ...finished(draft, outcome, crypto),
        ...(dueMs === undefined ? {} : due(dueMs)),
      });
    },
    ...(isDegradable
      ? {
          recover: ({ outage }) =>
            outage === undefined
              ? []
              : [
                  {
                    kind: "collective",
                    facts: { from: outage.firstNumber, to: outage.lastNumber },
                  },
                ],
        }
      : {}),
    ...(hasClosings ? { closing } : {}),
    ...(capabilities.transmit === "none" ? {} : { delivery: tinyDelivery(options) }),
    exports: {},
    verifier: tinyVerifier,
  };
}

/** A stream of the tiny regime; anything may be said otherwise. */
export function tinyConfig(changes: Partial<StreamConfig> = {}): StreamConfig {
  return {
    regime: "tiny",
    taxpayer: "T1",
    till: "B1",
    series: "B1-1",
    epoch: 1,
    numbersFrom: 0,
    timeZone: "Europe/Vienna",
    currency: "EUR",
    currencyDigits: 2,
    isTest: true,
    keys: [{ keyId: "K1" }],
    settings: {},
    ...changes,
  };
}

function contentOf({ at, head, number, request }: Parameters<Regime["prepare"]>[0]): JsonObject {
  return {
    stream: head.stream,
    sequence: head.sequence + 1,
    kind: request.kind,
    number,
    at: at.epochMs,
    previous: head.hash,
    total: totalOf(head.state) + (request.receipt?.totalMinor ?? 0),
    facts: request.facts,
    note: request.receipt?.reason,
  };
}

function finished(draft: Draft, outcome: SignOutcome, crypto: SealContext["crypto"]): Finished {
  const content = draft.content as JsonObject;
  const signature = outcome.type === "signed" ? hex(outcome.signature) : outcome.type;
  const text = canonicalJson({ content, signature });
  const hash = hex(crypto.sha256(utf8(text)));
  return {
    text,
    hash,
    keyId: draft.toSign?.keyId ?? "",
    print: { lines: [`${draft.number} ${hash.slice(0, 8)}`] },
    state: { total: totalOf(content) },
  };
}

function due(ms: number): Pick<Finished, "due"> {
  return { due: { kind: "after-ms", ms } };
}

function closing(period: "day" | "month" | "year"): DocumentRequest | undefined {
  if (period === "day") return { kind: "zero" };
  return { kind: period };
}

function tinyVerifier({ crypto }: SealContext): Verifier {
  let before: SealedDocument | undefined;
  return {
    step: (document) => {
      const codes = faultCodes(document, before, crypto);
      before = document;
      const { number, sequence } = document;
      return codes.map((code): VerifyFinding => ({ sequence, number, code, detail: code }));
    },
    end: () => [],
  };
}

function faultCodes(
  document: SealedDocument,
  before: SealedDocument | undefined,
  crypto: SealContext["crypto"],
): readonly string[] {
  const read = parseJson(document.text);
  const said = read.ok ? (read.value as { content?: JsonObject }).content : undefined;
  const checks: Readonly<Record<string, boolean>> = {
    gap: document.sequence === (before?.sequence ?? 0) + 1,
    chain: document.previous === (before?.hash ?? ""),
    hash: document.hash === hex(crypto.sha256(utf8(document.text))),
    format: said?.["number"] === document.number && said["previous"] === document.previous,
  };
  return Object.keys(checks).filter((code) => checks[code] === false);
}

function totalOf(state: unknown): number {
  return (state as { readonly total?: number } | null)?.total ?? 0;
}

function isReceipt(kind: string): boolean {
  return kind === "sale" || kind === "refund" || kind === "void" || kind === "training";
}

function missing(pointer: string): { pointer: string; code: string; detail: string } {
  return { pointer, code: "missing", detail: "must be given" };
}
