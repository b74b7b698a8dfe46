/**
 * What is signed, in the one form that signature, report and export share. SPEC.md §12 (RNR).
 *
 * Source: Skatteetaten, digital signatures in cash register systems; SAF-T Cash Register 1.00.
 *
 * @module
 */

import { formatInstant } from "@tillmesh/kernel";
import type { FiscalTime } from "../../document.ts";

/** What the first transaction of a till names in place of a signature before. */
export const noSignature = "0";

export interface SignedFields {
  /** Base64 of the signature of the transaction before, or `noSignature`. */
  readonly previousSignature: string;
  readonly date: string;
  readonly time: string;
  readonly nr: string;
  /** With VAT. */
  readonly inMinor: number;
  readonly exMinor: number;
}

export function signedText(fields: SignedFields): string {
  const { previousSignature, date, time, nr, inMinor, exMinor } = fields;
  return [previousSignature, date, time, nr, amountText(inMinor), amountText(exMinor)].join(";");
}

/**
 * The law signs transactions only. Events are signed too, by the same key, over the hash of the document
 * before and the event's own, so that none can be dropped or altered. The first field tells the two apart.
 */
export function signedEventText(fields: {
  readonly previousHash: string;
  readonly contentHash: string;
}): string {
  return `event;${fields.previousHash};${fields.contentHash}`;
}

/** `-16.40`: point, two digits. */
export function amountText(minor: number): string {
  const size = Math.abs(minor);
  const cents = String(size % 100).padStart(2, "0");
  return `${minor < 0 ? "-" : ""}${Math.floor(size / 100)}.${cents}`;
}

export function localTime(at: FiscalTime): { readonly date: string; readonly time: string } {
  const text = formatInstant(at.epochMs + at.offsetMinutes * 60_000);
  return { date: text.slice(0, 10), time: text.slice(11, 19) };
}
