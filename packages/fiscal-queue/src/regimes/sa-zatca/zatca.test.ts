import { assert, describe, expect, test } from "vitest";
import { closedBreaker } from "../../breaker.ts";
import type { StreamConfig } from "../../document.ts";
import { emptyHead } from "../../head.ts";
import { createFiscalCrypto } from "../../node/index.ts";
import type { Receipt, ReceiptLine } from "../../receipt.ts";
import { seal } from "../../seal.ts";
import { neverTimer, requestOf, sealAll } from "../../testing/seal-all.ts";
import {
  zatcaNowMs,
  zatcaReceipt,
  zatcaReference,
  zatcaSettings,
  zatcaShop,
} from "../../testing/zatca-shop.ts";
import { fiscalTimeAt } from "../../time.ts";
import { qrTextMax, readQr } from "./qr.ts";
import { readDocument, type DocumentFacts } from "./read-document.ts";
import { firstPreviousHash } from "./settings.ts";
import { zatca } from "./zatca.ts";

const shop = zatcaShop();
/** The same certificate with the number of another curve; nothing else is looked at here. */
const otherCurve = Buffer.from(
  Buffer.from(shop.config.keys[0]?.certificate ?? "", "base64")
    .toString("hex")
    .replace("2b8104000a", "2b81040023"),
  "hex",
).toString("base64");
const at = fiscalTimeAt(zatcaNowMs, "Asia/Riyadh");
const book = { name: "Book", quantityMilli: 1000, netMinor: 3300 };
const sale = zatcaReceipt([book]);

function checked(
  receipt: Receipt,
  { config = shop.config, moment = at }: { config?: StreamConfig; moment?: typeof at } = {},
): readonly string[] {
  const head = emptyHead(config, { icv: 0, hash: firstPreviousHash });
  return zatca
    .check(requestOf(receipt), { config, head, at: moment })
    .map(({ code, pointer }) => `${pointer} ${code}`);
}

function withLine(change: Partial<ReceiptLine>): Receipt {
  const [line] = sale.lines;
  assert(line !== undefined);
  return { ...sale, lines: [{ ...line, ...change }] };
}

function faultsOf(change: Partial<StreamConfig>): readonly string[] {
  const result = zatca.open({ ...shop.config, ...change });
  return result.ok ? [] : result.error.faults.map(({ pointer }) => pointer);
}

function setting(change: object): Partial<StreamConfig> {
  return { settings: { ...zatcaSettings, ...change } };
}

async function factsOf(receipt: Receipt): Promise<DocumentFacts> {
  const { documents } = await sealAll(zatca, [receipt], { ...shop, fromMs: zatcaNowMs });
  const read = readDocument(documents[0]?.text ?? "");
  assert(read.ok);
  return read.value.facts;
}

describe("what is sealed (RSA)", () => {
  test.each<[string, Receipt, string]>([
    ["a sale", sale, "388"],
    ["a refund", zatcaReceipt([book], { kind: "refund", ...zatcaReference }), "381"],
    ["the void of a sale", zatcaReceipt([book], { kind: "void", ...zatcaReference }), "381"],
    ["the void of a refund", { ...sale, kind: "void", ...zatcaReference }, "383"],
    ["a debit", { ...sale, ...zatcaReference, options: { note: "debit" } }, "383"],
  ])("[RSA5] %s has its code", async (_, receipt, typeCode) => {
    expect(checked(receipt)).toEqual([]);
    expect(await factsOf(receipt)).toMatchObject({ typeCode, transaction: "0200000" });
  });

  test("[RSA5] a refund and a void without a reason say what they are", async () => {
    const { refersTo } = zatcaReference;
    assert(refersTo !== undefined);
    const notes = (["refund", "void"] as const).map((kind) =>
      zatcaReceipt([book], { kind, refersTo }),
    );
    const { documents } = await sealAll(zatca, notes, { ...shop, fromMs: zatcaNowMs });
    const said = documents.map(({ text }) => /<cbc:InstructionNote>([^|]*) \|/.exec(text)?.[1]);
    expect(said).toEqual(["Refund of goods or services", "Cancellation of the supply"]);
  });

  test("[RSA9] only documents under a real key do not say that they are tests", async () => {
    const config = { ...shop.config, isTest: false };
    const { documents } = await sealAll(zatca, [sale], { ...shop, config, fromMs: zatcaNowMs });
    expect(documents[0]?.print.lines.join()).not.toContain("TEST");
  });

  test("[RSA5] third party and nominal are told", async () => {
    const options = { thirdParty: "yes", nominal: "yes" };
    expect(await factsOf({ ...sale, options })).toMatchObject({ transaction: "0211000" });
  });

  test("[RSA5] date and time are those of Riyadh", async () => {
    const facts = await factsOf(sale);
    expect([facts.issueDate, facts.issueTime]).toEqual(["2026-11-22", "10:00:00"]);
  });

  test("[RSA9] the QR code has nine tags in bytes, and fits with the longest Arabic name", async () => {
    const sellerName = "ش".repeat(70);
    const config = { ...shop.config, settings: { ...zatcaSettings, sellerName } };
    const { documents } = await sealAll(zatca, [sale], { ...shop, config, fromMs: zatcaNowMs });
    const [document] = documents;
    const text = document?.print.qr?.text ?? "";
    const values = readQr(text);
    expect(text.length).toBeLessThanOrEqual(qrTextMax);
    expect(values.map(({ length }) => length)).toEqual([
      140,
      15,
      19,
      5,
      4,
      44,
      expect.any(Number),
      88,
      expect.any(Number),
    ]);
    expect(values.slice(1, 6).map((value) => new TextDecoder().decode(value))).toEqual([
      "399999999900003",
      "2026-11-22T10:00:00",
      "37.95",
      "4.95",
      document?.hash,
    ]);
  });

  test("[RSA9] a QR code of another form is not read", () => {
    for (const text of ["", "AQE", "AgFB", "AQL/", "A".repeat(704)])
      expect(readQr(text)).toEqual([]);
  });

  test("[RSA9] the receipt says in both languages what it is, its VAT, and what was rounded", async () => {
    const note = zatcaReceipt([book], { kind: "refund", ...zatcaReference });
    const { documents } = await sealAll(zatca, [sale, note], { ...shop, fromMs: zatcaNowMs });
    expect(documents[0]?.print.lines).toEqual([
      "اختبار، ليست فاتورة ضريبية / TEST, NOT A TAX INVOICE",
      "فاتورة ضريبية مبسطة",
      "Simplified Tax Invoice",
      "شركة الواحة للتجارة | Oasis Trading",
      "الرقم الضريبي / VAT No. 399999999900003",
      "ضريبة القيمة المضافة / VAT 4.95",
    ]);
    expect(documents[1]?.print.lines).toContain("المرجع / Refers to B1-1-000001");
  });
});

describe("what is refused before a number is taken (RSA)", () => {
  test.each<[string, Receipt, readonly string[]]>([
    [
      "a note without a reference",
      zatcaReceipt([book], { kind: "refund" }),
      ["/refersTo BR-KSA-56"],
    ],
    [
      "a debit without a reason",
      { ...sale, refersTo: zatcaReference.refersTo!, options: { note: "debit" } },
      ["/reason BR-KSA-17"],
    ],
    ["another rate", withLine({ rateBp: 2000 }), ["/lines/0/rateBp BR-KSA-84"]],
    ["no rate in the standard category", withLine({ rateBp: 0 }), ["/lines/0/rateBp BR-KSA-84"]],
    [
      "a rate without VAT",
      withLine({ category: "Z", taxCode: "medicine" }),
      ["/lines/0/rateBp BR-Z-05"],
    ],
    [
      "no reason of exemption",
      withLine({ category: "E", rateBp: 0 }),
      ["/lines/0/taxCode BR-KSA-24"],
    ],
    [
      "a category of other countries",
      withLine({ category: "AE", rateBp: 0 }),
      ["/lines/0/category BR-KSA-18"],
    ],
    ["another currency", { ...sale, currency: "USD" }, ["/currency BR-KSA-68"]],
    ["an export", { ...sale, options: { export: "yes" } }, ["/options BR-KSA-31"]],
    ["a summary", { ...sale, options: { summary: "yes" } }, ["/options/summary BR-KSA-72"]],
    [
      "a buyer of another form",
      { ...sale, customer: { name: " ", country: "Saudi" }, options: { nationalId: "1" } },
      ["/customer/name BR-KSA-42", "/customer/country BR-CL-14", "/options/nationalId BR-KSA-49"],
    ],
    [
      "citizens' health care without a name",
      zatcaReceipt([{ ...book, category: "Z", taxCode: "health" }]),
      ["/customer BR-KSA-25"],
    ],
    ["self-billing", { ...sale, options: { selfBilled: "yes" } }, ["/options BR-KSA-31"]],
    [
      "a return inside a sale",
      zatcaReceipt([book, { ...book, quantityMilli: -1000, netMinor: -1000 }]),
      ["/lines BR-KSA-F-04"],
    ],
    ["an amount against its quantity", withLine({ quantityMilli: -1000 }), ["/lines BR-KSA-F-04"]],
    ["no line", { ...sale, lines: [], taxes: [], totalMinor: 0 }, ["/lines BR-16"]],
    ["a VAT that is not near", { ...sale, totalMinor: 3900 }, ["/taxes BR-S-09"]],
    [
      "two reasons in one category",
      zatcaReceipt([
        { ...book, category: "Z", taxCode: "medicine" },
        { ...book, category: "Z", taxCode: "bank" },
      ]),
      ["/lines BR-Z-01"],
    ],
    [
      "a refund that takes money",
      zatcaReceipt([{ ...book, netMinor: -100 }], { kind: "refund", ...zatcaReference }),
      ["/lines BR-16", "/taxes BR-KSA-F-04", "/taxes BR-S-09"],
    ],
  ])("[RSA8] %s", (_, receipt, faults) => {
    expect(checked(receipt)).toEqual(faults);
  });

  test("[RSA8] training, closings and events are no fiscal documents", () => {
    expect(checked({ ...sale, kind: "training" })).toEqual(["/kind kind"]);
    const head = emptyHead(shop.config, { icv: 0, hash: firstPreviousHash });
    expect(zatca.check({ kind: "zero" }, { config: shop.config, head, at })).toHaveLength(1);
    expect(zatca.capabilities.training).toBe("apart");
  });

  test("[RSA8] citizens' health care with name and number", async () => {
    const receipt = zatcaReceipt([{ ...book, category: "Z", taxCode: "health" }], {
      customer: { name: "سارة", country: "SA" },
      options: { nationalId: "1000000001" },
    });
    expect(checked(receipt)).toEqual([]);
    const { documents } = await sealAll(zatca, [receipt], { ...shop, fromMs: zatcaNowMs });
    expect(documents[0]?.text).toContain('<cbc:ID schemeID="NAT">1000000001</cbc:ID>');
  });

  test("[RSA8] a tax code without an exemption of its own has that of its category", async () => {
    const exemptions = { E: { code: "VATEX-SA-30", text: "Real estate transactions" } };
    const config = { ...shop.config, settings: { ...shop.config.settings, exemptions } };
    const receipt = zatcaReceipt([{ ...book, category: "E", taxCode: "rent" }]);
    expect(checked(receipt, { config })).toEqual([]);
    const { documents } = await sealAll(zatca, [receipt], {
      ...shop,
      config,
      fromMs: zatcaNowMs,
    });
    expect(documents[0]?.text).toContain("VATEX-SA-30");
  });

  test("[RSA8] a clock that is not that of Saudi Arabia", () => {
    expect(checked(sale, { moment: { ...at, offsetMinutes: 0 } })).toEqual(["/at BR-KSA-70"]);
  });

  test("[RSA10] a standard invoice: without clearance it is none, and nothing is printed", () => {
    expect(checked({ ...sale, options: { invoiceType: "standard" } })).toEqual([
      "/options/invoiceType clearance",
    ]);
    expect(checked({ ...sale, options: { invoiceType: "simplified" } })).toEqual([]);
  });
});

describe("without a stamp (RSA)", () => {
  test("[RSA11] a certificate that ended is said before a number is taken, a newer one takes over", () => {
    const [key] = shop.config.keys;
    assert(key !== undefined);
    const { notAfterMs: _, ...bare } = key;
    const ended = { ...key, notAfterMs: zatcaNowMs };
    const years = fiscalTimeAt(zatcaNowMs + 366 * 86_400_000, "Asia/Riyadh");
    expect(checked(sale, { config: { ...shop.config, keys: [bare] }, moment: years })).toEqual([
      "/keys certificate",
    ]);
    expect(checked(sale, { config: { ...shop.config, keys: [ended] } })).toEqual([
      "/keys certificate",
    ]);
    expect(
      checked(sale, { config: { ...shop.config, keys: [ended, { ...key, keyId: "2" }] } }),
    ).toEqual([]);
  });

  test("[RSA11] a signer that fails seals nothing and takes no number", async () => {
    const { config } = shop;
    const refused = await seal(requestOf(sale), at, {
      regime: zatca,
      head: emptyHead(config, { icv: 0, hash: firstPreviousHash }),
      context: { config, secrets: {}, crypto: createFiscalCrypto() },
      breaker: closedBreaker,
      timer: neverTimer,
    });
    expect(refused).toMatchObject({
      ok: false,
      error: { type: "SignerNeeded", reason: "no signer" },
    });
  });

  test("[RSA11] a new key goes on with the chain of the one before", async () => {
    const next = zatcaShop();
    const [before] = shop.config.keys;
    const [after] = next.config.keys;
    assert(before !== undefined && after !== undefined);
    const first = await sealAll(zatca, [sale], { ...shop, fromMs: zatcaNowMs });
    const config = { ...shop.config, keys: [before, after] };
    const fromMs = zatcaNowMs + 60_000;
    const second = await sealAll(zatca, [sale], { ...next, config, fromMs, head: first.head });
    const verifier = zatca.verifier(second.context);
    const documents = [...first.documents, ...second.documents];
    expect(documents.map(({ keyId }) => keyId)).toEqual([before.keyId, after.keyId]);
    expect(documents.flatMap((one) => verifier.step(one))).toEqual([]);
  });
});

describe("settings (RSA)", () => {
  test("[RSA16] a stream begins after the seed, or where its unit stood", () => {
    expect(zatca.open(shop.config)).toEqual({
      ok: true,
      value: { state: { icv: 0, hash: firstPreviousHash } },
    });
    const previousHash = "Hss2gNFjBY5OJn/5CEVZSSNUMrSf4QlCMxwsioPN6fA=";
    const config = { ...shop.config, ...setting({ counterFrom: 70, previousHash }) };
    expect(zatca.open(config)).toMatchObject({ value: { state: { icv: 70, hash: previousHash } } });
  });

  test.each<[string, Partial<StreamConfig>, string]>([
    ["VAT number", { taxpayer: "199999999900003" }, "/taxpayer"],
    ["unit", { till: "" }, "/till"],
    ["currency", { currency: "USD" }, "/currency"],
    ["digits", { currencyDigits: 3 }, "/currency"],
    ["time zone", { timeZone: "Asia/Dubai" }, "/timeZone"],
    ["a key on another curve", { keys: [{ keyId: "1", certificate: otherCurve }] }, "/keys"],
    ["no certificate", { keys: [{ keyId: "1", publicKey: "AAAA" }] }, "/keys"],
    ["no name", setting({ sellerName: "" }), "/settings/sellerName"],
    [
      "a name too long for the QR code",
      setting({ sellerName: "ش".repeat(71) }),
      "/settings/sellerName",
    ],
    ["a name XML cannot hold", setting({ sellerName: "a\u0001b" }), "/settings/sellerName"],
    ["street", setting({ street: undefined }), "/settings/street"],
    ["district", setting({ district: " x" }), "/settings/district"],
    ["city", setting({ city: 5 }), "/settings/city"],
    ["building", setting({ buildingNumber: "23" }), "/settings/buildingNumber"],
    ["additional number", setting({ additionalNumber: "12" }), "/settings/additionalNumber"],
    ["postal code", setting({ postalCode: "2333" }), "/settings/postalCode"],
    ["scheme", setting({ registrationScheme: "XXX" }), "/settings/registrationScheme"],
    ["registration", setting({ registration: "10-10" }), "/settings/registration"],
    [
      "exemption",
      setting({ exemptions: { m: { code: "X", text: "t" } } }),
      "/settings/exemptions/m",
    ],
    ["counter without hash", setting({ counterFrom: 3 }), "/settings/counterFrom"],
    [
      "hash of another form",
      setting({ counterFrom: 3, previousHash: "x" }),
      "/settings/previousHash",
    ],
  ])("[RSA16] %s", (_, change, pointer) => {
    expect(faultsOf(change)).toEqual([pointer]);
  });
});
