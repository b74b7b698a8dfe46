/**
 * Giving back: which lines, how much, what happens to the goods, and why.
 *
 * @module
 */

import { formatQuantity } from "@tillmesh/kernel";
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Receipt, SaleDetail } from "../api/shapes.ts";
import { milliOf, moneyText, quantityText, readMilli } from "../money.ts";
import { Dialog } from "../parts/dialog.tsx";
import { Choice, Fault, TextField } from "../parts/fields.tsx";
import { useRecording } from "../parts/recording.ts";
import { RefundPreview } from "./refund-preview.tsx";

export interface RefundDialogProps {
  readonly sale: SaleDetail;
  readonly onClose: () => void;
  readonly onDone: (receipt: Receipt) => void;
}

export function RefundDialog({ sale, onClose, onDone }: RefundDialogProps): JSX.Element {
  const { isBusy, fault, record } = useRecording();
  const [texts, setTexts] = useState<Readonly<Record<string, string>>>({});
  const [goods, setGoods] = useState("restock");
  const [reason, setReason] = useState("");
  // The service charge goes with what it was charged for.
  const open = sale.lines.filter(
    ({ lineId, remaining }) => lineId !== "service" && milliOf(remaining) > 0,
  );
  const wanted = open.flatMap(({ lineId }) => {
    const milli = readMilli(texts[lineId] ?? "");
    return milli !== undefined && milli > 0 ? [{ lineId, quantity: formatQuantity(milli) }] : [];
  });
  const send = async (path: string, body: object) => {
    const label = `Refund of receipt ${sale.receiptNumber}`;
    const answered = await record<Receipt>(path, body, label);
    if (answered?.ok === true) onDone(answered.value);
  };
  const isTold = reason.trim() !== "";
  const refund = () =>
    send(`/sales/${sale.saleId}/refunds`, { lines: wanted, goods, reason: reason.trim() });
  const reverse = () => send(`/sales/${sale.saleId}/reversal`, { reason: reason.trim() });
  return (
    <Dialog title={`Give back from ${sale.receiptNumber}`} onClose={onClose} isWide>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void refund();
        }}
      >
        <RefundLines lines={open} texts={texts} onChange={setTexts} />
        <RefundPreview sale={sale} lines={wanted} />
        <Choice
          label="The goods"
          value={goods}
          onChange={setGoods}
          options={[
            ["restock", "go back on the shelf"],
            ["waste", "are waste"],
          ]}
        />
        <TextField label="Reason" value={reason} onInput={setReason} isRequired />
        <Fault>{fault}</Fault>
        <div class="dialog-actions">
          <button
            type="button"
            class="quiet-button"
            disabled={isBusy || !isTold}
            onClick={() => void reverse()}
          >
            Reverse the whole sale
          </button>
          <button
            type="submit"
            class="main-button"
            disabled={isBusy || wanted.length === 0 || !isTold}
          >
            Give back chosen lines
          </button>
        </div>
        <p class="hint">
          The amount is worked out by the till and given back the way it was paid. A reversal puts
          all goods back on the shelf.
        </p>
      </form>
    </Dialog>
  );
}

interface RefundLinesProps {
  readonly lines: SaleDetail["lines"];
  readonly texts: Readonly<Record<string, string>>;
  readonly onChange: (texts: Readonly<Record<string, string>>) => void;
}

function RefundLines({ lines, texts, onChange }: RefundLinesProps): JSX.Element {
  return (
    <table class="table stacking">
      <thead>
        <tr>
          <th scope="col">Line</th>
          <th scope="col" class="number">
            Price
          </th>
          <th scope="col" class="number">
            Left
          </th>
          <th scope="col">Give back</th>
        </tr>
      </thead>
      <tbody>
        {lines.map(({ lineId, name, unitPrice, remaining }) => (
          <tr key={lineId}>
            <td>{name}</td>
            <td class="number" data-label="Price">
              {moneyText(unitPrice)}
            </td>
            <td class="number" data-label="Left">
              {quantityText(milliOf(remaining))}
            </td>
            <td class="give-back">
              <input
                inputMode="decimal"
                aria-label={`Give back of ${name}`}
                value={texts[lineId] ?? ""}
                placeholder="0"
                onInput={(event) => onChange({ ...texts, [lineId]: event.currentTarget.value })}
              />
              <button
                type="button"
                class="quiet-button"
                onClick={() => onChange({ ...texts, [lineId]: remaining })}
              >
                All
              </button>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
