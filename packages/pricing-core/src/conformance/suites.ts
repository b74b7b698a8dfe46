/**
 * The suites of outside cases, and how each is checked.
 *
 * @module
 */

import { runBasket, type Run } from "./engine-basket.ts";
import { checkActions, type ActionsVector } from "./medusa-actions.ts";
import { checkOrder, type OrderVector } from "./vendure-orders.ts";
import { checkProrate, type ProrateVector } from "./vendure-prorate.ts";
import type { Check, Vector, VectorFile } from "./vector.ts";
import { checkCoupons, type CouponVector } from "./wcpos-coupons.ts";
import { checkRefund, type RefundVector } from "./wcpos-refunds.ts";
import { checkRounding, type RoundingVector } from "./wcpos-rounding.ts";
import { checkSelection, type SelectionVector } from "./wcpos-selection.ts";
import { checkTaxes, type TaxVector } from "./wcpos-taxes.ts";
import { checkTotals, type TotalsVector } from "./wcpos-totals.ts";

export interface Suite {
  readonly name: string;
  readonly file: VectorFile<Vector>;
  readonly cases: readonly SuiteCase[];
}

export interface SuiteCase {
  readonly vector: Vector;
  /** Of the case itself, by promotions and taxes, unless told otherwise. */
  readonly check: (vector?: Vector, run?: Run) => readonly Check[];
}

/** `read` answers with the content of `test-vectors/<name>.json`. */
export function readSuites(read: (name: string) => unknown): readonly Suite[] {
  return [
    suiteOf(
      "vendure-order-calculator",
      read("vendure-order-calculator") as VectorFile<OrderVector>,
      checkOrder,
    ),
    suiteOf("vendure-prorate", read("vendure-prorate") as VectorFile<ProrateVector>, checkProrate),
    suiteOf(
      "medusa-compute-actions",
      read("medusa-compute-actions") as VectorFile<ActionsVector>,
      checkActions,
    ),
    suiteOf("wcpos-rounding", read("wcpos-rounding") as VectorFile<RoundingVector>, checkRounding),
    suiteOf("wcpos-taxes", read("wcpos-taxes") as VectorFile<TaxVector>, checkTaxes),
    suiteOf("wcpos-totals", read("wcpos-totals") as VectorFile<TotalsVector>, checkTotals),
    suiteOf("wcpos-coupons", read("wcpos-coupons") as VectorFile<CouponVector>, checkCoupons),
    suiteOf(
      "wcpos-selection",
      read("wcpos-selection") as VectorFile<SelectionVector>,
      checkSelection,
    ),
    suiteOf("wcpos-refunds", read("wcpos-refunds") as VectorFile<RefundVector>, checkRefund),
  ];
}

function suiteOf<V extends Vector>(
  name: string,
  file: VectorFile<V>,
  check: (vector: V, run: Run) => readonly Check[],
): Suite {
  const cases = file.cases.map((vector): SuiteCase => {
    return { vector, check: (other, run = runBasket) => check((other ?? vector) as V, run) };
  });
  return { name, file, cases };
}
