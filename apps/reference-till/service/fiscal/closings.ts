/**
 * Which documents of the regime's own are due before a Z, and before the first shift of a new month.
 *
 * A shop may not close its last day of the month in that month: what the Z missed is made up when the next shift opens.
 *
 * @module
 */

import { closingOf, type DocumentRequest, type Period } from "@tillmesh/fiscal-queue";
import { businessDateAt } from "@tillmesh/kernel";
import type { Open } from "./desk.ts";

export interface Occasion {
  readonly kind: string;
  readonly businessDate: string;
}

export function closingRequests(
  { kind, businessDate }: Occasion,
  { stream, regime }: Pick<Open, "stream" | "regime">,
): readonly DocumentRequest[] {
  const { head, config } = stream;
  const dueSince = (period: Period) => head.openSince?.[period];
  const isOver = (period: Period): boolean => {
    const sinceMs = dueSince(period);
    if (sinceMs === undefined) return false;
    const since = businessDateAt(sinceMs, config.timeZone);
    const isEarlier = periodOf(since, period) < periodOf(businessDate, period);
    return isEarlier || (kind === "z" && (period === "day" || isLastOf(businessDate, period)));
  };
  if (kind !== "z" && kind !== "shift-opened") return [];
  const periods = (
    kind === "z" ? ["day", "month", "year"] : ["month", "year"]
  ) as readonly Period[];
  const over = periods.filter(isOver);
  // A year's closing is that of its last month, too.
  const wanted = over.includes("year") ? over.filter((period) => period !== "month") : over;
  return wanted.flatMap((period) => closingOf(period, { config, head, regime }) ?? []);
}

/** `2026-11`, `2026`. */
function periodOf(date: string, period: Period): string {
  return date.slice(0, { day: 10, month: 7, year: 4 }[period]);
}

function isLastOf(date: string, period: "month" | "year"): boolean {
  const next = new Date(Date.parse(`${date}T12:00:00Z`) + 86_400_000).toISOString();
  return periodOf(next, period) !== periodOf(date, period);
}
