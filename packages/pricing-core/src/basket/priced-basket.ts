/**
 * What `priceBasket` answers: what a sale entry takes over as it is. SPEC.md §8 (BA).
 *
 * Members with a question mark are absent where they say nothing, so a plain basket (prices with tax
 * in them, one rate per line, nothing taken off) has none of them.
 *
 * @module
 */

import type { Sku } from "@tillmesh/kernel";
import type { Discount } from "../discount.ts";
import type { TaxSummaryRow } from "../tax/line-tax.ts";
import { inclusivePerRate } from "../policy.ts";
import type { AppliedPromotion, RejectedCoupon } from "../promotions/index.ts";
import type { LineTax } from "../tax/index.ts";
import type { TaxBasis } from "./listed-line.ts";

/** Amounts of the lines add up to `totalMinor`; in each row of `taxes` gross = net + tax. */
export type PricedBasket = {
  readonly currency: string;
  readonly lines: readonly PricedLine[];
  /** What is due before any rounding of cash. */
  readonly totalMinor: number;
  /** By tax code. */
  readonly taxes: readonly TaxSummaryRow[];
} & (BasketFigures | { readonly [Name in keyof BasketFigures]?: undefined });

/** All of them stand in a basket, or none in a plain one. `basketFigures` has them of both. */
export type BasketFigures = {
  /** Of list amounts and discounts: with tax in them or without. */
  readonly basis: TaxBasis;
  /** Name of the policy that says where amounts are rounded. */
  readonly policy: string;
  /** Sum of the lines' list amounts, without the service charge, in the basis. */
  readonly listTotalMinor: number;
  /** Sum of all discounts, in the basis. */
  readonly discountMinor: number;
  /** `totalMinor` = `netMinor` + `taxMinor`. */
  readonly netMinor: number;
  readonly taxMinor: number;
  /** In the basis; 0 for none. The line `"service"` has it with its tax. */
  readonly serviceChargeMinor: number;
  /** Promotions by id. */
  readonly applied: readonly AppliedPromotion[];
  /** False: there were more promotions that compete than are searched, and a good deal was taken. */
  readonly isExact: boolean;
  readonly rejectedCoupons: readonly RejectedCoupon[];
};

export type PricedLine = {
  /** `"1"`, `"2"` … in the order of the basket; the deposit of line `"2"` is `"2.1"`; `"service"`. */
  readonly lineId: string;
  readonly sku: Sku;
  readonly name: string;
  readonly quantityMilli: number;
  /** The price that was used, of `perMilli` thousandths, in the basis of the basket. */
  readonly unitPriceMinor: number;
  /** 1000 where absent. */
  readonly perMilli?: number;
  /** What is paid for the line: discounts off, taxes in. */
  readonly amountMinor: number;
  /** Before any discount, in the basis of the basket. Absent where it is `amountMinor`. */
  readonly listAmountMinor?: number;
  /** What was taken off, in the basis: promotions by id, then line, comp, order. */
  readonly discounts?: readonly Discount[];
  readonly taxCode: string;
  /** The sum of the rates, where there are several taxes. */
  readonly rateBp: number;
  /** Within `amountMinor`. */
  readonly taxMinor: number;
  /** Tax by tax. Absent where there is one plain rate. */
  readonly taxes?: readonly LineTax[];
  /** Whose price it is; `standard` where absent. */
  readonly list?: string;
  /** The price was typed, as the article allows. */
  readonly isOpenPrice?: true;
  /** A person gave another price than the list's. */
  readonly override?: LineOverride;
  /** This is the deposit of that line, and follows its quantity. */
  readonly linkedTo?: string;
  /** Ids of the publications that say what the article is, costs and is taxed. */
  readonly publications: {
    readonly price: string;
    readonly tax: string;
    readonly catalogue: string;
  };
};

export type LineOverride = {
  readonly listPriceMinor: number;
  readonly reason: string;
  readonly reasonCode: string;
};

/** The figures of any basket, also of a plain one, which does not have them written down. */
export function basketFigures(basket: PricedBasket): BasketFigures {
  return basket.basis === undefined ? plainFigures(basket) : figuresOf(basket);
}

function plainFigures({ totalMinor, taxes }: PricedBasket): BasketFigures {
  const taxMinor = taxes.reduce((sum, row) => sum + row.taxMinor, 0);
  return {
    basis: "inclusive",
    policy: inclusivePerRate.name,
    listTotalMinor: totalMinor,
    discountMinor: 0,
    netMinor: totalMinor - taxMinor,
    taxMinor,
    serviceChargeMinor: 0,
    applied: [],
    isExact: true,
    rejectedCoupons: [],
  };
}

function figuresOf(figures: BasketFigures): BasketFigures {
  const { basis, policy, listTotalMinor, discountMinor, netMinor, taxMinor } = figures;
  const { serviceChargeMinor, applied, isExact, rejectedCoupons } = figures;
  const amounts = { listTotalMinor, discountMinor, netMinor, taxMinor, serviceChargeMinor };
  return { basis, policy, ...amounts, applied, isExact, rejectedCoupons };
}
