/**
 * Hybrid logical clock: for display and for the order of an audit. SPEC.md §5 (HL).
 *
 * `2026-11-22T10:00:00.000Z/0003` is the third moment after the first within one
 * millisecond. Two of them compare as text. A device's own moments always grow, also when its wall
 * clock is set back; after a message they are later than the message. No rule of
 * merging reads them: a till with a wrong clock must not win anything.
 *
 * Source: Kulkarni, Demirbas et al., "Logical Physical Clocks" (2014), with a
 * drift bound, so that one wrong clock cannot drag the others along.
 *
 * @module
 */

import { assert } from "./assert.ts";
import type { Brand } from "./brand.ts";
import { formatInstant, parseInstant } from "./calendar.ts";
import type { Clock } from "./clock.ts";

export type Hlc = Brand<string, "Hlc">;

export interface HlcClock {
  /** A moment later than every moment given or observed before. */
  now(): Hlc;
  /** Takes note of another device's moment; one further ahead than the bound is left alone. */
  observe(remote: Hlc): void;
}

/** `last` is the newest moment this device gave before its restart. */
export function createHlc(clock: Clock, options: HlcOptions = {}): HlcClock {
  const { driftMaxMs = 60_000, last } = options;
  let state = last === undefined ? { ms: 0, count: 0 } : hlcMoment(last);
  return {
    now: () => formatHlc((state = nextHlc(state, clock.nowMs()))),
    observe: (remote) => {
      state = observeHlc(state, hlcMoment(remote), clock.nowMs() + driftMaxMs);
    },
  };
}

export interface HlcOptions {
  readonly driftMaxMs?: number;
  readonly last?: Hlc;
}

export interface HlcMoment {
  readonly ms: number;
  readonly count: number;
}

/** The moment after `state` at wall time `nowMs`. A full millisecond runs over into the next. */
export function nextHlc(state: HlcMoment, nowMs: number): HlcMoment {
  if (nowMs > state.ms) return { ms: nowMs, count: 0 };
  if (state.count < countMax) return { ms: state.ms, count: state.count + 1 };
  return { ms: state.ms + 1, count: 0 };
}

/** The later of the two, unless the remote one is after `limitMs`. */
export function observeHlc(state: HlcMoment, remote: HlcMoment, limitMs: number): HlcMoment {
  if (remote.ms > limitMs) return state;
  const isLater = remote.ms > state.ms || (remote.ms === state.ms && remote.count > state.count);
  return isLater ? remote : state;
}

export function hlcMs(hlc: Hlc): number {
  return hlcMoment(hlc).ms;
}

/** Is `text` the canonical form of a moment? */
export function isHlc(text: string): text is Hlc {
  return pattern.test(text) && parseInstant(text.slice(0, instantLength)) !== undefined;
}

const countMax = 9999;
const instantLength = 24;
const pattern = /^.{24}\/\d{4}$/;

function hlcMoment(hlc: Hlc): HlcMoment {
  const ms = parseInstant(hlc.slice(0, instantLength));
  assert(ms !== undefined && pattern.test(hlc), `"${hlc}" is a moment`);
  return { ms, count: Number(hlc.slice(instantLength + 1)) };
}

function formatHlc({ ms, count }: HlcMoment): Hlc {
  const text = `${formatInstant(ms)}/${String(count).padStart(4, "0")}`;
  assert(isHlc(text), `"${text}" is a moment`);
  return text;
}
