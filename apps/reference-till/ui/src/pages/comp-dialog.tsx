/**
 * A line that is given away, with the reason.
 *
 * @module
 */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { FormDialog } from "../parts/form-dialog.tsx";
import { ReasonField } from "../parts/reason-field.tsx";
import type { BasketLine } from "../till/basket.ts";
import { useDeciding } from "./use-deciding.ts";

export interface CompDialogProps {
  readonly line: BasketLine;
  readonly onClose: () => void;
}

export function CompDialog({ line, onClose }: CompDialogProps): JSX.Element {
  const { isBusy, fault, decide } = useDeciding(onClose);
  const [reason, setReason] = useState("");
  const told = reason.trim();
  const apply = async () => {
    const { discount: _, ...terms } = line.terms ?? {};
    return decide({ type: "terms", key: line.key, terms: { ...terms, comp: true, reason: told } });
  };
  return (
    <FormDialog
      title={`Give away ${line.name}`}
      action="Give it away"
      isReady={!isBusy && told !== ""}
      fault={fault}
      onSend={apply}
      onClose={onClose}
    >
      <p>The whole line costs nothing. It stays on the receipt, with the reason.</p>
      <ReasonField
        value={reason}
        onInput={setReason}
        usual={["Complaint", "On the house", "Staff meal"]}
      />
    </FormDialog>
  );
}
