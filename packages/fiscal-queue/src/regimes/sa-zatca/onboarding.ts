/**
 * Onboarding of a till with the authority, as requests to send and answers to read: nothing is sent here. SPEC.md §11 (RSA).
 *
 * 1. `complianceRequest` with the signing request and the one-time code: a certificate for tests.
 * 2. `complianceCheckRequest` for each kind of document, under that certificate.
 * 3. `productionRequest`: the certificate that seals. `renewalRequest` before it ends.
 *
 * @module
 */

import { err, ok, utf8, type JsonObject, type Result } from "@tillmesh/kernel";
import { base64, fromBase64 } from "../../base64.ts";
import type { SealedDocument, StreamKey } from "../../document.ts";
import type { WireAnswer, WireRequest } from "../../ports.ts";
import { bodyOf, messagesIn, textIn, type ValidationMessage } from "./answers.ts";
import { readCertificate } from "./certificate.ts";
import { documentRequest, jsonHeaders } from "./delivery.ts";

/** `csr` is PEM; `otp` the code of the taxpayer's portal. */
export function complianceRequest(csr: string, otp: string): WireRequest {
  return jsonRequest("POST", "/compliance", { body: { csr: base64(utf8(csr)) }, otp });
}

export function complianceCheckRequest(document: SealedDocument): WireRequest {
  return documentRequest(document, "/compliance/invoices");
}

export function productionRequest(requestId: string): WireRequest {
  return jsonRequest("POST", "/production/csids", { body: { compliance_request_id: requestId } });
}

export function renewalRequest(csr: string, otp: string): WireRequest {
  return jsonRequest("PATCH", "/production/csids", { body: { csr: base64(utf8(csr)) }, otp });
}

/** What the authority issued. The secret is a password: it stays on the device. */
export interface IssuedCertificate {
  readonly requestId: string;
  /** The user name of HTTP Basic, as it is. */
  readonly securityToken: string;
  readonly secret: string;
  /** For `StreamConfig.keys`. */
  readonly key: StreamKey & { readonly certificate: string };
}

/** The answer to `complianceRequest`, `productionRequest` and `renewalRequest`. */
export function readIssued(answer: WireAnswer): Result<IssuedCertificate, OnboardingFault> {
  if (answer.type !== "answer") return fault(0, answer.reason);
  const body = answer.status === 200 ? bodyOf(answer) : undefined;
  if (body === undefined) return fault(answer.status, answer.body.slice(0, 500));
  const securityToken = textIn(body, "binarySecurityToken");
  const secret = textIn(body, "secret");
  const key = keyOf(securityToken);
  if (key === undefined || secret === "")
    return fault(answer.status, "no certificate in the answer");
  return ok({ requestId: idIn(body), securityToken, secret, key });
}

/** Of a document under test; no messages where it passed. */
export function readComplianceCheck(
  answer: WireAnswer,
): Result<readonly ValidationMessage[], OnboardingFault> {
  if (answer.type !== "answer") return fault(0, answer.reason);
  const body = bodyOf(answer);
  if (body === undefined) return fault(answer.status, answer.body.slice(0, 500));
  const status = textIn(body, "reportingStatus") || textIn(body, "clearanceStatus");
  const errors = messagesIn(body, "errorMessages");
  if (errors.length > 0 || (answer.status !== 200 && answer.status !== 202)) {
    return fault(answer.status, errors.map(({ code }) => code).join(", "));
  }
  return /^(REPORTED|CLEARED)$/.test(status)
    ? ok(messagesIn(body, "warningMessages"))
    : fault(answer.status, "neither reported nor cleared");
}

export interface OnboardingFault {
  readonly type: "Onboarding";
  /** 0 where there was no answer. */
  readonly status: number;
  readonly detail: string;
}

/** A number or a text, as the interface has had both. */
function idIn(body: JsonObject): string {
  const id = body["requestID"];
  return typeof id === "number" ? String(id) : textIn(body, "requestID");
}

/** The token is base64 of the certificate's own base64. */
function keyOf(securityToken: string): IssuedCertificate["key"] | undefined {
  const text = fromBase64(securityToken);
  const certificate =
    text === undefined ? "" : new TextDecoder().decode(text).replaceAll(/\s/g, "");
  const read = readCertificate(certificate);
  if (!read.ok) return undefined;
  const { notAfterMs, publicKey, serial } = read.value;
  return { keyId: serial, certificate, publicKey: base64(publicKey), notAfterMs };
}

function jsonRequest(
  method: WireRequest["method"],
  path: string,
  { body, otp }: { readonly body: Readonly<Record<string, string>>; readonly otp?: string },
): WireRequest {
  const headers = otp === undefined ? jsonHeaders : { ...jsonHeaders, otp };
  return { method, path, headers, body: JSON.stringify(body) };
}

function fault(status: number, detail: string): Result<never, OnboardingFault> {
  return err({ type: "Onboarding", status, detail });
}
