/**
 * Selling: price or find the quote, settle the money, record.
 *
 * @module
 */

import {
  canonicalJson,
  err,
  newId,
  ok,
  type EntryDraft,
  type Json,
  type Result,
} from "@tillmesh/kernel";
import type { ReceiptCustomer } from "@tillmesh/fiscal-queue";
import { basketFigures, type PricedBasket, type Settlement } from "@tillmesh/pricing-core";
import {
  nextReceiptNumber,
  saleDraft,
  type DraftContext,
  type SaleBody,
  type Shift,
} from "@tillmesh/sales-ledger";
import type { Refusal } from "../http/problem.ts";
import type { WireMoney } from "../http/wire.ts";
import { roleOf } from "./actor-role.ts";
import type { AskedBasket } from "./asked-basket.ts";
import { priceAsked } from "./basket.ts";
import { currencyFaults, moneyFact } from "./money.ts";
import { present } from "./present.ts";
import type { HeldQuote, QuoteStore } from "./quote-store.ts";
import { record, type Call, type Recorded } from "./record.ts";
import { refuseFaults } from "./refusals.ts";
import { settleTenders, tenderCurrencyFaults, type AskedTender } from "./tenders.ts";
import { businessDateOf, type Till } from "./till.ts";

export interface SaleRequest {
  /** What is absent is as the quote says. */
  readonly asked: Partial<AskedBasket>;
  readonly tenders: readonly AskedTender[];
  readonly tip?: WireMoney | undefined;
  /** What the customer was told; another total is refused. */
  readonly expectedTotal?: WireMoney | undefined;
  readonly quoteId?: string | undefined;
  /** Asks for a full invoice. Goes into the fiscal document alone, where the law has it name them. */
  readonly customer?: ReceiptCustomer | undefined;
}

export function sell(
  till: Till,
  call: Call,
  request: SaleRequest & { readonly quotes: QuoteStore },
): Promise<Result<Recorded, Refusal>> {
  const sold = (context: DraftContext): Result<EntryDraft, Refusal> => {
    const basket = findBasket(till, call, request);
    if (!basket.ok) return basket;
    const { asked, priced } = basket.value;
    const shift = openShiftOf(till);
    if (!shift.ok) return shift;
    const { totalMinor } = priced;
    const { tenders, tip, expectedTotal, quoteId } = request;
    const changed = totalChanged(till, totalMinor, expectedTotal);
    if (!changed.ok) return changed;
    const settled = settleTenders(till, { totalMinor, tenders, tip });
    if (!settled.ok) return settled;
    const { shiftId, businessDate } = shift.value;
    const ids = { saleId: newId("sale", till.random), receiptNumber: nextReceipt(till), shiftId };
    const money = bodyOf(priced, settled.value, asked);
    return ok(
      saleDraft({ ...context, businessDate }, { ...ids, ...money, ...present({ quoteId }) }),
    );
  };
  return record(till, call, { last: sold, customer: request.customer });
}

interface Basket {
  readonly asked: AskedBasket;
  readonly priced: PricedBasket;
}

/** What is sold, priced; or all that is wrong with it and with the money that is offered. */
function findBasket(
  till: Till,
  call: Call,
  { quotes, quoteId, ...request }: SaleRequest & { readonly quotes: QuoteStore },
): Result<Basket, Refusal> {
  const held = quoteId === undefined ? undefined : quotes.find(quoteId);
  const asked = basketAsked(request.asked, held);
  if (asked === undefined) return err({ type: "QuoteNotKnown" });
  const priced = priceOrQuoted(till, call, { asked, held });
  const { tenders, tip, expectedTotal } = request;
  const moneyFaults = [
    ...tenderCurrencyFaults(till, tenders, tip),
    ...(expectedTotal ? currencyFaults(till, [["/expectedTotal", expectedTotal]]) : []),
  ];
  if (moneyFaults.length === 0) return priced.ok ? ok({ asked, priced: priced.value }) : priced;
  return refuseFaults([...(priced.ok ? [] : (priced.error.faults ?? [])), ...moneyFaults]);
}

/** Sales, refunds and reversals of an incarnation share one series. */
export function nextReceipt({ state, replica }: Till): string {
  return nextReceiptNumber(state.receipts, replica.device.code.toUpperCase(), replica.incarnation);
}

/** Money moves only within a shift, of a device that is a till. */
export function openShiftOf({ state, replica }: Till): Result<Shift, Refusal> {
  if (!replica.device.roles.includes("till")) return err({ type: "NotTill" });
  return state.shifts.open === null ? err({ type: "NoOpenShift" }) : ok(state.shifts.open);
}

/** Undefined without lines and without the quote that has them. */
function basketAsked(
  given: Partial<AskedBasket>,
  held: HeldQuote | undefined,
): AskedBasket | undefined {
  const said = Object.entries(given).filter(([, member]) => member !== undefined);
  const { lines, ...rest } = Object.fromEntries(said) as Partial<AskedBasket>;
  if (lines !== undefined) return { ...rest, lines };
  return held === undefined ? undefined : { ...held.asked, ...rest };
}

interface Wanted {
  readonly asked: AskedBasket;
  readonly held: HeldQuote | undefined;
}

/** As quoted: the same basket, on the same day, by somebody who may take off as much. */
function priceOrQuoted(
  till: Till,
  { actor }: Call,
  { asked, held }: Wanted,
): Result<PricedBasket, Refusal> {
  const isQuoted =
    held !== undefined &&
    held.role === roleOf(till, actor) &&
    held.businessDate === businessDateOf(till) &&
    textOf(held.asked) === textOf(asked);
  return isQuoted ? ok(held.priced) : priceAsked(till, { asked, actor });
}

function textOf(asked: AskedBasket): string {
  return canonicalJson(asked as unknown as Json);
}

function totalChanged(
  till: Till,
  totalMinor: number,
  expectedTotal: WireMoney | undefined,
): Result<null, Refusal> {
  if (expectedTotal === undefined || expectedTotal.minor === totalMinor) return ok(null);
  const total = moneyFact(till, totalMinor);
  return err({
    type: "PriceChanged",
    detail: `The total is ${totalMinor}, not ${expectedTotal.minor}, in minor units.`,
    facts: { total, expectedTotal: { ...expectedTotal } },
  });
}

type SaleMoney = Omit<SaleBody, "saleId" | "receiptNumber" | "shiftId" | "quoteId">;

/** What says nothing is left out, so that a plain sale is recorded as it always was. */
function bodyOf(priced: PricedBasket, settled: Settlement, asked: AskedBasket): SaleMoney {
  const { lines, totalMinor, taxes, currency } = priced;
  const { basis, rejectedCoupons } = basketFigures(priced);
  const { tenders, changeMinor, roundingMinor, tipMinor } = settled;
  const { customerGroup, coupons = [], exempt } = asked;
  const rejected = new Set(rejectedCoupons.map(({ code }) => code));
  const redeemed = [...new Set(coupons)].filter((code) => !rejected.has(code));
  const more = present({
    roundingMinor: roundingMinor || undefined,
    tipMinor: tipMinor || undefined,
    basis: basis === "exclusive" ? basis : undefined,
    customerGroup,
    coupons: redeemed.length === 0 ? undefined : redeemed,
    exemption: exempt,
  });
  return { currency, lines, totalMinor, taxes, tenders, changeMinor, ...more };
}
