/**
 * The order in which lines share what does not divide: by content, not by who was scanned first. SPEC.md §8 (BA).
 *
 * @module
 */

import type { ResolvedLine } from "./left-line.ts";
import type { ListedLine } from "./listed-line.ts";

/**
 * Lines by article (the shorter SKU first), price, quantity, tax code, then what a person decided. Only
 * lines of one content are left in the order in which they were scanned, and for those it makes no
 * difference.
 */
export function inCanonicalOrder(lines: readonly ResolvedLine[]): readonly ResolvedLine[] {
  return lines.toSorted(
    (a, b) => byContent(a.listed, b.listed) || compare(decisionOf(a), decisionOf(b)),
  );
}

function byContent(a: ListedLine, b: ListedLine): number {
  return (
    a.sku.length - b.sku.length ||
    compare(a.sku, b.sku) ||
    a.unitPriceMinor - b.unitPriceMinor ||
    a.perMilli - b.perMilli ||
    a.quantityMilli - b.quantityMilli ||
    compare(a.taxCode, b.taxCode)
  );
}

function decisionOf({ asked, price, linkedTo }: ResolvedLine): string {
  const isDeposit = linkedTo !== undefined;
  return JSON.stringify([isDeposit, price?.list, price?.override, asked?.discount, asked?.comp]);
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
