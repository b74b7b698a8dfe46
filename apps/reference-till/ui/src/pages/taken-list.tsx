/**
 * What was taken of the customer so far, each with the way to give it back.
 *
 * @module
 */

import type { JSX } from "preact";
import { moneyText } from "../money.ts";
import { paidText } from "../till/tendering.ts";
import type { PayingState } from "./use-paying.ts";

export interface TakenListProps {
  readonly paying: PayingState;
  readonly currency: string;
  readonly isDisabled: boolean;
}

export function TakenList({ paying, currency, isDisabled }: TakenListProps): JSX.Element | null {
  const { taken, giveBack, setTip } = paying;
  const { tenders, tipMinor } = taken;
  if (tenders.length === 0 && tipMinor === 0) return null;
  const text = (minor: number) => moneyText({ minor, currency });
  return (
    <ul class="taken" aria-label="Taken so far">
      {tenders.map(({ amountMinor, ...tender }, index) => (
        <TakenRow
          key={index}
          name={paidText(tender)}
          amount={text(amountMinor)}
          isDisabled={isDisabled}
          onBack={() => giveBack(index)}
        />
      ))}
      {tipMinor > 0 && (
        <TakenRow
          name="Tip on top"
          amount={text(tipMinor)}
          isDisabled={isDisabled}
          onBack={() => setTip(0)}
        />
      )}
    </ul>
  );
}

interface TakenRowProps {
  readonly name: string;
  readonly amount: string;
  readonly isDisabled: boolean;
  readonly onBack: () => void;
}

function TakenRow({ name, amount, isDisabled, onBack }: TakenRowProps): JSX.Element {
  return (
    <li class="row">
      <span>{name}</span>
      <span class="number">{amount}</span>
      <button
        type="button"
        class="icon-button"
        aria-label={`Take back ${name} ${amount}`}
        disabled={isDisabled}
        onClick={onBack}
      >
        ✕
      </button>
    </li>
  );
}
