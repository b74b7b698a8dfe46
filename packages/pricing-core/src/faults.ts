/**
 * Everything that is wrong with a value, at once. SPEC.md §3 (VA).
 *
 * A check answers with all faults and where they are; a value without faults is of its
 * shape. Members that nobody asked about are left as they are.
 *
 * @module
 */

import { err, ok, type Json, type JsonObject, type Result } from "@tillmesh/kernel";

/** `pointer` is an RFC 6901 JSON pointer; `detail` says what would be right. */
export interface Fault {
  readonly pointer: string;
  readonly code: FaultCode;
  readonly detail: string;
}

export type FaultCode =
  | "Required"
  | "Type"
  | "Format"
  | "TooLong"
  | "OutOfRange"
  | "Unknown"
  | "Duplicate"
  | "KeyMismatch";

/** Pointers are relative to the value that is checked. */
export type Check = (value: Json | undefined) => readonly Fault[];

/** `value` as a `V`, or all its faults with pointers below `pointer`. */
export function parseWith<V extends Json>(
  check: Check,
  value: Json,
  pointer: string,
): Result<V, FaultsError> {
  const faults = check(value);
  if (isSound<V>(value, faults)) return ok(value);
  return err({ type: "Faults", faults: faults.map((fault) => below(pointer, fault)) });
}

export interface FaultsError {
  readonly type: "Faults";
  readonly faults: readonly Fault[];
}

export function objectOf(members: Readonly<Record<string, Check>>): Check {
  const checks = Object.entries(members);
  return (value) => {
    if (!isObject(value)) return mistyped(value, "an object");
    const faults: Fault[] = [];
    for (const [name, check] of checks) {
      for (const fault of check(value[name])) faults.push(below(`/${name}`, fault));
    }
    return faults;
  };
}

/** Up to `maxLength` elements, all different; at least `minLength`. */
export function listOf(check: Check, minLength: number, maxLength: number): Check {
  return (value) => {
    if (!isList(value)) return mistyped(value, "a list");
    if (value.length < minLength)
      return [{ pointer: "", code: "OutOfRange", detail: `at least ${minLength}` }];
    if (value.length > maxLength)
      return [{ pointer: "", code: "TooLong", detail: `at most ${maxLength}` }];
    const faults = value.flatMap((one, i) => check(one).map((found) => below(`/${i}`, found)));
    return [...faults, ...duplicates(value)];
  };
}

/** 1 to `maxLength` characters, not only white space, without control characters. */
export function textUpTo(maxLength: number): Check {
  const detail = `1 to ${maxLength} characters, no control characters`;
  return (value) => {
    if (typeof value !== "string") return mistyped(value, "text");
    if (value.length > maxLength) return [{ pointer: "", code: "TooLong", detail }];
    return visibleText.test(value) ? none : [{ pointer: "", code: "Format", detail }];
  };
}

export function textLike(isRight: (text: string) => boolean, detail: string): Check {
  return (value) => {
    if (typeof value !== "string") return mistyped(value, "text");
    return isRight(value) ? none : [{ pointer: "", code: "Format", detail }];
  };
}

export function oneOf(values: readonly string[]): Check {
  const detail = `one of ${values.join(", ")}`;
  return (value) => {
    if (typeof value !== "string") return mistyped(value, "text");
    return values.includes(value) ? none : [{ pointer: "", code: "Unknown", detail }];
  };
}

export function integerWithin(min: number, max: number): Check {
  const detail = `${min} to ${max}`;
  return (value) => {
    if (typeof value !== "number" || !Number.isSafeInteger(value))
      return mistyped(value, "an integer");
    return value >= min && value <= max ? none : [{ pointer: "", code: "OutOfRange", detail }];
  };
}

export function nullOr(check: Check): Check {
  return (value) => (value === null ? none : check(value));
}

/** The member may be absent. */
export function optional(check: Check): Check {
  return (value) => (value === undefined ? none : check(value));
}

/** `second` is asked of what passes `first`. */
export function bothOf(first: Check, second: Check): Check {
  return (value) => {
    const faults = first(value);
    return faults.length > 0 ? faults : second(value);
  };
}

/** Of an object whose members `low` and `high` are absent, null, or of one type: low is not above high. */
export function inOrder(low: string, high: string): Check {
  return (value) => {
    if (!isObject(value)) return none;
    const [from, to] = [value[low] ?? null, value[high] ?? null];
    if (from === null || to === null || from <= to) return none;
    return [{ pointer: `/${high}`, code: "OutOfRange", detail: `not below ${low}` }];
  };
}

export function trueOrFalse(value: Json | undefined): readonly Fault[] {
  return typeof value === "boolean" ? none : mistyped(value, "true or false");
}

const none: readonly Fault[] = [];
const visibleText = /^(?=.*\S)\P{Cc}+$/u;

function isSound<V extends Json>(value: Json | V, faults: readonly Fault[]): value is V {
  return faults.length === 0;
}

function mistyped(value: Json | undefined, detail: string): readonly Fault[] {
  return [{ pointer: "", code: value === undefined ? "Required" : "Type", detail }];
}

function below(pointer: string, { pointer: inner, code, detail }: Fault): Fault {
  return { pointer: pointer + inner, code, detail };
}

function duplicates(values: readonly Json[]): readonly Fault[] {
  if (new Set(values).size === values.length) return none;
  return values.flatMap((value, i) =>
    values.indexOf(value) === i ? [] : [{ pointer: `/${i}`, code: "Duplicate", detail: "once" }],
  );
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}
