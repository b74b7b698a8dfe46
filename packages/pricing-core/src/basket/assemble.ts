/**
 * Taxes the lines and puts the answer together. SPEC.md §8 (BA).
 *
 * @module
 */

import { assert, ok, sumSafe, type OverflowError, type Result } from "@tillmesh/kernel";
import { inclusivePerRate, taxPolicyOf } from "../policy.ts";
import type { Deal } from "../promotions/index.ts";
import { taxBasket, type TaxableLine, type TaxedBasket } from "../tax/index.ts";
import type { BasketInput } from "./basket-input.ts";
import { sumLeft, type LeftLine } from "./left-line.ts";
import type { TaxBasis } from "./listed-line.ts";
import type { BasketFigures, PricedBasket, PricedLine } from "./priced-basket.ts";
import { pricedLine } from "./priced-line.ts";

export interface Parts {
  readonly input: BasketInput;
  readonly basis: TaxBasis;
  /** Line ids as they are answered. */
  readonly order: readonly string[];
  /** In canonical order. */
  readonly goods: readonly LeftLine[];
  /** At most one. */
  readonly service: readonly LeftLine[];
  readonly deal: Deal;
}

export function assemble(parts: Parts): Result<PricedBasket, OverflowError> {
  const { input, basis, goods, service } = parts;
  const lines = [...goods, ...service];
  const policy = taxPolicyOf(input.policy ?? inclusivePerRate, basis);
  const taxed = taxBasket(lines.map(taxable), policy);
  if (!taxed.ok) return taxed;
  const basket = {
    currency: input.currency,
    lines: pricedLines(parts, taxed.value),
    totalMinor: taxed.value.grossMinor,
    taxes: taxed.value.rows,
  };
  const figures = figuresOf(parts, taxed.value);
  return ok(isPlain(figures, basket.lines) ? basket : { ...basket, ...figures });
}

function taxable({ listed, leftMinor, tax }: LeftLine): TaxableLine {
  const { lineId, quantityMilli, listAmountMinor } = listed;
  return { lineId, quantityMilli, listAmountMinor, amountMinor: leftMinor, tax };
}

function pricedLines(
  { goods, service, order, basis }: Parts,
  taxed: TaxedBasket,
): readonly PricedLine[] {
  const lines = [...goods, ...service];
  const byId = new Map(
    lines.flatMap((line, at) => {
      const tax = taxed.lines[at];
      return tax === undefined ? [] : [[line.listed.lineId, pricedLine(line, tax, basis)]];
    }),
  );
  const ids = [...order, ...service.map(({ listed }) => listed.lineId)];
  return ids.flatMap((id) => byId.get(id) ?? []);
}

function figuresOf(
  { input, basis, goods, service, deal }: Parts,
  taxed: TaxedBasket,
): BasketFigures {
  const listTotal = sumSafe(goods.map(({ listed }) => listed.listAmountMinor));
  assert(listTotal.ok, "the list amounts were added up before");
  const { applied, isExact, rejectedCoupons } = deal;
  return {
    basis,
    policy: (input.policy ?? inclusivePerRate).name,
    listTotalMinor: listTotal.value,
    discountMinor: listTotal.value - sumLeft(goods),
    netMinor: taxed.netMinor,
    taxMinor: taxed.taxMinor,
    serviceChargeMinor: sumLeft(service),
    applied,
    isExact,
    rejectedCoupons,
  };
}

function isPlain(figures: BasketFigures, lines: readonly PricedLine[]): boolean {
  const { basis, policy, discountMinor, isExact, rejectedCoupons } = figures;
  const isUsual = basis === "inclusive" && policy === inclusivePerRate.name;
  const isWhole = discountMinor === 0 && figures.serviceChargeMinor === 0;
  const isSilent = isExact && rejectedCoupons.length === 0;
  return isUsual && isWhole && isSilent && lines.every(({ taxes }) => taxes === undefined);
}
