/**
 * One sale with its receipt, and what was given back of it.
 *
 * @module
 */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { sentenceOf } from "../api/problem.ts";
import type { Receipt, SaleDetail } from "../api/shapes.ts";
import { milliOf } from "../money.ts";
import { Empty, Fault } from "../parts/fields.tsx";
import { Link } from "../parts/link.tsx";
import { useRead } from "../parts/reading.ts";
import { ReceiptPaper } from "../parts/receipt-paper.tsx";
import { RefundDialog } from "./refund-dialog.tsx";

export function SaleView({ sale }: { readonly sale: string }): JSX.Element {
  const read = useRead<SaleDetail>(`/sales/${sale}`, { topics: ["entries", "horizon"] });
  const [isRefunding, setRefunding] = useState(false);
  const [given, setGiven] = useState<Receipt>();
  if (read.problem !== undefined) return <Fault>{sentenceOf(read.problem)}</Fault>;
  if (read.value === undefined) return <Empty>Reading …</Empty>;
  const detail = read.value;
  const isLeft = detail.lines.some(({ remaining }) => milliOf(remaining) > 0);
  return (
    <div class="sale-view">
      <div class="toolbar no-print">
        <Link to="/sales" class="quiet-button back">
          All sales
        </Link>
        <button type="button" class="quiet-button" onClick={() => window.print()}>
          Print
        </button>
        <button
          type="button"
          class="quiet-button"
          disabled={!isLeft}
          onClick={() => setRefunding(true)}
        >
          {isLeft ? "Give back …" : "All given back"}
        </button>
      </div>
      <div class="papers">
        <ReceiptPaper receipt={given === undefined ? detail : newest(given, detail)} />
        {(given === undefined ? detail.refunds : []).map((refund) => (
          <ReceiptPaper key={refund.receiptNumber} receipt={refund} />
        ))}
      </div>
      {given !== undefined && (
        <button type="button" class="quiet-button no-print" onClick={() => setGiven(undefined)}>
          Back to the sale
        </button>
      )}
      {isRefunding && (
        <RefundDialog
          sale={detail}
          onClose={() => setRefunding(false)}
          onDone={(receipt) => {
            setRefunding(false);
            setGiven(receipt);
            read.again();
          }}
        />
      )}
    </div>
  );
}

/** The refund as it was answered, then as it stands: it gets farther. */
function newest(given: Receipt, { refunds }: SaleDetail): Receipt {
  return refunds.find(({ receiptNumber }) => receiptNumber === given.receiptNumber) ?? given;
}
