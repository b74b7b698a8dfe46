/**
 * What was decided about the whole basket, each with the way to take it back.
 *
 * @module
 */

import type { JSX } from "preact";
import type { Quote } from "../api/shapes.ts";
import { useStore } from "../store.ts";
import { couponStates } from "../till/coupon-text.ts";
import { currentQuote } from "../till/basket.ts";
import {
  manualText,
  withGroup,
  withoutCoupon,
  withoutOrderDiscount,
  withServing,
  type OrderTerms,
  type Serving,
} from "../till/terms.ts";
import { useWorkplace } from "../till/workplace.ts";

export function OrderTermsList(): JSX.Element | null {
  const { basket } = useWorkplace();
  const held = useStore(basket);
  const terms = listed(held.order, currentQuote(held));
  if (terms.length === 0) return null;
  return (
    <ul class="order-terms" aria-label="About the whole basket">
      {terms.map(({ text, note, isTaken, after }) => (
        <li key={text} class={isTaken ? "order-term" : "order-term doubtful"}>
          <span>
            {text}
            {note !== "" && <small> {note}</small>}
          </span>
          <button
            type="button"
            class="icon-button"
            aria-label={`Take back: ${text}`}
            onClick={() => basket.dispatch({ type: "order", order: after })}
          >
            ✕
          </button>
        </li>
      ))}
    </ul>
  );
}

/** Eaten here or taken away; only where it makes a difference. */
export function ServingSwitch(): JSX.Element | null {
  const { basket, options } = useWorkplace();
  const offered = useStore(options);
  const { order } = useStore(basket);
  const current = order.serving ?? "eat-in";
  if (offered?.hasServing !== true) return null;
  return (
    <div class="serving" role="group" aria-label="Where it is eaten">
      {servings.map(([serving, name]) => (
        <button
          key={serving}
          type="button"
          aria-pressed={serving === current}
          onClick={() => basket.dispatch({ type: "order", order: withServing(order, serving) })}
        >
          {name}
        </button>
      ))}
    </div>
  );
}

const servings: readonly (readonly [Serving, string])[] = [
  ["eat-in", "Eat in"],
  ["take-away", "Take away"],
];

interface ListedTerm {
  readonly text: string;
  readonly note: string;
  readonly isTaken: boolean;
  /** The order without it. */
  readonly after: OrderTerms;
}

function listed(order: OrderTerms, quote: Quote | undefined): readonly ListedTerm[] {
  const { coupons = [], customerGroup, discount } = order;
  const group = {
    text: `Customer group ${customerGroup}`,
    note: "",
    isTaken: true,
    after: withGroup(order, ""),
  };
  return [
    ...(customerGroup === undefined ? [] : [group]),
    ...couponStates(coupons, quote).map(({ code, tone, text }) => ({
      text: `Coupon ${code}`,
      note: text,
      isTaken: tone !== "alone",
      after: withoutCoupon(order, code),
    })),
    ...(discount === undefined
      ? []
      : [
          {
            text: `Order discount ${manualText(discount)}`,
            note: discount.reason,
            isTaken: true,
            after: withoutOrderDiscount(order),
          },
        ]),
  ];
}
