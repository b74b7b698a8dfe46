/**
 * The sums of the basket by its quote: what is saved, the taxes, the total, and what that is in cash.
 *
 * @module
 */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { sentenceOf } from "../api/problem.ts";
import type { Quote } from "../api/shapes.ts";
import { moneyText } from "../money.ts";
import { Fact } from "../parts/fact.tsx";
import { Fault } from "../parts/fields.tsx";
import { currentQuote, type Basket } from "../till/basket.ts";
import { savedAmount } from "../till/discount-text.ts";
import { taxKey, taxName, taxRowText, taxSummary } from "../till/tax-text.ts";

export function TicketSums({ basket }: { readonly basket: Basket }): JSX.Element {
  const shown: Quote | undefined = basket.lines.length === 0 ? undefined : basket.quote?.value;
  const isWaiting = currentQuote(basket) === undefined;
  return (
    <div class={isWaiting ? "ticket-sums waiting" : "ticket-sums"}>
      {basket.refused?.revision === basket.revision && (
        <Fault>{sentenceOf(basket.refused.problem)}</Fault>
      )}
      {shown !== undefined && <QuoteSums quote={shown} />}
      <dl>
        <div class="row total">
          <dt>Total</dt>
          <dd data-testid="total">{shown === undefined ? "–" : moneyText(shown.total)}</dd>
        </div>
      </dl>
    </div>
  );
}

function QuoteSums({ quote }: { readonly quote: Quote }): JSX.Element {
  const saved = savedAmount(quote);
  const service = quote.lines.find(({ lineId }) => lineId === "service");
  const { cashRounding } = quote;
  return (
    <>
      <dl>
        {saved !== undefined && <Fact name="Saved" value={moneyText(saved)} />}
        {service !== undefined && <Fact name={service.name} value={moneyText(service.amount)} />}
        {cashRounding !== undefined && cashRounding.rounding.minor !== 0 && (
          <Fact name="If all is paid in cash" value={moneyText(cashRounding.total)} />
        )}
      </dl>
      <Taxes quote={quote} />
      {quote.isExact === false && (
        <p class="hint">A good deal, though perhaps not the best: too many promotions compete.</p>
      )}
    </>
  );
}

/** One line; the rates one by one on request. */
function Taxes({ quote }: { readonly quote: Quote }): JSX.Element | null {
  const { taxes, totals, basis = "inclusive" } = quote;
  const [isOpen, setOpen] = useState(false);
  const summary = taxSummary(taxes, totals);
  const prefix = basis === "inclusive" ? "of which" : "with";
  if (summary === undefined || taxes.length === 1) {
    return (
      <dl>
        {taxes.map((row) => (
          <Fact key={taxKey(row)} name={`${prefix} ${taxName(row)}`} value={moneyText(row.tax)} />
        ))}
      </dl>
    );
  }
  return (
    <details
      class="ticket-taxes"
      open={isOpen}
      onToggle={(event) => setOpen(event.currentTarget.open)}
    >
      <summary>
        <span class="row">
          <span>
            {prefix} {summary.text}
          </span>
          <span>{moneyText(summary.amount)}</span>
        </span>
      </summary>
      {isOpen && (
        <dl>
          {taxes.map((row) => (
            <Fact key={taxKey(row)} name={taxName(row)} value={taxRowText(row)} />
          ))}
        </dl>
      )}
    </details>
  );
}
