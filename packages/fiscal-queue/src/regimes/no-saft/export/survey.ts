/**
 * The first reading of an export: what stands in the file before its events and transactions. SPEC.md §12 (RNR).
 *
 * It keeps what differs (articles, cashiers, tax codes, copied receipts), never the documents.
 *
 * @module
 */

import { assert } from "@tillmesh/kernel";
import type { SealedDocument } from "../../../document.ts";
import type { ExportInput } from "../../../regime.ts";
import {
  readRecord,
  type EventRecord,
  type NorwayRecord,
  type TransactionRecord,
} from "../record.ts";
import { noSignature } from "../signed-text.ts";
import { vatKey } from "../totals.ts";
import type { SaftMore } from "./more.ts";

export interface Survey {
  readonly documentCount: number;
  readonly transactionCount: number;
  readonly eventCount: number;
  readonly inMinor: number;
  readonly exMinor: number;
  readonly firstNumber: string | undefined;
  readonly lastNumber: string | undefined;
  readonly firstDate: string | undefined;
  readonly lastDate: string | undefined;
  /** What the first transaction of the period chains to. */
  readonly signatureBefore: string;
  readonly articles: ReadonlyMap<string, Article>;
  readonly staff: ReadonlyMap<string, Employee>;
  readonly vatCodes: ReadonlyMap<string, VatCode>;
  readonly groups: ReadonlySet<string>;
  /** How often a receipt was copied within the period. */
  readonly copies: ReadonlyMap<string, number>;
}

export interface Article {
  readonly sku: string;
  readonly name: string;
  readonly group: string | undefined;
  readonly since: string;
}

export interface Employee {
  readonly cashier: string;
  readonly surname: string;
  readonly firstName?: string;
  readonly role?: string;
  readonly since: string;
  readonly sinceTime: string;
}

export interface VatCode {
  readonly taxCode: string;
  readonly vatCode: string;
  readonly rateBp: number;
  readonly since: string;
}

export type Documents = AsyncIterable<SealedDocument>;

export async function survey(
  documents: Documents,
  input: ExportInput,
  more: SaftMore,
): Promise<Survey> {
  const seen = emptySurvey(more);
  for await (const document of documents) {
    seen.documentCount += 1;
    const record = recordOf(document);
    if (isWithin(record, input)) note(seen, record);
    else if (seen.firstDate === undefined && record.type === "transaction") {
      seen.signatureBefore = record.signature;
    }
  }
  for (const { cashier, date, time } of more.events ?? []) meet(seen, cashier, { date, time });
  return seen;
}

export function recordOf(document: SealedDocument): NorwayRecord {
  const record = readRecord(document.text);
  assert(record !== undefined, `document ${document.number} is of this regime`);
  return record;
}

export function isWithin(
  { date }: { readonly date: string },
  { from, to }: Pick<ExportInput, "from" | "to">,
): boolean {
  return (from === undefined || date >= from) && (to === undefined || date <= to);
}

type Seen = {
  -readonly [Name in keyof Survey]: Survey[Name] extends ReadonlyMap<string, infer Value>
    ? Map<string, Value>
    : Survey[Name] extends ReadonlySet<string>
      ? Set<string>
      : Survey[Name];
};

function emptySurvey({ articles = [], staff = [] }: SaftMore): Seen {
  return {
    documentCount: 0,
    transactionCount: 0,
    eventCount: 0,
    inMinor: 0,
    exMinor: 0,
    firstNumber: undefined,
    lastNumber: undefined,
    firstDate: undefined,
    lastDate: undefined,
    signatureBefore: noSignature,
    articles: new Map(articles.map((one) => [one.sku, { ...one, group: one.group }])),
    staff: new Map(staff.map((one) => [one.cashier, { ...one, sinceTime: "00:00:00" }])),
    vatCodes: new Map(),
    groups: new Set(articles.flatMap(({ group }) => (group === undefined ? [] : [group]))),
    copies: new Map(),
  };
}

function note(seen: Seen, record: NorwayRecord): void {
  seen.firstDate ??= record.date;
  seen.lastDate = record.date;
  meet(seen, record.cashier, record);
  if (record.type === "transaction") {
    noteTransaction(seen, record);
    return;
  }
  noteEvent(seen, record);
}

function noteEvent(seen: Seen, record: EventRecord): void {
  seen.eventCount += 1;
  const { group, report, event, transaction } = record;
  if (group !== undefined) seen.groups.add(group);
  if (report !== undefined) {
    for (const code of Object.keys(report.day.groups)) seen.groups.add(code);
    for (const cashier of Object.keys(report.day.cashiers)) meet(seen, cashier, record);
  }
  if (event === "copy" && transaction !== undefined) {
    seen.copies.set(transaction, (seen.copies.get(transaction) ?? 0) + 1);
  }
}

function noteTransaction(seen: Seen, record: TransactionRecord): void {
  seen.transactionCount += 1;
  seen.inMinor += record.inMinor;
  seen.exMinor += record.exMinor;
  seen.firstNumber ??= record.nr;
  seen.lastNumber = record.nr;
  for (const { sku, name, group } of record.lines) {
    seen.groups.add(group);
    if (!seen.articles.has(sku)) seen.articles.set(sku, { sku, name, group, since: record.date });
  }
  for (const { taxCode, vatCode, rateBp } of record.vat) {
    const key = vatKey({ taxCode, vatCode, rateBp });
    if (!seen.vatCodes.has(key)) {
      seen.vatCodes.set(key, { taxCode, vatCode, rateBp, since: record.date });
    }
  }
}

function meet(
  { staff }: Seen,
  cashier: string | undefined,
  { date, time }: { readonly date: string; readonly time: string },
): void {
  if (cashier === undefined || staff.has(cashier)) return;
  staff.set(cashier, { cashier, surname: cashier, since: date, sinceTime: time });
}
