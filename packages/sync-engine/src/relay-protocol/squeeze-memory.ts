/**
 * What both ends of squeezed lines agree on: the marks, and what is remembered from line to line. PROTOCOL.md §4 (SZ).
 *
 * @module
 */

import { hex, utf8, type Crypto } from "@tillmesh/kernel";

export const mark = {
  /** Hex SHA-256 of what the line before has signed. */
  previous: "\u0001",
  hash: "\u0002",
  signature: "\u0003",
  newId: "\u0004",
  /** Two characters tell which. */
  knownId: "\u0005",
  uuid: "\u0006",
  instant: "\u0007",
  /** One more than the last under this key. */
  counted: "\u0008",
  /** Here begins a value to count on from. */
  counter: "\u000e",
  /** A control character of the text itself. */
  control: "\u0010",
} as const;

// oxlint-disable-next-line no-control-regex -- the marks
export const control: RegExp = /[\u0000-\u001f]/;
export const controls: RegExp = new RegExp(control, "g");
export const keyPattern: RegExp = /"([A-Za-z]{1,32})":$/;

export const slotAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const slots = 4_096;

/** So many lines are a few milliseconds. */
export const linesPerTurn = 64;

/** What both ends remember of the lines so far. */
export interface Memory {
  /** The newest ids, in a ring. */
  readonly ids: string[];
  readonly slotOf: Map<string, number>;
  nextSlot: number;
  /** By key of a member: the value that comes next if it counts. */
  readonly counters: Map<string, string>;
  atMs: number;
}

export function emptyMemory(): Memory {
  return { ids: [], slotOf: new Map(), nextSlot: 0, counters: new Map(), atMs: 0 };
}

export function rememberId(memory: Memory, text: string): void {
  const forgotten = memory.ids[memory.nextSlot];
  if (forgotten !== undefined) memory.slotOf.delete(forgotten);
  memory.ids[memory.nextSlot] = text;
  memory.slotOf.set(text, memory.nextSlot);
  memory.nextSlot = (memory.nextSlot + 1) % slots;
}

/** As `signed-text.ts` hashes: what stands between the kind and the signature. */
export function previousHash({ before, crypto }: Before): string | undefined {
  if (before === undefined) return undefined;
  const inner = before.slice(before.indexOf(":") + 1, -signatureTailLength);
  return hex(crypto.sha256(utf8(inner)));
}

const signatureTailLength = `,"signature":""}`.length + 86;

/** `3230-1-000464` -> `3230-1-000465` */
export function countedOn(value: string): string {
  const digits = /\d{1,15}$/.exec(value)?.[0] ?? "";
  const next = String(Number(digits) + 1).padStart(digits.length, "0");
  return value.slice(0, value.length - digits.length) + next;
}

/** The line before the one at hand. */
export interface Before {
  before: string | undefined;
  readonly crypto: Pick<Crypto, "sha256">;
}
