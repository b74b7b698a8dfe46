/**
 * Takes tenders until nothing is due, then records the sale.
 *
 * @module
 */

import { useEffect, useRef, useState } from "preact/hooks";
import type { Quote, Sale } from "../api/shapes.ts";
import { moneyText } from "../money.ts";
import { useRecording } from "../parts/recording.ts";
import { useStore } from "../store.ts";
import { askedBasket } from "../till/basket.ts";
import {
  cashRoundingOf,
  isSettled,
  paidText,
  restOf,
  type PaidTender,
  type Paying,
  type Rest,
} from "../till/tendering.ts";
import { useWorkplace } from "../till/workplace.ts";

export interface Taken {
  readonly tenders: readonly PaidTender[];
  readonly tipMinor: number;
}

export interface PayingState {
  readonly taken: Taken;
  readonly rest: Rest;
  readonly isBusy: boolean;
  readonly fault: string | undefined;
  /** One more tender; the one that settles what is due makes the sale. */
  readonly take: (tender: PaidTender) => void;
  readonly giveBack: (index: number) => void;
  readonly setTip: (tipMinor: number) => void;
}

export function usePaying(quote: Quote, onSold: () => void): PayingState {
  const { options } = useWorkplace();
  const cashRounding = cashRoundingOf(useStore(options));
  const { isBusy, fault, record } = useSale(quote, onSold);
  const [taken, setTaken] = useState<Taken>({ tenders: [], tipMinor: 0 });
  const [objection, setObjection] = useState<string>();
  useGivingBack(taken, quote.total.currency);
  const { minor: totalMinor, currency } = quote.total;
  const paying: Paying = { totalMinor, currency, cashRounding, tipMinor: taken.tipMinor };
  const change = (next: Taken) => {
    setObjection(undefined);
    setTaken(next);
  };
  const rest = restOf(paying, taken.tenders) ?? nothingDue;
  const take = (tender: PaidTender) => {
    const tenders = rest.dueMinor === 0 ? taken.tenders : [...taken.tenders, tender];
    const left = restOf(paying, tenders);
    if (left === undefined) return setObjection(tooMuch);
    if (!isSettled(left, tenders)) return change({ ...taken, tenders });
    setObjection(undefined);
    void record({ ...taken, tenders });
  };
  return {
    taken,
    rest,
    isBusy,
    fault: objection ?? fault,
    take,
    giveBack: (index) => change({ ...taken, tenders: taken.tenders.toSpliced(index, 1) }),
    setTip: (tipMinor) => change({ ...taken, tipMinor }),
  };
}

const tooMuch = "That is more than is due, and only cash and vouchers give change.";
const nothingDue: Rest = { dueMinor: 0, dueInCashMinor: 0, changeMinor: 0 };

/** Whoever stops paying in the middle is told what the customer gets back. */
function useGivingBack({ tenders }: Taken, currency: string): void {
  const { basket, unanswered, notices } = useWorkplace();
  const latest = useRef(tenders);
  latest.current = tenders;
  useEffect(
    () => () => {
      // A basket that is sold is empty by now.
      const isStopped = basket.get().lines.length > 0 && unanswered.get().length === 0;
      if (!isStopped || latest.current.length === 0) return;
      const parts = latest.current.map(({ amountMinor: minor, ...tender }) =>
        [paidText(tender), moneyText({ minor, currency })].join(" "),
      );
      const text = `Not sold. Give back what was taken: ${parts.join(", ")}.`;
      notices.dispatch({ type: "tell", tone: "fault", text });
    },
    [basket, unanswered, notices, currency],
  );
}

function useSale(quote: Quote, onSold: () => void) {
  const { basket, receipt, notices } = useWorkplace();
  const { isBusy, fault, record } = useRecording();
  const sell = async (taken: Taken) => {
    const body = saleBody(quote, taken, askedBasket(basket.get()));
    const answered = await record<Sale>("/sales", body, `Sale of ${moneyText(quote.total)}`);
    if (answered === undefined) return;
    if (answered.ok) {
      receipt.dispatch(answered.value);
      basket.dispatch({ type: "sold" });
      onSold();
    } else if (answered.error.code === "PriceChanged") {
      basket.dispatch({ type: "requote" });
      const text = "A price has changed. Tell the customer the new total before paying.";
      notices.dispatch({ type: "tell", tone: "fault", text });
    }
  };
  return { isBusy, fault, record: sell };
}

function saleBody({ total, quoteId }: Quote, { tenders, tipMinor }: Taken, asked: object): object {
  const { currency } = total;
  return {
    ...asked,
    tenders: tenders.map(({ amountMinor: minor, ...tender }) => ({
      ...tender,
      amount: { minor, currency },
    })),
    ...(tipMinor === 0 ? {} : { tip: { minor: tipMinor, currency } }),
    expectedTotal: total,
    quoteId,
  };
}
