/**
 * Reading JSON that somebody else wrote, naming every fault at once.
 *
 * A cursor is a value and where it was found (a JSON pointer, RFC 6901). A read
 * that fails notes a fault and answers a harmless value, so that reading goes
 * on; whoever started looks at the faults before using anything.
 *
 * @module
 */

import type { Json } from "@tillmesh/kernel";

export interface Fault {
  /** JSON pointer of the value that is wrong; "" is the whole document. */
  readonly pointer: string;
  readonly problem: string;
}

export interface Cursor {
  readonly value: Json | undefined;
  readonly pointer: string;
  readonly faults: Fault[];
}

/** Nobody reads more; a hostile file must not make a long list. */
const faultsMax = 50;

export function cursorOf(value: Json): Cursor {
  return { value, pointer: "", faults: [] };
}

export function noteFault(cursor: Cursor, problem: string): void {
  if (cursor.faults.length < faultsMax) cursor.faults.push({ pointer: cursor.pointer, problem });
}

/** The member `name` of an object; its value is undefined where it is missing. */
export function member(cursor: Cursor, name: string): Cursor {
  const { value, faults } = cursor;
  const inner = isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  return { value: inner, pointer: `${cursor.pointer}/${name}`, faults };
}

/** False, with a fault noted, if the value is not an object. */
export function expectObject(cursor: Cursor): boolean {
  if (isObject(cursor.value)) return true;
  noteFault(cursor, "expected an object");
  return false;
}

/** The names of an object's members, at most `countMax`. */
export function readNames(cursor: Cursor, countMax: number): readonly string[] {
  if (!expectObject(cursor)) return [];
  const names = Object.keys(cursor.value as object);
  if (names.length <= countMax) return names;
  noteFault(cursor, `expected at most ${countMax} members, found ${names.length}`);
  return [];
}

export function readText(cursor: Cursor, rule: TextRule): string {
  if (typeof cursor.value !== "string") {
    noteFault(cursor, "expected a text");
    return "";
  }
  const problem = rule(cursor.value);
  if (problem === undefined) return cursor.value;
  noteFault(cursor, problem);
  return "";
}

/** What is wrong with a text, or undefined. */
export type TextRule = (text: string) => string | undefined;

export function readInteger(cursor: Cursor, min: number, max: number): number {
  const { value } = cursor;
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= min && value <= max) {
    return value;
  }
  noteFault(cursor, `expected a whole number from ${min} to ${max}`);
  return min;
}

export function readBoolean(cursor: Cursor): boolean {
  if (typeof cursor.value === "boolean") return cursor.value;
  noteFault(cursor, "expected true or false");
  return false;
}

/** The elements of a list of at most `countMax`. */
export function readList(cursor: Cursor, countMax: number): readonly Cursor[] {
  const { value, pointer, faults } = cursor;
  if (!Array.isArray(value)) {
    noteFault(cursor, "expected a list");
    return [];
  }
  if (value.length > countMax) {
    noteFault(cursor, `expected at most ${countMax} elements, found ${value.length}`);
    return [];
  }
  return value.map((element: Json, index) => ({
    value: element,
    pointer: `${pointer}/${index}`,
    faults,
  }));
}

function isObject(value: Json | undefined): value is { readonly [name: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
