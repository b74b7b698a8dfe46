/**
 * Which documents of the regime's own are due before a Z, and before the first shift of a new month.
 *
 * A shop may not close its last day of the month in that month: what the Z missed is made up when the next shift opens, or by the timer.
 * A closing that cannot be sealed, because the signer is out, is owed: it stays due, holds up nothing, and is tried again.
 *
 * @module
 */

import { closingOf, type DocumentRequest, type Period } from "@tillmesh/fiscal-queue";
import { businessDateAt, type JsonObject } from "@tillmesh/kernel";
import { isReceipt } from "./kept-seal.ts";
import type { Open } from "./desk.ts";

export interface Occasion {
  /** Of the entry that comes next, or "timer". */
  readonly kind: string;
  readonly businessDate: string;
  /** Refused before, and why. */
  readonly owed: ReadonlyMap<Period, string>;
}

export function closingRequests(occasion: Occasion, at: Closed): readonly DocumentRequest[] {
  const { head, config } = at.stream;
  const { regime } = at;
  return periodsDue(occasion, at).flatMap(
    (period) => closingOf(period, { config, head, regime }) ?? [],
  );
}

/** What is due and not sealed, as the API answers. */
export function closingsAnswer(
  occasion: Pick<Occasion, "businessDate" | "owed">,
  at: Closed,
): readonly JsonObject[] {
  const { openSince = {} } = at.stream.head;
  return closingRequests({ ...occasion, kind: "timer" }, at).flatMap(({ closes: period }) =>
    period === undefined
      ? []
      : [
          {
            period,
            since: new Date(openSince[period] ?? 0).toISOString(),
            reason: occasion.owed.get(period) ?? null,
          },
        ],
  );
}

type Closed = Pick<Open, "stream" | "regime">;

function periodsDue({ kind, businessDate, owed }: Occasion, { stream }: Closed): readonly Period[] {
  const { head, config } = stream;
  const isOver = (period: Period): boolean => {
    const sinceMs = head.openSince?.[period];
    if (sinceMs === undefined) return false;
    // A sale waits for no question but that of what was refused before.
    if (owed.has(period) || isReceipt(kind)) return owed.has(period);
    const since = businessDateAt(sinceMs, config.timeZone);
    const isEarlier = periodOf(since, period) < periodOf(businessDate, period);
    return isEarlier || (kind === "z" && (period === "day" || isLastOf(businessDate, period)));
  };
  const over = periods.filter(isOver);
  // A year's closing is that of its last month, too.
  return over.includes("year") ? over.filter((period) => period !== "month") : over;
}

const periods: readonly Period[] = ["day", "month", "year"];

/** `2026-11`, `2026`. */
function periodOf(date: string, period: Period): string {
  return date.slice(0, { day: 10, month: 7, year: 4 }[period]);
}

function isLastOf(date: string, period: "month" | "year"): boolean {
  const next = new Date(Date.parse(`${date}T12:00:00Z`) + 86_400_000).toISOString();
  return periodOf(next, period) !== periodOf(date, period);
}
