/**
 * Coupons on a cart and their taxes, as WCPOS has them.
 *
 * @module
 */

import type { TaxBasis } from "../basket/listed-line.ts";
import type { ArticleNames, PromotionItem, PromotionRule, Selector } from "../promotions/index.ts";
import type { TaxComponent } from "../tax/index.ts";
import {
  discountOf,
  runBasket,
  type EngineAnswer,
  type EngineLine,
  type Run,
} from "./engine-basket.ts";
import { basisPointsOf, minorOf, textOf } from "./exact-decimal.ts";
import { checkOf, type Check, type Vector } from "./vector.ts";
import { rateComponent, type Rate } from "./wcpos-taxes.ts";

export interface CouponVector extends Vector {
  readonly input: {
    readonly basis: TaxBasis;
    readonly priceDecimals: number;
    readonly rates?: readonly ClassRate[];
    readonly lines?: readonly CartLine[];
    readonly coupons?: readonly Coupon[];
    /** Amounts taken off, of which only the tax is asked. */
    readonly discounts?: readonly { readonly amount: string; readonly taxClass?: string }[];
  };
  readonly expected: CouponExpected;
}

type ClassRate = Rate & { readonly taxClass?: string };

export interface CartLine {
  readonly product: number;
  readonly quantity: number;
  readonly price: string;
  readonly categories?: readonly number[];
  readonly onSale?: boolean;
  readonly taxClass?: string;
  readonly isUntaxed?: boolean;
}

export interface Coupon {
  readonly kind: "percent" | "unit-amount" | "basket-amount";
  readonly amount: string;
  /** Units that it takes at most, the dearest first. */
  readonly unitsMax?: number;
  readonly products?: readonly number[];
  readonly exceptProducts?: readonly number[];
  readonly categories?: readonly number[];
  readonly exceptCategories?: readonly number[];
  readonly exceptSale?: boolean;
}

interface CouponExpected {
  /** Taken off by all coupons, and by each. */
  readonly total?: string;
  readonly totals?: readonly string[];
  readonly lines?: readonly { readonly product: number; readonly amount: string }[];
  readonly lineTotals?: readonly { readonly amount: string; readonly tax?: string }[];
  readonly lineTaxes?: readonly { readonly id: string; readonly amount: string }[];
  readonly couponTaxes?: readonly string[];
  readonly net?: string;
  readonly netSum?: string;
  readonly tax?: string;
  readonly gross?: string;
  readonly between?: readonly [string, string];
  readonly amount?: string;
}

export function checkCoupons(vector: CouponVector, run: Run): readonly Check[] {
  return vector.input.discounts === undefined
    ? checkCart(vector, run)
    : checkTaxOfDiscounts(vector, run);
}

function checkCart({ input, expected }: CouponVector, run: Run): readonly Check[] {
  const { lines = [], coupons = [], basis, priceDecimals } = input;
  const answer = run({
    lines: lines.map((line, index) => engineLine(line, index, input)),
    promotions: coupons.map((coupon, index) => promotionItem(coupon, index, priceDecimals)),
    discountMode: "half-down",
    tax: { basis, point: "line", mode: "half-up" },
  });
  const text = (minor: number) => textOf(minor, priceDecimals);
  return [
    ...discountChecks({ input, expected }, answer),
    ...taxChecks({ input, expected }, answer),
    ...checkOf("net", expected.net ?? expected.netSum, text(answer.taxed.netMinor)),
    ...checkOf("tax", expected.tax, text(answer.taxed.taxMinor)),
    ...checkOf("gross", expected.gross, text(answer.taxed.grossMinor)),
  ];
}

type Case = Pick<CouponVector, "input" | "expected">;

function discountChecks({ input, expected }: Case, { deal }: EngineAnswer): readonly Check[] {
  const { lines = [], coupons = [], priceDecimals } = input;
  const text = (minor: number) => textOf(minor, priceDecimals);
  const amounts = lines.map((_, index) => discountOf(deal, idOf(index)));
  const byCoupon = coupons.map((_, coupon) =>
    lines.reduce((sum, __, index) => sum + discountOf(deal, idOf(index), `c${coupon}`), 0),
  );
  const byLine = lines.flatMap(({ product }, index) => {
    const amountMinor = amounts[index] ?? 0;
    return amountMinor === 0 ? [] : [{ product, amount: text(amountMinor) }];
  });
  const total = amounts.reduce((sum, amount) => sum + amount, 0);
  return [
    ...checkOf("discount", expected.total, text(total)),
    ...checkOf("discount by coupon", expected.totals, byCoupon.map(text)),
    ...checkOf("discount by line", expected.lines, byLine),
  ];
}

function taxChecks({ input, expected }: Case, { deal, taxed }: EngineAnswer): readonly Check[] {
  const text = (minor: number) => textOf(minor, input.priceDecimals);
  const first = taxed.lines[0]?.taxes ?? [];
  const taxes = first.map(({ id, taxMinor }) => ({ id, amount: text(taxMinor) }));
  const lineChecks = (expected.lineTotals ?? []).flatMap(({ amount, tax }, index) => [
    ...checkOf(`net of line ${index + 1}`, amount, text(taxed.lines[index]?.netMinor ?? 0)),
    ...checkOf(`tax of line ${index + 1}`, tax, text(taxed.lines[index]?.taxMinor ?? 0)),
  ]);
  const couponTax = () => text(listTaxOf(input) - taxed.taxMinor);
  const isTaxAsked = expected.couponTaxes !== undefined;
  return [
    ...lineChecks,
    ...checkOf("taxes", byId(expected.lineTaxes), byId(taxes)),
    ...checkOf("tax of discounts", expected.couponTaxes?.[0], isTaxAsked ? couponTax() : ""),
    ...checkOf("number of promotions", isTaxAsked ? 1 : undefined, deal.applied.length),
  ];
}

function listTaxOf(input: CouponVector["input"]): number {
  return runBasket({
    lines: (input.lines ?? []).map((line, index) => engineLine(line, index, input)),
    promotions: [],
    discountMode: "half-down",
    tax: { basis: input.basis, point: "line", mode: "half-up" },
  }).taxed.taxMinor;
}

function checkTaxOfDiscounts({ input, expected }: CouponVector, run: Run): readonly Check[] {
  const { discounts = [], rates = [], basis, priceDecimals } = input;
  const { taxed } = run({
    lines: discounts.map(({ amount, taxClass }, index) => ({
      id: idOf(index),
      unitPriceMinor: minorOf(amount, priceDecimals),
      quantity: 1,
      tags: [],
      components: componentsOf(rates, taxClass),
      isApart: true,
    })),
    promotions: [],
    discountMode: "half-down",
    tax: { basis, point: "line", mode: "half-up" },
  });
  return [
    ...checkOf("amount", expected.amount, textOf(taxed.netMinor, priceDecimals)),
    ...checkOf("tax", expected.tax, textOf(taxed.taxMinor, priceDecimals)),
  ];
}

function engineLine(
  line: CartLine,
  index: number,
  { rates = [], priceDecimals }: CouponVector["input"],
): EngineLine {
  const { quantity, price, taxClass, isUntaxed } = line;
  return {
    id: idOf(index),
    unitPriceMinor: minorOf(price, priceDecimals),
    quantity,
    tags: lineTags(line),
    components: isUntaxed ? [] : componentsOf(rates, taxClass),
  };
}

export function lineTags({
  product,
  categories = [],
  onSale,
}: Pick<CartLine, "product" | "categories" | "onSale">): readonly string[] {
  const sale = onSale ? ["sale"] : [];
  return [`product:${product}`, ...categories.map((id) => `category:${id}`), ...sale];
}

function componentsOf(
  rates: readonly ClassRate[],
  taxClass: string | undefined,
): readonly TaxComponent[] {
  return rates.filter((rate) => rate.taxClass === taxClass).map(rateComponent);
}

function promotionItem(coupon: Coupon, order: number, decimals: number): PromotionItem {
  return {
    id: `c${order}`,
    name: `c${order}`,
    priority: order,
    group: `c${order}`,
    stacking: "stackable",
    ...(coupon.unitsMax === undefined ? {} : { basketMax: coupon.unitsMax }),
    rule: ruleOf(coupon, decimals),
  };
}

function ruleOf(coupon: Coupon, decimals: number): PromotionRule {
  const items = couponSelector(coupon);
  if (coupon.kind === "percent") {
    return { kind: "percent", items, percentBp: basisPointsOf(coupon.amount) };
  }
  const spread = coupon.kind === "unit-amount" ? "each" : "across";
  return { kind: "amount", items, amountMinor: minorOf(coupon.amount, decimals), spread };
}

export function couponSelector(coupon: Omit<Coupon, "kind" | "amount">): Selector {
  const { products, categories, exceptProducts, exceptCategories, exceptSale } = coupon;
  const named = tagsOf(products, categories);
  const except = [...tagsOf(exceptProducts, exceptCategories), ...(exceptSale ? ["sale"] : [])];
  const without: { readonly except?: ArticleNames } =
    except.length === 0 ? {} : { except: { tags: except } };
  return named.length === 0 ? { everything: true, ...without } : { tags: named, ...without };
}

function tagsOf(products: readonly number[] = [], categories: readonly number[] = []) {
  return [...products.map((id) => `product:${id}`), ...categories.map((id) => `category:${id}`)];
}

function idOf(index: number): string {
  return String(index + 1).padStart(2, "0");
}

function byId<Row extends { readonly id: string }>(
  rows: readonly Row[] | undefined,
): readonly Row[] | undefined {
  return rows?.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}
