/**
 * A stream of each regime that seals with a key in software, with keys made on the spot.
 *
 * @module
 */

import { generateKeyPairSync, type KeyObject } from "node:crypto";
import {
  noRegime,
  norwaySaft,
  rksv,
  veriFactu,
  zatca,
  type FiscalSigner,
  type Receipt,
  type Regime,
  type StreamConfig,
  type StreamKey,
} from "@tillmesh/fiscal-queue";
import { createSoftwareSigner, createZatcaTestKey } from "@tillmesh/fiscal-queue/node";
import type { JsonObject } from "@tillmesh/kernel";
import type { SaleBody } from "@tillmesh/sales-ledger";

export interface FiscalShop {
  readonly regime: Regime;
  readonly config: StreamConfig;
  readonly signer?: FiscalSigner;
  readonly secrets: Readonly<Record<string, Uint8Array>>;
  /** The one rate that everything is sold at. */
  readonly rateBp: number;
}

export const fiscalShops: Readonly<Record<string, () => FiscalShop>> = {
  none: () => shopOf(noRegime, { taxpayer: "", currency: "GBP", timeZone: "Europe/London" }, 2000),
  "at-rksv": austria,
  "es-verifactu": spain,
  "sa-zatca": saudiArabia,
  "no-saft": norway,
};

/** What was sold, at the shop's rate. Tax is taken once on all of it and stands on the first line: that suits each regime. */
export function receiptOf(body: SaleBody, { config, rateBp }: FiscalShop): Receipt {
  const netMinor = body.lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
  const taxMinor = Math.round((netMinor * rateBp) / 10_000);
  const tax = { taxCode: "standard", category: "S", rateBp } as const;
  const totalMinor = netMinor + taxMinor;
  return {
    kind: "sale",
    currency: config.currency,
    lines: body.lines.map(({ lineId, sku, name, quantityMilli, amountMinor }, index) => ({
      lineId,
      sku,
      name,
      quantityMilli,
      netMinor: amountMinor,
      taxMinor: index === 0 ? taxMinor : 0,
      ...tax,
    })),
    taxes: [{ ...tax, netMinor, taxMinor }],
    totalMinor,
    payments: [{ kind: "cash", amountMinor: totalMinor }],
    cashier: "staff_1",
  };
}

function austria(): FiscalShop {
  const { keys, signer } = keysOf(generateKeyPairSync("ec", { namedCurve: "prime256v1" }));
  const place = { taxpayer: "ATU12345678", currency: "EUR", timeZone: "Europe/Vienna" };
  const settings = { system: "closed", companyId: "U:ATU12345678", counterBytes: 8 };
  const shop = shopOf(rksv, { ...place, keys, settings }, 2000);
  return { ...shop, signer, secrets: { turnover: new Uint8Array(32) } };
}

function spain(): FiscalShop {
  const place = { taxpayer: "89890001K", currency: "EUR", timeZone: "Europe/Madrid" };
  const software = {
    producerName: "Tillmesh",
    producerNif: "89890005W",
    name: "Tillmesh",
    id: "TM",
    version: "0.1.0",
  };
  const settings = { sellerName: "Corner Shops", environment: "test", software };
  return shopOf(veriFactu, { ...place, settings }, 2100);
}

function saudiArabia(): FiscalShop {
  const taxpayer = "399999999900003";
  const serialNumber = "1-TST|2-TST|3-ed22f1d8-e6a2-1118-9b58-d9a8f11e445f";
  const { key, privateKey } = createZatcaTestKey(
    {
      commonName: "TST-886431145-399999999900003",
      serialNumber,
      organizationIdentifier: taxpayer,
      organizationUnit: "Riyadh",
      organizationName: "Corner Shops",
      country: "SA",
      invoiceType: "0100",
      location: "RRRD2929",
      category: "Retail",
    },
    { nowMs: Date.now() - 60_000 },
  );
  const settings = {
    sellerName: "Corner Shops",
    street: "Prince Sultan St",
    buildingNumber: "2322",
    district: "Al-Murabba",
    city: "Riyadh",
    postalCode: "23333",
    registrationScheme: "CRN",
    registration: "1010010000",
  };
  const place = { taxpayer, till: serialNumber, currency: "SAR", timeZone: "Asia/Riyadh" };
  const shop = shopOf(zatca, { ...place, keys: [key], settings }, 1500);
  return { ...shop, signer: createSoftwareSigner({ [key.keyId]: privateKey }) };
}

function norway(): FiscalShop {
  const { keys, signer } = keysOf(generateKeyPairSync("rsa", { modulusLength: 2048 }));
  const place = { taxpayer: "999999999", currency: "NOK", timeZone: "Europe/Oslo" };
  const settings = { company: { name: "Corner Shops", postalCode: "0200", city: "Oslo" } };
  return { ...shopOf(norwaySaft, { ...place, keys, settings }, 2500), signer };
}

function keysOf(pair: { readonly publicKey: KeyObject; readonly privateKey: KeyObject }): {
  readonly keys: readonly StreamKey[];
  readonly signer: FiscalSigner;
} {
  const keyId = "U:ATU12345678-K1";
  const publicKey = pair.publicKey.export({ format: "der", type: "spki" }).toString("base64");
  return {
    keys: [{ keyId, publicKey }],
    signer: createSoftwareSigner({ [keyId]: pair.privateKey }),
  };
}

type Place = Pick<StreamConfig, "taxpayer" | "currency" | "timeZone"> & {
  readonly till?: string;
  readonly keys?: readonly StreamKey[];
  readonly settings?: JsonObject;
};

function shopOf(regime: Regime, place: Place, rateBp: number): FiscalShop {
  const config: StreamConfig = {
    regime: regime.id,
    till: "T1-1",
    series: "T1-1",
    epoch: 1,
    numbersFrom: 0,
    currencyDigits: 2,
    isTest: true,
    keys: [],
    settings: {},
    ...place,
  };
  return { regime, config, secrets: {}, rateBp };
}
