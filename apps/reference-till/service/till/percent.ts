/**
 * Basis points as people write them.
 *
 * @module
 */

import { formatQuantity } from "@tillmesh/kernel";

/** `"17.5"` for 1750. */
export function percentText(rateBp: number): string {
  return formatQuantity(rateBp * 10);
}
