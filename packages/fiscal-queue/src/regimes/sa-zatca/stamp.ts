/**
 * The cryptographic stamp: the block of the signature, from one text that is never indented anew. SPEC.md §11 (RSA).
 *
 * The digest of the signed properties is taken over their literal text, white space included, so this block
 * stands here as the authority's own tool writes it.
 *
 * @module
 */

import { hex, utf8 } from "@tillmesh/kernel";
import { base64 } from "../../base64.ts";
import type { FiscalCrypto } from "../../ports.ts";
import { escapeText } from "./canonical-xml.ts";
import type { StampCertificate } from "./certificate.ts";

export interface Stamp {
  /** Base64 of the invoice hash. */
  readonly hash: string;
  /** Base64 of the DER signature. */
  readonly signature: string;
  readonly propertiesDigest: string;
  /** Base64 of the DER. */
  readonly certificate: string;
  readonly properties: SignedProperties;
}

export interface SignedProperties {
  /** `2024-01-14T10:26:49`, by the clock of the place. */
  readonly signedAt: string;
  readonly certificateDigest: string;
  readonly issuer: string;
  readonly serial: string;
}

export function stampOf(
  input: {
    readonly hash: string;
    readonly signature: Uint8Array;
    readonly certificate: StampCertificate;
    readonly signedAt: string;
  },
  crypto: Pick<FiscalCrypto, "sha256">,
): Stamp {
  const certificate = input.certificate.text;
  const properties = {
    signedAt: input.signedAt,
    certificateDigest: hexDigest(certificate, crypto),
    issuer: input.certificate.issuer,
    serial: input.certificate.serial,
  };
  return {
    hash: input.hash,
    signature: base64(input.signature),
    propertiesDigest: propertiesDigest(propertiesText(properties), crypto),
    certificate,
    properties,
  };
}

/** Base64 of the hexadecimal digits of SHA-256 over `text`. */
export function hexDigest(text: string, crypto: Pick<FiscalCrypto, "sha256">): string {
  return base64(utf8(hex(crypto.sha256(utf8(text)))));
}

/** Of the element's literal text as it stands in the document, after the namespaces are written into it. */
export function propertiesDigest(text: string, crypto: Pick<FiscalCrypto, "sha256">): string {
  const spelled = text
    .replace(
      "<xades:SignedProperties Id=",
      '<xades:SignedProperties xmlns:xades="http://uri.etsi.org/01903/v1.3.2#" Id=',
    )
    .replaceAll(
      /<ds:(DigestMethod|DigestValue|X509IssuerName|X509SerialNumber)(?=[ >])/g,
      '<ds:$1 xmlns:ds="http://www.w3.org/2000/09/xmldsig#"',
    );
  return hexDigest(spelled, crypto);
}

export function propertiesText({
  signedAt,
  certificateDigest,
  issuer,
  serial,
}: SignedProperties): string {
  return `<xades:SignedProperties Id="xadesSignedProperties">
                                    <xades:SignedSignatureProperties>
                                        <xades:SigningTime>${escapeText(signedAt)}</xades:SigningTime>
                                        <xades:SigningCertificate>
                                            <xades:Cert>
                                                <xades:CertDigest>
                                                    <ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>
                                                    <ds:DigestValue>${escapeText(certificateDigest)}</ds:DigestValue>
                                                </xades:CertDigest>
                                                <xades:IssuerSerial>
                                                    <ds:X509IssuerName>${escapeText(issuer)}</ds:X509IssuerName>
                                                    <ds:X509SerialNumber>${escapeText(serial)}</ds:X509SerialNumber>
                                                </xades:IssuerSerial>
                                            </xades:Cert>
                                        </xades:SigningCertificate>
                                    </xades:SignedSignatureProperties>
                                </xades:SignedProperties>`;
}

/** `ext:UBLExtensions`, whole. */
export function stampText(stamp: Stamp): string {
  return `<ext:UBLExtensions>
    <ext:UBLExtension>
        <ext:ExtensionURI>urn:oasis:names:specification:ubl:dsig:enveloped:xades</ext:ExtensionURI>
        <ext:ExtensionContent>
            <sig:UBLDocumentSignatures xmlns:sig="urn:oasis:names:specification:ubl:schema:xsd:CommonSignatureComponents-2" xmlns:sac="urn:oasis:names:specification:ubl:schema:xsd:SignatureAggregateComponents-2" xmlns:sbc="urn:oasis:names:specification:ubl:schema:xsd:SignatureBasicComponents-2">
                <sac:SignatureInformation>${" "}
                    <cbc:ID>urn:oasis:names:specification:ubl:signature:1</cbc:ID>
                    <sbc:ReferencedSignatureID>urn:oasis:names:specification:ubl:signature:Invoice</sbc:ReferencedSignatureID>
                    <ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#" Id="signature">
                        ${signedInfoText(stamp)}
                        <ds:SignatureValue>${escapeText(stamp.signature)}</ds:SignatureValue>
                        <ds:KeyInfo>
                            <ds:X509Data>
                                <ds:X509Certificate>${escapeText(stamp.certificate)}</ds:X509Certificate>
                            </ds:X509Data>
                        </ds:KeyInfo>
                        <ds:Object>
                            <xades:QualifyingProperties xmlns:xades="http://uri.etsi.org/01903/v1.3.2#" Target="signature">
                                ${propertiesText(stamp.properties)}
                            </xades:QualifyingProperties>
                        </ds:Object>
                    </ds:Signature>
                </sac:SignatureInformation>
            </sig:UBLDocumentSignatures>
        </ext:ExtensionContent>
    </ext:UBLExtension>
</ext:UBLExtensions>`;
}

function signedInfoText({ hash, propertiesDigest: digest }: Stamp): string {
  return `<ds:SignedInfo>
                            <ds:CanonicalizationMethod Algorithm="http://www.w3.org/2006/12/xml-c14n11"/>
                            <ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"/>
                            <ds:Reference Id="invoiceSignedData" URI="">
                                <ds:Transforms>
                                    <ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116">
                                        <ds:XPath>not(//ancestor-or-self::ext:UBLExtensions)</ds:XPath>
                                    </ds:Transform>
                                    <ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116">
                                        <ds:XPath>not(//ancestor-or-self::cac:Signature)</ds:XPath>
                                    </ds:Transform>
                                    <ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116">
                                        <ds:XPath>not(//ancestor-or-self::cac:AdditionalDocumentReference[cbc:ID='QR'])</ds:XPath>
                                    </ds:Transform>
                                    <ds:Transform Algorithm="http://www.w3.org/2006/12/xml-c14n11"/>
                                </ds:Transforms>
                                <ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>
                                <ds:DigestValue>${escapeText(hash)}</ds:DigestValue>
                            </ds:Reference>
                            <ds:Reference Type="http://www.w3.org/2000/09/xmldsig#SignatureProperties" URI="#xadesSignedProperties">
                                <ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>
                                <ds:DigestValue>${escapeText(digest)}</ds:DigestValue>
                            </ds:Reference>
                        </ds:SignedInfo>`;
}
