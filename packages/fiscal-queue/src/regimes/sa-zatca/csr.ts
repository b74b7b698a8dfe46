/**
 * The signing request by which a till (an EGS unit) asks for its certificate: PKCS#10 (RFC 2986). SPEC.md §11 (RSA).
 *
 * Made in two steps around a signer, which may be a device.
 *
 * @module
 */

import { err, ok, utf8, type Result } from "@tillmesh/kernel";
import { base64 } from "../../base64.ts";
import { bitString, der, integer, objectIdentifier, octetString, sequence, set } from "./der.ts";

export interface CsrFacts {
  readonly commonName: string;
  /** `1-<maker>|2-<model>|3-<serial>` */
  readonly serialNumber: string;
  /** The VAT number. */
  readonly organizationIdentifier: string;
  /** The branch; of a VAT group the member's ten digits. */
  readonly organizationUnit: string;
  readonly organizationName: string;
  readonly country: string;
  /** Four digits: standard, simplified, and two that are not in use yet. */
  readonly invoiceType: string;
  readonly location: string;
  readonly category: string;
}

/** Which of the authority's systems issues. */
export type ZatcaEnvironment = "developer-portal" | "simulation" | "core";

/** Reads the lines `csr.common.name=...` of the authority's own configuration files. */
export function parseCsrFacts(properties: string): Result<CsrFacts, CsrFault> {
  const values = new Map(
    properties.split(/\r?\n/).map((line) => {
      const at = line.indexOf("=");
      return [line.slice(0, at).trim(), line.slice(at + 1).trim()] as const;
    }),
  );
  const of = (name: string): string => values.get(`csr.${name}`) ?? "";
  const facts: CsrFacts = {
    commonName: of("common.name"),
    serialNumber: of("serial.number"),
    organizationIdentifier: of("organization.identifier"),
    organizationUnit: of("organization.unit.name"),
    organizationName: of("organization.name"),
    country: of("country.name"),
    invoiceType: of("invoice.type"),
    location: of("location.address"),
    category: of("industry.business.category"),
  };
  const members = csrFaults(facts);
  return members.length === 0 ? ok(facts) : err({ type: "Csr", members });
}

export interface CsrFault {
  readonly type: "Csr";
  /** Names of what is missing or has another form. */
  readonly members: readonly (keyof CsrFacts)[];
}

export function csrFaults(facts: CsrFacts): readonly (keyof CsrFacts)[] {
  const names = Object.keys(facts) as (keyof CsrFacts)[];
  return names.filter(
    (name) => !(patterns[name] ?? anyText).test(facts[name]) || !isUnit(name, facts),
  );
}

/** What is signed with SHA-256, and then handed to `finishCsr`. `publicKey` is SPKI DER. */
export function csrToSign(
  facts: CsrFacts,
  publicKey: Uint8Array,
  environment: ZatcaEnvironment,
): Uint8Array {
  const extensions = sequence(
    extension("1.3.6.1.4.1.311.20.2", printable(templates[environment])),
    extension("2.5.29.17", alternativeName(facts)),
  );
  const request = sequence(objectIdentifier("1.2.840.113549.1.9.14"), set(extensions));
  return sequence(integer(Uint8Array.of(0)), subjectName(facts), publicKey, der(0xa0, request));
}

/** PEM. `signature` is DER of ECDSA. */
export function finishCsr(toSign: Uint8Array, signature: Uint8Array): string {
  const lines = base64(sequence(toSign, ecdsaWithSha256, bitString(signature))).match(/.{1,64}/g);
  return `-----BEGIN CERTIFICATE REQUEST-----\n${(lines ?? []).join("\n")}\n-----END CERTIFICATE REQUEST-----\n`;
}

export function subjectName(facts: CsrFacts): Uint8Array {
  return sequence(
    set(sequence(objectIdentifier("2.5.4.6"), printable(facts.country))),
    named("2.5.4.10", facts.organizationName),
    named("2.5.4.11", facts.organizationUnit),
    named("2.5.4.3", facts.commonName),
  );
}

/** The value of the extension: one directory name. */
export function alternativeName(facts: CsrFacts): Uint8Array {
  const name = sequence(
    named("2.5.4.4", facts.serialNumber),
    named("0.9.2342.19200300.100.1.1", facts.organizationIdentifier),
    named("2.5.4.12", facts.invoiceType),
    named("2.5.4.26", facts.location),
    named("2.5.4.15", facts.category),
  );
  return sequence(der(0xa4, name));
}

export function extension(identifier: string, value: Uint8Array): Uint8Array {
  return sequence(objectIdentifier(identifier), octetString(value));
}

export const ecdsaWithSha256: Uint8Array = sequence(objectIdentifier("1.2.840.10045.4.3.2"));

const templates: Readonly<Record<ZatcaEnvironment, string>> = {
  "developer-portal": "TSTZATCA-Code-Signing",
  simulation: "PREZATCA-Code-Signing",
  core: "ZATCA-Code-Signing",
};

const anyText = /^.{1,127}$/u;
const patterns: Readonly<Partial<Record<keyof CsrFacts, RegExp>>> = {
  serialNumber: /^1-[^|]+\|2-[^|]+\|3-[^|]+$/,
  organizationIdentifier: /^3\d{13}3$/,
  country: /^SA$/,
  invoiceType: /^[01]{4}$/,
};

/** The eleventh digit of a group's VAT number is 1; then the unit is a member's number. */
function isUnit(name: keyof CsrFacts, facts: CsrFacts): boolean {
  const isGroup = facts.organizationIdentifier.charAt(10) === "1";
  return name !== "organizationUnit" || !isGroup || /^\d{10}$/.test(facts.organizationUnit);
}

function named(identifier: string, value: string): Uint8Array {
  return set(sequence(objectIdentifier(identifier), der(0x0c, utf8(value))));
}

function printable(text: string): Uint8Array {
  return der(0x13, utf8(text));
}
