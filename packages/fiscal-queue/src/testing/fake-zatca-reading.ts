/**
 * How the fake Saudi authority reads what is reported: credentials, headers, and the document by the second opinion.
 *
 * @module
 */

import type { WireRequest } from "../ports.ts";
import type { AuthorityRecord } from "./authority-books.ts";
import { errorAnswer } from "./fake-zatca-answers.ts";
import type { AuthorityAnswer } from "./scripted-authority.ts";
import { zatcaSecondOpinion, type ZatcaOpinion } from "./zatca-second-opinion.ts";

export interface ZatcaRecord extends AuthorityRecord {
  readonly counter: string;
  readonly isLate: boolean;
  /** The document as it came. */
  readonly xml: string;
}

export type ZatcaReading =
  | { readonly type: "record"; readonly record: ZatcaRecord }
  | { readonly type: "refused"; readonly answer: AuthorityAnswer };

/** `chain` is whom the credentials name: the unit. */
export function readReport(
  request: WireRequest,
  { chain, nowMs }: { readonly chain: string; readonly nowMs: number },
): ZatcaReading {
  const headers = { "accept-version": "V2", "clearance-status": "0" };
  for (const [name, value] of Object.entries(headers)) {
    if (headerOf(request, name) !== value) return refused(`header ${name} is not ${value}`);
  }
  const sent = fieldsOf(request.body);
  const xml = Buffer.from(sent["invoice"] ?? "", "base64").toString("utf8");
  const opinion = opinionOf(xml);
  if (opinion === undefined) return refused("no readable invoice");
  if (opinion.wrong.length > 0) return refused(`wrong: ${opinion.wrong.join(", ")}`);
  if (opinion.hash !== sent["invoiceHash"]) return refused("invoiceHash is of another document");
  if (opinion.uuid !== sent["uuid"]) return refused("uuid is of another document");
  const { counter, hash, issuedAt, previousHash, uuid } = opinion;
  const isLate = nowMs - Date.parse(`${issuedAt}+03:00`) > 86_400_000;
  return {
    type: "record",
    record: { id: uuid, hash, chain, previous: previousHash, counter, isLate, xml },
  };
}

export function headerOf({ headers }: WireRequest, name: string): string {
  return Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1] ?? "";
}

/** The members of a JSON body that are texts. */
export function fieldsOf(body: string): Readonly<Record<string, string>> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    parsed = {};
  }
  const texts = Object.entries(parsed ?? {}).filter(([, value]) => typeof value === "string");
  return Object.fromEntries(texts);
}

function opinionOf(xml: string): ZatcaOpinion | undefined {
  try {
    return zatcaSecondOpinion(xml);
  } catch {
    return undefined;
  }
}

function refused(message: string): ZatcaReading {
  return { type: "refused", answer: errorAnswer(400, "TEST-FORM", message) };
}
