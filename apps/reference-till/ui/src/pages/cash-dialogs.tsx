/**
 * Cash that moves without a sale, and the count that ends a shift.
 *
 * @module
 */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { ClosedShift } from "../api/shapes.ts";
import { moneyText, readMoney } from "../money.ts";
import { Choice, TextField } from "../parts/fields.tsx";
import { FormDialog } from "../parts/form-dialog.tsx";
import { useRecording } from "../parts/recording.ts";
import { useStore } from "../store.ts";
import { useWorkplace } from "../till/workplace.ts";

export interface CashDialogProps {
  readonly onDone: () => void;
  readonly onClose: () => void;
}

export function CashDialog({ onDone, onClose }: CashDialogProps): JSX.Element {
  const { status, notices } = useWorkplace();
  const currency = useStore(status)?.currency ?? "GBP";
  const { isBusy, fault, record } = useRecording();
  const [kind, setKind] = useState("in");
  const [text, setText] = useState("");
  const [reason, setReason] = useState("");
  const amount = readMoney(text, currency);
  const isUsable = amount !== undefined && amount.minor > 0 && reason.trim() !== "";
  const send = async () => {
    if (amount === undefined) return;
    const label = `Cash ${kind} of ${moneyText(amount)}`;
    const answered = await record("/cash", { kind, amount, reason: reason.trim() }, label);
    if (answered?.ok !== true) return;
    notices.dispatch({ type: "tell", tone: "done", text: `${label} was recorded.` });
    onDone();
  };
  return (
    <FormDialog
      title="Cash in, out or drop"
      action="Record"
      isReady={!isBusy && isUsable}
      fault={fault}
      onSend={send}
      onClose={onClose}
    >
      <Choice
        label="Kind"
        value={kind}
        onChange={setKind}
        options={[
          ["in", "In"],
          ["out", "Out"],
          ["drop", "Drop to the safe"],
        ]}
      />
      <TextField
        label={`Amount in ${currency}`}
        value={text}
        onInput={setText}
        isNumeric
        autoFocus
      />
      <TextField label="Reason" value={reason} onInput={setReason} isRequired />
    </FormDialog>
  );
}

export interface CloseShiftDialogProps {
  readonly onDone: (closed: ClosedShift) => void;
  readonly onClose: () => void;
}

export function CloseShiftDialog({ onDone, onClose }: CloseShiftDialogProps): JSX.Element {
  const currency = useStore(useWorkplace().status)?.currency ?? "GBP";
  const { isBusy, fault, record } = useRecording();
  const [text, setText] = useState("");
  const counted = readMoney(text, currency);
  const send = async () => {
    if (counted === undefined) return;
    const answered = await record<ClosedShift>(
      "/shifts/close",
      { counted },
      "Closing of the shift",
    );
    if (answered?.ok === true) onDone(answered.value);
  };
  return (
    <FormDialog
      title="Close shift"
      action="Close shift"
      isReady={!isBusy && counted !== undefined}
      fault={fault}
      onSend={send}
      onClose={onClose}
    >
      <p>Count all cash in the drawer. What should be there is shown afterwards.</p>
      <TextField
        label={`Counted in ${currency}`}
        value={text}
        onInput={setText}
        isNumeric
        autoFocus
      />
    </FormDialog>
  );
}
