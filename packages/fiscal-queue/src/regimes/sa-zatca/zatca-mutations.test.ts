import { assert, describe, expect, test } from "vitest";
import type { SealedDocument, StreamConfig } from "../../document.ts";
import { createFiscalCrypto } from "../../node/index.ts";
import type { Receipt } from "../../receipt.ts";
import { requestOf, sealAll } from "../../testing/seal-all.ts";
import { zatcaReceipt, zatcaReference, zatcaShop } from "../../testing/zatca-shop.ts";
import { verifyDocument } from "./verify-document.ts";
import { zatca } from "./zatca.ts";

const crypto = createFiscalCrypto();
const shop = zatcaShop();
const item = { name: "Book", quantityMilli: 2000, netMinor: 6600 };

const receipts: Readonly<Record<string, Receipt>> = {
  invoice: zatcaReceipt([item]),
  "credit note": zatcaReceipt([item], { kind: "refund", ...zatcaReference }),
  "debit note": zatcaReceipt([item], { ...zatcaReference, options: { note: "debit" } }),
};

/** Each by itself, in a document that is otherwise as it was; the code by which it is refused. */
const mutations: readonly (readonly [string, { from: RegExp; to: string; code: string }])[] = [
  ["another amount", { from: /(<cbc:PayableAmount[^>]*>)75\.90/, to: "$175.91", code: "hash" }],
  [
    "another seller",
    { from: /2322<\/cbc:BuildingNumber/, to: "2323</cbc:BuildingNumber", code: "hash" },
  ],
  ["another counter", { from: /(<cbc:ID>ICV<\/cbc:ID><cbc:UUID>)1/, to: "$12", code: "hash" }],
  ["another previous hash", { from: /(text\/plain">)NWZl/, to: "$1NWZm", code: "hash" }],
  ["another UUID", { from: /(<cbc:UUID>[\da-f]{7})[\da-f]/, to: "$1g", code: "hash" }],
  ["a line more", { from: /(<cac:InvoiceLine>[^]*<\/cac:InvoiceLine>)/, to: "$1$1", code: "hash" }],
  ["another kind", { from: /(name="0200000">)38(.)/, to: "$139$2", code: "hash" }],
  [
    "white space between elements",
    { from: /<cac:PaymentMeans>/, to: "\n<cac:PaymentMeans>", code: "hash" },
  ],
  [
    "another time of signing",
    { from: /(<xades:SigningTime>2026-11-2)\d/, to: "$19", code: "properties" },
  ],
  [
    "a properties block indented anew",
    { from: /\n {36}<xades:SignedS/, to: "\n<xades:SignedS", code: "properties" },
  ],
  [
    "CRLF in the properties block",
    { from: /(<xades:SignedProperties [^>]*>)\n/, to: "$1\r\n", code: "properties" },
  ],
  ["another digest", { from: /(<ds:DigestValue>)[A-Za-z\d+/]/, to: "$1_", code: "hash" }],
  [
    "another signature",
    { from: /(<ds:SignatureValue>ME.{20}).{4}/, to: "$1AAA=", code: "signature" },
  ],
  [
    "another certificate",
    { from: /(<ds:X509Certificate>.{40}).{4}/, to: "$1AAA=", code: "certificate" },
  ],
  [
    "another QR code",
    { from: /(<cbc:ID>QR<\/cbc:ID><cac:Attachment><cbc:[^>]*>.{8}).{4}/, to: "$1AAA=", code: "qr" },
  ],
  ["no stamp", { from: /<ext:UBLExtensions>[^]*<\/ext:UBLExtensions>/, to: "", code: "format" }],
  [
    "a second signature that no hash covers",
    { from: /(<cac:Signature>[^]*<\/cac:Signature>)/, to: "$1$1", code: "format" },
  ],
  ["an open element", { from: /<\/Invoice>/, to: "", code: "format" }],
  ["a document type", { from: /<Invoice /, to: "<!DOCTYPE x><Invoice ", code: "format" }],
];

async function sealed(
  receipt: Receipt,
): Promise<{ readonly config: StreamConfig; readonly document: SealedDocument }> {
  const { documents } = await sealAll(zatca, [requestOf(receipt)], shop);
  assert(documents[0] !== undefined);
  return { config: shop.config, document: documents[0] };
}

function codesOf(document: SealedDocument, config: StreamConfig): readonly string[] {
  const verifier = zatca.verifier({ config, secrets: {}, crypto });
  return [...verifier.step(document), ...verifier.end()].map(({ code }) => code);
}

describe.each(Object.entries(receipts))("a changed %s (RSA)", (_, receipt) => {
  test.each(mutations)("[RSA6] %s is refused", async (_name, { code, from, to }) => {
    const { document } = await sealed(receipt);
    expect(verifyDocument(document.text, crypto).findings).toEqual([]);
    const text = document.text.replace(from, to);
    expect(text).not.toBe(document.text);
    expect(verifyDocument(text, crypto).findings.map((one) => one.code)).toContain(code);
  });

  test("[RSA6] no byte of it can be another, whether a digest covers it or not", async () => {
    const { config, document } = await sealed(receipt);
    expect(codesOf(document, config)).toEqual([]);
    for (let at = 3; at < document.text.length; at += 97) {
      const other = document.text[at] === "x" ? "y" : "x";
      const text = `${document.text.slice(0, at)}${other}${document.text.slice(at + 1)}`;
      expect(codesOf({ ...document, text }, config), `at ${at}`).not.toEqual([]);
    }
  });

  test("[RSA6] nothing of the record around it can be another", async () => {
    const { config, document } = await sealed(receipt);
    const others: readonly (readonly [Partial<SealedDocument>, string])[] = [
      [{ hash: document.hash.toLowerCase().padEnd(45, "=") }, "hash"],
      [{ number: "B1-1-000002" }, "number"],
      [{ at: { ...document.at, epochMs: document.at.epochMs + 1000 } }, "time"],
      [{ keyId: "another" }, "certificate"],
      [{ state: { icv: 2, hash: document.hash, uuid: "" } }, "counter"],
      [{ print: { lines: [] } }, "qr"],
      [{ sequence: 2 }, "gap"],
      [{ previous: "x" }, "chain"],
    ];
    for (const [change, code] of others) {
      expect(codesOf({ ...document, ...change }, config), code).toContain(code);
    }
    expect(codesOf(document, { ...config, taxpayer: "311111111100003" })).toContain("taxpayer");
    expect(codesOf(document, zatcaShop().config)).toContain("certificate");
  });
});
