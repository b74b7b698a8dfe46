/**
 * A receipt as it is shown and printed.
 *
 * @module
 */

import type { JSX } from "preact";
import type { Receipt } from "../api/shapes.ts";
import { Fact } from "./fact.tsx";
import { HorizonSteps } from "./horizon-view.tsx";
import { SealAbove, SealBelow } from "./receipt-seal.tsx";
import { milliOf, moneyText, quantityText } from "../money.ts";
import { useStore } from "../store.ts";
import { discountRows, negated, overrideText, savedAmount } from "../till/discount-text.ts";
import { repricedText } from "../till/refund-text.ts";
import { taxKey, taxName } from "../till/tax-text.ts";
import { paidText } from "../till/tendering.ts";
import { useWorkplace } from "../till/workplace.ts";
import { momentText } from "../time.ts";

export function ReceiptPaper({ receipt }: { readonly receipt: Receipt }): JSX.Element {
  const { kind, location, receiptNumber } = receipt;
  const status = useStore(useWorkplace().status);
  return (
    <article class="receipt" aria-label={`Receipt ${receiptNumber}`}>
      <header>
        <strong>{status?.organisation.name ?? location.name}</strong>
        <span>{location.name}</span>
        {kind !== "sale" && (
          <span class="receipt-kind">{kind === "reversal" ? "Reversal" : "Refund"}</span>
        )}
      </header>
      <SealAbove receipt={receipt} />
      <ReceiptLines receipt={receipt} />
      <ReceiptSums receipt={receipt} />
      <ReceiptTaxes receipt={receipt} />
      <SealBelow receipt={receipt} />
      <ReceiptFoot receipt={receipt} timeZone={status?.timeZone ?? "UTC"} />
    </article>
  );
}

function ReceiptSums({ receipt }: { readonly receipt: Receipt }): JSX.Element {
  const { kind, total, change, tenders, rounding, tip } = receipt;
  return (
    <dl class="receipt-sums">
      <SumsBefore receipt={receipt} />
      <Fact name={kind === "sale" ? "Total" : "Given back"} value={moneyText(total)} isStrong />
      {tip !== undefined && <Fact name="Tip" value={moneyText(tip)} />}
      {rounding !== undefined && <Fact name="Rounding of cash" value={moneyText(rounding)} />}
      {tenders.map((tender, index) => (
        <Fact key={index} name={paidText(tender)} value={moneyText(tender.amount)} />
      ))}
      {change !== undefined && <Fact name="Change" value={moneyText(change)} />}
    </dl>
  );
}

/** What leads to the total, where it is more than the lines. */
function SumsBefore({ receipt }: { readonly receipt: Receipt }): JSX.Element {
  const { totals, basis = "inclusive" } = receipt;
  const saved = savedAmount(receipt);
  return (
    <>
      {saved !== undefined && totals !== undefined && (
        <>
          <Fact name="Before discounts" value={moneyText(totals.list)} />
          <Fact name="Saved" value={moneyText(negated(saved))} />
        </>
      )}
      {basis === "exclusive" && totals !== undefined && (
        <>
          <Fact name="Net" value={moneyText(totals.net)} />
          <Fact name="Tax" value={moneyText(totals.tax)} />
        </>
      )}
    </>
  );
}

interface ReceiptFootProps {
  readonly receipt: Receipt;
  readonly timeZone: string;
}

function ReceiptFoot({ receipt, timeZone }: ReceiptFootProps): JSX.Element {
  const { receiptNumber, at, device, by, reason = "" } = receipt;
  return (
    <footer>
      <span class="receipt-number">{receiptNumber}</span>
      <span>{momentText(at, timeZone)}</span>
      <span>
        {device.name}
        {by.staff !== undefined && ` · served by ${by.staff.name}`}
      </span>
      {reason !== "" && <span>Reason: {reason}</span>}
      <HorizonSteps receipt={receipt} />
    </footer>
  );
}

function ReceiptLines({ receipt }: { readonly receipt: Receipt }): JSX.Element {
  const { repriced = [] } = receipt;
  return (
    <table class="receipt-lines">
      <tbody>
        {receipt.lines.map((line) => (
          <ReceiptLine key={line.lineId} line={line} />
        ))}
        {repriced.map(({ lineId, amount }) => (
          <tr key={`repriced ${lineId}`}>
            <td>{repricedText}</td>
            <td class="number">{moneyText(amount)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The amount before discounts, and each discount below it. */
function ReceiptLine({ line }: { readonly line: Receipt["lines"][number] }): JSX.Element {
  const { lineId, name, quantity, unitPrice, per, amount, listAmount, linkedTo } = line;
  const override = overrideText(line);
  const isPart = linkedTo !== undefined;
  const isCounted = lineId !== "service" && (quantity !== "1" || per !== undefined);
  return (
    <>
      <tr class={isPart ? "receipt-part" : undefined}>
        <td>
          {name}
          {isCounted && (
            <small>
              {quantityText(milliOf(quantity))}
              {unitPrice !== undefined && ` × ${moneyText(unitPrice)}`}
              {per !== undefined && ` / ${quantityText(milliOf(per))}`}
            </small>
          )}
          {override !== undefined && <small>{override}</small>}
        </td>
        <td class="number">{moneyText(listAmount ?? amount)}</td>
      </tr>
      {discountRows(line).map(({ text, amount: off }, index) => (
        <tr key={index} class="receipt-part">
          <td>{text}</td>
          <td class="number">{off}</td>
        </tr>
      ))}
    </>
  );
}

function ReceiptTaxes({ receipt }: { readonly receipt: Receipt }): JSX.Element {
  return (
    <table class="receipt-taxes">
      <thead>
        <tr>
          <th scope="col">Tax</th>
          <th scope="col">Net</th>
          <th scope="col">Tax</th>
          <th scope="col">Gross</th>
        </tr>
      </thead>
      <tbody>
        {receipt.taxes.map((row) => (
          <tr key={taxKey(row)}>
            <td>{taxName(row)}</td>
            <td class="number">{moneyText(row.net)}</td>
            <td class="number">{moneyText(row.tax)}</td>
            <td class="number">{moneyText(row.gross)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
