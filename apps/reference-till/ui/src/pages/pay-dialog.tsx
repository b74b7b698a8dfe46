/**
 * Paying: exact cash at once, or in parts by several tenders until nothing is due.
 *
 * @module
 */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Quote } from "../api/shapes.ts";
import { moneyText } from "../money.ts";
import { Dialog } from "../parts/dialog.tsx";
import { Fault } from "../parts/fields.tsx";
import { useStore } from "../store.ts";
import { currentQuote } from "../till/basket.ts";
import { likelyTenders } from "../till/cash.ts";
import { referenceLabel, tenderText, type PaidKind, type Rest } from "../till/tendering.ts";
import { useWorkplace } from "../till/workplace.ts";
import { KeyedCash } from "./keyed-cash.tsx";
import { TakenList } from "./taken-list.tsx";
import { TenderForm } from "./tender-form.tsx";
import { usePaying } from "./use-paying.ts";

export function PayDialog({ onClose }: { readonly onClose: () => void }): JSX.Element | null {
  const basket = useStore(useWorkplace().basket);
  const quote = currentQuote(basket);
  const shown = quote ?? basket.quote?.value;
  if (shown === undefined) return null;
  return <Payment shown={shown} isCurrent={quote !== undefined} onClose={onClose} />;
}

interface PaymentProps {
  /** The last quote, for the eye. */
  readonly shown: Quote;
  /** Only a quote of the basket as it is can be paid. */
  readonly isCurrent: boolean;
  readonly onClose: () => void;
}

function Payment({ shown, isCurrent, onClose }: PaymentProps): JSX.Element {
  const paying = usePaying(shown, onClose);
  const { taken, rest, isBusy, fault, take } = paying;
  const { currency } = shown.total;
  const [keyed, setKeyed] = useState(0);
  const [asking, setAsking] = useState<PaidKind>();
  const isReady = isCurrent && !isBusy;
  const offer = (kind: PaidKind, amountMinor: number, reference?: string) => {
    if (!isReady) return;
    setKeyed(0);
    setAsking(undefined);
    take({ kind, amountMinor, ...(reference === undefined ? {} : { reference }) });
  };
  /** What is keyed, or all that is due. */
  const choose = (kind: PaidKind) => {
    if (referenceLabel(kind) === undefined) offer(kind, keyed || rest.dueMinor);
    else setAsking(kind);
  };
  return (
    <Dialog title="Pay" onClose={isBusy ? undefined : onClose} isWide>
      <div class="pay">
        <div class="pay-amounts" onClickCapture={onlyOnce}>
          <DueAmount total={shown.total} rest={rest} isSplit={taken.tenders.length > 0} />
          <TakenList paying={paying} currency={currency} isDisabled={isBusy} />
          <CashButtons
            rest={rest}
            currency={currency}
            isReady={isReady}
            onTake={(minor) => offer("cash", minor)}
          />
          <OtherTenders isReady={isReady} onChoose={choose} />
          <Fault>{fault}</Fault>
        </div>
        {asking === undefined ? (
          <KeyedCash
            keyed={keyed}
            rest={rest}
            currency={currency}
            isReady={isReady}
            isBusy={isBusy}
            onKeyed={setKeyed}
            onTake={() => offer("cash", keyed)}
            onTip={() => {
              paying.setTip(keyed);
              setKeyed(0);
            }}
          />
        ) : (
          <TenderForm
            kind={asking}
            currency={currency}
            amountMinor={keyed || rest.dueMinor}
            isReady={isReady}
            onTake={(minor, reference) => offer(asking, minor, reference)}
            onBack={() => setAsking(undefined)}
          />
        )}
      </div>
    </Dialog>
  );
}

/** The second half of a double click must not pay what is left as well. */
function onlyOnce(event: MouseEvent): void {
  if (event.detail > 1) event.stopPropagation();
}

interface DueAmountProps {
  readonly total: Quote["total"];
  readonly rest: Rest;
  readonly isSplit: boolean;
}

function DueAmount({ total, rest, isSplit }: DueAmountProps): JSX.Element {
  const { currency } = total;
  const { dueMinor, dueInCashMinor } = rest;
  const text = (minor: number) => moneyText({ minor, currency });
  return (
    <p class="pay-total" aria-live="polite">
      <span>{isSplit ? `Still due of ${moneyText(total)}` : "To pay"}</span>
      <strong>{text(dueMinor)}</strong>
      {dueInCashMinor !== dueMinor && (
        <small>
          {text(dueInCashMinor)} in cash: rounded by {text(dueInCashMinor - dueMinor)}
        </small>
      )}
    </p>
  );
}

interface CashButtonsProps {
  readonly rest: Rest;
  readonly currency: string;
  readonly isReady: boolean;
  readonly onTake: (minor: number) => void;
}

function CashButtons({ rest, currency, isReady, onTake }: CashButtonsProps): JSX.Element {
  const { dueInCashMinor } = rest;
  return (
    <>
      <button
        type="button"
        class="main-button exact"
        autofocus
        disabled={!isReady}
        onClick={() => onTake(dueInCashMinor)}
      >
        Exact {moneyText({ minor: dueInCashMinor, currency })}
      </button>
      <div class="notes" role="group" aria-label="Cash">
        {likelyTenders(dueInCashMinor, currency).map((minor) => (
          <button
            key={minor}
            type="button"
            class="note"
            disabled={!isReady}
            onClick={() => onTake(minor)}
          >
            {moneyText({ minor, currency })}
          </button>
        ))}
      </div>
    </>
  );
}

interface OtherTendersProps {
  readonly isReady: boolean;
  readonly onChoose: (kind: PaidKind) => void;
}

function OtherTenders({ isReady, onChoose }: OtherTendersProps): JSX.Element {
  const offered = useStore(useWorkplace().options)?.tenders;
  return (
    <div class="other-tenders" role="group" aria-label="Other tenders">
      {otherKinds
        .filter((kind) => offered?.includes(kind) ?? true)
        .map((kind) => (
          <button
            key={kind}
            type="button"
            class="quiet-button"
            disabled={!isReady}
            onClick={() => onChoose(kind)}
          >
            {tenderText(kind)}
          </button>
        ))}
    </div>
  );
}

const otherKinds: readonly PaidKind[] = ["card", "voucher", "gift-card", "on-account"];
