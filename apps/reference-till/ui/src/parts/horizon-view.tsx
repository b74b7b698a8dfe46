/**
 * How far a receipt has got: every step on the receipt, one line in a list. For the screen only: paper cannot follow.
 *
 * @module
 */

import type { JSX } from "preact";
import type { Receipt } from "../api/shapes.ts";
import { useStore } from "../store.ts";
import { horizonSteps, horizonSummary } from "../till/horizon.ts";
import { useWorkplace } from "../till/workplace.ts";

export function HorizonSteps({ receipt }: { readonly receipt: Receipt }): JSX.Element | null {
  const status = useStore(useWorkplace().status);
  if (status === null) return null;
  const { isOnlyHere, text } = horizonSummary(receipt, status);
  return (
    <section class="horizon no-print" aria-label="Where this is kept">
      <span class={isOnlyHere ? "badge alone" : "badge good"} role="status">
        {text}
      </span>
      <ul>
        {horizonSteps(receipt.horizon, status).map(({ place, isThere, text: step }) => (
          <li key={place} class={isThere ? "there" : "missing"}>
            <span aria-hidden="true">{isThere ? "✓" : "○"}</span> {step}
          </li>
        ))}
      </ul>
    </section>
  );
}

export function HorizonLine({ receipt }: { readonly receipt: Receipt }): JSX.Element | null {
  const status = useStore(useWorkplace().status);
  if (status === null) return null;
  const { isOnlyHere, text } = horizonSummary(receipt, status);
  return isOnlyHere ? <span class="badge alone">{text}</span> : <small>{text}</small>;
}
