/**
 * Lines of JSON without what no compressor can shorten or what follows from the line before. PROTOCOL.md §4 (SZ).
 *
 * Hashes, signatures, ids and instants are most of an entry. They leave the text as plain bytes (`raw`), in order, and a
 * control character, which JSON never holds, marks the place. The rest (`skeleton`) repeats from line to
 * line. A chain's `previous` is not sent at all: it is the hash of the line before.
 *
 * @module
 */

import {
  fromBase64url,
  fromHex,
  parseInstant,
  utf8,
  type Crypto,
  type Result,
} from "@tillmesh/kernel";
import {
  control,
  controls,
  countedOn,
  emptyMemory,
  keyPattern,
  linesPerTurn,
  mark,
  previousHash,
  rememberId,
  slotAlphabet,
  type Before,
  type Memory,
} from "./squeeze-memory.ts";
import { count, encode } from "./wire.ts";

export interface Squeezed {
  readonly skeleton: Uint8Array;
  readonly raw: Uint8Array;
}

/** Any lines come back as they were, but for lone surrogates. Yields now and then, for whoever has something else to do. */
export function* squeeze(
  lines: readonly string[],
  crypto: Pick<Crypto, "sha256">,
): Generator<undefined, Squeezed> {
  const raw = { bytes: new Uint8Array(256 + 192 * lines.length), size: 0 };
  const squeezing: Squeezing = { ...emptyMemory(), raw, before: undefined, next: "", crypto };
  const skeleton: string[] = [];
  for (const [index, line] of lines.entries()) {
    squeezing.before = lines[index - 1];
    squeezing.next = lines[index + 1] ?? "";
    skeleton.push(squeezeLine(squeezing, line));
    if (index % linesPerTurn === linesPerTurn - 1) yield;
  }
  return { skeleton: utf8(skeleton.join("\n")), raw: raw.bytes.subarray(0, raw.size) };
}

interface Squeezing extends Memory, Before {
  readonly raw: { bytes: Uint8Array; size: number };
  next: string;
}

/** A string of a few plain characters: all that is squeezed out stands in such, but `sequence`. */
const words = /"([\w\-/:.]{6,512})"/g;
const hashPattern = /^[0-9a-f]{64}$/;
const signaturePattern = /^[A-Za-z0-9_-]{85}[AQgw]$/;
const uuidPattern = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const idsPattern = /(?<=_)[0-9a-hjkmnp-tv-z]{25}[048cgmrw]/g;
const instantPattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/;
const instantLength = 24;
const counterPattern = /^[0-9A-Za-z-]{0,48}-\d{1,15}$/;
const sequencePattern = /:(\d{1,15})(?=[,}])/y;
const colon = 58;

function squeezeLine(state: Squeezing, text: string): string {
  const line = control.test(text) ? text.replace(controls, escapeControl) : text;
  let out = "";
  let at = 0;
  words.lastIndex = 0;
  for (let found = words.exec(line); found; found = words.exec(line)) {
    const end = words.lastIndex;
    const word = found[1] ?? "";
    if (line.charCodeAt(end) === colon) {
      if (word !== "sequence") continue;
      sequencePattern.lastIndex = end;
      const value = sequencePattern.exec(line)?.[1];
      if (value === undefined) continue;
      out += line.slice(at, end + 1) + replaceCount(state, `"sequence":`, value);
      at = end + 1 + value.length;
    } else {
      const squeezed = squeezeWord(state, word) ?? squeezeCounter(state, line, found.index);
      if (squeezed === undefined) continue;
      out += line.slice(at, found.index + 1) + squeezed;
      at = end - 1;
    }
  }
  return out + line.slice(at);
}

function escapeControl(character: string): string {
  return mark.control + String.fromCharCode(character.charCodeAt(0) + 64);
}

function squeezeWord(state: Squeezing, word: string): string | undefined {
  switch (word.length) {
    case 64:
      return hashPattern.test(word) ? replaceHash(state, word) : undefined;
    case 86:
      return signaturePattern.test(word)
        ? moved(state, mark.signature, fromBase64url(word))
        : undefined;
    case 36:
      if (uuidPattern.test(word)) {
        return moved(state, mark.uuid, fromHex(word.replaceAll("-", "")));
      }
      break;
  }
  if (instantPattern.test(word)) {
    return replaceInstant(state, word.slice(0, instantLength)) + word.slice(instantLength);
  }
  return word.length > 26 && word.includes("_")
    ? word.replace(idsPattern, (id) => replaceId(state, id))
    : undefined;
}

/** The word that begins at `at`, if it counts on from line to line. */
function squeezeCounter(state: Squeezing, line: string, at: number): string | undefined {
  const word = line.slice(at + 1, line.indexOf('"', at + 1));
  if (!counterPattern.test(word)) return undefined;
  const key = keyPattern.exec(line.slice(Math.max(0, at - 40), at))?.[0];
  return key === undefined ? undefined : replaceCount(state, `${key}"`, word);
}

function moved(state: Squeezing, as: string, bytes: Result<Uint8Array, unknown>): string {
  if (bytes.ok) putRaw(state, bytes.value);
  return as;
}

function putRaw({ raw }: Squeezing, bytes: ArrayLike<number>): void {
  if (raw.size + bytes.length > raw.bytes.length) {
    const larger = new Uint8Array(2 * raw.bytes.length + bytes.length);
    larger.set(raw.bytes);
    raw.bytes = larger;
  }
  raw.bytes.set(bytes, raw.size);
  raw.size += bytes.length;
}

function replaceHash(state: Squeezing, text: string): string {
  if (previousHash(state) === text) return mark.previous;
  return moved(state, mark.hash, fromHex(text));
}

function replaceId(state: Squeezing, text: string): string {
  const slot = state.slotOf.get(text);
  if (slot !== undefined) {
    return mark.knownId + slotAlphabet.charAt(slot >> 6) + slotAlphabet.charAt(slot & 63);
  }
  rememberId(state, text);
  putRaw(state, fromBase32(text));
  return mark.newId;
}

function replaceInstant(state: Squeezing, text: string): string {
  const atMs = parseInstant(text);
  if (atMs === undefined || atMs < state.atMs) return text;
  putRaw(state, encode(count, atMs - state.atMs));
  state.atMs = atMs;
  return mark.instant;
}

/** `head`: the member's name and what else stands before the value. */
function replaceCount(state: Squeezing, head: string, value: string): string {
  const next = countedOn(value);
  const key = head.slice(1, head.indexOf('"', 1));
  const isNext = state.counters.get(key) === value;
  if (!isNext && !state.next.includes(head + next)) return value;
  state.counters.set(key, next);
  return isNext ? mark.counted : mark.counter + value;
}

function fromBase32(text: string): readonly number[] {
  const bytes: number[] = [];
  let pending = 0;
  let pendingBits = 0;
  for (const character of text) {
    pending = ((pending << 5) | base32Alphabet.indexOf(character)) & 0xfff;
    pendingBits += 5;
    if (pendingBits < 8) continue;
    pendingBits -= 8;
    bytes.push((pending >> pendingBits) & 255);
  }
  return bytes;
}

const base32Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
