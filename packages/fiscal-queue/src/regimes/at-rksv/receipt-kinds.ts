/**
 * The kinds of receipt that the RKSV knows. SPEC.md §9 (RAT).
 *
 * @module
 */

import type { DocumentKind } from "../../document.ts";

/** What a till sells, gives back, voids or tries out; all else is the regime's own. */
export function isReceiptKind(kind: DocumentKind): boolean {
  return kind === "sale" || kind === "refund" || kind === "void" || kind === "training";
}

/** Takes a number of the receipt series: training does not, lest real receipts have gaps. */
export function isNumberedKind(kind: DocumentKind): boolean {
  return isReceiptKind(kind) && kind !== "training";
}

export function isOwnKind(kind: DocumentKind): boolean {
  return !isReceiptKind(kind) && ownLetters[kind] !== undefined;
}

/** A month's may be without a signature; the yearly one is that of December. */
export function mustBeSigned(kind: DocumentKind): boolean {
  return kind === "start" || kind === "year" || kind === "collective";
}

/** Unique by the place in the stream: `B1-1-N000007`. */
export function ownNumber(kind: DocumentKind, series: string, sequence: number): string {
  return `${series}-${ownLetters[kind] ?? "X"}${String(sequence).padStart(6, "0")}`;
}

const ownLetters: Readonly<Partial<Record<DocumentKind, string>>> = {
  start: "S",
  training: "T",
  zero: "N",
  month: "M",
  year: "J",
  collective: "A",
};
