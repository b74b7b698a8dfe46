/**
 * What the service answered when it said no, or did not answer, as plain sentences.
 *
 * @module
 */

import { moneyText, type Money } from "../money.ts";
import { mayText } from "../till/permission-text.ts";

export interface Problem {
  /** RFC 9457's URI. */
  readonly type: string;
  readonly code: string;
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly retryable: boolean;
  readonly errors: readonly Fault[];
  readonly total?: Money;
  readonly missing?: Money;
  readonly role?: string;
  readonly limitPercent?: string;
  readonly allowedRoles?: readonly string[];
}

export interface Fault {
  readonly pointer: string;
  readonly code: string;
  readonly detail: string;
}

/** No answer came: what was asked may have been done or not. */
export const lostAnswer: Problem = {
  type: "urn:tillmesh:page:NoAnswer",
  code: "NoAnswer",
  status: 0,
  title: "The till's service does not answer.",
  detail: "The till's service does not answer.",
  retryable: true,
  errors: [],
};

/** A problem document, or what can be made of something else. */
export function readProblem(status: number, body: unknown): Problem {
  const found = (typeof body === "object" && body !== null ? body : {}) as Partial<Problem>;
  const title = found.title ?? `The service answered with status ${status}.`;
  return {
    ...found,
    type: found.type ?? "about:blank",
    code: found.code ?? "Unreadable",
    status,
    title,
    detail: found.detail ?? title,
    retryable: found.retryable ?? status >= 500,
    errors: Array.isArray(found.errors) ? found.errors : [],
  };
}

/** For the person at the till. */
export function sentenceOf(problem: Problem): string {
  const own = sentences[problem.code]?.(problem);
  if (own !== undefined) return own;
  const [fault] = problem.errors;
  if (fault === undefined) return problem.detail;
  return whole(fault.detail) ? fault.detail : `${fieldOf(fault)} ${fault.detail}.`;
}

const sentences: Readonly<Record<string, (problem: Problem) => string | undefined>> = {
  WrongPin: () => "That PIN is not known. Try again.",
  Unauthorized: () => "You were signed out. Sign in again.",
  Forbidden: () => "Your role may not do this. Ask a manager.",
  PriceChanged: ({ total }) =>
    total && `A price has changed: the total is now ${moneyText(total)}. Nothing was recorded.`,
  Underpaid: ({ missing }) => missing && `${moneyText(missing)} are missing.`,
  DiscountAboveLimit: ({ role, limitPercent, allowedRoles = ["manager"] }) =>
    [
      `That is more than a ${role ?? "cashier"} may take off`,
      limitPercent === undefined ? "." : ` (${limitPercent} %).`,
      ` ${mayText(allowedRoles)} may: sign in as one.`,
    ].join(""),
  StoredValueNotCovered: () =>
    "So much of a voucher or gift card is not taken here without asking who issued it. Take another tender.",
  BeyondDue: () => "That is more than is due, and only cash and vouchers give change.",
  TipNotTaken: () => "A tip is given in cash or by card, within one tender.",
  QuoteNotKnown: () => "The quote is too old. Nothing was recorded; try again.",
  NoOpenShift: () => "No shift is open on this till. Open one first.",
  StorageFull: () => "The disk is full: nothing was recorded. Make space, then try again.",
  FiscalNotActivated: () =>
    "This till has no fiscal keys yet, so it may not sell. Nothing was recorded. It is activated at the till: tillmesh fiscal activate.",
  FiscalStopped: ({ detail }) =>
    `The fiscal chain of this till is not sound, so nothing is sold on it. Nothing was recorded. ${detail}`,
  FiscalClock: ({ detail, title }) =>
    `The clock of this till cannot be right, and a receipt has to carry the true time. Nothing was recorded. Set the clock, then try again. ${detail === title ? "" : detail}`.trim(),
  FiscalRefused: (problem) =>
    `The fiscal rules of this place do not take such a receipt. Nothing was recorded. ${facts(problem)}`,
  FiscalSettings: (problem) =>
    `The fiscal settings of this till do not fit. Nothing was recorded; a manager has to put them right. ${facts(problem)}`,
  FiscalSignerOut: () =>
    "The fiscal signer does not answer, and nothing may be sold without it. Nothing was recorded; try again in a moment.",
  NotHq: () => "Only a headquarters device publishes prices and products.",
  NotTill: () => "This device is not a till: it does not sell.",
  NotKnownHere: () => "Not known on this device. It may not have arrived here yet.",
};

/** What is wrong, each by its own sentence. */
function facts({ errors, detail }: Problem): string {
  if (errors.length === 0) return detail;
  const said = new Set(errors.map((fault) => faultSentence(fault)));
  return [...said].slice(0, factsMax).join(" ");
}

const factsMax = 3;

function faultSentence(fault: Fault): string {
  return whole(fault.detail) ? fault.detail : `${fieldOf(fault)}: ${fault.detail}.`;
}

function whole(detail: string): boolean {
  return /^[A-Z0-9].*\.$/s.test(detail);
}

/** `/lines/0/quantity` is "Quantity". */
function fieldOf({ pointer }: Fault): string {
  const name = pointer.split("/").findLast((part) => part !== "" && !/^\d+$/.test(part)) ?? "It";
  const words = name.replaceAll(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
