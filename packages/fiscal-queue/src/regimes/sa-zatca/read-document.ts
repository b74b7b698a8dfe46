/**
 * A stamped document taken apart: what its hash covers, its stamp, and the facts that chain and QR code repeat. SPEC.md §11 (RSA).
 *
 * @module
 */

import { err, ok, type Result } from "@tillmesh/kernel";
import { canonicalXml } from "./canonical-xml.ts";
import type { Stamp } from "./stamp.ts";
import {
  additionalDocument,
  all,
  attribute,
  first,
  invoiceNamespace,
  isOutsideHash,
  text,
} from "./ubl.ts";
import { parseXml, type XmlElement } from "./xml-tree.ts";

export interface StampedDocument {
  readonly root: XmlElement;
  /** The canonical text that is hashed. */
  readonly hashed: string;
  /** The literal text of the signed properties. */
  readonly propertiesText: string;
  readonly stamp: Stamp;
  readonly facts: DocumentFacts;
}

export interface DocumentFacts {
  readonly number: string;
  readonly uuid: string;
  readonly issueDate: string;
  readonly issueTime: string;
  /** 388 invoice, 381 credit note, 383 debit note. */
  readonly typeCode: string;
  /** Seven digits: `0200000`. */
  readonly transaction: string;
  readonly icv: string;
  readonly previousHash: string;
  readonly sellerName: string;
  readonly vatNumber: string;
  /** The amount due: the samples' QR codes have it, and not the total before rounding. */
  readonly totalWithVat: string;
  readonly vatTotal: string;
  readonly qr: string;
}

export function readDocument(source: string): Result<StampedDocument, DocumentFault> {
  const parsed = parseXml(source);
  if (!parsed.ok) return fault(`${parsed.error.code} at ${parsed.error.at}`);
  const root = parsed.value;
  if (root.local !== "Invoice" || root.namespace !== invoiceNamespace) return fault("no invoice");
  const signatures = all(root, signaturePath);
  const [signature] = signatures;
  if (signature === undefined || signatures.length > 1) return fault("not one signature");
  const properties = /<xades:SignedProperties [^]*?<\/xades:SignedProperties>/.exec(source);
  if (properties === null) return fault("no signed properties");
  const outside: XmlElement[] = [];
  const hashed = canonicalXml(root, (element) => {
    if (isOutsideHash(element)) outside.push(element);
    return outside.at(-1) === element;
  });
  // Whatever else stood outside of the hash could say anything.
  if (outside.length !== 3) return fault("not one stamp, one signature and one QR code");
  return ok({
    root,
    hashed,
    propertiesText: properties[0],
    stamp: readStamp(signature),
    facts: readFacts(root),
  });
}

export interface DocumentFault {
  readonly type: "Document";
  readonly detail: string;
}

const signaturePath =
  "ext:UBLExtensions/ext:UBLExtension/ext:ExtensionContent/sig:UBLDocumentSignatures/sac:SignatureInformation/ds:Signature";
const propertiesPath =
  "ds:Object/xades:QualifyingProperties/xades:SignedProperties/xades:SignedSignatureProperties";

function readStamp(signature: XmlElement): Stamp {
  const references = all(signature, "ds:SignedInfo/ds:Reference");
  const invoice = references.find((one) => attribute(one, "Id") === "invoiceSignedData");
  const signed = references.find((one) => attribute(one, "URI") === "#xadesSignedProperties");
  const properties = first(signature, propertiesPath);
  const certificate = first(properties, "xades:SigningCertificate/xades:Cert");
  return {
    hash: text(invoice, "ds:DigestValue"),
    propertiesDigest: text(signed, "ds:DigestValue"),
    signature: text(signature, "ds:SignatureValue"),
    certificate: text(signature, "ds:KeyInfo/ds:X509Data/ds:X509Certificate"),
    properties: {
      signedAt: text(properties, "xades:SigningTime"),
      certificateDigest: text(certificate, "xades:CertDigest/ds:DigestValue"),
      issuer: text(certificate, "xades:IssuerSerial/ds:X509IssuerName"),
      serial: text(certificate, "xades:IssuerSerial/ds:X509SerialNumber"),
    },
  };
}

function readFacts(root: XmlElement): DocumentFacts {
  const seller = first(root, "cac:AccountingSupplierParty/cac:Party");
  const attached = "cac:Attachment/cbc:EmbeddedDocumentBinaryObject";
  return {
    number: text(root, "cbc:ID"),
    uuid: text(root, "cbc:UUID"),
    issueDate: text(root, "cbc:IssueDate"),
    issueTime: text(root, "cbc:IssueTime"),
    typeCode: text(root, "cbc:InvoiceTypeCode"),
    transaction: attribute(first(root, "cbc:InvoiceTypeCode"), "name"),
    icv: text(additionalDocument(root, "ICV"), "cbc:UUID"),
    previousHash: text(additionalDocument(root, "PIH"), attached),
    sellerName: text(seller, "cac:PartyLegalEntity/cbc:RegistrationName"),
    vatNumber: text(seller, "cac:PartyTaxScheme/cbc:CompanyID"),
    totalWithVat: text(root, "cac:LegalMonetaryTotal/cbc:PayableAmount"),
    vatTotal: text(root, "cac:TaxTotal/cbc:TaxAmount"),
    qr: text(additionalDocument(root, "QR"), attached),
  };
}

function fault(detail: string): Result<never, DocumentFault> {
  return err({ type: "Document", detail });
}
