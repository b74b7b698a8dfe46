/**
 * Discounts of articles, spread over the lines that they were scanned as. SPEC.md §12 (DL).
 *
 * @module
 */

import type { ListedLine } from "../basket/listed-line.ts";
import type { Discount } from "../discount.ts";
import type { Article } from "./article.ts";
import { spread } from "./evaluate.ts";
import type { Offer } from "./offer.ts";

/** What the lines of a basket still cost, and what was taken off each. */
export function createLineDiscounts(articles: readonly Article[]): LineDiscounts {
  const rows = articles.flatMap(({ lines }) =>
    lines.map((line): Row => ({ line, leftMinor: line.listAmountMinor, discounts: [] })),
  );
  const rowsByArticle = new Map<Article, readonly Row[]>();
  let next = 0;
  for (const article of articles) {
    rowsByArticle.set(article, rows.slice(next, next + article.lines.length));
    next += article.lines.length;
  }
  return {
    leftMinor: () => rows.reduce((sum, { leftMinor }) => sum + leftMinor, 0),
    cut: (offer, amountMinor, article) => {
      const own = article === undefined ? rows : (rowsByArticle.get(article) ?? []);
      const shares = spread({ amountMinor, weights: own.map(({ leftMinor }) => leftMinor) });
      own.forEach((row, index) => cutRow(row, offer, shares[index] ?? 0));
    },
    byLine: () =>
      new Map(
        rows
          .filter(({ discounts }) => discounts.length > 0)
          .map(({ line, discounts }) => [line.lineId, discounts]),
      ),
  };
}

export interface LineDiscounts {
  leftMinor(): number;
  /** By largest remainder over what the lines still cost; all lines without an article. */
  cut(offer: Offer, amountMinor: number, article?: Article): void;
  byLine(): ReadonlyMap<string, readonly Discount[]>;
}

interface Row {
  readonly line: ListedLine;
  leftMinor: number;
  readonly discounts: Discount[];
}

function cutRow(row: Row, { item, publication }: Offer, amountMinor: number): void {
  if (amountMinor === 0) return;
  row.leftMinor -= amountMinor;
  const { id, name } = item;
  const known = row.discounts.findIndex((discount) => discount.id === id);
  const before = row.discounts[known]?.amountMinor ?? 0;
  const discount: Discount = {
    kind: "promotion",
    id,
    name,
    amountMinor: before + amountMinor,
    publication,
  };
  if (known < 0) row.discounts.push(discount);
  else row.discounts[known] = discount;
}
