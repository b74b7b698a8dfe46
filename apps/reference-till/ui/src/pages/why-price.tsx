/**
 * Why an article costs what it costs: every price that is published for it, and which one counts.
 *
 * @module
 */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { formatQuantity } from "@tillmesh/kernel";
import { sentenceOf } from "../api/problem.ts";
import type { PriceCandidate, PriceWhy } from "../api/price-shapes.ts";
import { milliOf, moneyText, quantityText, readMilli } from "../money.ts";
import { Empty, Fault, Pick, TextField } from "../parts/fields.tsx";
import { useRead } from "../parts/reading.ts";
import { useStore } from "../store.ts";
import { periodText } from "../till/promotion-state.ts";
import { useWorkplace } from "../till/workplace.ts";

export interface WhyPriceProps {
  readonly sku: string;
  readonly quantityMilli: number;
  /** Undefined or "": any customer. */
  readonly customerGroup?: string | undefined;
}

export function WhyPrice({ sku, quantityMilli, customerGroup }: WhyPriceProps): JSX.Element {
  const { value, problem } = useRead<PriceWhy>(`/prices/${encodeURIComponent(sku)}/why`, {
    query: { quantity: formatQuantity(quantityMilli), customerGroup },
    topics: ["publications"],
    settleMs: 80,
  });
  if (problem?.code === "NoPrice") return <Empty>No price is published for it.</Empty>;
  if (problem !== undefined) return <Fault>{sentenceOf(problem)}</Fault>;
  if (value === undefined) return <Empty>Reading …</Empty>;
  return (
    <ul class="rows" aria-label="Published prices">
      {value.candidates.map((candidate, index) => (
        <Candidate key={index} of={candidate} />
      ))}
      {value.candidates.length === 0 && <Empty>No price is published: it is typed.</Empty>}
    </ul>
  );
}

/** The same, for a quantity and a customer group that are asked for. */
export function AskWhyPrice({ sku }: { readonly sku: string }): JSX.Element {
  const groups = useStore(useWorkplace().options)?.customerGroups ?? [];
  const [text, setText] = useState("1");
  const [customerGroup, setGroup] = useState("");
  const milli = readMilli(text) ?? 0;
  return (
    <div class="stack">
      <TextField label="For a quantity of" value={text} onInput={setText} isNumeric />
      {groups.length > 0 && (
        <Pick
          label="Customer group"
          value={customerGroup}
          onChange={setGroup}
          options={["", ...groups].map((group) => [group, group || "Any customer"] as const)}
        />
      )}
      <WhyPrice sku={sku} quantityMilli={Math.max(1, milli)} customerGroup={customerGroup} />
    </div>
  );
}

function Candidate({ of }: { readonly of: PriceCandidate }): JSX.Element {
  const { price, per, reason, isWinner, publication } = of;
  return (
    <li class={isWinner ? "row" : "row muted"}>
      <span class="row-main">
        <strong>
          {candidateText(of)} {isWinner && <span class="badge good">counts</span>}
        </strong>
        <small>{reason}</small>
        {publication !== undefined && (
          <small>
            Published by {publication.publisher.name}, number {publication.sequence}
          </small>
        )}
      </span>
      <strong class="number">
        {moneyText(price)}
        {per !== undefined && <small> / {quantityText(milliOf(per))}</small>}
      </strong>
    </li>
  );
}

function candidateText({ list, name = list, minQuantity, ...period }: PriceCandidate): string {
  const { effectiveFrom, effectiveTo = null } = period;
  const from = minQuantity === undefined ? "" : `from ${quantityText(milliOf(minQuantity))} on`;
  const isDated = effectiveFrom !== null || effectiveTo !== null;
  const when = isDated ? periodText({ effectiveFrom, effectiveTo }) : "";
  return [name === list ? listName(list) : name, from, when].filter(Boolean).join(", ");
}

function listName(list: string): string {
  return list === "standard" ? "Standard prices" : `List ${list}`;
}
