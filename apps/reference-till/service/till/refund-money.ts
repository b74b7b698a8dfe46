/**
 * What a refund gives back, in every component, and how it is paid out.
 *
 * @module
 */

import { err, ok, type Result } from "@tillmesh/kernel";
import {
  refundSale,
  refundTaxRows,
  refundTenders,
  type AskedPart,
  type RefundedSale,
  type RefundedTenders,
  type RefundPayment,
  type SaleToRefund,
} from "@tillmesh/pricing-core";
import type { GoodsLine } from "@tillmesh/sales-ledger";
import type { Fault, Refusal } from "../http/problem.ts";
import { moneyFact } from "./money.ts";
import { present } from "./present.ts";
import { refuseFaults } from "./refusals.ts";
import { repriced, type SoldAt } from "./reprice.ts";
import { shopPolicy } from "./shop-policy.ts";
import { tenderCurrencyFaults, type AskedTender } from "./tenders.ts";
import type { Till } from "./till.ts";

/** A part of the sale, by its share or by what the rest costs: the shop's policy says. */
export function refundOfParts(
  till: Till,
  given: SaleToRefund & { readonly sold: SoldAt },
  { parts, tenders }: { readonly parts: readonly AskedPart[]; readonly tenders: AskedTenders },
): Result<RefundedSale, Refusal> {
  const payment = paymentFor(till, tenders);
  const anew = shopPolicy(till).refunds === "reprice" ? repriced(till, given, parts) : undefined;
  const refunded = anew?.(payment) ?? refundSale(given, parts, payment);
  if (!refunded.ok) {
    // The quantities were checked by the same facts.
    const detail = "More than was sold and not given back.";
    return refuseFaults([{ pointer: "/lines", code: "MoreThanSold", detail }]);
  }
  const paid = paidAs(till, refunded.value, tenders);
  return paid.ok ? ok({ ...refunded.value, ...paid.value }) : paid;
}

/** All that is left of the sale. */
export function refundOfRest(
  till: Till,
  given: SaleToRefund,
  { lines, tenders }: { readonly lines: readonly GoodsLine[]; readonly tenders: AskedTenders },
): Result<RefundedSale, Refusal> {
  const totalMinor = lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
  const taxes = refundTaxRows(lines, given.sale.taxes);
  const refunded = refundTenders(given, totalMinor, paymentFor(till, tenders));
  const paid = paidAs(till, { totalMinor, ...refunded }, tenders);
  return paid.ok ? ok({ lines, totalMinor, taxes, ...paid.value }) : paid;
}

/** Undefined: as the sale was paid. */
export type AskedTenders = readonly AskedTender[] | undefined;

export function refundTenderFaults(till: Till, tenders: AskedTenders): readonly Fault[] {
  const given = tenders ?? [];
  return [...tenderCurrencyFaults(till, given), ...given.flatMap(kindFaults)];
}

/** What goes into the entry: what says nothing is left out. */
export function refundBody({ roundingMinor, tipMinor, ...rest }: RefundedSale): RefundMoney {
  const money = { roundingMinor: roundingMinor || undefined, tipMinor: tipMinor || undefined };
  return { ...rest, ...present(money) };
}

export type RefundMoney = Omit<RefundedSale, "roundingMinor" | "tipMinor"> &
  Partial<Pick<RefundedSale, "roundingMinor" | "tipMinor">>;

function kindFaults({ kind, reference }: AskedTender, index: number): readonly Fault[] {
  const pointer = `/tenders/${index}`;
  if (kind === "foreign-cash") {
    const detail = "Foreign cash goes back as cash of the location.";
    return [{ pointer: `${pointer}/kind`, code: "UnknownTender", detail }];
  }
  if (reference !== undefined || kind === "cash" || kind === "card") return [];
  const detail = "Say which voucher, gift card or account.";
  return [{ pointer: `${pointer}/reference`, code: "ReferenceRequired", detail }];
}

/** Of several ways that are asked for, cash decides how the total is rounded. */
function paymentFor(till: Till, tenders: AskedTenders): RefundPayment {
  const { cashRounding } = shopPolicy(till);
  const first = tenders?.find(({ kind }) => kind === "cash") ?? tenders?.[0];
  if (first === undefined) return { cashRounding };
  return { cashRounding, payTo: { kind: first.kind, ...present({ reference: first.reference }) } };
}

type Paid = RefundedTenders & { readonly totalMinor: number };

/** Money given back is exact: there is no change. */
function paidAs(till: Till, paid: Paid, tenders: AskedTenders): Result<RefundedTenders, Refusal> {
  const { roundingMinor, tipMinor } = paid;
  if (tenders === undefined) return ok({ tenders: paid.tenders, roundingMinor, tipMinor });
  const dueMinor = paid.totalMinor + roundingMinor + tipMinor;
  const sum = tenders.reduce((total, { amount }) => total + amount.minor, 0);
  if (sum === dueMinor) {
    const given = tenders.map(({ kind, amount, reference }) => {
      return { kind, amountMinor: amount.minor, ...present({ reference }) };
    });
    return ok({ tenders: given, roundingMinor, tipMinor });
  }
  const detail = `The tenders add up to ${sum}, the refund to ${dueMinor}, in minor units.`;
  return err({
    type: "TenderMismatch",
    detail,
    faults: [{ pointer: "/tenders", code: "TenderMismatch", detail }],
    facts: { total: moneyFact(till, dueMinor) },
  });
}
