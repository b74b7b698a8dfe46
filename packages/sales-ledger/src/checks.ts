/**
 * Small checks of JSON that compose and find every fault at once. SPEC.md §2 (RB).
 *
 * A check answers with faults whose pointers are relative to the value it was
 * given; without a fault nothing is allocated, since each entry that arrives passes here.
 *
 * @module
 */

import type { Json, JsonObject } from "@tillmesh/kernel";

/** `pointer` is a JSON pointer (RFC 6901) into the body; `found` is a short text of what stood there. */
export type BodyFault = {
  readonly pointer: string;
  readonly expected: string;
  readonly found: string;
};

const none: readonly BodyFault[] = [];

export type Check = (value: Json | undefined) => readonly BodyFault[];

/** Members not named are kept and not judged: a later version may have added them. */
export function object(members: Readonly<Record<string, Check>>): Check {
  const checks = Object.entries(members);
  return (value) => {
    if (!isObject(value)) return fault("an object", value);
    let faults = none;
    for (const [key, check] of checks) faults = join(faults, below(key, check(value[key])));
    return faults;
  };
}

export function list(of: Check, { min, max }: Bounds): Check {
  return (value) => {
    if (!isList(value) || value.length < min || value.length > max) {
      return fault(`a list of ${min} to ${max}`, value);
    }
    let faults = none;
    for (const [index, item] of value.entries()) {
      faults = join(faults, below(String(index), of(item)));
    }
    return faults;
  };
}

/** An object used as a map: any keys, up to `max`. */
export function record(of: Check, max: number): Check {
  return (value) => {
    if (!isObject(value)) return fault("an object", value);
    const members = Object.entries(value);
    if (members.length > max) return fault(`at most ${max} members`, value);
    return members.flatMap(([key, member]) => below(key, of(member)));
  };
}

export function text({ min, max }: Bounds): Check {
  return (value) =>
    typeof value === "string" && value.length >= min && value.length <= max
      ? none
      : fault(`a text of ${min} to ${max} characters`, value);
}

export function integer({ min, max }: Bounds): Check {
  return (value) =>
    Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max
      ? none
      : fault(`an integer from ${min} to ${max}`, value);
}

export function oneOf(...words: readonly string[]): Check {
  return (value) =>
    typeof value === "string" && words.includes(value)
      ? none
      : fault(`one of ${words.join(", ")}`, value);
}

export function matching(isMatch: (value: string) => boolean, expected: string): Check {
  return (value) => (typeof value === "string" && isMatch(value) ? none : fault(expected, value));
}

export function optional(check: Check): Check {
  return (value) => (value === undefined ? none : check(value));
}

export function nullable(check: Check): Check {
  return (value) => (value === null ? none : check(value));
}

/** A member that stands only where it holds. */
export const yes: Check = (value) => (value === true ? none : fault("true", value));

export const anything: Check = () => none;

export interface Bounds {
  readonly min: number;
  readonly max: number;
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const foundMax = 40;

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

function fault(expected: string, value: Json | undefined): readonly BodyFault[] {
  return [{ pointer: "", expected, found: shortText(value) }];
}

function shortText(value: Json | undefined): string {
  if (value === undefined) return "nothing";
  if (isList(value)) return `a list of ${value.length}`;
  if (isObject(value)) return `an object of ${Object.keys(value).length}`;
  return String(typeof value === "string" ? `"${value.slice(0, foundMax)}"` : value);
}

function below(key: string, faults: readonly BodyFault[]): readonly BodyFault[] {
  if (faults.length === 0) return none;
  const step = `/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`;
  return faults.map((each) => ({ ...each, pointer: step + each.pointer }));
}

function join(a: readonly BodyFault[], b: readonly BodyFault[]): readonly BodyFault[] {
  if (b.length === 0) return a;
  return a.length === 0 ? b : [...a, ...b];
}
