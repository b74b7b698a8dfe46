/**
 * The documents of the regime's own that must be sealed before the next sale: start, recovery, closings. SPEC.md §3, §5 (FSE, FOU).
 *
 * @module
 */

import { err, ok, type Result } from "@tillmesh/kernel";
import { isProbeDue, type Breaker } from "./breaker.ts";
import type { FiscalTime, Head, Period, StreamConfig } from "./document.ts";
import type { DocumentRequest, Regime, SettingsFault } from "./regime.ts";
import { fiscalTimeAt, localDate } from "./time.ts";

export interface DueInput {
  readonly regime: Regime;
  readonly config: StreamConfig;
  readonly head: Head;
  readonly breaker: Breaker;
  readonly at: FiscalTime;
  /** A sale never waits for a signer that is out; a timer asks it. */
  readonly occasion: "sale" | "timer";
}

/**
 * In the order to seal them, each with the head that the one before left. One that is refused for want of a signer stays due,
 * and sales go on without it.
 */
export function dueDocuments(input: DueInput): Result<readonly DocumentRequest[], SettingsFault> {
  const { config, head, regime } = input;
  if (head.sequence === 0) {
    const opened = regime.open(config);
    if (!opened.ok) return err(opened.error);
    const { start } = opened.value;
    return ok(start === undefined ? [] : [start]);
  }
  return ok([...recoveryDue(input), ...closingsDue(input)]);
}

/** A closing, by itself or because somebody closes the period now; undefined where the regime has none. */
export function closingOf(
  period: Period,
  { config, head, regime }: Pick<DueInput, "config" | "head" | "regime">,
): DocumentRequest | undefined {
  const request = regime.closing?.(period, config, head);
  return request === undefined ? undefined : { ...request, closes: period };
}

function recoveryDue({
  at,
  breaker,
  config,
  head,
  occasion,
  regime,
}: DueInput): readonly DocumentRequest[] {
  if (head.outage === undefined || regime.recover === undefined) return [];
  const isWorth =
    breaker.type === "closed" || (occasion === "timer" && isProbeDue(breaker, at.epochMs));
  return isWorth ? regime.recover(head, config) : [];
}

function closingsDue(input: DueInput): readonly DocumentRequest[] {
  const { at, config, head } = input;
  const isOver = (period: Period): boolean => {
    const sinceMs = head.openSince?.[period];
    if (sinceMs === undefined) return false;
    const since = fiscalTimeAt(sinceMs, config.timeZone);
    return periodOf(since, period) < periodOf(at, period);
  };
  const day = isOver("day") ? closingOf("day", input) : undefined;
  // December's closing is the year's where the regime has one of its own.
  const year = isOver("year") ? closingOf("year", input) : undefined;
  const month = year === undefined && isOver("month") ? closingOf("month", input) : undefined;
  return [day, year, month].filter((request) => request !== undefined);
}

function periodOf(at: FiscalTime, period: Period): string {
  const length = { day: 10, month: 7, year: 4 }[period];
  return localDate(at).slice(0, length);
}
