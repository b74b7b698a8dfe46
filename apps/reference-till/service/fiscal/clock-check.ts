/**
 * A clock that cannot be right stops sealing until it is put right, or until somebody who looked at it says that it is.
 *
 * What was said is recorded, with who said it, and holds for the next document of the stream and no further: from that one on the
 * chain itself shows the time again.
 *
 * @module
 */

import { err, ok, type EntryBy, type JsonObject, type Result } from "@tillmesh/kernel";
import {
  clockFault,
  defaultClockPolicy,
  fiscalTimeAt,
  offsetDateTime,
  type ClockFault,
  type ClockPolicy,
} from "@tillmesh/fiscal-queue";
import type { Refusal } from "../http/problem.ts";
import type { Till } from "../till/till.ts";
import type { OpenStream } from "./fiscal-state.ts";

/** The till's own record, beside those of the queue. */
export type ClockConfirmed = {
  readonly type: "clock-confirmed";
  readonly stream: string;
  /** Of the document that it holds for. */
  readonly sequence: number;
  readonly atMs: number;
};

/** The first document is held against the opening; those after it against the one before. */
export function clockPolicyOf({ head, openedAtMs }: OpenStream): ClockPolicy {
  const openedMs = head.sequence === 0 ? openedAtMs : Math.min(openedAtMs, head.sealedAtMs);
  const notBeforeMs = Math.max(defaultClockPolicy.notBeforeMs, openedMs);
  return { ...defaultClockPolicy, notBeforeMs };
}

export function isClockConfirmed({ head, confirmedFor }: OpenStream): boolean {
  return confirmedFor === head.sequence + 1;
}

/** Why nothing may be sealed now; undefined too where somebody confirmed the clock. */
export function clockRefusal(stream: OpenStream | null, nowMs: number): Refusal | undefined {
  if (stream === null) return hopelessRefusal(nowMs);
  const fault = faultAt(stream, nowMs);
  return fault === undefined || isClockConfirmed(stream)
    ? undefined
    : clockProblem(stream, nowMs, fault);
}

/** As the API answers; null where nothing is in doubt. */
export function clockAnswer(stream: OpenStream | null, nowMs: number): JsonObject | null {
  const fault = stream === null ? undefined : faultAt(stream, nowMs);
  if (fault === undefined || stream === null) return null;
  return {
    code: fault.code,
    ...timesOf(stream, nowMs),
    isConfirmed: isClockConfirmed(stream),
  };
}

/** Answers with what was in doubt and is not any more; null where nothing was, and then nothing is recorded. */
export function confirmClock(till: Till, by: EntryBy): Promise<Result<JsonObject | null, Refusal>> {
  return till.fiscal.exclusively(async () => {
    const { stream } = till.fiscal.state;
    const nowMs = till.clock.nowMs();
    const fault = stream === null ? undefined : faultAt(stream, nowMs);
    if (fault === undefined || stream === null) return ok(null);
    if (nowMs < defaultClockPolicy.notBeforeMs) return err(clockProblem(stream, nowMs, fault));
    if (!isClockConfirmed(stream)) {
      const { head } = stream;
      const place = { stream: head.stream, sequence: head.sequence + 1, atMs: nowMs };
      const kept = await till.fiscal.commit({ type: "clock-confirmed", ...place }, { by });
      if (!kept.ok) return kept;
    }
    return ok({ code: fault.code, ...timesOf(stream, nowMs), isConfirmed: true });
  });
}

function faultAt(stream: OpenStream, nowMs: number): ClockFault | undefined {
  const at = fiscalTimeAt(nowMs, stream.config.timeZone);
  return clockFault(at, stream.head, clockPolicyOf(stream));
}

function clockProblem(stream: OpenStream, nowMs: number, { code }: ClockFault): Refusal {
  const { shows, last } = timesOf(stream, nowMs);
  const what = stream.head.sequence === 0 ? "the chain was opened" : "the last document was sealed";
  const isHopeless = nowMs < defaultClockPolicy.notBeforeMs;
  const way = isHopeless
    ? "Put the clock right."
    : "Put the clock right; if it is right, a manager confirms it: POST /fiscal/clock/confirm, or tillmesh fiscal confirm-clock.";
  const detail = `The clock shows ${shows}; ${what} at ${last}. ${way}`;
  return { type: "FiscalClock", detail, facts: { clock: { code, shows, last } } };
}

/** Before a chain is opened: no regime is so old. */
function hopelessRefusal(nowMs: number): Refusal | undefined {
  if (nowMs >= defaultClockPolicy.notBeforeMs) return undefined;
  const detail = `The clock shows ${new Date(nowMs).toISOString()}. Put the clock right.`;
  return { type: "FiscalClock", detail };
}

function timesOf(
  { head, config, openedAtMs }: OpenStream,
  nowMs: number,
): { readonly shows: string; readonly last: string } {
  const text = (ms: number) => offsetDateTime(fiscalTimeAt(ms, config.timeZone));
  return { shows: text(nowMs), last: text(head.sequence === 0 ? openedAtMs : head.sealedAtMs) };
}
