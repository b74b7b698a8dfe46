/**
 * What the authority's interface answers, read without trusting it: JSON of a known shape, or nothing. SPEC.md §11 (RSA).
 *
 * @module
 */

import { parseInstant, type Json, type JsonObject } from "@tillmesh/kernel";
import type { WireAnswer } from "../../ports.ts";

export type HttpAnswer = Extract<WireAnswer, { readonly type: "answer" }>;

export interface ValidationMessage {
  readonly code: string;
  readonly message: string;
}

/** `undefined` for a body that is no JSON object, such as the page of a hotel's network. */
export function bodyOf({ body }: HttpAnswer): JsonObject | undefined {
  if (body.length > bodyMax) return undefined;
  try {
    return asObject(JSON.parse(body) as Json);
  } catch {
    return undefined;
  }
}

/** Messages of the validation, `errorMessages` or `warningMessages`. */
export function messagesIn(body: JsonObject, name: string): readonly ValidationMessage[] {
  const results = asObject(body["validationResults"]) ?? {};
  const list = results[name];
  return (Array.isArray(list) ? list : []).map((one: Json) => {
    const message = asObject(one) ?? {};
    return { code: textIn(message, "code"), message: textIn(message, "message") };
  });
}

export function textIn(body: JsonObject, name: string): string {
  const value = body[name];
  return typeof value === "string" ? value : "";
}

/** A header whatever its case; "" where there is none. */
export function headerOf({ headers }: HttpAnswer, name: string): string {
  return Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1] ?? "";
}

/** The authority's clock: `Sun, 22 Nov 2026 20:50:10 GMT`. */
export function clockOf(answer: HttpAnswer): number | undefined {
  const match = /^\w{3}, (\d\d) (\w{3}) (\d{4}) (\d\d:\d\d:\d\d) GMT$/.exec(
    headerOf(answer, "date"),
  );
  if (match === null) return undefined;
  const [, day, month = "", year, time] = match;
  const number = String(months.indexOf(month) / 3 + 1).padStart(2, "0");
  return parseInstant(`${year}-${number}-${day}T${time}.000Z`);
}

const months = "JanFebMarAprMayJunJulAugSepOctNovDec";
const bodyMax = 4_000_000;

function asObject(value: Json | undefined): JsonObject | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined;
}
