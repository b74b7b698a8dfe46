/**
 * A line of the basket: what it costs, what was taken off and why, its quantity.
 *
 * @module
 */

import type { JSX } from "preact";
import { milliOf, moneyText, quantityText } from "../money.ts";
import type { ShownLine } from "../till/basket.ts";
import { discountRows, overrideText, wasAmount } from "../till/discount-text.ts";
import { useWorkplace } from "../till/workplace.ts";

export interface TicketLineProps {
  readonly line: ShownLine;
  readonly isTouched: boolean;
  readonly onQuantity: (line: ShownLine) => void;
  readonly onMore: (line: ShownLine) => void;
}

export function TicketLine({ line, isTouched, ...rest }: TicketLineProps): JSX.Element {
  const { name, unit, unitPrice, amount, isConfirmed, quoted, isListedBeforeTax } = line;
  const was = quoted === null || isListedBeforeTax ? undefined : wasAmount(quoted);
  const per = quoted?.per;
  return (
    <li class={isTouched ? "ticket-line touched" : "ticket-line"}>
      <span class="line-head">
        <span class="line-name">{name}</span>
        <span class={isConfirmed ? "line-amount" : "line-amount waiting"}>
          {was !== undefined && (
            <s>
              <span class="hidden">before </span>
              {moneyText(was)}
            </s>
          )}
          {amount === null ? "…" : moneyText(amount)}
        </span>
      </span>
      <LineDetails line={line} />
      <span class="line-price">
        {unitPrice === null ? "" : moneyText(unitPrice)}
        {perText(unit, per)}
      </span>
      <LineButtons line={line} {...rest} />
    </li>
  );
}

/** `" each"`, `" / kg"`, `" / 0.1 kg"`. */
function perText(unit: string, per: string | undefined): string {
  if (per !== undefined)
    return ` / ${quantityText(milliOf(per))}${unit === "each" ? "" : ` ${unit}`}`;
  return unit === "each" ? " each" : ` / ${unit}`;
}

function LineDetails({ line }: { readonly line: ShownLine }): JSX.Element | null {
  const { quoted, deposits, isListedBeforeTax } = line;
  const off = quoted === null ? [] : discountRows(quoted);
  const override = quoted === null ? undefined : overrideText(quoted);
  const listed = isListedBeforeTax ? quoted?.listAmount : undefined;
  const parts = [override, listed, ...off, ...deposits].filter((part) => part !== undefined);
  if (parts.length === 0) return null;
  return (
    <ul class="line-details">
      {override !== undefined && <li>{override}</li>}
      {listed !== undefined && (
        <li class="row">
          <span>Before tax</span>
          <span class="number">{moneyText(listed)}</span>
        </li>
      )}
      {off.map(({ text, amount }, index) => (
        <li key={index} class="row taken-off">
          <span>{text}</span>
          <span class="number">{amount}</span>
        </li>
      ))}
      {deposits.map(({ lineId, name, amount }) => (
        <li key={lineId} class="row">
          <span>{name}</span>
          <span class="number">{moneyText(amount)}</span>
        </li>
      ))}
    </ul>
  );
}

function LineButtons({
  line,
  onQuantity,
  onMore,
}: Pick<TicketLineProps, "line" | "onQuantity" | "onMore">): JSX.Element {
  const { basket } = useWorkplace();
  const { key, name, quantityMilli } = line;
  const set = (milli: number) => basket.dispatch({ type: "set", key, quantityMilli: milli });
  return (
    <span class="line-quantity">
      <button
        type="button"
        aria-label={`One less ${name}`}
        onClick={() => set(quantityMilli - 1000)}
      >
        −
      </button>
      <button
        type="button"
        class="quantity"
        aria-label={`Quantity of ${name}: ${quantityText(quantityMilli)}`}
        onClick={() => onQuantity(line)}
      >
        {quantityText(quantityMilli)}
      </button>
      <button
        type="button"
        aria-label={`One more ${name}`}
        onClick={() => set(quantityMilli + 1000)}
      >
        +
      </button>
      <button
        type="button"
        class="bare"
        aria-label={`More for ${name}`}
        onClick={() => onMore(line)}
      >
        ⋯
      </button>
      <button
        type="button"
        class="bare"
        aria-label={`Remove ${name}`}
        onClick={() => basket.dispatch({ type: "remove", key })}
      >
        ✕
      </button>
    </span>
  );
}
