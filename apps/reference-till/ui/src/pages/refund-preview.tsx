/**
 * What a refund would give back, part by part and tender by tender, before anybody confirms it.
 *
 * @module
 */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { newKey, type Answered } from "../api/client.ts";
import { sentenceOf } from "../api/problem.ts";
import type { RefundQuote, SaleDetail } from "../api/shapes.ts";
import { Fault } from "../parts/fields.tsx";
import { refundRows } from "../till/refund-text.ts";
import { useWorkplace } from "../till/workplace.ts";

export interface RefundPreviewProps {
  readonly sale: SaleDetail;
  readonly lines: readonly { readonly lineId: string; readonly quantity: string }[];
}

export function RefundPreview({ sale, lines }: RefundPreviewProps): JSX.Element | null {
  const answered = useRefundQuote(sale.saleId, lines);
  if (lines.length === 0 || answered === undefined) return null;
  if (!answered.ok) return <Fault>{sentenceOf(answered.error)}</Fault>;
  return (
    <section class="refund-preview" aria-label="What comes back" aria-live="polite">
      <h3>What comes back</h3>
      <dl>
        {refundRows(answered.value).map(({ kind, text, amount }, index) => (
          <div key={index} class={`row of-${kind}`}>
            <dt>{text}</dt>
            <dd class="number">{amount}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

/** Asked again when other lines are chosen, once typing has settled. */
function useRefundQuote(
  saleId: string,
  lines: RefundPreviewProps["lines"],
): Answered<RefundQuote> | undefined {
  const { api } = useWorkplace();
  const [answered, setAnswered] = useState<Answered<RefundQuote>>();
  const asked = JSON.stringify({ lines });
  useEffect(() => {
    let isWanted = lines.length > 0;
    const timer = setTimeout(async () => {
      if (!isWanted) return;
      const body = JSON.parse(asked) as object;
      const quote = await api.post<RefundQuote>(`/sales/${saleId}/refunds/quote`, body, newKey());
      if (isWanted) setAnswered(quote);
    }, settleMs);
    return () => {
      isWanted = false;
      clearTimeout(timer);
    };
  }, [api, saleId, asked]);
  return answered;
}

const settleMs = 150;
