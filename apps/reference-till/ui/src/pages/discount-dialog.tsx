/**
 * Something off by hand, with its reason: of a line, or of the whole order.
 *
 * @module
 */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { formatQuantity } from "@tillmesh/kernel";
import { readMilli, readMoney } from "../money.ts";
import { Choice, TextField } from "../parts/fields.tsx";
import { FormDialog } from "../parts/form-dialog.tsx";
import { ReasonField } from "../parts/reason-field.tsx";
import { useStore } from "../store.ts";
import type { BasketLine } from "../till/basket.ts";
import { limitText } from "../till/permission-text.ts";
import type { ManualDiscount } from "../till/terms.ts";
import { useWorkplace } from "../till/workplace.ts";
import { useDeciding } from "./use-deciding.ts";

export interface DiscountDialogProps {
  /** Undefined: off the whole order. */
  readonly line?: BasketLine;
  readonly onClose: () => void;
}

export function DiscountDialog({ line, onClose }: DiscountDialogProps): JSX.Element {
  const { status, options, basket } = useWorkplace();
  const currency = useStore(status)?.currency ?? "GBP";
  const offered = useStore(options);
  const { isBusy, fault, decide } = useDeciding(onClose);
  const [by, setBy] = useState("percent");
  const [text, setText] = useState("");
  const [reason, setReason] = useState("");
  const discount = by === "percent" ? readPercent(text) : readAmount(text, currency);
  const isUsable = discount !== undefined && reason.trim() !== "";
  const apply = async () => {
    if (discount === undefined) return;
    const told = reason.trim();
    if (line === undefined) {
      const order = { ...basket.get().order, discount: { ...discount, reason: told } };
      return decide({ type: "order", order });
    }
    const { comp: _, ...terms } = line.terms ?? {};
    return decide({ type: "terms", key: line.key, terms: { ...terms, discount, reason: told } });
  };
  return (
    <FormDialog
      title={line === undefined ? "Order discount" : `Discount on ${line.name}`}
      action="Take it off"
      isReady={!isBusy && isUsable}
      fault={fault}
      onSend={apply}
      onClose={onClose}
    >
      <Choice label="By" value={by} onChange={setBy} options={kinds} />
      <TextField
        label={by === "percent" ? "Percent" : `Amount in ${currency}`}
        value={text}
        onInput={setText}
        isNumeric
        autoFocus
        {...hintOf(limitText(line === undefined ? "order" : "line", offered))}
      />
      <ReasonField value={reason} onInput={setReason} usual={usualReasons} />
    </FormDialog>
  );
}

const kinds = [
  ["percent", "Percent"],
  ["amount", "Amount"],
] as const;

const usualReasons = ["Damaged", "Short dated", "Complaint", "Price match"];

/** Absent rather than empty. */
export function hintOf(hint: string | undefined): { readonly hint?: string } {
  return hint === undefined ? {} : { hint };
}

/** Up to 100, with up to two decimals. */
function readPercent(text: string): ManualDiscount | undefined {
  const milli = readMilli(text.replace("%", ""));
  const isUsable = milli !== undefined && milli > 0 && milli <= 100_000 && milli % 10 === 0;
  return isUsable ? { percent: formatQuantity(milli) } : undefined;
}

function readAmount(text: string, currency: string): ManualDiscount | undefined {
  const amount = readMoney(text, currency);
  return amount !== undefined && amount.minor > 0 ? { amount } : undefined;
}
