/**
 * SAF-T Cash Register 1.00 of any period, in pieces. SPEC.md §12 (RNR).
 *
 * The schema wants tables first, then all events, then all transactions: the documents are read three times
 * rather than held.
 *
 * @module
 */

import { assert } from "@tillmesh/kernel";
import type { SealedDocument, StreamConfig } from "../../../document.ts";
import type { ExportInput, RegimeExport } from "../../../regime.ts";
import type { NorwayRecord } from "../record.ts";
import { settingsOf } from "../settings.ts";
import { localTime } from "../signed-text.ts";
import { moreEventXml, receiptEventsXml, sealedEventXml } from "./event-xml.ts";
import {
  addressXml,
  articlesXml,
  basicsXml,
  companyXml,
  employeesXml,
  headerXml,
  vatCodesXml,
} from "./head-xml.ts";
import { readMore, type SaftMore } from "./more.ts";
import { isWithin, recordOf, survey, type Documents, type Survey } from "./survey.ts";
import { transactionXml } from "./transaction-xml.ts";
import { wordsOf, type Words } from "./words.ts";
import { tag } from "./xml.ts";

export const saftExport: RegimeExport = {
  mediaType: "application/xml",
  fileName: ({ taxpayer }, at) => {
    const { date, time } = localTime(at);
    const stamp = `${date}${time}`.replaceAll(/[-:]/g, "");
    return `SAF-T Cash Register_${taxpayer}_${stamp}.xml`;
  },
  write,
};

const namespace = "urn:StandardAuditFile-Taxation-CashRegister:NO";

interface Export {
  readonly documents: Documents;
  readonly input: ExportInput;
  readonly more: SaftMore;
  readonly unprinted: ReadonlySet<string>;
  readonly seen: Survey;
  readonly words: Words;
}

async function* write(documents: Documents, input: ExportInput): AsyncGenerator<string> {
  const more = readMore(input.more);
  const seen = await survey(documents, input, more);
  const words = wordsOf(input.crypto);
  const unprinted = new Set(more.withoutReceipt);
  const file: Export = { documents, input, more, unprinted, seen, words };
  yield `<?xml version="1.0" encoding="UTF-8"?>\n<auditfile xmlns="${namespace}">\n`;
  yield headerXml(seen, input, more);
  yield `\n<company>${companyXml(seen, input)}\n`;
  yield* inPieces(vatCodesXml(seen, words));
  yield* inPieces(employeesXml(seen, words));
  yield* inPieces(articlesXml(seen, words));
  yield* inPieces(basicsXml(seen));
  yield locationXml(input.config);
  yield* eventsXml(file);
  yield* transactionsXml(file);
  yield "</cashregister></location></company>\n</auditfile>\n";
}

/** A catalogue of 60,000 articles is not one string. */
function* inPieces(rows: Iterable<string>): Generator<string> {
  for (const row of rows) yield `${row}\n`;
}

/** Location and register stay open for events and transactions. */
function locationXml(config: StreamConfig): string {
  const { company, location = company, registerDescription } = settingsOf(config);
  return [
    "<location>",
    tag("name", location.name),
    addressXml(location),
    "<cashregister>",
    tag("registerID", config.till),
    registerDescription === undefined ? "" : tag("regDesc", registerDescription),
    "\n",
  ].join("");
}

async function* eventsXml(file: Export): AsyncGenerator<string> {
  const { input, more, words, unprinted } = file;
  const noted = (more.events ?? []).filter((event) => isWithin(event, input));
  let next = 0;
  for await (const [record, { sequence }] of readAgain(file)) {
    for (; isBefore(noted[next], record); next += 1) yield notedXml(noted, next, words);
    yield record.type === "event"
      ? `${sealedEventXml(record, input.config, words)}\n`
      : `${receiptEventsXml(record, { sequence, words, isPrinted: !unprinted.has(record.nr) })}\n`;
  }
  for (; next < noted.length; next += 1) yield notedXml(noted, next, words);
}

function notedXml(noted: NonNullable<SaftMore["events"]>, at: number, words: Words): string {
  const event = noted[at];
  return event === undefined ? "" : `${moreEventXml(event, words)}\n`;
}

interface Moment {
  readonly date: string;
  readonly time: string;
}

function isBefore(one: Moment | undefined, other: Moment): boolean {
  return one !== undefined && `${one.date}T${one.time}` < `${other.date}T${other.time}`;
}

async function* transactionsXml(file: Export): AsyncGenerator<string> {
  const { seen, words, unprinted } = file;
  for await (const [record] of readAgain(file)) {
    if (record.type === "event") continue;
    const copyCount = seen.copies.get(record.nr) ?? 0;
    const isPrinted = !unprinted.has(record.nr);
    yield `${transactionXml(record, { copyCount, isPrinted, words })}\n`;
  }
}

/** Records of the period, from the first document again. */
async function* readAgain({
  documents,
  input,
  seen,
}: Export): AsyncGenerator<readonly [NorwayRecord, SealedDocument]> {
  let count = 0;
  for await (const document of documents) {
    // Documents that were sealed meanwhile are not of this export.
    if (count === seen.documentCount) break;
    count += 1;
    const record = recordOf(document);
    if (isWithin(record, input)) yield [record, document];
  }
  assert(count === seen.documentCount, "documents of an export can be read more than once");
}
