/**
 * Our values as the API writes them: money with its currency, quantities as decimal text.
 *
 * Inside, a name ends in its unit. That is enough to convert any body, report or exception by one
 * rule: `totalMinor: 870` is `total: {"minor":870,"currency":"GBP"}`, `levelMilli: -1500` is
 * `level: "-1.5"`, `rateBp: 2000` is `ratePercent: "20"`. What names its currency has its amounts in it.
 *
 * @module
 */

import { formatQuantity, type Json } from "@tillmesh/kernel";
import { integer, named, object, text, type Schema } from "./schema.ts";

export type WireMoney = { readonly minor: number; readonly currency: string };

export const amountMaxMinor = 1_000_000_000_000;

const currency: Schema<string> = text({ pattern: "^[A-Z]{3}$" });

/** What a caller may offer, ask or count. */
export const money: Schema<WireMoney> = named(
  "Money",
  object({ minor: integer(0, amountMaxMinor), currency }),
);

export const signedMoney: Schema<WireMoney> = named(
  "SignedMoney",
  object({ minor: integer(-Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER), currency }),
);

export function toWire(value: Json, currencyCode: string): Json {
  if (isList(value)) return value.map((item) => toWire(item, currencyCode));
  if (typeof value !== "object" || value === null) return value;
  const code = typeof value["currency"] === "string" ? value["currency"] : currencyCode;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, member]) => {
      return member === undefined ? [] : [toWireMember(name, member, code)];
    }),
  );
}

/** `"/prices/0/price"` for `"/prices/0/priceMinor"`: a member's place as callers know it. */
export function wirePointer(pointer: string): string {
  const members = pointer.split("/").map((member) => {
    const [stem, unit] = splitUnit(member);
    return stem === undefined ? member : (units[unit ?? ""]?.rename(stem) ?? member);
  });
  return members.join("/");
}

/** `"2026-11-22T10:00:00.000Z"` of a hybrid clock's moment. */
export function wireTime(at: string): string {
  return at.slice(0, 24);
}

function toWireMember(name: string, value: Json, code: string): readonly [string, Json] {
  if (typeof value === "number" || value === null) {
    const [stem, unit] = splitUnit(name);
    const convert = units[unit ?? ""];
    if (stem !== undefined && convert !== undefined) {
      return [convert.rename(stem), value === null ? null : convert.of(value, code)];
    }
  }
  return [name, toWire(value, code)];
}

interface Conversion {
  readonly rename: (stem: string) => string;
  readonly of: (value: number, currency: string) => Json;
}

const same = (stem: string): string => stem;

const units: Readonly<Record<string, Conversion>> = {
  Minor: { rename: same, of: (minor, code) => ({ minor, currency: code }) },
  Milli: { rename: same, of: (milli) => formatQuantity(milli) },
  Bp: { rename: (stem) => `${stem}Percent`, of: (bp) => formatQuantity(bp * 10) },
};

function splitUnit(name: string): readonly [stem?: string, unit?: string] {
  const match = /^(.+)(Minor|Milli|Bp)$/.exec(name);
  return match === null ? [] : [match[1] ?? "", match[2] ?? ""];
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
