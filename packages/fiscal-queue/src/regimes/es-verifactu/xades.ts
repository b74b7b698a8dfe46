/**
 * The signature of records and events outside VERI*FACTU: XAdES-EPES, enveloped. SPEC.md §10 (RES).
 *
 * Source: AEAT, electronic signature of records, version 0.1.5. All of it comes from one template, so a verifier makes it
 * again and compares texts.
 *
 * @module
 */

import { utf8 } from "@tillmesh/kernel";
import { base64 } from "../../base64.ts";
import type { FiscalTime } from "../../document.ts";
import type { FiscalCrypto } from "../../ports.ts";
import { offsetDateTime } from "../../time.ts";
import type { CertificateFacts } from "./certificate.ts";
import { dsigNamespace, xadesNamespace } from "./namespaces.ts";
import { element, renderXml, withNamespaces, type XmlElement } from "./xml.ts";

export interface SignatureInput {
  /** The record as it is without its signature; namespaces stand on its root. */
  readonly root: XmlElement;
  /** Of the record: makes the ids of this signature unlike those of its neighbours. */
  readonly huella: string;
  readonly at: FiscalTime;
  /** DER. */
  readonly certificate: Uint8Array;
  readonly facts: CertificateFacts;
  readonly crypto: Pick<FiscalCrypto, "sha256">;
}

export interface UnsignedSignature {
  /** The canonical SignedInfo. */
  readonly toSign: Uint8Array;
  /** The whole Signature, once there is a value. */
  complete(signature: Uint8Array): XmlElement;
}

export function signatureOf(input: SignatureInput): UnsignedSignature {
  const id = `S-${input.huella.slice(0, 32)}`;
  const inherited = { ...input.root.attributes, "xmlns:ds": dsigNamespace };
  const properties = signedProperties(input, id);
  const propertiesText = renderXml(
    withNamespaces(properties, { ...inherited, "xmlns:xades": xadesNamespace }),
  );
  const digest = (text: string): string => base64(input.crypto.sha256(utf8(text)));
  const info = signedInfo(id, digest(renderXml(input.root)), digest(propertiesText));
  return {
    toSign: utf8(renderXml(withNamespaces(info, inherited))),
    complete: (signature) =>
      element(
        "ds:Signature",
        [
          info,
          element("ds:SignatureValue", base64(signature), { Id: `${id}-value` }),
          element("ds:KeyInfo", [
            element("ds:X509Data", [element("ds:X509Certificate", base64(input.certificate))]),
          ]),
          element("ds:Object", [
            element("xades:QualifyingProperties", [properties], {
              "xmlns:xades": xadesNamespace,
              Target: `#${id}`,
            }),
          ]),
        ],
        { "xmlns:ds": dsigNamespace, Id: id },
      ),
  };
}

function signedInfo(id: string, recordDigest: string, propertiesDigest: string): XmlElement {
  const enveloped = element("ds:Transforms", [
    algorithm("ds:Transform", `${dsigNamespace}enveloped-signature`),
  ]);
  const digest = (value: string): readonly XmlElement[] => [
    algorithm("ds:DigestMethod", sha256Uri),
    element("ds:DigestValue", value),
  ];
  return element("ds:SignedInfo", [
    algorithm("ds:CanonicalizationMethod", canonicalUri),
    algorithm("ds:SignatureMethod", "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"),
    element("ds:Reference", [enveloped, ...digest(recordDigest)], { Id: `${id}-record`, URI: "" }),
    element("ds:Reference", digest(propertiesDigest), {
      Type: "http://uri.etsi.org/01903#SignedProperties",
      URI: `#${id}-properties`,
    }),
  ]);
}

function signedProperties(input: SignatureInput, id: string): XmlElement {
  return element(
    "xades:SignedProperties",
    [
      element("xades:SignedSignatureProperties", [
        element("xades:SigningTime", offsetDateTime(input.at)),
        element("xades:SigningCertificate", [certificateElement(input)]),
        element("xades:SignaturePolicyIdentifier", [policy()]),
      ]),
      element("xades:SignedDataObjectProperties", [dataFormat(id)]),
    ],
    { Id: `${id}-properties` },
  );
}

function certificateElement({ certificate, facts, crypto }: SignatureInput): XmlElement {
  return element("xades:Cert", [
    element("xades:CertDigest", [
      algorithm("ds:DigestMethod", sha256Uri),
      element("ds:DigestValue", base64(crypto.sha256(certificate))),
    ]),
    element("xades:IssuerSerial", [
      element("ds:X509IssuerName", facts.issuer),
      element("ds:X509SerialNumber", facts.serial),
    ]),
  ]);
}

// The policy of the general administration, with the digest that it is published with.
function policy(): XmlElement {
  return element("xades:SignaturePolicyId", [
    element("xades:SigPolicyId", [element("xades:Identifier", "urn:oid:2.16.724.1.3.1.1.2.1.9")]),
    element("xades:SigPolicyHash", [
      algorithm("ds:DigestMethod", `${dsigNamespace}sha1`),
      element("ds:DigestValue", "G7roucf600+f03r/o0bAOQ6WAs0="),
    ]),
    element("xades:SigPolicyQualifiers", [
      element("xades:SigPolicyQualifier", [
        element("xades:SPURI", "https://sede.administracion.gob.es/politica_de_firma_anexo_1.pdf"),
      ]),
    ]),
  ]);
}

function dataFormat(id: string): XmlElement {
  return element(
    "xades:DataObjectFormat",
    [
      element("xades:ObjectIdentifier", [
        element("xades:Identifier", "urn:oid:1.2.840.10003.5.109.10", { Qualifier: "OIDAsURN" }),
      ]),
      element("xades:MimeType", "text/xml"),
      element("xades:Encoding", "UTF-8"),
    ],
    { ObjectReference: `#${id}-record` },
  );
}

function algorithm(name: string, uri: string): XmlElement {
  return element(name, "", { Algorithm: uri });
}

const canonicalUri = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";
const sha256Uri = "http://www.w3.org/2001/04/xmlenc#sha256";
