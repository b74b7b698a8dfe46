/**
 * A new price, now or from a date on; what is in force and what is to come.
 *
 * @module
 */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Product } from "../api/shapes.ts";
import { moneyText, plainAmount, readMoney } from "../money.ts";
import { TextField } from "../parts/fields.tsx";
import { FormDialog } from "../parts/form-dialog.tsx";
import { useRecording } from "../parts/recording.ts";
import { useStore } from "../store.ts";
import { useWorkplace } from "../till/workplace.ts";
import { AskWhyPrice } from "./why-price.tsx";

export interface PriceDialogProps {
  readonly product: Product;
  readonly onClose: () => void;
}

export function PriceDialog({ product, onClose }: PriceDialogProps): JSX.Element {
  const { status, notices } = useWorkplace();
  const currency = useStore(status)?.currency ?? "GBP";
  const { isBusy, fault, record } = useRecording();
  const [text, setText] = useState(product.price === null ? "" : plainAmount(product.price));
  const [effectiveFrom, setEffectiveFrom] = useState("");
  const price = readMoney(text, currency);
  const publish = async () => {
    if (price === undefined) return;
    const from = effectiveFrom === "" ? {} : { effectiveFrom };
    const per = product.per === undefined ? {} : { per: product.per };
    const body = { prices: [{ sku: product.sku, price, ...from, ...per }] };
    const label = `Price ${moneyText(price)} for ${product.name}`;
    const answered = await record("/hq/publications/prices", body, label);
    if (answered?.ok !== true) return;
    notices.dispatch({ type: "tell", tone: "done", text: `${label} is published.` });
    onClose();
  };
  return (
    <FormDialog
      title={`Price of ${product.name}`}
      action="Publish price"
      isReady={!isBusy && price !== undefined}
      fault={fault}
      onSend={publish}
      onClose={onClose}
      after={
        <section class="schedule">
          <h3>Why this price</h3>
          <AskWhyPrice sku={product.sku} />
        </section>
      }
    >
      <TextField
        label={`Price in ${currency}${perText(product)}`}
        value={text}
        onInput={setText}
        isNumeric
        autoFocus
      />
      <TextField
        label="Effective from (optional)"
        type="date"
        value={effectiveFrom}
        onInput={setEffectiveFrom}
        hint="Empty: the standing price, at once. A price from a date goes before it."
      />
    </FormDialog>
  );
}

/** `""`, `" of 0.1 kg"`. */
function perText({ per, unit }: Product): string {
  return per === undefined ? "" : ` of ${per} ${unit}`;
}
