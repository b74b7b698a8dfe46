/**
 * A tender that has a number: a voucher, a gift card, somebody's account.
 *
 * @module
 */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { plainAmount, readMoney } from "../money.ts";
import { TextField } from "../parts/fields.tsx";
import { referenceLabel, tenderText, type PaidKind } from "../till/tendering.ts";

export interface TenderFormProps {
  readonly kind: PaidKind;
  readonly currency: string;
  /** To begin with. */
  readonly amountMinor: number;
  readonly isReady: boolean;
  readonly onTake: (amountMinor: number, reference: string) => void;
  readonly onBack: () => void;
}

export function TenderForm(props: TenderFormProps): JSX.Element {
  const { kind, currency, amountMinor, isReady, onTake, onBack } = props;
  const [reference, setReference] = useState("");
  const [text, setText] = useState(() => plainAmount({ minor: amountMinor, currency }));
  const amount = readMoney(text, currency);
  const code = reference.trim();
  const isUsable = amount !== undefined && amount.minor > 0 && code !== "";
  return (
    <form
      class="pay-keyed"
      onSubmit={(event) => {
        event.preventDefault();
        if (isReady && isUsable) onTake(amount.minor, code);
      }}
    >
      <h3>{tenderText(kind)}</h3>
      <TextField
        key={kind}
        label={referenceLabel(kind) ?? "Number"}
        value={reference}
        onInput={setReference}
        maxLength={64}
        autoFocus
        takesScans
      />
      <TextField label={`Amount in ${currency}`} value={text} onInput={setText} isNumeric />
      {kind === "voucher" && <p class="hint">The amount that is printed on it.</p>}
      <div class="pay-actions">
        <button type="button" class="quiet-button" onClick={onBack}>
          Back
        </button>
        <button type="submit" class="main-button" disabled={!isReady || !isUsable}>
          Take {tenderText(kind).toLowerCase()}
        </button>
      </div>
    </form>
  );
}
