/**
 * After the sale: the change, large, and the receipt.
 *
 * @module
 */

import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Sale, SaleDetail, Tender } from "../api/shapes.ts";
import { moneyText } from "../money.ts";
import { useRead } from "../parts/reading.ts";
import { ReceiptPaper } from "../parts/receipt-paper.tsx";
import { tenderText } from "../till/tendering.ts";

export interface SoldViewProps {
  readonly sale: Sale;
  readonly onNext: () => void;
}

export function SoldView({ sale, onNext }: SoldViewProps): JSX.Element {
  // The answer came before anybody else could have the sale.
  const { value: now } = useRead<SaleDetail>(`/sales/${sale.saleId}`, { topics: ["horizon"] });
  const next = useRef<HTMLButtonElement>(null);
  useEffect(() => next.current?.focus(), [sale.saleId]);
  const shownAtMs = useRef(performance.now());
  const goOn = () => {
    // The second half of a double click must not take the change off the screen.
    if (performance.now() - shownAtMs.current > restMs) onNext();
  };
  const given = sale.tenders.map(givenText).join(" + ");
  return (
    <div class="sold">
      <section class="sold-change" aria-live="polite">
        <h1>{sale.change.minor === 0 ? "No change due" : "Change due"}</h1>
        <p class="change-due">{moneyText(sale.change)}</p>
        <p class="sold-facts">
          {moneyText(sale.total)} paid{given === "" ? "" : ` with ${given}`}
          {sale.tip !== undefined && `, ${moneyText(sale.tip)} of it a tip`}
        </p>
        <button ref={next} type="button" class="main-button" onClick={goOn}>
          New sale
        </button>
        <button type="button" class="quiet-button" onClick={() => window.print()}>
          Print receipt
        </button>
        <p class="hint">The next scan begins a new sale.</p>
      </section>
      <ReceiptPaper receipt={{ ...sale, horizon: now?.horizon ?? sale.horizon }} />
    </div>
  );
}

/** Cash goes without saying. */
function givenText({ kind, amount }: Tender): string {
  return kind === "cash"
    ? moneyText(amount)
    : `${moneyText(amount)} by ${tenderText(kind).toLowerCase()}`;
}

const restMs = 400;
