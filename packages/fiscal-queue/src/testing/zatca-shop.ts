/**
 * A Saudi shop for tests: with keys made on the spot, or with the published test key.
 *
 * @module
 */

import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import type { StreamConfig, StreamKey } from "../document.ts";
import { createSoftwareSigner } from "../node/index.ts";
import { createZatcaTestKey } from "../node/zatca-keys.ts";
import type { FiscalSigner } from "../ports.ts";
import type { Receipt, ReceiptLine, ReceiptTax, TaxCategory } from "../receipt.ts";
import type { CsrFacts } from "../regimes/sa-zatca/csr.ts";
import { taxOf } from "../regimes/sa-zatca/decimal.ts";
import { conformanceText } from "./conformance.ts";

export interface ZatcaShop {
  readonly config: StreamConfig;
  readonly signer: FiscalSigner;
}

/** 2026-11-22, 10:00 in Riyadh. */
export const zatcaNowMs = 1_795_330_800_000;

export const zatcaCsrFacts: CsrFacts = {
  commonName: "TST-886431145-399999999900003",
  serialNumber: "1-TST|2-TST|3-ed22f1d8-e6a2-1118-9b58-d9a8f11e445f",
  organizationIdentifier: "399999999900003",
  organizationUnit: "فرع الرياض",
  organizationName: "شركة الواحة",
  country: "SA",
  invoiceType: "0100",
  location: "RRRD2929",
  category: "بيع التجزئة",
};

export function zatcaShop(change: Partial<StreamConfig> = {}): ZatcaShop {
  const { key, privateKey } = createZatcaTestKey(zatcaCsrFacts, { nowMs: zatcaNowMs - 1000 });
  return shopWith(key, privateKey, change);
}

/** Signs with the key that the authority published for this purpose. */
export function publishedZatcaShop(change: Partial<StreamConfig> = {}): ZatcaShop {
  const certificate = conformanceText("sa-zatca/Certificates/cert.pem").trim();
  const text = conformanceText("sa-zatca/Certificates/ec-secp256k1-priv-key.pem").trim();
  const privateKey = createPrivateKey({
    key: Buffer.from(text, "base64"),
    format: "der",
    type: "sec1",
  });
  const publicKey = createPublicKey(privateKey).export({ format: "der", type: "spki" });
  const key = { keyId: "published", certificate, publicKey: publicKey.toString("base64") };
  return shopWith(key, privateKey, change);
}

function shopWith(key: StreamKey, privateKey: KeyObject, change: Partial<StreamConfig>): ZatcaShop {
  const config: StreamConfig = {
    regime: "sa-zatca",
    taxpayer: zatcaCsrFacts.organizationIdentifier,
    till: zatcaCsrFacts.serialNumber,
    series: "B1-1",
    epoch: 1,
    numbersFrom: 0,
    timeZone: "Asia/Riyadh",
    currency: "SAR",
    currencyDigits: 2,
    isTest: true,
    keys: [key],
    settings: zatcaSettings,
    ...change,
  };
  return { config, signer: createSoftwareSigner({ [key.keyId]: privateKey }) };
}

export const zatcaSettings = {
  sellerName: "شركة الواحة للتجارة | Oasis Trading",
  street: "شارع الأمير سلطان | Prince Sultan St",
  buildingNumber: "2322",
  district: "المربع | Al-Murabba",
  city: "الرياض | Riyadh",
  postalCode: "23333",
  registrationScheme: "CRN",
  registration: "1010010000",
  exemptions: {
    medicine: { code: "VATEX-SA-35", text: "Medicines and medical equipment | الأدوية" },
    health: { code: "VATEX-SA-HEA", text: "Private healthcare to citizen" },
    bank: { code: "VATEX-SA-29", text: "Financial services" },
  },
} as const;

export interface ZatcaItem {
  readonly name: string;
  readonly quantityMilli: number;
  readonly netMinor: number;
  readonly category?: TaxCategory;
  readonly rateBp?: number;
  readonly taxCode?: string;
}

/** Amounts upwards; `kind` says which way the money goes. The tax is per category unless `taxMinor` of a line says otherwise. */
export function zatcaReceipt(items: readonly ZatcaItem[], change: Partial<Receipt> = {}): Receipt {
  const direction = change.kind === "refund" || change.kind === "void" ? -1 : 1;
  const lines = items.map((item, index) => lineOf(item, index, direction));
  const taxes = taxesOf(lines);
  const totalMinor = taxes.reduce((sum, { netMinor, taxMinor }) => sum + netMinor + taxMinor, 0);
  return {
    kind: "sale",
    currency: "SAR",
    lines: settled(lines, taxes),
    taxes,
    totalMinor,
    payments: [{ kind: "card", amountMinor: totalMinor }],
    ...change,
  };
}

/** What a note says besides. */
export const zatcaReference: Pick<Receipt, "reason" | "refersTo"> = {
  reason: "CANCELLATION_OR_TERMINATION",
  refersTo: { number: "B1-1-000001", issuedOn: "2026-11-22" },
};

function lineOf(item: ZatcaItem, index: number, direction: 1 | -1): ReceiptLine {
  const { category = "S", name, netMinor, quantityMilli, taxCode = "std" } = item;
  const rateBp = item.rateBp ?? (category === "S" ? 1500 : 0);
  return {
    lineId: `l${index + 1}`,
    sku: `SKU-${index + 1}`,
    name,
    quantityMilli: quantityMilli * direction,
    netMinor: netMinor * direction,
    taxMinor: 0,
    taxCode,
    category,
    rateBp,
  };
}

function taxesOf(lines: readonly ReceiptLine[]): readonly ReceiptTax[] {
  const codes = [...new Set(lines.map(({ rateBp, taxCode }) => `${taxCode} ${rateBp}`))];
  return codes.map((code) => {
    const members = lines.filter(({ rateBp, taxCode }) => `${taxCode} ${rateBp}` === code);
    const [{ category, rateBp, taxCode }] = members as [ReceiptLine];
    const netMinor = members.reduce((sum, line) => sum + line.netMinor, 0);
    const size = taxOf(Math.abs(netMinor), rateBp);
    return { taxCode, category, rateBp, netMinor, taxMinor: netMinor < 0 ? -size : size };
  });
}

/** The whole tax of a code on its first line, so that the lines add up as a till's do. */
function settled(
  lines: readonly ReceiptLine[],
  taxes: readonly ReceiptTax[],
): readonly ReceiptLine[] {
  return lines.map((line, index) => {
    const isFirst = lines.findIndex((one) => sameTax(one, line)) === index;
    const taxMinor = isFirst ? (taxes.find((tax) => sameTax(tax, line))?.taxMinor ?? 0) : 0;
    return { ...line, taxMinor };
  });
}

function sameTax(a: ReceiptLine | ReceiptTax, b: ReceiptLine | ReceiptTax): boolean {
  return a.taxCode === b.taxCode && a.rateBp === b.rateBp;
}
