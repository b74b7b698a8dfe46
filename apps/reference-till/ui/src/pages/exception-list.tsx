/**
 * What a person should look at; nothing of it was lost.
 *
 * @module
 */

import type { JSX } from "preact";
import type { ListedException, Page } from "../api/shapes.ts";
import { Empty } from "../parts/fields.tsx";
import { useRead } from "../parts/reading.ts";
import { useStore } from "../store.ts";
import { exceptionText } from "../till/exception-text.ts";
import { useWorkplace } from "../till/workplace.ts";
import { momentText } from "../time.ts";

export interface ExceptionListProps {
  /** Those of publications alone; nothing is shown where there are none. */
  readonly isOnlyConflicts?: boolean;
}

export function ExceptionList({ isOnlyConflicts = false }: ExceptionListProps): JSX.Element | null {
  const workplace = useWorkplace();
  const status = useStore(workplace.status);
  const products = useStore(workplace.products);
  const read = useRead<Page<ListedException>>("/exceptions", {
    query: { limit: 200 },
    topics: ["entries", "publications", "exceptions"],
  });
  const all = read.value?.items ?? [];
  const shown = all.filter(({ type }) => !isOnlyConflicts || type.startsWith("Publication"));
  if (shown.length === 0) {
    return isOnlyConflicts ? null : <Empty>Nothing to look at.</Empty>;
  }
  const names = new Map(products.items.map(({ sku, name }) => [sku, name]));
  return (
    <ul class="exceptions" aria-label="Exceptions">
      {shown.map((exception) => {
        const { title, detail } = exceptionText(exception, names);
        return (
          <li key={exception.id}>
            <strong>{title}</strong>
            <span>{detail}</span>
            <small>{momentText(exception.at, status?.timeZone ?? "UTC")}</small>
          </li>
        );
      })}
    </ul>
  );
}
