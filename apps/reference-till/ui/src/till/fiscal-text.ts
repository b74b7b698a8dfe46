/**
 * The fiscal regime in words: its name, documents and their states, and what everybody must know at once.
 *
 * @module
 */

import type { EndingKey, Fiscal, FiscalDocument } from "../api/fiscal-shapes.ts";
import { momentText } from "../time.ts";

export function regimeText(regime: string): string {
  return regimes[regime] ?? regime;
}

const regimes: Readonly<Record<string, string>> = {
  none: "No regime",
  "at-rksv": "Austria, RKSV",
  "es-verifactu": "Spain, VERI*FACTU",
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

/** Why it needs a person, and what that person can do. */
export function documentReason({ state, code, detail }: FiscalDocument): string {
  const said = [code, detail].filter((part) => part !== null && part !== "").join(": ");
  const [fallback, advice] = reasons[state] ?? ["", ""];
  return [said === "" ? fallback : said, advice].filter(Boolean).join(" – ");
}

const reasons: Readonly<Record<string, readonly [fallback: string, advice: string]>> = {
  parked: ["It could not be sent.", ""],
  conflict: ["", "the authority has another document under this number: find out who sent it"],
  rejected: ["The authority refused it.", ""],
  flagged: ["The authority has remarks.", ""],
};

/** The same bytes are sent again; what is accepted stays accepted. */
export function canBeReleased({ state }: Pick<FiscalDocument, "state">): boolean {
  return state === "parked" || state === "rejected" || state === "conflict";
}

export function keyText({ notAfter, daysLeft, level }: EndingKey, timeZone: string): string {
  const moment = momentText(notAfter, timeZone);
  if (level === "ended") return `ended ${moment}`;
  return `ends ${moment}, ${daysLeft === 1 ? "1 day" : `${daysLeft} days`} left`;
}

/** `"12 s ahead"`; undefined while the difference means nothing. */
export function skewText(skewMs: number): string {
  const seconds = Math.round(Math.abs(skewMs) / 1000);
  if (seconds === 0) return "the same";
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

/** What whoever sells must know, the gravest first. */
export function fiscalAlarms(fiscal: Fiscal, timeZone: string): readonly FiscalAlarm[] {
  const { stopped, outage, delivery } = fiscal;
  const { alarm, late } = delivery.deadlines;
  const alarms: FiscalAlarm[] = [];
  if (stopped !== null) {
    const text = `Nothing is sold on this till until that is settled; baskets are kept. ${stopped}`;
    alarms.push({ isOver: true, title: "Receipts are not sealed any more.", text });
  }
  if (outage !== null && outage.ended === null) {
    const since = momentText(outage.since, timeZone);
    const text = `since ${since}. Selling goes on; receipts say that they were sealed without it.`;
    alarms.push({ isOver: false, title: "The fiscal signer is out", text });
  }
  if (late > 0) {
    const title = `${documentsText(late)} for the authority ${late === 1 ? "is" : "are"} late.`;
    alarms.push({ isOver: false, title, text: seeTo });
  }
  if (alarm > 0) {
    const title = `${documentsText(alarm)} must reach the authority soon:`;
    const text = `80 % of the time for it is gone. ${seeTo}`;
    alarms.push({ isOver: false, title, text });
  }
  return alarms;
}

const seeTo = "Selling goes on. See to this till’s way to the internet, or ask a manager.";

export function documentsText(count: number): string {
  return count === 1 ? "1 document" : `${count} documents`;
}
