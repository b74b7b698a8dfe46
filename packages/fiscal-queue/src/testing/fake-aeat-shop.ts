/**
 * A Spanish shop for tests: its settings, a key made on the spot, receipts.
 *
 * @module
 */

import type { StreamConfig } from "../document.ts";
import { createSoftwareSigner } from "../node/index.ts";
import type { FiscalSigner } from "../ports.ts";
import type { Receipt, ReceiptTax } from "../receipt.ts";
import type { Regime } from "../regime.ts";
import { noVeriFactu, veriFactu } from "../regimes/es-verifactu/regime.ts";
import { testCertificate } from "./fake-aeat-certificate.ts";
import { sealAll, type SealAllOptions, type SealedRun } from "./seal-all.ts";

export const aeatShop: StreamConfig = {
  regime: veriFactu.id,
  taxpayer: "89890001K",
  till: "B1-1",
  series: "B1-1",
  epoch: 1,
  numbersFrom: 0,
  timeZone: "Europe/Madrid",
  currency: "EUR",
  currencyDigits: 2,
  isTest: true,
  keys: [],
  settings: {
    sellerName: "Café & Té, S.L.",
    environment: "test",
    software: {
      producerName: "Tillmesh",
      producerNif: "89890005W",
      name: "Tillmesh till",
      id: "TM",
      version: "0.1.0",
      isOnlyVeriFactu: false,
      mayServeSeveral: false,
      servesSeveral: false,
    },
  },
};

export interface SigningShop {
  readonly config: StreamConfig;
  readonly signer: FiscalSigner;
  /** PEM, for second opinions. */
  readonly certificatePem: string;
}

/** Outside VERI*FACTU each record is signed: a certificate as the law has it, but made here and worth nothing. */
export function signingShop(change: Partial<StreamConfig> = {}): SigningShop {
  const { der, pem, privateKey } = testCertificate();
  return {
    config: {
      ...aeatShop,
      regime: noVeriFactu.id,
      keys: [{ keyId: "K1", certificate: der }],
      ...change,
    },
    signer: createSoftwareSigner({ K1: privateKey }),
    certificatePem: pem,
  };
}

/** Opens the shop's stream and seals. */
export function sealInSpain(
  requests: Parameters<typeof sealAll>[1],
  options: Partial<SealAllOptions> = {},
): Promise<SealedRun> {
  const { config = aeatShop } = options;
  return sealAll(regimeOf(config), requests, { config, ...options });
}

export function regimeOf({ regime }: StreamConfig): Regime {
  return regime === veriFactu.id ? veriFactu : noVeriFactu;
}

/** Of amounts with tax, by rate in percent. */
export function spanishReceipt(
  kind: Receipt["kind"],
  grossMinorByPercent: Readonly<Record<number, number>>,
  more: Partial<Receipt> = {},
): Receipt {
  const taxes = Object.entries(grossMinorByPercent).map(([percent, grossMinor]) =>
    taxOf(Number(percent) * 100, grossMinor),
  );
  return {
    kind,
    currency: "EUR",
    lines: [],
    taxes,
    totalMinor: taxes.reduce((sum, { netMinor, taxMinor }) => sum + netMinor + taxMinor, 0),
    payments: [],
    ...more,
  };
}

export const spanishCustomer = {
  name: "Ñandú <Ltd> & Co.",
  taxId: "89890002E",
  country: "ES",
} as const;

function taxOf(rateBp: number, grossMinor: number): ReceiptTax {
  const taxMinor = Math.trunc((grossMinor * rateBp) / (10_000 + rateBp));
  return {
    taxCode: `V${rateBp}`,
    category: "S",
    rateBp,
    netMinor: grossMinor - taxMinor,
    taxMinor,
  };
}
