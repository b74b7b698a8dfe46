/**
 * What a Norwegian document says: canonical JSON in `SealedDocument.text`. SPEC.md §12 (RNR).
 *
 * @module
 */

import { parseJson, type Json, type JsonObject } from "@tillmesh/kernel";
import { isEventName, type NorwayEventName } from "./codes.ts";

export type NorwayRecord = TransactionRecord | EventRecord;

/** A `cashtransaction`. Amounts flow as money does; `in` is with VAT, `ex` without. */
export type TransactionRecord = {
  readonly type: "transaction";
  readonly nr: string;
  readonly kind: "sale" | "refund" | "void" | "training";
  readonly date: string;
  readonly time: string;
  readonly inMinor: number;
  readonly exMinor: number;
  readonly cashier?: string;
  readonly refersTo?: string;
  readonly reason?: string;
  readonly lines: readonly LineRecord[];
  readonly vat: readonly VatRecord[];
  readonly payments: readonly PaymentRecord[];
  /** What was paid less what was owed and tipped. */
  readonly roundingMinor: number;
  readonly discountMinor?: number;
  readonly tipMinor?: number;
  /** The drawer opened with it. */
  readonly opensDrawer?: true;
  readonly keyVersion: string;
  readonly signature: string;
};

export type LineRecord = {
  readonly sku: string;
  readonly name: string;
  /** List 04. */
  readonly group: string;
  readonly quantityMilli: number;
  readonly inMinor: number;
  readonly exMinor: number;
  readonly taxCode: string;
  readonly vatCode: string;
  readonly rateBp: number;
};

export type VatRecord = {
  readonly taxCode: string;
  /** The standard code. */
  readonly vatCode: string;
  readonly rateBp: number;
  readonly exMinor: number;
  readonly vatMinor: number;
};

/** `code` is of list 12. */
export type PaymentRecord = { readonly code: string; readonly amountMinor: number };

export type EventRecord = {
  readonly type: "event";
  readonly id: string;
  readonly event: NorwayEventName;
  readonly date: string;
  readonly time: string;
  readonly cashier?: string;
  /** The number of the transaction it belongs to. */
  readonly transaction?: string;
  readonly amountMinor?: number;
  readonly group?: string;
  readonly text?: string;
  readonly report?: ReportRecord;
  readonly keyVersion: string;
  readonly signature: string;
};

export type ReportRecord = {
  /** `Z-12`. */
  readonly id: string;
  readonly day: DayTotals;
  readonly grand: GrandTotals;
};

/** How many, and their sum. */
export type Counted = readonly [count: number, minor: number];

/** Since the last Z; what is absent is nothing. */
export type DayTotals = {
  readonly counts: Readonly<Record<string, Counted>>;
  readonly floatMinor: number;
  /** Thousandths sold and amount with VAT, by article group. */
  readonly groups: Readonly<Record<string, Counted>>;
  /** Payments by code of list 12. */
  readonly payments: Readonly<Record<string, Counted>>;
  /** The same by who sold. */
  readonly cashiers: Readonly<Record<string, Readonly<Record<string, Counted>>>>;
  /** Amount without VAT, and VAT, by `taxCode|vatCode|rateBp`. */
  readonly vat: Readonly<Record<string, Counted>>;
  /** Price look-ups by article group. */
  readonly inquiries: Readonly<Record<string, Counted>>;
};

/** Since the first document: sales, returns, both positive. Their difference is all that was transacted. */
export type GrandTotals = readonly [salesMinor: number, returnsMinor: number];

/** Undefined for anything that this regime did not write. */
export function readRecord(text: string): NorwayRecord | undefined {
  const parsed = parseJson(text);
  if (!parsed.ok || !(isTransaction(parsed.value) || isEvent(parsed.value))) return undefined;
  return parsed.value as unknown as NorwayRecord;
}

type Check = (value: Json | undefined) => boolean;

const text: Check = (value) => typeof value === "string";
const integer: Check = (value) => typeof value === "number";
const date: Check = (value) => typeof value === "string" && /^\d{4}-\d\d-\d\d$/.test(value);
const time: Check = (value) => typeof value === "string" && /^\d\d:\d\d:\d\d$/.test(value);

const counted: Check = (value) =>
  Array.isArray(value) && value.length === 2 && value.every((one) => integer(one as Json));

const isLine = shape({
  sku: text,
  name: text,
  group: text,
  quantityMilli: integer,
  inMinor: integer,
  exMinor: integer,
  taxCode: text,
  vatCode: text,
  rateBp: integer,
});

const isVat = shape({
  taxCode: text,
  vatCode: text,
  rateBp: integer,
  exMinor: integer,
  vatMinor: integer,
});

const isTransaction = shape({
  type: is("transaction"),
  nr: text,
  kind: is("sale", "refund", "void", "training"),
  date,
  time,
  inMinor: integer,
  exMinor: integer,
  cashier: optional(text),
  refersTo: optional(text),
  reason: optional(text),
  lines: listOf(isLine),
  vat: listOf(isVat),
  payments: listOf(shape({ code: text, amountMinor: integer })),
  roundingMinor: integer,
  discountMinor: optional(integer),
  tipMinor: optional(integer),
  opensDrawer: optional(is(true)),
  keyVersion: text,
  signature: text,
});

export const isDayTotals: Check = shape({
  counts: mapOf(counted),
  floatMinor: integer,
  groups: mapOf(counted),
  payments: mapOf(counted),
  cashiers: mapOf(mapOf(counted)),
  vat: mapOf(counted),
  inquiries: mapOf(counted),
});

const isEvent = shape({
  type: is("event"),
  id: text,
  event: (value) => typeof value === "string" && isEventName(value),
  date,
  time,
  cashier: optional(text),
  transaction: optional(text),
  amountMinor: optional(integer),
  group: optional(text),
  text: optional(text),
  report: optional(shape({ id: text, day: isDayTotals, grand: counted })),
  keyVersion: text,
  signature: text,
});

/** An object that has these members, and no other. */
export function shape(members: Readonly<Record<string, Check>>): Check {
  const names = Object.keys(members);
  return (value) =>
    isObject(value) &&
    names.every((name) => members[name]?.(Object.hasOwn(value, name) ? value[name] : undefined)) &&
    Object.keys(value).every((name) => Object.hasOwn(members, name));
}

export function is(...values: readonly Json[]): Check {
  return (value) => value !== undefined && values.includes(value);
}

export function optional(check: Check): Check {
  return (value) => value === undefined || check(value);
}

export function listOf(check: Check): Check {
  return (value) => Array.isArray(value) && value.every((one) => check(one as Json));
}

export function mapOf(check: Check): Check {
  return (value) => isObject(value) && Object.values(value).every(check);
}

export const isText: Check = text;
export const isInteger: Check = integer;
export const isDate: Check = date;
export const isTime: Check = time;

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
