/**
 * What is still due while a customer pays in parts; worked out by the rules the service settles by.
 *
 * A help for the eye: what counts is the service's answer.
 *
 * @module
 */

import { settle, type CashRounding, type Tender, type TenderKind } from "@tillmesh/pricing-core";
import type { PricingOptions } from "../api/price-shapes.ts";
import type { Tender as PaidWith } from "../api/shapes.ts";
import { moneyText } from "../money.ts";

export type PaidKind = Exclude<TenderKind, "foreign-cash">;

export interface PaidTender {
  readonly kind: PaidKind;
  readonly amountMinor: number;
  readonly reference?: string;
}

export interface Paying {
  readonly totalMinor: number;
  readonly currency: string;
  readonly cashRounding: CashRounding | null;
  readonly tipMinor: number;
}

export interface Rest {
  /** 0 when all is paid. */
  readonly dueMinor: number;
  /** When the rest is paid in cash. */
  readonly dueInCashMinor: number;
  readonly changeMinor: number;
}

/** Undefined when the tenders do not fit: more by card than is due, say. */
export function restOf(paying: Paying, tenders: readonly PaidTender[]): Rest | undefined {
  const { tipMinor } = paying;
  const settled = settle(paying, withTip(tenders, tipMinor), unlimited);
  const tipLeftMinor = tipPlace(tenders, tipMinor) >= 0 ? 0 : tipMinor;
  if (settled.ok) {
    const isPaid = tipLeftMinor === 0;
    const changeMinor = isPaid ? settled.value.changeMinor : 0;
    return { dueMinor: tipLeftMinor, dueInCashMinor: tipLeftMinor, changeMinor };
  }
  if (settled.error.type !== "Underpaid") return undefined;
  const { missingMinor, missingInCashMinor } = settled.error;
  return {
    dueMinor: missingMinor + tipLeftMinor,
    dueInCashMinor: missingInCashMinor + tipLeftMinor,
    changeMinor: 0,
  };
}

/** Whether a rest of nothing is left. Where coins cannot pay it, cash settles it at once. */
export function isSettled(rest: Rest, tenders: readonly PaidTender[]): boolean {
  const hasCash = tenders.some(({ kind }) => kind === "cash");
  return rest.dueMinor === 0 || (hasCash && rest.dueInCashMinor === 0);
}

/** How the shop rounds cash, by what the service says it offers. */
export function cashRoundingOf(options: PricingOptions | null): CashRounding | null {
  const rounding = options?.cashRounding ?? null;
  if (rounding === null || !isMode(rounding.mode) || rounding.step.minor < 1) return null;
  return { stepMinor: rounding.step.minor, mode: rounding.mode };
}

/** `"Card"`, `"Gift card G-17"`, `"Voucher V-3 of £20.00"`, `"Foreign cash (€10.00)"`. */
export function paidText(tender: Omit<PaidWith, "amount">): string {
  const { kind, reference = "", offered, foreign } = tender;
  return [
    tenderText(kind),
    reference,
    offered === undefined ? "" : `of ${moneyText(offered)}`,
    foreign === undefined ? "" : `(${moneyText(foreign.amount)})`,
  ]
    .filter(Boolean)
    .join(" ");
}

export function tenderText(kind: string): string {
  return names[kind] ?? kind;
}

const names: Readonly<Record<string, string>> = {
  cash: "Cash",
  "foreign-cash": "Foreign cash",
  card: "Card",
  voucher: "Voucher",
  "gift-card": "Gift card",
  "on-account": "On account",
};

/** What has to be said of it: undefined where nothing has to. */
export function referenceLabel(kind: PaidKind): string | undefined {
  return referenceLabels[kind];
}

const referenceLabels: Readonly<Partial<Record<PaidKind, string>>> = {
  voucher: "Number of the voucher",
  "gift-card": "Number of the gift card",
  "on-account": "Customer’s account",
};

// Whether stored value is covered only the service knows.
const unlimited = { storedValue: { rightsMinor: {}, riskBudgetMinor: Number.MAX_SAFE_INTEGER } };

/** The tip is in what is paid by card, else in cash: in one tender that has room for all of it. */
function withTip(tenders: readonly PaidTender[], tipMinor: number): readonly Tender[] {
  const place = tipPlace(tenders, tipMinor);
  return tenders.map((tender, index) => (index === place ? { ...tender, tipMinor } : tender));
}

/** -1 while no tender can carry it. */
function tipPlace(tenders: readonly PaidTender[], tipMinor: number): number {
  if (tipMinor === 0) return -1;
  const place = (wanted: PaidKind) =>
    tenders.findIndex(({ kind, amountMinor }) => kind === wanted && amountMinor >= tipMinor);
  const card = place("card");
  return card >= 0 ? card : place("cash");
}

const modes: ReadonlySet<string> = new Set<CashRounding["mode"]>([
  "half-up",
  "half-down",
  "half-even",
]);

function isMode(mode: string): mode is CashRounding["mode"] {
  return modes.has(mode);
}
