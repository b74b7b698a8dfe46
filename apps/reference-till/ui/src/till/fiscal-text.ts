/**
 * The fiscal regime in words: its name, documents and their states, and what everybody must know at once.
 *
 * @module
 */

import type {
  EndingKey,
  Fiscal,
  FiscalDelivery,
  FiscalDocument,
  OwedClosing,
} from "../api/fiscal-shapes.ts";
import { clockText, dayText, localMinute, momentText } from "../time.ts";

export function regimeText(regime: string): string {
  return regimes[regime] ?? regime;
}

const regimes: Readonly<Record<string, string>> = {
  none: "No regime",
  "at-rksv": "Austria, RKSV",
  "es-verifactu": "Spain, VERI*FACTU",
  "es-no-verifactu": "Spain, signed and kept",
  "sa-zatca": "Saudi Arabia, ZATCA",
  "no-saft": "Norway, SAF-T Cash Register",
};

export function exportText(kind: string): string {
  return exportsByKind[kind] ?? kind;
}

const exportsByKind: Readonly<Record<string, string>> = {
  dep7: "DEP7",
  "saft-cr": "SAF-T Cash Register",
  "verifactu-xml": "VERI*FACTU records",
  "zatca-xml": "ZATCA invoices",
  journal: "journal",
};

export function documentKindText(kind: string): string {
  return kinds[kind] ?? kind;
}

const kinds: Readonly<Record<string, string>> = {
  start: "first document",
  void: "reversal",
  zero: "zero receipt",
  month: "monthly receipt",
  year: "yearly receipt",
  collective: "receipt after an outage",
  correction: "correction",
  cancellation: "cancellation",
  invoice: "full invoice",
};

export interface StateText {
  readonly tone: "good" | "quiet" | "alone" | "bad";
  readonly text: string;
}

export function documentStateText(state: string): StateText {
  return states[state] ?? { tone: "quiet", text: state };
}

const states: Readonly<Record<string, StateText>> = {
  parked: { tone: "alone", text: "parked" },
  conflict: { tone: "bad", text: "conflict" },
  rejected: { tone: "bad", text: "rejected" },
  flagged: { tone: "alone", text: "accepted with remarks" },
};

/** Why it needs a person, in the authority's own words where there are some. */
export function documentReason({ state, code, detail }: FiscalDocument): string {
  if (state === "conflict") {
    const found = detail === null ? "" : ` (${detail})`;
    return `Another document was sent under this number${found}. Find out by whom before anything else.`;
  }
  // The authority's codes have numbers in them; a word says no more than the detail.
  const mark = code !== null && /\d/.test(code) ? code : "";
  const said = [mark, detail ?? ""].filter(Boolean).join(": ");
  return said === "" ? (reasons[state] ?? "") : said;
}

const reasons: Readonly<Record<string, string>> = {
  parked: "It could not be sent.",
  rejected: "The authority refused it.",
  flagged: "The authority has remarks.",
};

/** The same bytes are sent again; what is accepted stays accepted. */
export function canBeSentAgain({ state }: Pick<FiscalDocument, "state">): boolean {
  return state === "parked" || state === "rejected" || state === "conflict";
}

/** A new document says the same of the sale. */
export function canBePutRight({ state }: Pick<FiscalDocument, "state">): boolean {
  return state === "rejected" || state === "flagged";
}

export function closingText({ period, reason }: OwedClosing): string {
  const tried = reason === null ? "" : ` (${reason})`;
  return `of the ${period}, tried again by itself${tried}`;
}

export function keyText({ notAfter, daysLeft, level }: EndingKey, timeZone: string): string {
  const day = dayText(localMinute(Date.parse(notAfter), timeZone).slice(0, 10));
  if (level === "ended") return `ended ${day}`;
  return `ends ${day}, in ${daysLeft === 1 ? "1 day" : `${daysLeft} days`}`;
}

/** `"12 s ahead of this till"`. Authorities tell whole seconds. */
export function skewText(skewMs: number): string {
  const seconds = Math.round(Math.abs(skewMs) / 1000);
  if (seconds <= 1) return "as this till’s";
  const size = seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
  return `${size} ${skewMs > 0 ? "ahead of" : "behind"} this till`;
}

/** From here on documents move over midnights and deadlines. */
export function isSkewBad(skewMs: number): boolean {
  return Math.abs(skewMs) >= 30_000;
}

export interface FiscalAlarm {
  readonly isOver: boolean;
  readonly title: string;
  readonly text: string;
}

/** What whoever sells must know: few words, they stand above the basket. */
export function fiscalAlarms(
  { stopped, outage, delivery }: Fiscal,
  { timeZone, nowMs }: Reading,
): readonly FiscalAlarm[] {
  if (stopped !== null) {
    const text = `Nothing is sold on this till until that is settled; baskets are kept. ${stopped}`;
    return [{ isOver: true, title: "Receipts are not sealed any more.", text }];
  }
  const alarms: FiscalAlarm[] = [];
  if (outage !== null && outage.ended === null) {
    const since = sinceText(outage.since, { timeZone, nowMs });
    const text = `since ${since}. Selling goes on; receipts say that they are sealed without it.`;
    alarms.push({ isOver: false, title: "The fiscal signer is out", text });
  }
  const title = deadlineTitle(delivery.deadlines);
  if (title !== undefined) alarms.push({ isOver: false, title, text: seeTo });
  return alarms;
}

interface Reading {
  readonly timeZone: string;
  readonly nowMs: number;
}

const seeTo = "Selling goes on; a manager sees more under Fiscal.";

/** Half of the time is no alarm yet. */
function deadlineTitle({ alarm, late }: FiscalDelivery["deadlines"]): string | undefined {
  if (late === 0) {
    return alarm === 0 ? undefined : `${documentsText(alarm)} must reach the authority soon.`;
  }
  const overdue = `${documentsText(late)} for the authority ${isOrAre(late)} late`;
  return alarm === 0 ? `${overdue}.` : `${overdue}, ${alarm} ${isOrAre(alarm)} due soon.`;
}

function isOrAre(count: number): string {
  return count === 1 ? "is" : "are";
}

/** The day only where it is another. */
function sinceText(at: string, { timeZone, nowMs }: Reading): string {
  const dayOf = (ms: number) => localMinute(ms, timeZone).slice(0, 10);
  const isToday = dayOf(Date.parse(at)) === dayOf(nowMs);
  return isToday ? clockText(at, timeZone) : momentText(at, timeZone);
}

export function documentsText(count: number): string {
  return count === 1 ? "1 document" : `${count} documents`;
}
