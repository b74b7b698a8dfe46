/**
 * A second opinion on a Saudi document, by nothing of the regime's: a DOM by xmldom, C14N by xml-crypto, certificates and
 * signatures by node:crypto, the QR code read byte by byte.
 *
 * @module
 */

import { createHash, verify, X509Certificate } from "node:crypto";
import { DOMParser, type Element, type Node } from "@xmldom/xmldom";
import { C14nCanonicalization } from "xml-crypto";

export interface ZatcaOpinion {
  /** What is wrong; nothing where all holds. */
  readonly wrong: readonly string[];
  readonly hash: string;
  readonly uuid: string;
  readonly counter: string;
  readonly previousHash: string;
  /** `2026-11-22T10:00:00`, local. */
  readonly issuedAt: string;
}

/** Throws on what is no invoice at all. */
export function zatcaSecondOpinion(xml: string): ZatcaOpinion {
  const root = rootOf(xml);
  const [invoiceDigest, propertiesDigest] = texts(first(root, "ds:SignedInfo"), "ds:DigestValue");
  const certificateText = textOf(root, "ds:X509Certificate");
  const certificate = new X509Certificate(Buffer.from(certificateText, "base64"));
  const signature = textOf(root, "ds:SignatureValue");
  const properties = first(root, "xades:SignedProperties");
  const qr = attached(root, "QR");
  // From here on the tree is what the hash covers.
  const hash = createHash("sha256").update(canonicalWithoutStamp(xml)).digest("base64");
  const bytes = Buffer.from(signature, "base64");
  const issuedAt = `${childText(root, "cbc:IssueDate")}T${childText(root, "cbc:IssueTime")}`;
  const checks: Readonly<Record<string, boolean>> = {
    hash: hash === invoiceDigest,
    signature: verify("sha256", Buffer.from(hash, "base64"), certificate.publicKey, bytes),
    properties: hexDigest(spelled(properties, new Set())) === propertiesDigest,
    certificate: hexDigest(certificateText) === textOf(properties, "ds:DigestValue"),
    serial: BigInt(`0x${certificate.serialNumber}`) === BigInt(textOf(root, "ds:X509SerialNumber")),
    issuer: sameNames(certificate.issuer, textOf(root, "ds:X509IssuerName")),
    qr: isQr(qr, { root, issuedAt, hash, signature, certificate }),
  };
  return {
    wrong: Object.keys(checks).filter((name) => checks[name] === false),
    hash,
    uuid: childText(root, "cbc:UUID"),
    counter: textOf(reference(root, "ICV"), "cbc:UUID"),
    previousHash: attached(root, "PIH"),
    issuedAt,
  };
}

function rootOf(xml: string): Element {
  const root = new DOMParser().parseFromString(xml, "text/xml").documentElement;
  if (root?.localName !== "Invoice") throw new Error("no invoice");
  return root;
}

function canonicalWithoutStamp(xml: string): string {
  const root = rootOf(xml);
  const stamp = [first(root, "ext:UBLExtensions"), reference(root, "QR")];
  for (const one of [...stamp, ...childrenOf(root, "cac:Signature")])
    one.parentNode?.removeChild(one);
  const canonical = new C14nCanonicalization();
  return canonical.process(root, {});
}

/** Each element names its namespace again, before its attributes; empty ones stay closed in themselves. */
function spelled(node: Node, known: ReadonlySet<string>): string {
  if (node.nodeType !== 1) return node.nodeValue ?? "";
  const element = node as Element;
  const prefix = element.prefix ?? "";
  const namespace = known.has(prefix) ? "" : ` xmlns:${prefix}="${element.namespaceURI}"`;
  const attributes = Array.from(element.attributes, ({ name, value }) => ` ${name}="${value}"`);
  const inner = Array.from(element.childNodes, (child) =>
    spelled(child, new Set([...known, prefix])),
  );
  const head = `<${element.tagName}${namespace}${attributes.join("")}`;
  return inner.length === 0 ? `${head}/>` : `${head}>${inner.join("")}</${element.tagName}>`;
}

function isQr(
  text: string,
  {
    certificate,
    hash,
    issuedAt,
    root,
    signature,
  }: {
    readonly root: Element;
    readonly issuedAt: string;
    readonly hash: string;
    readonly signature: string;
    readonly certificate: X509Certificate;
  },
): boolean {
  const expected = [
    textOf(first(root, "cac:AccountingSupplierParty"), "cbc:RegistrationName"),
    textOf(
      first(first(root, "cac:AccountingSupplierParty"), "cac:PartyTaxScheme"),
      "cbc:CompanyID",
    ),
    issuedAt,
    textOf(root, "cbc:PayableAmount"),
    textOf(first(root, "cac:TaxTotal"), "cbc:TaxAmount"),
    hash,
    signature,
  ].map((value) => Buffer.from(value));
  const key = certificate.publicKey.export({ format: "der", type: "spki" });
  const found = [...tagged(Buffer.from(text, "base64"))];
  // The issuer's signature is the end of the certificate.
  const issuerSignature = found[8] ?? Buffer.alloc(0);
  const isEnd = certificate.raw.subarray(-issuerSignature.length).equals(issuerSignature);
  return (
    text.length <= 700 &&
    [...expected, key].every((value, index) => found[index]?.equals(value)) &&
    (found.length === 8 || isEnd)
  );
}

function* tagged(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += 2 + (bytes[at + 1] ?? 0)) {
    yield bytes.subarray(at + 2, at + 2 + (bytes[at + 1] ?? 0));
  }
}

/** Node writes one part of a name in a line, the widest first. */
function sameNames(lines: string, name: string): boolean {
  return lines.split("\n").toReversed().join(", ") === name;
}

function hexDigest(text: string): string {
  return Buffer.from(createHash("sha256").update(text).digest("hex")).toString("base64");
}

function first(from: Element, name: string): Element {
  const found = from.getElementsByTagName(name)[0];
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
}

function childrenOf(from: Element, name: string): readonly Element[] {
  return Array.from(from.getElementsByTagName(name)).filter((one) => one.parentNode === from);
}

function textOf(from: Element, name: string): string {
  return first(from, name).textContent ?? "";
}

function childText(from: Element, name: string): string {
  return childrenOf(from, name)[0]?.textContent ?? "";
}

function texts(from: Element, name: string): readonly (string | null)[] {
  return Array.from(from.getElementsByTagName(name), (one) => one.textContent);
}

function reference(root: Element, id: string): Element {
  const all = childrenOf(root, "cac:AdditionalDocumentReference");
  const found = all.find((one) => textOf(one, "cbc:ID") === id);
  if (found === undefined) throw new Error(`no ${id}`);
  return found;
}

function attached(root: Element, id: string): string {
  return textOf(reference(root, id), "cbc:EmbeddedDocumentBinaryObject");
}
