/**
 * Goods that come, go or are corrected.
 *
 * @module
 */

import { formatQuantity } from "@tillmesh/kernel";
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Stock } from "../api/shapes.ts";
import { quantityText, readMilli } from "../money.ts";
import { Choice, TextField } from "../parts/fields.tsx";
import { FormDialog } from "../parts/form-dialog.tsx";
import { useRecording } from "../parts/recording.ts";
import { useWorkplace } from "../till/workplace.ts";

export interface MovementDialogProps {
  readonly stock: Stock;
  readonly onClose: () => void;
}

export function MovementDialog({ stock, onClose }: MovementDialogProps): JSX.Element {
  const { notices } = useWorkplace();
  const { isBusy, fault, record } = useRecording();
  const [kind, setKind] = useState("receipt");
  const [text, setText] = useState("");
  const [reason, setReason] = useState("");
  const milli = readMilli(text);
  const isUsable = milli !== undefined && milli !== 0 && (milli > 0 || kind === "adjustment");
  const send = async () => {
    if (milli === undefined) return;
    const told = reason.trim();
    const line = { sku: stock.sku, quantity: formatQuantity(milli) };
    const body = { kind, ...line, ...(told === "" ? {} : { reason: told }) };
    const label = `${names[kind] ?? kind} of ${quantityText(milli)} ${stock.name}`;
    const answered = await record("/stock/movements", body, label);
    if (answered?.ok !== true) return;
    notices.dispatch({ type: "tell", tone: "done", text: `${label} was recorded.` });
    onClose();
  };
  return (
    <FormDialog
      title={stock.name}
      action="Record"
      isReady={!isBusy && isUsable}
      fault={fault}
      onSend={send}
      onClose={onClose}
    >
      <Choice
        label="Movement"
        value={kind}
        onChange={setKind}
        options={[
          ["receipt", "Receive"],
          ["waste", "Waste"],
          ["adjustment", "Adjust"],
        ]}
      />
      <TextField
        label="Quantity"
        value={text}
        onInput={setText}
        isNumeric
        autoFocus
        hint={kind === "adjustment" ? "With a minus sign for less: -2" : "More than zero"}
      />
      <TextField label="Reason (optional)" value={reason} onInput={setReason} />
    </FormDialog>
  );
}

const names: Readonly<Record<string, string>> = {
  receipt: "Receipt",
  waste: "Waste",
  adjustment: "Adjustment",
};
