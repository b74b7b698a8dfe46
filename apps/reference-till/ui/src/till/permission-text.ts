/**
 * What somebody may not decide about prices, and who may.
 *
 * @module
 */

import type { ActorLimits, PricingOptions } from "../api/price-shapes.ts";
import { milliOf } from "../money.ts";

export type Decision = "line" | "order" | "price" | "comp";

/** Undefined: it is allowed, as far as this page knows; the service decides. */
export function refusalText(
  decision: Decision,
  options: Pick<PricingOptions, "limits" | "mayAbove"> | null,
): string | undefined {
  const limits = options?.limits ?? null;
  if (limits === null || options === null || isAllowed(decision, limits)) return undefined;
  return `${mayText(options.mayAbove)} may.`;
}

/** `"Up to 10 %; a manager more."`, or undefined where nothing is limited. */
export function limitText(
  decision: Decision,
  options: Pick<PricingOptions, "limits" | "mayAbove"> | null,
): string | undefined {
  const limits = options?.limits ?? null;
  if (limits === null || options === null || decision === "comp") return undefined;
  const percent = limitOf(decision, limits);
  if (isWhole(percent)) return undefined;
  const others = mayText(options.mayAbove).toLowerCase();
  return milliOf(percent) === 0
    ? `Only ${others} may lower it.`
    : `Up to ${percent} %; ${others} more.`;
}

/** `"A manager"`, `"A manager or supervisor"`. */
export function mayText(roles: readonly string[]): string {
  return roles.length === 0 ? "Nobody" : `A ${roles.join(" or ")}`;
}

function isAllowed(decision: Decision, limits: ActorLimits): boolean {
  if (decision === "comp") return limits.canComp;
  // A price above the list's needs nobody.
  return decision === "price" || milliOf(limitOf(decision, limits)) > 0;
}

function limitOf(decision: Exclude<Decision, "comp">, limits: ActorLimits): string {
  if (decision === "line") return limits.linePercent;
  return decision === "order" ? limits.orderPercent : limits.overridePercent;
}

function isWhole(percent: string): boolean {
  return milliOf(percent) >= 100_000;
}
