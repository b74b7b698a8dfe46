/**
 * Squeezed lines, as they were. PROTOCOL.md §4 (SZ).
 *
 * @module
 */

import {
  base64url,
  crockfordBase32,
  err,
  formatInstant,
  hex,
  ok,
  type Crypto,
  type Result,
} from "@tillmesh/kernel";
import {
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
import type { Squeezed } from "./squeeze.ts";
import type { MalformedError } from "./wire.ts";

/** No more than `charactersMax` come out, whatever goes in; never throws. */
export function* unsqueeze(
  { skeleton, raw }: Squeezed,
  { charactersMax, crypto }: UnsqueezeOptions,
): Generator<undefined, Result<readonly string[], MalformedError>> {
  const state: Unsqueezing = {
    ...emptyMemory(),
    raw,
    rawAt: 0,
    before: undefined,
    line: "",
    at: 0,
    out: "",
    left: charactersMax,
    crypto,
  };
  try {
    const lines: string[] = [];
    for (const line of decoder.decode(skeleton).split("\n")) {
      lines.push(expandLine(state, line));
      if (lines.length % linesPerTurn === 0) yield;
    }
    return state.rawAt === raw.length ? ok(lines) : malformed("raw bytes behind the end");
  } catch (error) {
    return malformed(error instanceof Broken ? error.message : "a skeleton that is no UTF-8");
  }
}

export interface UnsqueezeOptions {
  readonly charactersMax: number;
  readonly crypto: Pick<Crypto, "sha256">;
}

interface Unsqueezing extends Memory, Before {
  readonly raw: Uint8Array;
  rawAt: number;
  /** The skeleton of a line, how far it is read, and what came of it. */
  line: string;
  at: number;
  out: string;
  left: number;
}

function expandLine(state: Unsqueezing, line: string): string {
  state.line = line;
  state.at = 0;
  state.out = "";
  controls.lastIndex = 0;
  for (let found = controls.exec(line); found; found = controls.exec(line)) {
    state.out += line.slice(state.at, found.index);
    state.at = found.index + 1;
    const expand = expanders[found[0]];
    if (!expand) throw new Broken(`mark ${found[0].charCodeAt(0)}`);
    state.out += expand(state);
    if (state.out.length > state.left) throw new Broken("too much");
    controls.lastIndex = state.at;
  }
  state.out += line.slice(state.at);
  state.left -= state.out.length + 1;
  if (state.left < 0) throw new Broken("too much");
  state.before = state.out;
  return state.out;
}

const expanders: Readonly<Record<string, (state: Unsqueezing) => string>> = {
  [mark.previous]: (state) => previousHash(state) ?? broken("no line before"),
  [mark.hash]: (state) => hex(takeRaw(state, 32)),
  [mark.signature]: (state) => base64url(takeRaw(state, 64)),
  [mark.newId]: (state) => {
    const text = crockfordBase32(takeRaw(state, 16));
    rememberId(state, text);
    return text;
  },
  [mark.knownId]: (state) => {
    const high = slotAlphabet.indexOf(takeCharacter(state));
    const low = slotAlphabet.indexOf(takeCharacter(state));
    return state.ids[high * 64 + low] ?? broken("an id that is not known");
  },
  [mark.uuid]: (state) => {
    const text = hex(takeRaw(state, 16));
    const cuts = [0, 8, 12, 16, 20, 32];
    return cuts
      .slice(1)
      .map((end, index) => text.slice(cuts[index], end))
      .join("-");
  },
  [mark.instant]: (state) => {
    state.atMs += takeCount(state);
    return state.atMs <= lastMs ? formatInstant(state.atMs) : broken("an instant too late");
  },
  [mark.counted]: (state) => {
    const key = keyBefore(state.out);
    const value = state.counters.get(key) ?? broken("nothing to count on from");
    state.counters.set(key, countedOn(value));
    return value;
  },
  [mark.counter]: (state) => {
    const value = /^[0-9A-Za-z-]{1,64}/.exec(state.line.slice(state.at, state.at + 64))?.[0];
    state.counters.set(keyBefore(state.out), countedOn(value ?? broken("no value")));
    return "";
  },
  [mark.control]: (state) => String.fromCharCode(takeCharacter(state).charCodeAt(0) - 64),
};

/** 9999-12-31T23:59:59.999Z */
const lastMs = 253_402_300_799_999;

function keyBefore(out: string): string {
  const end = out.endsWith('"') ? -1 : undefined;
  const key = keyPattern.exec(out.slice(-40, end))?.[1];
  return key ?? broken("a count of nothing");
}

function takeRaw(state: Unsqueezing, sizeBytes: number): Uint8Array {
  const end = state.rawAt + sizeBytes;
  if (end > state.raw.length) throw new Broken("raw bytes cut short");
  const taken = state.raw.subarray(state.rawAt, end);
  state.rawAt = end;
  return taken;
}

function takeCount(state: Unsqueezing): number {
  let value = 0;
  for (let scale = 1; scale <= 128 ** 6; scale *= 128) {
    const next = takeRaw(state, 1)[0] ?? 0;
    value += (next % 128) * scale;
    if (next < 128) return value;
  }
  throw new Broken("a count too large");
}

function takeCharacter(state: Unsqueezing): string {
  const character = state.line.charAt(state.at);
  state.at += 1;
  return character === "" ? broken("cut short") : character;
}

/** Thrown inside `unsqueeze` only. */
class Broken extends Error {}

function broken(reason: string): never {
  throw new Broken(reason);
}

function malformed(reason: string): Result<never, MalformedError> {
  return err({ type: "Malformed", at: 0, reason });
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
