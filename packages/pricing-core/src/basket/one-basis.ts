/**
 * Prices of a basket have the tax in them, or none of them has. SPEC.md §16 (LI).
 *
 * @module
 */

import { err, ok, type Result } from "@tillmesh/kernel";
import type { BasketFault } from "../basket-fault.ts";
import type { ApplicableList } from "../list-table.ts";
import type { ResolvedLine } from "./left-line.ts";
import type { TaxBasis } from "./listed-line.ts";

/** That of the lists whose prices are used; where all prices were typed, of the list that counts first. */
export function basisOf(
  lines: readonly ResolvedLine[],
  lists: readonly ApplicableList[],
): Result<TaxBasis, MixedError> {
  const used = lines.flatMap(({ price }) => price?.list ?? []);
  const namesOf = (basis: TaxBasis) => {
    return [...new Set(used.flatMap((list) => (list.basis === basis ? [list.id] : [])))].toSorted();
  };
  const [inclusive, exclusive] = [namesOf("inclusive"), namesOf("exclusive")];
  if (inclusive.length > 0 && exclusive.length > 0) {
    const fault = { pointer: "/lines", code: "TaxBasisMixed", inclusive, exclusive } as const;
    return err({ type: "Mixed", faults: [fault] });
  }
  return ok((used[0] ?? lists[0])?.basis ?? "inclusive");
}

export interface MixedError {
  readonly type: "Mixed";
  readonly faults: readonly BasketFault[];
}
