import { describe, expect, test } from "vitest";
import { createFiscalCrypto } from "../../node/index.ts";
import {
  conformanceFiles,
  conformanceJson,
  conformanceText,
  isConformanceAbsent,
} from "../../testing/conformance.ts";
import { invoiceRules } from "./invoice-rules.ts";
import { readQr } from "./qr.ts";
import { readDocument, type StampedDocument } from "./read-document.ts";
import { firstPreviousHash } from "./settings.ts";
import { stampText } from "./stamp.ts";
import { hashOf, verifyDocument } from "./verify-document.ts";

interface Vectors {
  readonly firstPreviousInvoiceHash: string;
  readonly certDigest: string;
  readonly samples: readonly Sample[];
  readonly simplifiedInvoice: {
    readonly file: string;
    readonly signatureValue: string;
    readonly signedPropertiesDigest: string;
    readonly qr: Readonly<Record<string, string>>;
  };
}

interface Sample {
  readonly file: string;
  readonly icv: string;
  readonly typeCode: string;
  readonly transactionCode: string;
  readonly invoiceHash: string;
  readonly qrTags: number;
  readonly businessRulesPass: boolean;
}

const files = conformanceFiles("sa-zatca/Samples/", ".xml");
const isAbsent = isConformanceAbsent("ZATCA samples", 12);
const crypto = createFiscalCrypto();

function vectors(): Vectors {
  return conformanceJson("sa-zatca/vectors.json") as Vectors;
}

function sampleOf(file: string): Sample {
  const found = vectors().samples.find((one) => `sa-zatca/${one.file}` === file);
  if (found === undefined) throw new Error(`${file} has no vector`);
  return found;
}

function documentIn(file: string): StampedDocument {
  const read = readDocument(conformanceText(file));
  if (!read.ok) throw new Error(read.error.detail);
  return read.value;
}

function rulesOf(file: string): readonly string[] {
  return invoiceRules(documentIn(`sa-zatca/Samples/${file}`).root).map(({ rule }) => rule);
}

describe.skipIf(isAbsent)("the authority's samples (RSA)", () => {
  test("[RSA1] all nine are there", () => {
    expect(files).toHaveLength(9);
    expect(vectors().samples).toHaveLength(9);
  });

  test.each(files)("[RSA1] %s verifies whole", (file) => {
    expect(verifyDocument(conformanceText(file), crypto).findings).toEqual([]);
  });

  test.each(files)("[RSA1] %s has the hash, the counter and the code that are listed", (file) => {
    const { facts, hashed } = documentIn(file);
    const { icv, invoiceHash, qrTags, transactionCode, typeCode } = sampleOf(file);
    const qr = readQr(facts.qr);
    expect(hashOf(hashed, crypto)).toBe(invoiceHash);
    expect([facts.icv, facts.typeCode, facts.transaction]).toEqual([
      icv,
      typeCode,
      transactionCode,
    ]);
    expect(qr).toHaveLength(qrTags);
  });

  test.each(files)("[RSA2] %s: the stamp's text is the one we write", (file) => {
    const text = conformanceText(file);
    expect(text).toContain(stampText(documentIn(file).stamp));
  });

  test.each(files)(
    "[RSA3] %s passes the business rules, or is one of the two that do not",
    (file) => {
      const found = invoiceRules(documentIn(file).root);
      expect(found.length === 0, JSON.stringify(found)).toBe(sampleOf(file).businessRulesPass);
    },
  );

  test("[RSA3] the two say which rule they break", () => {
    expect(rulesOf("Simplified/Invoice/Simplified_Invoice_Error.xml")).toEqual(["BR-CO-04"]);
    expect(rulesOf("Standard/Invoice/Standard_Invoice_Error.xml")).toEqual([
      "BR-S-05",
      "BR-KSA-84",
      "BR-S-05",
      "BR-KSA-84",
    ]);
  });

  test("[RSA1] the first sample's values one by one", () => {
    const { certDigest, simplifiedInvoice } = vectors();
    const { facts, stamp } = documentIn(`sa-zatca/${simplifiedInvoice.file}`);
    const qr = readQr(facts.qr);
    expect(stamp.signature).toBe(simplifiedInvoice.signatureValue);
    expect(stamp.propertiesDigest).toBe(simplifiedInvoice.signedPropertiesDigest);
    expect(stamp.properties.certificateDigest).toBe(certDigest);
    expect(qr.slice(0, 5).map((value) => new TextDecoder().decode(value))).toEqual(
      Object.values(simplifiedInvoice.qr),
    );
  });

  test("[RSA1] the seed of a chain is the published one", () => {
    expect(firstPreviousHash).toBe(vectors().firstPreviousInvoiceHash);
    expect(firstPreviousHash).toBe(conformanceText("sa-zatca/PIH/pih.txt").trim());
  });
});
