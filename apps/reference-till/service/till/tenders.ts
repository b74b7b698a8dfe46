/**
 * What is offered for a basket, as asked; settled, or refused with all that is wrong with it.
 *
 * @module
 */

import { err, type Result } from "@tillmesh/kernel";
import {
  settle,
  type ForeignCash,
  type SettleError,
  type Settlement,
  type Tender,
  type TenderFault,
  type TenderKind,
} from "@tillmesh/pricing-core";
import type { Fault, Refusal } from "../http/problem.ts";
import type { WireMoney } from "../http/wire.ts";
import { currencyFaults, moneyFact } from "./money.ts";
import { refuseFaults } from "./refusals.ts";
import { shopPolicy, tenderLimits } from "./shop-policy.ts";
import type { Till } from "./till.ts";

export interface AskedTender {
  readonly kind: TenderKind;
  /** Of foreign cash in its own currency. */
  readonly amount: WireMoney;
  readonly reference?: string | undefined;
}

export interface AskedTenders {
  readonly totalMinor: number;
  readonly tenders: readonly AskedTender[];
  /** On top of the total; within the tenders. */
  readonly tip?: WireMoney | undefined;
}

export function settleTenders(till: Till, asked: AskedTenders): Result<Settlement, Refusal> {
  const { totalMinor } = asked;
  const { currency } = till.replica.location;
  const { cashRounding } = shopPolicy(till);
  const due = { totalMinor, currency, cashRounding };
  const settled = settle(due, readTenders(till, asked), tenderLimits(till));
  return settled.ok ? settled : refuseTenders(till, settled.error);
}

/** Money of another currency than the location's, but for foreign cash that the shop takes. */
export function tenderCurrencyFaults(
  till: Till,
  tenders: readonly AskedTender[],
  tip?: WireMoney,
): readonly Fault[] {
  const ofTenders = tenders.flatMap(({ kind, amount }, index) => {
    const pointer = `/tenders/${index}/amount`;
    return kind === "foreign-cash"
      ? foreignFaults(till, amount, pointer)
      : currencyFaults(till, [[pointer, amount]]);
  });
  return [...ofTenders, ...(tip === undefined ? [] : currencyFaults(till, [["/tip", tip]]))];
}

function foreignFaults(till: Till, { currency }: WireMoney, pointer: string): readonly Fault[] {
  if (rateOf(till, currency) !== undefined) return [];
  const detail = `No exchange rate is published for ${currency}.`;
  return [{ pointer: `${pointer}/currency`, code: "NoExchangeRate", detail }];
}

function readTenders(till: Till, { tenders, tip }: AskedTenders): readonly Tender[] {
  const tipMinor = tip?.minor ?? 0;
  const withTip = tipMinor === 0 ? -1 : tipPlace(tenders, tipMinor);
  return tenders.map((asked, index) => {
    const tender = readTender(till, asked);
    return index === withTip ? { ...tender, tipMinor } : tender;
  });
}

/** A card carries the tip if one can, else cash, else the first tender, which says why it cannot. */
function tipPlace(tenders: readonly AskedTender[], tipMinor: number): number {
  const carries = (kind: TenderKind) =>
    tenders.findIndex((tender) => tender.kind === kind && tender.amount.minor >= tipMinor);
  const [card, cash] = [carries("card"), carries("cash")];
  return card >= 0 ? card : Math.max(cash, 0);
}

function readTender(till: Till, { kind, amount, reference }: AskedTender): Tender {
  const named = reference === undefined ? {} : { reference };
  if (kind !== "foreign-cash") return { kind, amountMinor: amount.minor, ...named };
  const rate = rateOf(till, amount.currency) ?? { numerator: 0, denominator: 1 };
  const foreign = { currency: amount.currency, amountMinor: amount.minor, rate };
  return { kind, amountMinor: 0, foreign, ...named };
}

function rateOf(till: Till, currency: string): ForeignCash["rate"] | undefined {
  const { exchangeRates } = shopPolicy(till);
  return Object.hasOwn(exchangeRates, currency) ? exchangeRates[currency] : undefined;
}

function refuseTenders(till: Till, error: SettleError): Result<never, Refusal> {
  if (error.type === "Tenders") {
    return refuseFaults(
      error.faults.map((fault) => {
        return { pointer: pointerOf(fault), code: fault.code, detail: detailOf(fault) };
      }),
    );
  }
  const { totalMinor, missingMinor, missingInCashMinor } = error;
  return err({
    type: "Underpaid",
    detail: `${missingMinor} minor units are missing.`,
    faults: [{ pointer: "/tenders", code: "Underpaid", detail: `${missingMinor} are missing.` }],
    facts: {
      total: moneyFact(till, totalMinor),
      missing: moneyFact(till, missingMinor),
      missingInCash: moneyFact(till, missingInCashMinor),
    },
  });
}

/** The members of the wire: a tip is the sale's, and foreign cash has its currency in the amount. */
function pointerOf({ pointer }: TenderFault): string {
  return pointer
    .replace(/^\/tenders\/\d+\/tip$/, "/tip")
    .replace(/\/foreign\/currency$/, "/amount/currency")
    .replace(/\/foreign(\/.*)?$/, "/amount");
}

function detailOf(fault: TenderFault): string {
  const tell = tellers[fault.code] as (fault: TenderFault) => string;
  return tell(fault);
}

const notForeign = () => "This foreign cash cannot be taken.";

const tellers: {
  readonly [Code in TenderFault["code"]]: (
    fault: Extract<TenderFault, { readonly code: Code }>,
  ) => string;
} = {
  UnknownTender: ({ kind }) => `${kind} is not taken here.`,
  TenderNotPositive: () => "A tender is more than zero.",
  TooManyTenders: ({ tendersMax }) => `At most ${tendersMax} tenders.`,
  AmountTooLarge: () => "The amount is beyond what can be calculated exactly.",
  ReferenceRequired: () => "Say which voucher, gift card or account.",
  TipNotTaken: ({ tipMaxMinor }) =>
    `This tender can carry a tip of at most ${tipMaxMinor}, in minor units.`,
  ForeignRequired: notForeign,
  ForeignNotTaken: notForeign,
  InvalidForeign: notForeign,
  ForeignAmountDiffers: notForeign,
  BeyondDue: ({ dueMinor }) => `No more than what is due, ${dueMinor} in minor units.`,
  StoredValueNotCovered: ({ rightsMinor, riskBudgetMinor }) =>
    `Only ${rightsMinor + riskBudgetMinor} of it, in minor units, may be taken without asking its issuer.`,
};
