/**
 * What a person takes off: of a line, all of a line, of the order. SPEC.md §18 (MD).
 *
 * @module
 */

import { allocate } from "../allocate.ts";
import type { BasketFault, ManualFault } from "../basket-fault.ts";
import type { Discount } from "../discount.ts";
import { inclusivePerRate } from "../policy.ts";
import { roundRatio } from "../rounding.ts";
import type { BasketInput } from "./basket-input.ts";
import { lowered, sumLeft, type LeftLine } from "./left-line.ts";
import type { ManualDiscount, ManualReason } from "./manual-input.ts";
import { compFaults, discountFaults, isDiscount } from "./manual-limits.ts";

/** After promotions: line by line, then the order. `lines` come in canonical order and stay in it. */
export function takeManual(lines: readonly LeftLine[], input: BasketInput): Manual {
  const taken = lines.map((line) => takeFromLine(line, input));
  const left = taken.map(({ line }) => line);
  const ofLines = taken.toSorted((a, b) => indexOf(a.line) - indexOf(b.line));
  const order = takeFromOrder(left, input);
  return { lines: order.lines, faults: [...ofLines.flatMap((one) => one.faults), ...order.faults] };
}

export interface Manual {
  readonly lines: readonly LeftLine[];
  readonly faults: readonly BasketFault[];
}

/** Of `baseMinor`: a percentage of it, rounded once as lines are, or the amount. */
export function amountOf(
  asked: { readonly percentBp: number } | { readonly amountMinor: number },
  baseMinor: number,
  { policy = inclusivePerRate }: Pick<BasketInput, "policy">,
): number {
  if ("amountMinor" in asked) return asked.amountMinor;
  const exact = BigInt(baseMinor) * BigInt(asked.percentBp);
  return Number(roundRatio(exact, 10_000n, policy.line.mode));
}

interface TakenFromLine {
  readonly line: LeftLine;
  readonly faults: readonly BasketFault[];
}

function takeFromLine(line: LeftLine, input: BasketInput): TakenFromLine {
  const { discount, comp } = line.asked ?? {};
  const pointer = `/lines/${indexOf(line)}`;
  const discounted = takeDiscount(line, discount, input);
  const given = takeComp(discounted.line, comp, input);
  return {
    line: given.line,
    faults: [
      ...discounted.faults.map((fault) => ({ pointer: `${pointer}/discount`, ...fault })),
      ...given.faults.map((fault) => ({ pointer: `${pointer}/comp`, ...fault })),
    ],
  };
}

function indexOf({ asked }: LeftLine): number {
  return asked?.index ?? 0;
}

interface Step {
  readonly line: LeftLine;
  readonly faults: readonly ManualFault[];
}

function takeDiscount(
  line: LeftLine,
  discount: ManualDiscount | undefined,
  input: BasketInput,
): Step {
  if (discount === undefined) return { line, faults: [] };
  const ofMinor = line.leftMinor;
  const takenMinor = Math.min(amountOf(discount, ofMinor, input), ofMinor);
  const faults = discountFaults("lineBp", { discount, takenMinor, ofMinor }, input.limits);
  return { line: lowered(line, [discountOf("line", discount, takenMinor)]), faults };
}

function takeComp(line: LeftLine, comp: ManualReason | undefined, { limits }: BasketInput): Step {
  if (comp === undefined) return { line, faults: [] };
  return {
    line: lowered(line, [discountOf("comp", comp, line.leftMinor)]),
    faults: compFaults(limits),
  };
}

function takeFromOrder(lines: readonly LeftLine[], input: BasketInput): Manual {
  const { orderDiscount: discount, limits } = input;
  const pointer = "/orderDiscount";
  if (discount === undefined) return { lines, faults: [] };
  if (!isDiscount(discount)) return { lines, faults: [{ pointer, code: "ManualValueInvalid" }] };
  const ofMinor = sumLeft(lines.filter(({ listed }) => listed.isDiscountable));
  const takenMinor = Math.min(amountOf(discount, ofMinor, input), ofMinor);
  const faults = discountFaults("orderBp", { discount, takenMinor, ofMinor }, limits);
  return {
    lines: spread(lines, discount, takenMinor),
    faults: faults.map((fault) => ({ pointer, ...fault })),
  };
}

// By what each line still costs; of equal remainders the first line has one more.
function spread(
  lines: readonly LeftLine[],
  discount: ManualDiscount,
  takenMinor: number,
): readonly LeftLine[] {
  const weights = lines.map(({ listed, leftMinor }) => (listed.isDiscountable ? leftMinor : 0));
  const shares = allocate(takenMinor, weights);
  // Nothing is left of the order.
  if (!shares.ok) return lines;
  return lines.map((line, at) =>
    lowered(line, [discountOf("order", discount, shares.value[at] ?? 0)]),
  );
}

function discountOf(
  kind: "line" | "order" | "comp",
  { reason, reasonCode = "" }: ManualReason,
  amountMinor: number,
): Discount {
  return { kind, id: reasonCode, name: reason, amountMinor, publication: null };
}
