/**
 * One text for one JSON value, and reading JSON without losing a digit. SPEC.md §2 (CJ).
 *
 * Hashes and signatures cover this text, so it may never change. It is RFC 8785
 * narrowed to safe integers: without fractions there is no number to format.
 *
 * @module
 */

import { assert } from "./assert.ts";
import type { Json } from "./json.ts";
import { err, ok, type Result } from "./result.ts";

/** Keys sorted by UTF-16 code unit, no spaces, `undefined` members dropped. Asserts safe integers. */
export function canonicalJson(value: Json): string {
  if (typeof value === "number") {
    assert(Number.isSafeInteger(value), `${value} is not a safe integer`);
    return String(value);
  }
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  return isArray(value) ? `[${value.map(canonicalJson).join(",")}]` : canonicalObject(value);
}

/** Whether `text` is the canonical form of what `parseJson` read from it, at a fraction of the cost of making that form again. */
export function isCanonicalJson(text: string, value: Json): boolean {
  // JSON.stringify prints members in the order they stand in and everything else as above.
  const isPlain = hasSortedKeys(value) && JSON.stringify(value) === text;
  return isPlain || canonicalJson(value) === text;
}

/**
 * Parses `text`, which may come from anywhere. Refuses fractions, exponents, minus zero,
 * unsafe integers and what is too deep or too large; by default 32 levels and 1 MiB of UTF-8.
 *
 * Of two members with one name the last counts; who needs the text itself to be canonical
 * compares it with `canonicalJson` of the value.
 */
export function parseJson(text: string, limits: JsonLimits = {}): Result<Json, JsonError> {
  const { maxDepth = 32, maxBytes = 1_048_576 } = limits;
  if (!fitsBytes(text, maxBytes)) return err({ type: "JsonTooLarge", maxBytes });
  const fault = scan(text, maxDepth);
  if (fault !== undefined) return err(fault);
  try {
    const value: Json = JSON.parse(text);
    return ok(value);
  } catch (cause) {
    return err({ type: "JsonSyntax", detail: cause instanceof Error ? cause.message : "" });
  }
}

export interface JsonLimits {
  readonly maxDepth?: number;
  readonly maxBytes?: number;
}

/** `offset` counts UTF-16 code units from the start of the text. */
export type JsonError =
  | { readonly type: "JsonSyntax"; readonly detail: string }
  | { readonly type: "JsonTooLarge"; readonly maxBytes: number }
  | { readonly type: "JsonTooDeep"; readonly maxDepth: number; readonly offset: number }
  | { readonly type: "JsonNumber"; readonly found: string; readonly offset: number };

/** False also for keys like "12", which come before all others whatever order they were written in. */
function hasSortedKeys(value: Json): boolean {
  if (value === null || typeof value !== "object") return true;
  if (isArray(value)) return value.every(hasSortedKeys);
  let before = "";
  for (const key in value) {
    if (key < before || !hasSortedKeys(value[key] ?? null)) return false;
    before = key;
  }
  return true;
}

function isArray(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function canonicalObject(value: { readonly [key: string]: Json | undefined }): string {
  let text = "";
  for (const key of Object.keys(value).toSorted()) {
    const member = value[key];
    if (member === undefined) continue;
    text += `${text === "" ? "" : ","}${JSON.stringify(key)}:${canonicalJson(member)}`;
  }
  return `{${text}}`;
}

function fitsBytes(text: string, maxBytes: number): boolean {
  if (text.length * 3 <= maxBytes) return true;
  return text.length <= maxBytes && new TextEncoder().encode(text).length <= maxBytes;
}

const unit = {
  quote: 34,
  plus: 43,
  minus: 45,
  dot: 46,
  zero: 48,
  nine: 57,
  upperE: 69,
  leftBracket: 91,
  backslash: 92,
  rightBracket: 93,
  lowerE: 101,
  leftBrace: 123,
  rightBrace: 125,
} as const;

// Runs before JSON.parse: a number must be judged by its digits, which JSON.parse
// rounds away, and depth before it can exhaust the stack.
function scan(text: string, maxDepth: number): JsonError | undefined {
  let depth = 0;
  let offset = 0;
  while (offset < text.length) {
    const here = text.charCodeAt(offset);
    if (here === unit.quote) {
      offset = afterString(text, offset);
    } else if (here === unit.minus || isDigit(here)) {
      const end = afterNumber(text, offset);
      const found = text.slice(offset, Math.min(end, offset + foundMax));
      if (!isSafeIntegerText(found)) return { type: "JsonNumber", found, offset };
      offset = end;
    } else {
      depth += depthChange(here);
      if (depth > maxDepth) return { type: "JsonTooDeep", maxDepth, offset };
      offset += 1;
    }
  }
  return undefined;
}

const foundMax = 40;

function afterString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end >= 0 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end < 0 ? text.length : end + 1;
}

/** An odd number of backslashes stands before it. */
function isEscaped(text: string, at: number): boolean {
  let before = at - 1;
  while (text.charCodeAt(before) === unit.backslash) before -= 1;
  return (at - before) % 2 === 0;
}

function afterNumber(text: string, start: number): number {
  let offset = start + 1;
  while (offset < text.length && isOfNumber(text.charCodeAt(offset))) offset += 1;
  return offset;
}

function isSafeIntegerText(text: string): boolean {
  return /^-?\d{1,16}$/.test(text) && text !== "-0" && Number.isSafeInteger(Number(text));
}

function depthChange(here: number): number {
  if (here === unit.leftBrace || here === unit.leftBracket) return 1;
  return here === unit.rightBrace || here === unit.rightBracket ? -1 : 0;
}

function isOfNumber(here: number): boolean {
  if (isDigit(here) || here === unit.dot) return true;
  if (here === unit.plus || here === unit.minus) return true;
  return here === unit.upperE || here === unit.lowerE;
}

function isDigit(here: number): boolean {
  return here >= unit.zero && here <= unit.nine;
}
