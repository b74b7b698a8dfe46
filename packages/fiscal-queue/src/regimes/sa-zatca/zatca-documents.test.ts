import { describe, expect, test } from "vitest";
import { createFiscalCrypto } from "../../node/index.ts";
import {
  conformanceFiles,
  conformanceText,
  isConformanceAbsent,
} from "../../testing/conformance.ts";
import { sealAll } from "../../testing/seal-all.ts";
import { ublFaults } from "../../testing/zatca-schema.ts";
import { zatcaSecondOpinion } from "../../testing/zatca-second-opinion.ts";
import {
  publishedZatcaShop,
  zatcaReceipt,
  zatcaReference,
  zatcaShop,
} from "../../testing/zatca-shop.ts";
import type { SealedDocument } from "../../document.ts";
import type { Receipt } from "../../receipt.ts";
import { invoiceRules } from "./invoice-rules.ts";
import { readDocument } from "./read-document.ts";
import { verifyDocument } from "./verify-document.ts";
import { zatca } from "./zatca.ts";

const crypto = createFiscalCrypto();
const isAbsent = isConformanceAbsent("ZATCA schema and published key", 12);

const mixed = zatcaReceipt([
  { name: 'كتاب & "Book" <1>', quantityMilli: 3000, netMinor: 9900 },
  { name: "Figs\r\n\u0001", quantityMilli: 333, netMinor: 1001 },
  { name: "Medicine", quantityMilli: 1000, netMinor: 5000, category: "Z", taxCode: "medicine" },
  { name: "Service", quantityMilli: 2000, netMinor: 333, rateBp: 500, taxCode: "low" },
  { name: "Loan", quantityMilli: 1000, netMinor: 100, category: "E", taxCode: "bank" },
]);

const receipts: Readonly<Record<string, Receipt>> = {
  "an invoice (388)": mixed,
  "a credit note (381)": zatcaReceipt(
    [
      { name: "Book", quantityMilli: 1000, netMinor: 3300 },
      { name: "A set is no set any more", quantityMilli: 0, netMinor: -300 },
    ],
    { kind: "refund", ...zatcaReference },
  ),
  "a debit note (383)": zatcaReceipt([{ name: "Delivery", quantityMilli: 1000, netMinor: 1000 }], {
    ...zatcaReference,
    options: { note: "debit" },
  }),
  "an invoice for a named customer that does not close": zatcaReceipt(
    [{ name: "Laptop", quantityMilli: 1000, netMinor: 86_957 }],
    {
      totalMinor: 100_000,
      taxes: [{ taxCode: "std", category: "S", rateBp: 1500, netMinor: 86_957, taxMinor: 13_043 }],
      lines: [
        {
          lineId: "l1",
          sku: "LAP",
          name: "Laptop",
          quantityMilli: 1000,
          netMinor: 86_957,
          taxMinor: 13_043,
          taxCode: "std",
          category: "S",
          rateBp: 1500,
        },
      ],
      options: { nationalId: "1000000001" },
      customer: {
        name: "شركة نماذج",
        taxId: "399999999800003",
        country: "SA",
        street: "Salah Al-Din",
        city: "Riyadh",
        postalCode: "12222",
      },
    },
  ),
};

async function sealed(
  receipt: Receipt,
  shop: ReturnType<typeof zatcaShop>,
): Promise<SealedDocument> {
  const { documents } = await sealAll(zatca, [receipt], shop);
  return documents[0] as SealedDocument;
}

describe.each(Object.entries(receipts))("%s (RSA)", (_, receipt) => {
  test("[RSA5] verifies by the verifier that accepts the samples, and by a second one", async () => {
    const { text } = await sealed(receipt, zatcaShop());
    const { document, findings } = verifyDocument(text, crypto);
    expect(findings).toEqual([]);
    expect(document === undefined ? [] : invoiceRules(document.root)).toEqual([]);
    expect(zatcaSecondOpinion(text).wrong).toEqual([]);
  });

  test("[RSA5] what is hashed stands in the bytes, and nothing else is around the stamp", async () => {
    const { text } = await sealed(receipt, zatcaShop());
    const read = readDocument(text);
    const hashed = read.ok ? read.value.hashed : "";
    const place = hashed.indexOf("<cac:AccountingSupplierParty>");
    const opening = hashed.slice(0, hashed.indexOf(">") + 1);
    expect(text).toContain(hashed.slice(opening.length, place));
    expect(text.endsWith(hashed.slice(place))).toBe(true);
    expect(text.startsWith(`<?xml version="1.0" encoding="UTF-8"?>\n${opening}<ext:`)).toBe(true);
  });
});

describe.skipIf(isAbsent)("by schema and second opinion (RSA)", () => {
  const files = conformanceFiles("sa-zatca/Samples/", ".xml");

  test.each(files)("[RSA1] %s holds by the second opinion, too", (file) => {
    expect(zatcaSecondOpinion(conformanceText(file)).wrong).toEqual([]);
  });

  test("[RSA1] the samples are valid by the schema", async () => {
    const faults = await ublFaults(files.map((file) => conformanceText(file)));
    expect(faults).toEqual(files.map(() => []));
  });

  test("[RSA5] signed with the published key our documents are valid by the schema, and verify", async () => {
    const texts = await signedWithPublishedKey();
    for (const text of texts) {
      expect(verifyDocument(text, crypto).findings).toEqual([]);
      expect(zatcaSecondOpinion(text).wrong).toEqual([]);
    }
    expect(await ublFaults(texts)).toEqual(texts.map(() => []));
  });

  test("[RSA6] twins with elements exchanged, missing or spoilt fail the schema", async () => {
    const spoilings: readonly (readonly [RegExp, string])[] = [
      [/(<cbc:ID>B1[^]*?<\/cbc:ID>)(<cbc:UUID>.*?<\/cbc:UUID>)/, "$2$1"],
      [/<cac:AccountingSupplierParty>[^]*<\/cac:AccountingSupplierParty>/, ""],
      [/(<cbc:PayableAmount[^>]*>)[^<]*/, "$1ten"],
      [/<cac:InvoiceLine>[^]*<\/cac:InvoiceLine>/, ""],
    ];
    const texts = await signedWithPublishedKey();
    const twins = spoilings.flatMap(([from, to]) => texts.map((text) => text.replace(from, to)));
    const faults = await ublFaults(twins);
    expect(faults.map((one) => one.length > 0)).toEqual(twins.map(() => true));
  });
});

async function signedWithPublishedKey(): Promise<readonly string[]> {
  const documents = Object.values(receipts).map((one) => sealed(one, publishedZatcaShop()));
  return (await Promise.all(documents)).map(({ text }) => text);
}
