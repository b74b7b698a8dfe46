/**
 * A price that is typed: of an article whose price is open, or in place of the list's, with a reason.
 *
 * @module
 */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Product } from "../api/shapes.ts";
import { moneyText, readMoney, type Money } from "../money.ts";
import { TextField } from "../parts/fields.tsx";
import { FormDialog } from "../parts/form-dialog.tsx";
import { ReasonField } from "../parts/reason-field.tsx";
import { useStore } from "../store.ts";
import type { BasketLine } from "../till/basket.ts";
import { limitText } from "../till/permission-text.ts";
import { useWorkplace } from "../till/workplace.ts";
import { hintOf } from "./discount-dialog.tsx";
import { useDeciding } from "./use-deciding.ts";

export interface OpenPriceDialogProps {
  readonly product: Product;
  readonly onClose: () => void;
}

/** Asked before the line is there. */
export function OpenPriceDialog({ product, onClose }: OpenPriceDialogProps): JSX.Element {
  const { status } = useWorkplace();
  const currency = useStore(status)?.currency ?? "GBP";
  const { isBusy, fault, decide } = useDeciding(onClose);
  const [text, setText] = useState("");
  const price = priceWithin(readMoney(text, currency), product.openPrice);
  const add = async () => {
    if (price !== undefined) return decide({ type: "add", product, price });
  };
  return (
    <FormDialog
      title={product.name}
      action="Take"
      isReady={!isBusy && price !== undefined}
      fault={fault}
      onSend={add}
      onClose={onClose}
    >
      <PriceField
        currency={currency}
        text={text}
        onInput={setText}
        hint={rangeText(product.openPrice)}
      />
    </FormDialog>
  );
}

export interface LinePriceDialogProps {
  readonly line: BasketLine;
  readonly openPrice: Product["openPrice"];
  readonly onClose: () => void;
}

export function LinePriceDialog({ line, openPrice, onClose }: LinePriceDialogProps): JSX.Element {
  const { status, options } = useWorkplace();
  const currency = useStore(status)?.currency ?? "GBP";
  const offered = useStore(options);
  const { isBusy, fault, decide } = useDeciding(onClose);
  const [text, setText] = useState("");
  const [reason, setReason] = useState(line.terms?.reason ?? "");
  const isOpen = openPrice !== undefined;
  const price = priceWithin(readMoney(text, currency), openPrice);
  const told = reason.trim();
  const apply = async () => {
    if (price === undefined) return;
    const terms = { ...line.terms, price, ...(told === "" ? {} : { reason: told }) };
    return decide({ type: "terms", key: line.key, terms });
  };
  return (
    <FormDialog
      title={`Price of ${line.name}`}
      action="Use this price"
      isReady={!isBusy && price !== undefined && (isOpen || told !== "")}
      fault={fault}
      onSend={apply}
      onClose={onClose}
    >
      <PriceField
        currency={currency}
        text={text}
        onInput={setText}
        hint={isOpen ? rangeText(openPrice) : limitText("price", offered)}
      />
      {!isOpen && (
        <ReasonField
          value={reason}
          onInput={setReason}
          usual={["Price match", "Wrong label", "Manager’s price"]}
        />
      )}
    </FormDialog>
  );
}

interface PriceFieldProps {
  readonly currency: string;
  readonly text: string;
  readonly hint: string | undefined;
  readonly onInput: (text: string) => void;
}

function PriceField({ currency, text, hint, onInput }: PriceFieldProps): JSX.Element {
  return (
    <TextField
      label={`Price in ${currency}`}
      value={text}
      onInput={onInput}
      isNumeric
      autoFocus
      {...hintOf(hint)}
    />
  );
}

function priceWithin(price: Money | undefined, range: Product["openPrice"]): Money | undefined {
  if (price === undefined || price.minor < 0) return undefined;
  if (range === undefined) return price;
  return price.minor >= range.min.minor && price.minor <= range.max.minor ? price : undefined;
}

function rangeText(range: Product["openPrice"]): string | undefined {
  return range && `From ${moneyText(range.min)} to ${moneyText(range.max)}`;
}
