/**
 * Orders with promotions, shipping and surcharges, as Vendure has them.
 *
 * @module
 */

import type { TaxBasis } from "../basket/listed-line.ts";
import type { PromotionItem, PromotionRule, Selector } from "../promotions/index.ts";
import type { TaxComponent, TaxedLine } from "../tax/index.ts";
import {
  componentOf,
  tagged,
  type EngineAnswer,
  type EngineBasket,
  type EngineLine,
  type Run,
} from "./engine-basket.ts";
import { basisPointsOf } from "./exact-decimal.ts";
import { checkOf, type Check, type Vector } from "./vector.ts";

export interface OrderVector extends Vector {
  readonly input: { readonly basis: TaxBasis; readonly promotions?: readonly OrderPromotion[] };
  readonly steps: readonly OrderStep[];
}

interface OrderPromotion {
  readonly id: string;
  readonly coupon?: string;
  readonly when?: { readonly totalFrom?: number; readonly lineQuantityFrom?: number };
  readonly take: {
    readonly scope: "item" | "order" | "shipping";
    readonly percent?: number;
    readonly amount?: number;
    /** Only units at this price. */
    readonly onlyPrice?: number;
  };
}

interface OrderStep {
  readonly lines: readonly OrderLine[];
  readonly shipping?: readonly { readonly price: number; readonly ratePercent: number }[];
  readonly surcharges?: readonly { readonly price: number; readonly ratePercent: number }[];
  readonly coupons?: readonly string[];
  readonly expected: OrderExpected;
}

interface OrderLine {
  readonly price: number;
  readonly quantity: number;
  readonly ratePercent?: number;
  readonly taxes?: readonly { readonly id: string; readonly ratePercent: number }[];
}

/** `net` and `gross` without shipping, `totalNet` and `total` with it. */
interface OrderExpected {
  readonly net?: number;
  readonly gross?: number;
  readonly shippingNet?: number;
  readonly shippingGross?: number;
  readonly totalNet?: number;
  readonly total?: number;
  readonly applied?: readonly string[];
  readonly lineGross?: readonly number[];
  readonly rows?: readonly { readonly id: string; readonly base: number; readonly tax: number }[];
}

export function checkOrder({ input, steps }: OrderVector, run: Run): readonly Check[] {
  return steps.flatMap((step, index) =>
    checkStep(step, run(basketOf(step, input))).map((check) => ({
      ...check,
      what: `step ${index + 1}, ${check.what}`,
    })),
  );
}

function basketOf(step: OrderStep, { basis, promotions = [] }: OrderVector["input"]): EngineBasket {
  return {
    lines: linesOf(step),
    promotions: promotions.map(promotionItem),
    coupons: step.coupons ?? [],
    discountMode: "half-down",
    tax: { basis, point: "line", mode: basis === "inclusive" ? "half-down" : "half-up" },
  };
}

function checkStep({ expected }: OrderStep, { deal, taxed }: EngineAnswer): readonly Check[] {
  const goods = taxed.lines.filter(({ lineId }) => !isShipping(lineId));
  const shipping = taxed.lines.filter(({ lineId }) => isShipping(lineId));
  const rows = taxed.rows.map((row) => ({
    id: row.taxCode,
    base: row.netMinor,
    tax: row.taxMinor,
  }));
  return [
    ...checkOf("net", expected.net, sumNet(goods)),
    ...checkOf("gross", expected.gross, sumGross(goods)),
    ...checkOf("shipping net", expected.shippingNet, sumNet(shipping)),
    ...checkOf("shipping gross", expected.shippingGross, sumGross(shipping)),
    ...checkOf("total net", expected.totalNet, taxed.netMinor),
    ...checkOf("total", expected.total, taxed.grossMinor),
    ...checkOf("applied", expected.applied, deal.applied.map(({ id }) => id).toSorted()),
    ...checkOf(
      "line gross",
      expected.lineGross,
      goods.map(({ grossMinor }) => grossMinor),
    ),
    ...checkOf("rows", byId(expected.rows), byId(rows)),
  ];
}

function linesOf({ lines, shipping = [], surcharges = [] }: OrderStep): readonly EngineLine[] {
  return [
    ...lines.map((line, index) => ({
      id: `line-${index + 1}`,
      unitPriceMinor: line.price,
      quantity: line.quantity,
      tags: ["goods", `price:${line.price}`],
      components: componentsOf(line),
    })),
    ...shipping.map((one, index) => lineOf(`shipping-${index + 1}`, one, ["shipping"])),
    ...surcharges.map((one, index) => {
      return { ...lineOf(`surcharge-${index + 1}`, one, []), isApart: true };
    }),
  ];
}

function lineOf(
  id: string,
  { price, ratePercent }: { readonly price: number; readonly ratePercent: number },
  tags: readonly string[],
): EngineLine {
  return { id, unitPriceMinor: price, quantity: 1, tags, components: rateOf(ratePercent) };
}

function componentsOf({ ratePercent, taxes = [] }: OrderLine): readonly TaxComponent[] {
  if (ratePercent !== undefined) return rateOf(ratePercent);
  return taxes.map((tax) => componentOf(tax.id, basisPointsOf(String(tax.ratePercent))));
}

function rateOf(ratePercent: number): readonly TaxComponent[] {
  return [componentOf(`rate ${ratePercent}`, basisPointsOf(String(ratePercent)))];
}

function promotionItem({ id, coupon, when, take }: OrderPromotion, order: number): PromotionItem {
  return {
    id,
    name: id,
    priority: order,
    group: id,
    stacking: "stackable",
    coupon: coupon === undefined || coupon === "" ? null : coupon,
    rule: ruleOf(take, when),
  };
}

function ruleOf(take: OrderPromotion["take"], when: OrderPromotion["when"]): PromotionRule {
  const reduction =
    take.percent === undefined
      ? ({ kind: "amount", amountMinor: take.amount ?? 0 } as const)
      : ({ kind: "percent", percentBp: take.percent * 100 } as const);
  const items = itemsOf(take);
  if (when?.lineQuantityFrom !== undefined) {
    const tier = { from: when.lineQuantityFrom * 1000, reduction };
    return { kind: "tiers", items, by: "quantity", tiers: [tier] };
  }
  if (take.scope === "order") {
    return { kind: "basket", items, fromMinor: when?.totalFrom ?? 0, reduction };
  }
  return reduction.kind === "percent"
    ? { ...reduction, items }
    : { ...reduction, items, spread: "each" };
}

function itemsOf({ scope, onlyPrice }: OrderPromotion["take"]): Selector {
  if (scope === "shipping") return tagged(["shipping"]);
  return tagged([onlyPrice === undefined ? "goods" : `price:${onlyPrice}`]);
}

function isShipping(lineId: string): boolean {
  return lineId.startsWith("shipping");
}

function sumNet(lines: readonly TaxedLine[]): number {
  return lines.reduce((sum, { netMinor }) => sum + netMinor, 0);
}

function sumGross(lines: readonly TaxedLine[]): number {
  return lines.reduce((sum, { grossMinor }) => sum + grossMinor, 0);
}

function byId<Row extends { readonly id: string }>(
  rows: readonly Row[] | undefined,
): readonly Row[] | undefined {
  return rows?.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}
