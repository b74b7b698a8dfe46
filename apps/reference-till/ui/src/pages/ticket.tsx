/**
 * The ticket: lines of the basket, taxes and total by the quote, the way to pay.
 *
 * @module
 */

import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { moneyText } from "../money.ts";
import { useStore } from "../store.ts";
import { currentQuote, shownLines, type Basket, type ShownLine } from "../till/basket.ts";
import { useWorkplace } from "../till/workplace.ts";
import { OrderTermsList, ServingSwitch } from "./order-terms.tsx";
import { TicketLine } from "./ticket-line.tsx";
import { TicketSums } from "./ticket-sums.tsx";

export interface TicketProps {
  readonly isClosed: boolean;
  readonly onPay: () => void;
  readonly onQuantity: (line: ShownLine) => void;
  readonly onLine: (line: ShownLine) => void;
  readonly onOrder: () => void;
  /** On a narrow screen, products and ticket take turns. */
  readonly onToggle: () => void;
}

export function Ticket(props: TicketProps): JSX.Element {
  const { isClosed, onPay, onToggle } = props;
  const workplace = useWorkplace();
  const basket = useStore(workplace.basket);
  const lines = shownLines(basket);
  const quote = currentQuote(basket);
  const total = totalText(basket);
  return (
    <section class="ticket" aria-label="Basket">
      <TicketHead basket={basket} onOrder={props.onOrder} />
      <ServingSwitch />
      <TicketLines
        lines={lines}
        touched={basket.touched}
        onQuantity={props.onQuantity}
        onMore={props.onLine}
      />
      <OrderTermsList />
      <TicketSums basket={basket} />
      <div class="pay-bar">
        <button type="button" class="switch-button" onClick={onToggle}>
          <span class="when-products">
            {lines.length === 0 ? "Basket" : `${linesText(lines.length)} · ${total}`}
          </span>
          <span class="when-ticket">Products</span>
        </button>
        <button
          type="button"
          class="pay-button"
          disabled={quote === undefined || isClosed}
          onClick={onPay}
        >
          Pay {lines.length > 0 && <span>{total}</span>}
        </button>
      </div>
    </section>
  );
}

interface TicketHeadProps {
  readonly basket: Basket;
  readonly onOrder: () => void;
}

function TicketHead({ basket, onOrder }: TicketHeadProps): JSX.Element {
  const workplace = useWorkplace();
  const isEmpty = basket.lines.length === 0;
  return (
    <header class="ticket-head">
      <h2>Basket</h2>
      {basket.undo !== null && (
        <button
          type="button"
          class="quiet-button"
          onClick={() => workplace.basket.dispatch({ type: "undo" })}
        >
          Undo
        </button>
      )}
      <button type="button" class="quiet-button" disabled={isEmpty} onClick={onOrder}>
        More …
      </button>
      <button
        type="button"
        class="quiet-button"
        disabled={isEmpty}
        onClick={() => workplace.basket.dispatch({ type: "clear" })}
      >
        Clear
      </button>
    </header>
  );
}

function totalText({ lines, quote }: Basket): string {
  return lines.length === 0 || quote === null ? "" : moneyText(quote.value.total);
}

function linesText(count: number): string {
  return count === 1 ? "1 line" : `${count} lines`;
}

interface TicketLinesProps {
  readonly lines: readonly ShownLine[];
  readonly touched: string | null;
  readonly onQuantity: (line: ShownLine) => void;
  readonly onMore: (line: ShownLine) => void;
}

function TicketLines({ lines, touched, ...rest }: TicketLinesProps): JSX.Element {
  const list = useRef<HTMLUListElement>(null);
  const touchedMilli = lines.find(({ key }) => key === touched)?.quantityMilli;
  useEffect(() => {
    list.current?.querySelector(".touched")?.scrollIntoView({ block: "nearest" });
  }, [touched, touchedMilli]);
  return (
    <ul class="ticket-lines" ref={list} aria-live="polite">
      {lines.length === 0 && <li class="empty">Scan or tap a product to begin.</li>}
      {lines.map((line) => (
        <TicketLine key={line.key} line={line} isTouched={line.key === touched} {...rest} />
      ))}
    </ul>
  );
}
