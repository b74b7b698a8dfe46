/**
 * The fake Saudi authority's desk for new units: it reads signing requests, issues certificates under a key of its own, and has
 * documents shown under the first one before it gives the second.
 *
 * @module
 */

import { createPublicKey, generateKeyPairSync, randomBytes, sign, verify } from "node:crypto";
import type { WireRequest } from "../ports.ts";
import { ecdsaWithSha256, extension } from "../regimes/sa-zatca/csr.ts";
import {
  bitString,
  der,
  integer,
  objectIdentifier,
  readDer,
  readDerList,
  sequence,
  set,
  utcTime,
  type DerItem,
} from "../regimes/sa-zatca/der.ts";
import { acceptedAnswer, errorAnswer, jsonAnswer } from "./fake-zatca-answers.ts";
import { fieldsOf, headerOf, readReport } from "./fake-zatca-reading.ts";
import type { AuthorityAnswer } from "./scripted-authority.ts";

export interface IssuedCredentials {
  readonly unit: string;
  readonly securityToken: string;
  readonly secret: string;
}

export interface ZatcaDesk {
  /** `undefined` for what is not of onboarding. `unit` is whom the credentials name. */
  serve(request: WireRequest, unit: string | undefined): AuthorityAnswer | undefined;
}

/** The one-time code that the desk takes. */
export const zatcaTestOtp = "123345";
const checksNeeded = 3;

export function createZatcaDesk({
  admit,
  nowMs,
}: {
  readonly nowMs: () => number;
  readonly admit: (credentials: IssuedCredentials) => void;
}): ZatcaDesk {
  const issuer = generateKeyPairSync("ec", { namedCurve: "secp256k1" });
  const requests = new Map<string, Csr>();
  const checked = new Map<string, number>();
  const issue = (csr: Csr, unit: string, requestId: string): AuthorityAnswer => {
    const certificate = issueCertificate(csr, issuer.privateKey, nowMs());
    const securityToken = Buffer.from(certificate.toString("base64")).toString("base64");
    const secret = randomBytes(24).toString("base64");
    admit({ unit, securityToken, secret });
    const dispositionMessage = "ISSUED";
    return jsonAnswer(200, {
      requestID: requestId,
      dispositionMessage,
      binarySecurityToken: securityToken,
      secret,
    });
  };
  const takeRequest = (request: WireRequest): AuthorityAnswer => {
    const csr = readCsr(Buffer.from(fieldsOf(request.body)["csr"] ?? "", "base64").toString());
    if (headerOf(request, "otp") !== zatcaTestOtp) return errorAnswer(400, "Invalid-OTP", "code");
    if (csr === undefined) return errorAnswer(400, "Invalid-CSR", "not readable, or not signed");
    const requestId = String(requests.size + 1);
    requests.set(requestId, csr);
    const isRenewal = request.method === "PATCH";
    return issue(csr, isRenewal ? csr.unit : `compliance ${requestId}`, requestId);
  };
  const takeCheck = (request: WireRequest, unit: string): AuthorityAnswer => {
    const headers = { ...request.headers, "clearance-status": "0" };
    const reading = readReport({ ...request, headers }, { chain: unit, nowMs: nowMs() });
    if (reading.type === "refused") return reading.answer;
    checked.set(unit, (checked.get(unit) ?? 0) + 1);
    return acceptedAnswer;
  };
  const takeProduction = (request: WireRequest): AuthorityAnswer => {
    const requestId = fieldsOf(request.body)["compliance_request_id"] ?? "";
    const csr = requests.get(requestId);
    const isShown = (checked.get(`compliance ${requestId}`) ?? 0) >= checksNeeded;
    if (csr === undefined) return errorAnswer(400, "Invalid-Request", "no such request");
    if (!isShown) return errorAnswer(400, "Missing-ComplianceSteps", "documents are missing");
    return issue(csr, csr.unit, requestId);
  };
  return {
    serve: (request, unit) => {
      if (request.path === "/compliance") return takeRequest(request);
      if (unit === undefined) return undefined;
      if (request.path === "/compliance/invoices") return takeCheck(request, unit);
      if (request.path !== "/production/csids") return undefined;
      return request.method === "PATCH" ? takeRequest(request) : takeProduction(request);
    },
  };
}

interface Csr {
  readonly unit: string;
  readonly subject: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly alternativeName: Uint8Array;
}

/** `undefined` unless it is signed by its own key and says which template and which unit. */
function readCsr(pem: string): Csr | undefined {
  const whole = /-----BEGIN CERTIFICATE REQUEST-----([^-]+)-----END/.exec(pem)?.[1] ?? "";
  const [info, , signature] = partsOf(readItem(Buffer.from(whole, "base64")));
  const [, subject, publicKey, attributes] = partsOf(info);
  if (info === undefined || subject === undefined || publicKey === undefined) return undefined;
  const isSigned = isSignedBy(publicKey.bytes, info.bytes, signature);
  const said = saidIn(attributes);
  return isSigned && said !== undefined
    ? { ...said, subject: subject.bytes, publicKey: publicKey.bytes }
    : undefined;
}

function saidIn(
  attributes: DerItem | undefined,
): Pick<Csr, "unit" | "alternativeName"> | undefined {
  const [, values] = partsOf(partsOf(attributes)[0]);
  const extensions = partsOf(partsOf(values)[0]).map(partsOf);
  const template = valueOf(extensions, "1.3.6.1.4.1.311.20.2");
  const alternativeName = valueOf(extensions, "2.5.29.17");
  const unit = /1-[^|]+\|2-[^|]+\|3-[\w-]+/.exec(new TextDecoder().decode(alternativeName))?.[0];
  const isTemplate = new TextDecoder().decode(template).endsWith("ZATCA-Code-Signing");
  if (!isTemplate || unit === undefined || alternativeName === undefined) return undefined;
  return { unit, alternativeName };
}

function isSignedBy(spki: Uint8Array, data: Uint8Array, signature: DerItem | undefined): boolean {
  const key = createPublicKey({ key: Buffer.from(spki), format: "der", type: "spki" });
  return verify("sha256", data, key, signature?.content.subarray(1) ?? new Uint8Array());
}

function issueCertificate(csr: Csr, issuerKey: Parameters<typeof sign>[2], nowMs: number): Buffer {
  const issuer = sequence(
    set(sequence(objectIdentifier("2.5.4.3"), der(0x13, Buffer.from("TEST-EINVOICE-CA")))),
  );
  const toSign = sequence(
    der(0xa0, integer(Uint8Array.of(2))),
    integer(randomBytes(16)),
    ecdsaWithSha256,
    issuer,
    sequence(utcTime(nowMs - 60_000), utcTime(nowMs + 365 * 86_400_000)),
    csr.subject,
    csr.publicKey,
    der(0xa3, sequence(extension("2.5.29.17", csr.alternativeName))),
  );
  return Buffer.from(
    sequence(toSign, ecdsaWithSha256, bitString(sign("sha256", toSign, issuerKey))),
  );
}

function readItem(bytes: Uint8Array): DerItem | undefined {
  const item = readDer(bytes);
  return item.ok ? item.value : undefined;
}

function partsOf(item: DerItem | undefined): readonly DerItem[] {
  const parts = item === undefined ? undefined : readDerList(item.content);
  return parts?.ok === true ? parts.value : [];
}

function valueOf(
  extensions: readonly (readonly DerItem[])[],
  identifier: string,
): Uint8Array | undefined {
  const wanted = Buffer.from(objectIdentifier(identifier));
  const found = extensions.find(([type]) => type !== undefined && wanted.equals(type.bytes));
  return found?.at(-1)?.content;
}
