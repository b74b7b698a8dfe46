import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DOMParser, XMLSerializer } from "@xmldom/xmldom";
import { SignedXml } from "xml-crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { SealedDocument } from "../../document.ts";
import { seal } from "../../seal.ts";
import { closedBreaker } from "../../breaker.ts";
import {
  sealInSpain,
  signingShop,
  spanishCustomer,
  spanishReceipt,
  type SigningShop,
} from "../../testing/fake-aeat-shop.ts";
import { neverTimer, type SealedRun } from "../../testing/seal-all.ts";
import { readCertificate } from "./certificate.ts";
import { noVeriFactu } from "./regime.ts";

let shop: SigningShop;
let run: SealedRun;
let directory = "";

const refersTo = { number: "B1-1-000001", issuedOn: "2026-11-22" };
const back = spanishReceipt("void", { 21: -1210 }, { refersTo });

beforeAll(async () => {
  shop = signingShop();
  run = await sealInSpain(
    [
      spanishReceipt("sale", { 21: 1210 }, { customer: spanishCustomer }),
      { kind: "cancellation", receipt: back },
      { kind: "event", facts: { event: "other", detail: "Prueba & más" } },
    ],
    shop,
  );
  directory = mkdtempSync(join(tmpdir(), "tillmesh-xades-"));
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Each changes what is signed, or what signs it. */
const mutations: Readonly<Record<string, (text: string) => string>> = {
  "the seller": (text) => text.replace("Café &amp; Té, S.L.", "Cafe &amp; Te, S.L."),
  "the installation": (text) => text.replace("NumeroInstalacion>B1-1<", "NumeroInstalacion>B1-2<"),
  "the time": (text) => text.replace(/T11:(\d\d):00\+01:00<\/sf:/, "T12:$1:00+01:00</sf:"),
  "the hash": (text) => text.replace(/(<sf:Huella(?:Evento)?>)./, "$1_"),
  "a digest": (text) => text.replace(/(<ds:DigestValue>)./, "$1_"),
  "the policy": (text) => text.replace("2.16.724.1.3.1.1.2.1.9", "2.16.724.1.3.1.1.2.1.8"),
  "the time of signing": (text) => text.replace(/(SigningTime>2026)/, "SigningTime>2025"),
  "the value": (text) =>
    text.replace(
      /(<ds:SignatureValue[^>]*>)(.)/,
      (_, start, first) => `${start}${first === "A" ? "B" : "A"}`,
    ),
};

const kinds = ["start", "sale", "cancellation", "event"] as const;

function documentOf(kind: string): SealedDocument {
  const found = run.documents.find((document) => document.kind === kind);
  if (found === undefined) throw new Error(`no ${kind}`);
  return found;
}

describe.each(kinds)("xml-crypto and a signed %s", (kind) => {
  test("[RES15] finds the signature valid", () => {
    expect(verifiedByXmlCrypto(documentOf(kind).text, shop)).toBe(true);
  });

  test.each(Object.entries(mutations))(
    "[RES15] refuses it after a change of %s",
    (what, mutate) => {
      const text = applicable(documentOf(kind).text, what, mutate);
      expect(verifiedByXmlCrypto(text, shop)).toBe(false);
    },
  );

  test("[RES15] refuses it under another certificate", () => {
    expect(verifiedByXmlCrypto(documentOf(kind).text, signingShop())).toBe(false);
  });
});

describe.skipIf(isXmlsecAbsent()).each(kinds)("xmlsec1 and a signed %s", (kind) => {
  test("[RES15] finds the signature valid", () => {
    expect(verifiedByXmlsec(documentOf(kind).text)).toBe(true);
  });

  test.each(Object.entries(mutations))(
    "[RES15] refuses it after a change of %s",
    (what, mutate) => {
      expect(verifiedByXmlsec(applicable(documentOf(kind).text, what, mutate))).toBe(false);
    },
  );
});

test("[RES15] issuer, serial number and key are those that Node reads", () => {
  const certificate = new X509Certificate(shop.certificatePem);
  const facts = readCertificate(new Uint8Array(certificate.raw));
  expect(facts?.serial).toBe(BigInt(`0x${certificate.serialNumber}`).toString());
  expect(facts?.issuer).toBe(
    String.raw`CN=Prueba #1,2.5.4.5=#130f49444345532d38393839303030314b,O=Café\, Té,C=ES`,
  );
  const key = certificate.publicKey.export({ format: "der", type: "spki" });
  expect(Buffer.from(facts?.publicKey ?? []).equals(key)).toBe(true);
});

test("[RES15] names the policy that the authority asks for, by its digest", () => {
  const { text } = documentOf("sale");
  expect(text).toContain("<xades:Identifier>urn:oid:2.16.724.1.3.1.1.2.1.9</xades:Identifier>");
  expect(text).toContain("<ds:DigestValue>G7roucf600+f03r/o0bAOQ6WAs0=</ds:DigestValue>");
});

test("[RES15] what is no certificate is none", () => {
  const der = new Uint8Array(new X509Certificate(shop.certificatePem).raw);
  expect(readCertificate(der.subarray(0, 300))).toBeUndefined();
  expect(readCertificate(new Uint8Array([0x30, 0x84, 255, 255, 255, 255]))).toBeUndefined();
  expect(readCertificate(new Uint8Array())).toBeUndefined();
});

test("[RES15] without its signer nothing is sealed", async () => {
  const { context, head } = run;
  const at = { epochMs: head.sealedAtMs + 1000, offsetMinutes: 60 };
  const ports = { regime: noVeriFactu, head, context, breaker: closedBreaker, timer: neverTimer };
  const sealed = await seal({ kind: "void", receipt: back }, at, ports);
  expect(sealed).toMatchObject({ ok: false, error: { type: "SignerNeeded" } });
});

function applicable(text: string, what: string, mutate: (text: string) => string): string {
  const mutated = mutate(text);
  if (mutated === text && what === "the seller")
    return text.replace("Tillmesh till", "Tillmesh tilt");
  expect(mutated).not.toBe(text);
  return mutated;
}

function verifiedByXmlCrypto(text: string, { certificatePem }: SigningShop): boolean {
  const parsed = new DOMParser().parseFromString(text, "text/xml");
  const signature = parsed.getElementsByTagNameNS(
    "http://www.w3.org/2000/09/xmldsig#",
    "Signature",
  )[0];
  const checker = new SignedXml({ publicCert: certificatePem, getCertFromKeyInfo: () => null });
  try {
    checker.loadSignature(new XMLSerializer().serializeToString(signature!));
    return checker.checkSignature(text);
  } catch {
    return false;
  }
}

function isXmlsecAbsent(): boolean {
  try {
    execFileSync("xmlsec1", ["--version"], { stdio: "pipe" });
    return false;
  } catch {
    console.warn("[xmlsec1] not installed: its cases are SKIPPED");
    return true;
  }
}

function verifiedByXmlsec(text: string): boolean {
  const file = join(directory, "record.xml");
  const key = join(directory, "key.pem");
  writeFileSync(file, text);
  const { publicKey } = new X509Certificate(shop.certificatePem);
  writeFileSync(key, publicKey.export({ format: "pem", type: "spki" }));
  const properties = "http://uri.etsi.org/01903/v1.3.2#:SignedProperties";
  try {
    execFileSync("xmlsec1", ["--verify", "--pubkey-pem", key, "--id-attr:Id", properties, file], {
      stdio: "pipe",
    });
    return true;
  } catch {
    return false;
  }
}
