/**
 * Sealing in two steps around the signer. SPEC.md §10 (RES).
 *
 * @module
 */

import { assert, err, ok, type Result } from "@tillmesh/kernel";
import { fromBase64 } from "../../base64.ts";
import type { FiscalTime, Head, StreamConfig, StreamKey } from "../../document.ts";
import type {
  DocumentRequest,
  Draft,
  Finished,
  SealContext,
  SignerNeeded,
  SignOutcome,
} from "../../regime.ts";
import { keysInUse } from "../../rekey.ts";
import { readCertificate, type CertificateFacts } from "./certificate.ts";
import { eventOf, type BuiltEvent } from "./event.ts";
import { printOf } from "./print.ts";
import { recordOf, type BuiltRecord, type RecordInput } from "./record.ts";
import { settingsOf } from "./settings.ts";
import { readState } from "./state.ts";
import { signatureOf, type UnsignedSignature } from "./xades.ts";
import { renderXml, type XmlElement } from "./xml.ts";

export interface DraftInput {
  readonly request: DocumentRequest;
  readonly number: string;
  readonly at: FiscalTime;
  readonly head: Head;
}

export function draftOf(input: DraftInput, context: SealContext, isVeriFactu: boolean): Draft {
  const { request, number, at } = input;
  const recordInput = recordInputOf(input, context);
  const isEvent = isEventKind(request.kind);
  const content: Content = {
    isVeriFactu,
    ...(isEvent ? { event: eventOf(recordInput) } : { record: recordOf(recordInput) }),
  };
  if (isVeriFactu) return { request, number, at, content };
  const { root, huella } = builtOf(content);
  const key = signingKey(context.config, at);
  assert(key !== undefined, "a key with a certificate was checked");
  const { certificate, facts } = key;
  const signature = signatureOf({ root, huella, at, certificate, facts, crypto: context.crypto });
  return {
    request,
    number,
    at,
    content: { ...content, signature },
    toSign: { keyId: key.keyId, algorithm: "rsa-sha256", data: signature.toSign },
  };
}

/** The law has no form for a record without its signature, so without a signer nothing is sealed. */
export function finishDraft(
  draft: Draft,
  outcome: SignOutcome,
  { config }: SealContext,
): Result<Finished, SignerNeeded> {
  const content = draft.content as Content;
  const { root, huella, state } = builtOf(content);
  const finished = { hash: huella, print: printed(content, draft, config), state };
  if (content.signature === undefined) {
    return ok({ ...finished, text: renderXml(root), keyId: "" });
  }
  if (outcome.type !== "signed") {
    const reason = outcome.type === "failed" ? outcome.reason : "nothing was signed";
    return err({ type: "SignerNeeded", reason });
  }
  const signature = content.signature.complete(outcome.signature);
  const text = renderXml(withSignature(root, signature));
  return ok({ ...finished, text, keyId: draft.toSign?.keyId ?? "" });
}

/** Records carry it as their last child, the log's entries within Evento. */
export function withSignature(root: XmlElement, signature: XmlElement): XmlElement {
  if (root.name !== "sf:RegistroEvento") {
    return { ...root, children: [...root.children, signature] };
  }
  const children = root.children.map((child) =>
    typeof child !== "string" && child.name === "sf:Evento"
      ? { ...child, children: [...child.children, signature] }
      : child,
  );
  return { ...root, children };
}

export function isEventKind(kind: string): boolean {
  return kind === "event" || kind === "start";
}

export interface SigningKey {
  readonly keyId: string;
  readonly certificate: Uint8Array;
  readonly facts: CertificateFacts;
}

/** The first key whose certificate is still good, or the last there is: an expired one is shown, not silent. */
export function signingKey(config: StreamConfig, at: FiscalTime): SigningKey | undefined {
  const keys = keysInUse(config);
  const usable = keys.map(readKey).filter((key) => key !== undefined);
  const isGood = ({ notAfterMs }: StreamKey): boolean =>
    notAfterMs === undefined || notAfterMs >= at.epochMs;
  const good = new Set(keys.filter(isGood).map(({ keyId }) => keyId));
  return usable.find(({ keyId }) => good.has(keyId)) ?? usable.at(-1);
}

/** Read once for each key of a stream: each record needs it again. */
export function readKey(key: StreamKey): SigningKey | undefined {
  const known = readKeys.get(key);
  if (known !== undefined) return known;
  const certificate = fromBase64(key.certificate ?? "");
  const facts = certificate === undefined ? undefined : readCertificate(certificate);
  if (certificate === undefined || facts === undefined) return undefined;
  const read = { keyId: key.keyId, certificate, facts };
  readKeys.set(key, read);
  return read;
}

const readKeys = new WeakMap<StreamKey, SigningKey>();

type Content = {
  readonly isVeriFactu: boolean;
  readonly record?: BuiltRecord;
  readonly event?: BuiltEvent;
  readonly signature?: UnsignedSignature;
};

function builtOf({ record, event }: Content): BuiltRecord | BuiltEvent {
  const built = record ?? event;
  assert(built !== undefined, "a draft holds a record or an event");
  return built;
}

function recordInputOf(
  { request, number, at, head }: DraftInput,
  context: SealContext,
): RecordInput {
  const { config, crypto } = context;
  const settings = settingsOf(config);
  const state = readState(head.state);
  assert(settings.ok, "settings were checked when the stream was opened");
  assert(state !== undefined, "the head is of this regime");
  return { request, number, at, config, settings: settings.value, state, crypto };
}

function printed(
  { record, isVeriFactu }: Content,
  { request, number }: Draft,
  config: StreamConfig,
): Finished["print"] {
  if (record === undefined) return { lines: [] };
  const settings = settingsOf(config);
  assert(settings.ok, "settings were checked when the stream was opened");
  const { receipt } = request;
  return printOf({ built: record, number, config, settings: settings.value, isVeriFactu, receipt });
}
