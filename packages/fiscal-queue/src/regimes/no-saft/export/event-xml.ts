/**
 * Events: those that were sealed, and those that each receipt brings. SPEC.md §12 (RNR).
 *
 * @module
 */

import type { StreamConfig } from "../../../document.ts";
import { eventCodes } from "../codes.ts";
import type { EventRecord, TransactionRecord } from "../record.ts";
import { amountText } from "../signed-text.ts";
import type { MoreEvent } from "./more.ts";
import { reportXml } from "./report-xml.ts";
import type { Words } from "./words.ts";
import { fitted, group, optionalTag, tag } from "./xml.ts";

export function sealedEventXml(record: EventRecord, config: StreamConfig, words: Words): string {
  const { report } = record;
  return eventXml(
    {
      ...record,
      code: eventCodes[record.event],
      text: textOf(record),
      report: report === undefined ? "" : reportXml({ ...record, report }, config, words),
    },
    words,
  );
}

export function moreEventXml(event: MoreEvent, words: Words): string {
  return eventXml({ ...event, code: eventCodes[event.event] }, words);
}

const receiptCodes = { sale: "13012", refund: "13013", void: "13028", training: "13017" } as const;

/** A receipt and, where it opened with it, the drawer. `sequence` is the document's. */
export function receiptEventsXml(
  record: TransactionRecord,
  input: { readonly sequence: number; readonly isPrinted: boolean; readonly words: Words },
): string {
  const { sequence, isPrinted, words } = input;
  const { nr, date, time, cashier } = record;
  const common = { date, time, transaction: nr, ...(cashier !== undefined && { cashier }) };
  const code = isPrinted ? receiptCodes[record.kind] : eventCodes["without-receipt"];
  const receipt = eventXml({ ...common, id: `R-${sequence}`, code }, words);
  if (record.opensDrawer !== true) return receipt;
  return (
    receipt + eventXml({ ...common, id: `D-${sequence}`, code: eventCodes["drawer-opened"] }, words)
  );
}

interface Event {
  readonly id: string;
  readonly code: string;
  readonly date: string;
  readonly time: string;
  readonly cashier?: string;
  readonly transaction?: string;
  readonly text?: string | undefined;
  readonly report?: string;
}

function eventXml(event: Event, words: Words): string {
  const { cashier, text } = event;
  return group("event", [
    tag("eventID", event.id),
    tag("eventType", event.code),
    optionalTag("transID", event.transaction),
    cashier === undefined ? "" : tag("empID", words.id(cashier)),
    tag("eventDate", event.date),
    tag("eventTime", event.time),
    text === undefined ? "" : tag("eventText", fitted(text, 9999)),
    event.report ?? "",
  ]);
}

/** What the list has no code or field for is told in words. */
function textOf({
  event,
  group: articleGroup,
  amountMinor,
  text,
}: EventRecord): string | undefined {
  const parts = [
    ...(eventCodes[event] === "13999" ? [event] : []),
    ...(articleGroup === undefined ? [] : [`artGroupID ${articleGroup}`]),
    ...(amountMinor === undefined ? [] : [`amount ${amountText(amountMinor)}`]),
    ...(text === undefined ? [] : [text]),
  ];
  return parts.length === 0 ? undefined : parts.join("; ");
}
