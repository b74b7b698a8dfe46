/**
 * Key in a quantity: of a line, or of a product that is weighed.
 *
 * @module
 */

import { formatQuantity } from "@tillmesh/kernel";
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Product } from "../api/shapes.ts";
import { readMilli } from "../money.ts";
import { Dialog } from "../parts/dialog.tsx";
import { NumberPad } from "../parts/number-pad.tsx";
import type { BasketLine } from "../till/basket.ts";
import { pressQuantity } from "../till/cash.ts";
import { useWorkplace } from "../till/workplace.ts";

export type QuantityWanted = { readonly line: BasketLine } | { readonly product: Product };

export interface QuantityDialogProps {
  readonly wanted: QuantityWanted;
  readonly onClose: () => void;
}

export function QuantityDialog({ wanted, onClose }: QuantityDialogProps): JSX.Element {
  const { basket } = useWorkplace();
  const subject = "line" in wanted ? wanted.line : wanted.product;
  const [text, setText] = useState("");
  const milli = readMilli(text);
  const isUsable = milli !== undefined && (milli > 0 || "line" in wanted);
  const take = () => {
    if (milli === undefined) return;
    if ("line" in wanted) {
      basket.dispatch({ type: "set", key: wanted.line.key, quantityMilli: milli });
    } else basket.dispatch({ type: "add", product: wanted.product, quantityMilli: milli });
    onClose();
  };
  const before = "line" in wanted ? formatQuantity(wanted.line.quantityMilli) : "";
  return (
    <Dialog title={subject.name} onClose={onClose}>
      <form
        class="keyed"
        onSubmit={(event) => {
          event.preventDefault();
          take();
        }}
      >
        <label for="quantity">
          {subject.unit === "each" ? "Quantity" : `Quantity in ${subject.unit}`}
        </label>
        <input
          id="quantity"
          class="keyed-field"
          inputMode="decimal"
          autocomplete="off"
          autofocus
          placeholder={before}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <NumberPad last="." onPress={(key) => setText((keyed) => pressQuantity(keyed, key))} />
        <button type="submit" class="main-button" disabled={!isUsable}>
          Take
        </button>
      </form>
    </Dialog>
  );
}
