/**
 * The corner shop in the countries whose fiscal regimes the till knows: money, taxes, and what it exports.
 *
 * @module
 */

import type { Money } from "./answers.ts";

export interface RegimeShop {
  readonly regime: RegimeName;
  readonly currency: string;
  readonly timeZone: string;
  readonly taxesCsv: string;
  /** What an authority may ask for, and a text that stands in it for each receipt. */
  readonly exportKind: string;
  /** Keys were made on the spot. */
  readonly isTest: boolean;
}

export type RegimeName =
  | "none"
  | "at-rksv"
  | "es-verifactu"
  | "es-no-verifactu"
  | "sa-zatca"
  | "no-saft";

export const regimeShops: Readonly<Record<RegimeName, RegimeShop>> = {
  none: {
    regime: "none",
    currency: "GBP",
    timeZone: "Europe/London",
    taxesCsv: taxes(20, 5, 0),
    exportKind: "journal",
    isTest: false,
  },
  "at-rksv": {
    regime: "at-rksv",
    currency: "EUR",
    timeZone: "Europe/Vienna",
    taxesCsv: taxes(20, 10, 0),
    exportKind: "dep7",
    isTest: true,
  },
  "es-verifactu": {
    regime: "es-verifactu",
    currency: "EUR",
    timeZone: "Europe/Madrid",
    taxesCsv: taxes(21, 10, 4),
    exportKind: "verifactu-xml",
    isTest: true,
  },
  "es-no-verifactu": {
    regime: "es-no-verifactu",
    currency: "EUR",
    timeZone: "Europe/Madrid",
    taxesCsv: taxes(21, 10, 4),
    exportKind: "verifactu-xml",
    isTest: true,
  },
  "sa-zatca": {
    regime: "sa-zatca",
    currency: "SAR",
    timeZone: "Asia/Riyadh",
    taxesCsv: taxes(15, 15, 15),
    exportKind: "",
    isTest: true,
  },
  "no-saft": {
    regime: "no-saft",
    currency: "NOK",
    timeZone: "Europe/Oslo",
    taxesCsv: taxes(25, 15, 12),
    exportKind: "saft-cr",
    isTest: true,
  },
};

export const regimeNames = Object.keys(regimeShops) as readonly RegimeName[];

export function isRegimeName(text: string): text is RegimeName {
  return Object.hasOwn(regimeShops, text);
}

export function moneyOf({ currency }: Pick<RegimeShop, "currency">): (minor: number) => Money {
  return (minor) => ({ minor, currency });
}

function taxes(standard: number, reduced: number, zero: number): string {
  const rows = [
    ["standard", standard],
    ["reduced", reduced],
    ["zero", zero],
  ] as const;
  const lines = rows.map(([code, rate]) => `${code},VAT ${rate} %,${rate}\n`);
  return `tax_code,name,rate_percent\n${lines.join("")}`;
}
