/**
 * Which tenders go back, and the cash rounding that goes back with them. SPEC.md §21 (GB).
 *
 * @module
 */

import { roundRatio } from "../rounding.ts";
import { roundCash, type CashRounding } from "../tenders/cash-rounding.ts";
import type { GivenBackSale, SoldSale, SoldTender } from "./sold-sale.ts";
import { spread } from "./spread.ts";
import { sumOf } from "./tally.ts";

/** `totalMinor` of a sale goes back, after what went back `before`. */
export function refundTenders(
  { sale, before }: SaleToRefund,
  totalMinor: number,
  { cashRounding = null, payTo, isTipBack = false }: RefundPayment = {},
): RefundedTenders {
  const purses = pursesOf(sale);
  const paid =
    payTo === undefined
      ? asPaid({ sale, before }, purses, { totalMinor, cashRounding })
      : allTo(payTo, { sale, before }, { totalMinor, cashRounding });
  const tips = isTipBack ? tipsLeft(sale, before) : [];
  return {
    tenders: withTips(paid.tenders, tips),
    roundingMinor: paid.roundingMinor,
    tipMinor: sumOf(tips, (tip) => tip.tipMinor ?? 0),
  };
}

export interface SaleToRefund {
  readonly sale: SoldSale;
  /** Refunds and reversals of it as known here. */
  readonly before: readonly GivenBackSale[];
}

export interface RefundPayment {
  /** The policy of the shop, as for a sale. */
  readonly cashRounding?: CashRounding | null;
  /** All of it this way, instead of the ways and in the proportion in which it was paid. */
  readonly payTo?: { readonly kind: string; readonly reference?: string };
  /** Tips stay unless told otherwise. */
  readonly isTipBack?: boolean;
}

/** The sum of `tenders` is what is refunded, `roundingMinor` and `tipMinor`. */
export interface RefundedTenders {
  readonly tenders: readonly SoldTender[];
  readonly roundingMinor: number;
  readonly tipMinor: number;
}

/** What one way of paying paid of the total, before rounding and without tips. */
interface Purse {
  readonly kind: string;
  readonly reference: string | undefined;
  readonly amountMinor: number;
}

interface Asked {
  readonly totalMinor: number;
  readonly cashRounding: CashRounding | null;
}

const cash = "cash";

/** Foreign cash goes back as cash of the location. */
function purseOf({ kind, reference }: SoldTender): Pick<Purse, "kind" | "reference"> {
  const isCash = kind === cash || kind === "foreign-cash";
  return isCash ? { kind: cash, reference: undefined } : { kind, reference };
}

function pursesOf({ tenders, changeMinor, roundingMinor = 0 }: SoldSale): readonly Purse[] {
  const purses: Purse[] = [];
  for (const tender of tenders) addTo(purses, tender, payingMinor(tender));
  const outOfCash = changeMinor + roundingMinor;
  if (outOfCash !== 0) addTo(purses, { kind: cash, amountMinor: 0 }, -outOfCash);
  return settled(purses);
}

function addTo(purses: Purse[], tender: SoldTender, amountMinor: number): void {
  const own = purseOf(tender);
  const at = purses.findIndex((each) => isSame(each, own));
  const found = purses[at];
  if (found === undefined) purses.push({ ...own, amountMinor });
  else purses[at] = { ...found, amountMinor: found.amountMinor + amountMinor };
}

/** The rest of a voucher that was paid out in cash was not paid by the voucher. */
function settled(purses: readonly Purse[]): readonly Purse[] {
  let debtMinor = 0 - sumOf(purses, ({ amountMinor }) => Math.min(0, amountMinor));
  return purses
    .toReversed()
    .map((purse) => {
      const off = Math.min(Math.max(0, purse.amountMinor), debtMinor);
      debtMinor -= off;
      return { ...purse, amountMinor: Math.max(0, purse.amountMinor) - off };
    })
    .toReversed();
}

function asPaid(
  { sale, before }: SaleToRefund,
  purses: readonly Purse[],
  { totalMinor, cashRounding }: Asked,
): Omit<RefundedTenders, "tipMinor"> {
  const roundedMinor = sumOf(before, (each) => each.roundingMinor ?? 0);
  const given = purses.map((purse) => givenBy(purse, before));
  const cashAt = purses.findIndex(({ kind, amountMinor }) => kind === cash && amountMinor > 0);
  const roundedAt = cashAt === -1 ? 0 : cashAt;
  const exact = given.map((minor, index) => (index === roundedAt ? minor - roundedMinor : minor));
  const reachedMinor = sumOf(before, (each) => each.totalMinor) + totalMinor;
  const wholes = purses.map(({ amountMinor }) => amountMinor);
  const shares = spread(wholes, exact, { reachedMinor, nowMinor: totalMinor });
  const cashMinor = shares[roundedAt] ?? 0;
  const mirror = {
    saleMinor: sale.totalMinor,
    soldMinor: sale.roundingMinor ?? 0,
    reachedMinor,
    step: cashAt === -1 ? null : cashRounding,
    exactMinor: (exact[roundedAt] ?? 0) + cashMinor,
  };
  const roundingMinor = Math.max(0 - cashMinor, roundingThrough(mirror) - roundedMinor);
  const tenders = purses.map(({ kind, reference }, index) => {
    const amountMinor = (shares[index] ?? 0) + (index === roundedAt ? roundingMinor : 0);
    return { kind, amountMinor, ...(reference === undefined ? {} : { reference }) };
  });
  return { tenders: tenders.filter(({ amountMinor }) => amountMinor > 0), roundingMinor };
}

interface Mirror {
  readonly saleMinor: number;
  /** The rounding of the sale. */
  readonly soldMinor: number;
  readonly reachedMinor: number;
  readonly step: CashRounding | null;
  /** What goes back in cash in all, before rounding. */
  readonly exactMinor: number;
}

/** All of the sale's when all is back; on the way what coins can pay, or its share. */
function roundingThrough({ saleMinor, soldMinor, reachedMinor, step, exactMinor }: Mirror): number {
  if (reachedMinor >= saleMinor) return soldMinor;
  if (step === null) return shareOf(soldMinor, reachedMinor, saleMinor);
  const rounded = roundCash(exactMinor, step);
  return rounded.ok ? rounded.value - exactMinor : 0;
}

function allTo(
  { kind, reference }: NonNullable<RefundPayment["payTo"]>,
  { sale, before }: SaleToRefund,
  { totalMinor, cashRounding }: Asked,
): Omit<RefundedTenders, "tipMinor"> {
  const reachedMinor = sumOf(before, (each) => each.totalMinor) + totalMinor;
  const soldMinor = sale.roundingMinor ?? 0;
  const mirroredMinor = reachedMinor + shareOf(soldMinor, reachedMinor, sale.totalMinor);
  const rounded = roundCash(mirroredMinor, kind === cash ? cashRounding : null);
  const throughMinor = rounded.ok ? rounded.value : mirroredMinor;
  const paidMinor = sumOf(before, ({ tenders }) => sumOf(tenders, payingMinor));
  const amountMinor = Math.max(0, throughMinor - paidMinor);
  const tender = { kind, amountMinor, ...(reference === undefined ? {} : { reference }) };
  return {
    tenders: amountMinor === 0 ? [] : [tender],
    roundingMinor: amountMinor - totalMinor,
  };
}

function tipsLeft(sale: SoldSale, before: readonly GivenBackSale[]): readonly SoldTender[] {
  const purses: Purse[] = [];
  for (const tender of sale.tenders) addTo(purses, tender, tender.tipMinor ?? 0);
  return purses.flatMap(({ kind, reference, amountMinor }) => {
    const back = before
      .flatMap(({ tenders }) => tenders)
      .filter((each) => {
        return isSame(purseOf(each), { kind, reference });
      });
    const tipMinor = amountMinor - sumOf(back, (each) => each.tipMinor ?? 0);
    const named = { kind, ...(reference === undefined ? {} : { reference }) };
    return tipMinor > 0 ? [{ ...named, amountMinor: tipMinor, tipMinor }] : [];
  });
}

function withTips(
  tenders: readonly SoldTender[],
  tips: readonly SoldTender[],
): readonly SoldTender[] {
  const tipFor = (tender: SoldTender) => tips.find((tip) => isSame(purseOf(tip), purseOf(tender)));
  const tipped = tenders.map((tender) => {
    const tipMinor = tipFor(tender)?.tipMinor ?? 0;
    return tipMinor === 0
      ? tender
      : { ...tender, amountMinor: tender.amountMinor + tipMinor, tipMinor };
  });
  const rest = tips.filter((tip) => !tenders.some((each) => isSame(purseOf(each), purseOf(tip))));
  return [...tipped, ...rest];
}

function givenBy(purse: Purse, before: readonly GivenBackSale[]): number {
  const own = before
    .flatMap(({ tenders }) => tenders)
    .filter((tender) => {
      return isSame(purseOf(tender), purse);
    });
  return sumOf(own, payingMinor);
}

type Way = Pick<Purse, "kind" | "reference">;

function isSame(a: Way, b: Way): boolean {
  return a.kind === b.kind && a.reference === b.reference;
}

function payingMinor({ amountMinor, tipMinor = 0 }: SoldTender): number {
  return amountMinor - tipMinor;
}

function shareOf(whole: number, reached: number, of: number): number {
  if (of === 0) return whole;
  return Number(roundRatio(BigInt(whole) * BigInt(Math.min(reached, of)), BigInt(of), "half-up"));
}
