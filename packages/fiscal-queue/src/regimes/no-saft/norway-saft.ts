/**
 * Norway: a chain of signatures, and SAF-T Cash Register on demand. SPEC.md §12 (RNR).
 *
 * Source: kassasystemlova and kassasystemforskrifta; Skatteetaten, digital signatures in cash register
 * systems; SAF-T Cash Register schema 1.00.
 *
 * @module
 */

import { assert, canonicalJson, err, ok, utf8, type Result } from "@tillmesh/kernel";
import type { DocumentKind, Head, StreamConfig, StreamKey } from "../../document.ts";
import type {
  DocumentRequest,
  Draft,
  Finished,
  Regime,
  SealContext,
  SealFault,
  SignerNeeded,
  SignOutcome,
} from "../../regime.ts";
import { base64 } from "../../base64.ts";
import { eventFaults, eventOf, isNorwayEvent, notedEvent, type UnsignedEvent } from "./event.ts";
import { saftExport } from "./export/saft-cr.ts";
import { checkSignature, documentHash } from "./chain.ts";
import { printOf } from "./print.ts";
import { checkSettings, settingsOf, signingKey } from "./settings.ts";
import { noSignature, signedEventText, signedText } from "./signed-text.ts";
import { emptyState, stateAfter, stateOf, type NorwayState } from "./state.ts";
import { receiptFaults, transactionOf, type UnsignedTransaction } from "./transaction.ts";
import { norwayVerifier } from "./verifier.ts";

export const norwaySaft: Regime = {
  id: "no-saft",
  builtOn: "SAF-T Cash Register schema 1.00, code lists and example of 2021-03-30",
  capabilities: {
    signer: "key",
    transmit: "none",
    handOver: "forbidden",
    offline: "final",
    training: "sealed",
  },
  open: (config) => {
    const settings = checkSettings(config);
    return settings.ok ? ok({ state: emptyState }) : settings;
  },
  isNumbered: (kind) => receiptKinds.has(kind),
  numberOf: (_request, { series }, { sequence }) => `${series}-E${sequence + 1}`,
  check,
  prepare,
  finish,
  closing: (period) =>
    period === "day" ? { kind: "event", facts: { event: "z-report" } } : undefined,
  noted: (event) => ({ kind: "event", facts: notedEvent(event) }),
  exports: { "saft-cr": saftExport },
  verifier: norwayVerifier,
};

const receiptKinds: ReadonlySet<DocumentKind> = new Set([
  "sale",
  "refund",
  "void",
  "training",
] as const);

function check(
  request: DocumentRequest,
  { config, head }: { readonly config: StreamConfig; readonly head: Head },
): readonly SealFault[] {
  const { kind, receipt, facts } = request;
  if (kind === "event") return eventFaults(facts, stateOf(head.state));
  if (!receiptKinds.has(kind) || receipt?.kind !== kind) {
    return [{ pointer: "/kind", code: "kind", detail: `Norway has no ${kind}` }];
  }
  return receiptFaults(receipt, { currency: config.currency, settings: settingsOf(config) });
}

interface Content {
  readonly state: NorwayState;
  readonly record: UnsignedTransaction | UnsignedEvent;
  readonly key: StreamKey;
  readonly data: Uint8Array;
}

function prepare(input: Parameters<Regime["prepare"]>[0], context: SealContext): Draft {
  const { request, number, at, head } = input;
  const key = signingKey(context.config);
  assert(key !== undefined, "a stream is opened with its key");
  const state = stateOf(head.state);
  const record = recordOf(input, context.config, { keyVersion: key.keyId, state });
  const data = utf8(textToSign(record, { head, state }, context));
  const content: Content = { state, record, key, data };
  const algorithm = key.publicKey === undefined ? "hmac-sha1" : "rsa-sha1";
  return { request, number, at, content, toSign: { keyId: key.keyId, algorithm, data } };
}

function recordOf(
  { request, number, at }: Parameters<Regime["prepare"]>[0],
  config: StreamConfig,
  { keyVersion, state }: { readonly keyVersion: string; readonly state: NorwayState },
): Content["record"] {
  const { receipt, facts } = request;
  if (receipt) {
    return transactionOf(receipt, { number, at, settings: settingsOf(config), keyVersion });
  }
  assert(isNorwayEvent(facts), "a request was checked before it is sealed");
  return eventOf(facts, { number, at, state, keyVersion });
}

function textToSign(
  record: Content["record"],
  { head, state }: { readonly head: Head; readonly state: NorwayState },
  { crypto }: SealContext,
): string {
  if (record.type === "transaction") {
    return signedText({ ...record, previousSignature: state.signature });
  }
  const contentHash = base64(crypto.sha256(utf8(canonicalJson(record))));
  return signedEventText({ previousHash: head.hash || noSignature, contentHash });
}

function finish(
  draft: Draft,
  outcome: SignOutcome,
  { head, ...context }: SealContext & { readonly head: Head },
): Result<Finished, SignerNeeded> {
  if (outcome.type !== "signed") {
    const reason = outcome.type === "failed" ? outcome.reason : "nothing was signed";
    return err({ type: "SignerNeeded", reason });
  }
  const { state, record: unsigned, key, data } = draft.content as Content;
  const { signature } = outcome;
  // A wrong key would be found by nobody until the authority asks.
  if (checkSignature(key, { data, signature }, context) === "wrong") {
    return err({ type: "SignerNeeded", reason: `no signature of key version ${key.keyId}` });
  }
  const record = { ...unsigned, signature: base64(signature) };
  const text = canonicalJson(record);
  return ok({
    text,
    hash: documentHash({ previous: head.hash, text }, context.crypto),
    keyId: key.keyId,
    print: printOf(record, context.config),
    state: stateAfter(state, record),
  });
}
