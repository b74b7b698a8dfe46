/**
 * A basket without promotions by the school book: the oracle of the rest of `priceBasket`.
 *
 * It works in sixty-four digits of decimal fraction where the engine works in ratios, and hands out
 * what is left over penny by penny.
 *
 * @module
 */

export interface NaiveOrder {
  readonly basis: "inclusive" | "exclusive";
  readonly lines: readonly NaiveAsked[];
  readonly orderOff?: NaiveOff;
  /** With a tax of its own. */
  readonly service?: { readonly percentBp: number; readonly rateBp: number };
}

/** Lines stand in the order in which pennies are handed out. */
export interface NaiveAsked {
  readonly priceMinor: number;
  readonly perMilli: number;
  readonly quantityMilli: number;
  readonly rateBp: number;
  readonly off?: NaiveOff | undefined;
  readonly isGivenAway?: boolean;
}

export type NaiveOff = { readonly percentBp: number } | { readonly amountMinor: number };

/** What was taken off step by step; `paidMinor` with tax. */
export interface NaiveRow {
  readonly listMinor: number;
  readonly lineOffMinor: number;
  readonly givenMinor: number;
  readonly orderOffMinor: number;
  readonly taxMinor: number;
  readonly paidMinor: number;
}

/** A row of each line, and one of the service charge if there is any. */
export function naivePipeline(order: NaiveOrder): readonly NaiveRow[] {
  const singles = order.lines.map(takeFromLine);
  const costs = singles.map((one) => one.listMinor - one.lineOffMinor - one.givenMinor);
  const off = order.orderOff === undefined ? 0 : offOf(order.orderOff, total(costs));
  const shares = handOut(off, costs.map(BigInt), BigInt(total(costs)));
  const left = costs.map((cost, at) => cost - (shares[at] ?? 0));
  const charge = order.service === undefined ? 0 : offOf(order.service, total(left));
  const rates = order.lines.map(({ rateBp }) => rateBp);
  const taxes = taxesOf(left, rates, order.basis);
  const goods = singles.map((one, at) => {
    const row = { ...one, orderOffMinor: shares[at] ?? 0, taxMinor: taxes[at] ?? 0 };
    return { ...row, paidMinor: paid(left[at] ?? 0, row.taxMinor, order.basis) };
  });
  return [...goods, ...serviceRow(charge, order)];
}

const digits = 10n ** 64n;

type Single = Pick<NaiveRow, "listMinor" | "lineOffMinor" | "givenMinor">;

function takeFromLine(line: NaiveAsked): Single {
  const exact = BigInt(line.priceMinor) * BigInt(line.quantityMilli);
  const listMinor = nearest(exact, BigInt(line.perMilli));
  const lineOffMinor = line.off === undefined ? 0 : offOf(line.off, listMinor);
  const givenMinor = line.isGivenAway === true ? listMinor - lineOffMinor : 0;
  return { listMinor, lineOffMinor, givenMinor };
}

function serviceRow(charge: number, { basis, service }: NaiveOrder): readonly NaiveRow[] {
  if (charge === 0 || service === undefined) return [];
  const [taxMinor = 0] = taxesOf([charge], [service.rateBp], basis);
  const nothing = { lineOffMinor: 0, givenMinor: 0, orderOffMinor: 0 };
  return [{ listMinor: charge, ...nothing, taxMinor, paidMinor: paid(charge, taxMinor, basis) }];
}

function taxesOf(
  costs: readonly number[],
  rates: readonly number[],
  basis: NaiveOrder["basis"],
): readonly number[] {
  const taxes = costs.map(() => 0);
  for (const rate of new Set(rates)) {
    const of = BigInt(basis === "inclusive" ? 10_000 + rate : 10_000);
    const own = rates.flatMap((one, at) => (one === rate ? [at] : []));
    const parts = own.map((at) => BigInt(costs[at] ?? 0) * BigInt(rate));
    const whole = nearest(
      parts.reduce((sum, part) => sum + part, 0n),
      of,
    );
    for (const [place, share] of handOutParts(whole, parts, of).entries()) {
      taxes[own[place] ?? 0] = share;
    }
  }
  return taxes;
}

function handOut(amount: number, weights: readonly bigint[], sum: bigint): readonly number[] {
  if (sum === 0n) return weights.map(() => 0);
  return handOutParts(
    amount,
    weights.map((weight) => weight * BigInt(amount)),
    sum,
  );
}

/** Everyone gets the whole pennies of `part / of`; the rest goes one by one to whoever misses most. */
function handOutParts(amount: number, parts: readonly bigint[], of: bigint): readonly number[] {
  const shares = parts.map((part) => Number(part / of));
  const missing = parts.map((part) => ((part % of) * digits) / of);
  for (let left = amount - total(shares); left > 0; left -= 1) {
    const most = missing.reduce((best, one, at) => (one > (missing[best] ?? 0n) ? at : best), 0);
    missing[most] = -1n;
    shares[most] = (shares[most] ?? 0) + 1;
  }
  return shares;
}

function offOf(off: NaiveOff, cost: number): number {
  if ("amountMinor" in off) return off.amountMinor > cost ? cost : off.amountMinor;
  return nearest(BigInt(cost) * BigInt(off.percentBp), 10_000n);
}

function paid(cost: number, tax: number, basis: NaiveOrder["basis"]): number {
  return basis === "inclusive" ? cost : cost + tax;
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

/** To the nearest integer, halves up; for what is not negative. */
function nearest(numerator: bigint, denominator: bigint): number {
  return Number((numerator * 2n + denominator) / (denominator * 2n));
}
