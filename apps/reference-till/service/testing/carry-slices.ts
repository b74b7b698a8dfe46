/**
 * What a carry of a ledger in memory brings, in slices.
 *
 * @module
 */

import type { HeldEntry } from "@tillmesh/kernel";
import type { CarrySlice, CarryTotal } from "@tillmesh/sync-engine/node";
import { carryRule } from "../till/carry-rule.ts";

/** One sum or one entry a slice: whoever reads must not rely on getting all at once. */
export function slicesOf(carried: readonly HeldEntry[], lie: number): readonly CarrySlice[] {
  const totals = new Map<string, CarryTotal>();
  for (const { location, sku, quantityMilli } of carried.flatMap(
    ({ entry }) => entry.movements ?? [],
  )) {
    const key = `${location}/${sku}`;
    const totalMilli = (totals.get(key)?.totalMilli ?? 0) + quantityMilli;
    totals.set(key, { location, sku, totalMilli });
  }
  return [
    ...[...totals.values()]
      .map((total, index) => ({ ...total, totalMilli: total.totalMilli + (index === 0 ? lie : 0) }))
      .filter(({ totalMilli }) => totalMilli !== 0)
      .map((total) => ({ totals: [total], kept: [] })),
    ...carried
      .filter(({ entry }) => carryRule.keeps(entry))
      .map((held) => ({ totals: [], kept: [held] })),
  ];
}
