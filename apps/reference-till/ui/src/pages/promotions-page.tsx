/**
 * For a manager: every promotion that is published, where it stands, and who published it.
 *
 * @module
 */

import type { JSX } from "preact";
import { sentenceOf } from "../api/problem.ts";
import type { Promotion } from "../api/price-shapes.ts";
import type { Page } from "../api/shapes.ts";
import { Fault } from "../parts/fields.tsx";
import { Link } from "../parts/link.tsx";
import { ListEnd } from "../parts/list-end.tsx";
import { useNow } from "../parts/now.ts";
import { useRead } from "../parts/reading.ts";
import { useStore } from "../store.ts";
import { inOrderOfState, periodText, promotionState } from "../till/promotion-state.ts";
import { useWorkplace } from "../till/workplace.ts";
import { localMinute } from "../time.ts";
import { ExceptionList } from "./exception-list.tsx";

export function PromotionsPage(): JSX.Element {
  const status = useStore(useWorkplace().status);
  const read = useRead<Page<Promotion>>("/promotions", {
    query: { limit: 200 },
    topics: ["publications"],
  });
  useNow();
  const nowLocal = localMinute(Date.now(), status?.timeZone ?? "UTC");
  const items = inOrderOfState(read.value?.items ?? [], nowLocal);
  const isPublisher = status?.roles.includes("hq") === true;
  return (
    <div class="page">
      <div class="page-head">
        <h1>Promotions</h1>
        {isPublisher && (
          <Link to="/products" class="quiet-button">
            Products and prices
          </Link>
        )}
      </div>
      <p class="hint">
        They are changed by importing them at headquarters:{" "}
        <code>tillmesh import promotions FILE --data DIR</code>, or by the API. Importing one again
        updates it.
      </p>
      <ExceptionList isOnlyConflicts />
      <Fault>{read.problem && sentenceOf(read.problem)}</Fault>
      {items.length > 0 && <PromotionTable items={items} nowLocal={nowLocal} />}
      <ListEnd read={read} empty="No promotions are published." more="The first 200 are listed." />
    </div>
  );
}

interface PromotionTableProps {
  readonly items: readonly Promotion[];
  readonly nowLocal: string;
}

function PromotionTable({ items, nowLocal }: PromotionTableProps): JSX.Element {
  return (
    <table class="table stacking promotions">
      <thead>
        <tr>
          <th scope="col">Promotion</th>
          <th scope="col">State</th>
          <th scope="col">When</th>
          <th scope="col">Published</th>
        </tr>
      </thead>
      <tbody>
        {items.map((promotion) => (
          <PromotionRow
            key={`${promotion.id} ${promotion.publication.id}`}
            promotion={promotion}
            nowLocal={nowLocal}
          />
        ))}
      </tbody>
    </table>
  );
}

interface PromotionRowProps {
  readonly promotion: Promotion;
  readonly nowLocal: string;
}

function PromotionRow({ promotion, nowLocal }: PromotionRowProps): JSX.Element {
  const { id, name, description, coupon = null, priority, publication } = promotion;
  const { tone, text } = promotionState(promotion, nowLocal);
  return (
    <tr>
      <td>
        <strong>{name}</strong>
        <small class="sku">{description}</small>
        <small class="sku">
          {[id, `priority ${priority}`, coupon === null ? "" : `coupon ${coupon}`]
            .filter(Boolean)
            .join(" · ")}
        </small>
      </td>
      <td data-label="State">
        <span class={`badge ${tone}`}>{text}</span>
      </td>
      <td data-label="When">{periodText(promotion)}</td>
      <td data-label="Published">
        by {publication.publisher.name}
        <small class="sku">
          number {publication.sequence}, <code>{publication.id}</code>
        </small>
      </td>
    </tr>
  );
}
