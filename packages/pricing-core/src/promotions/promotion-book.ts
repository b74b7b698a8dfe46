/**
 * The promotions in force, and which of them can take an article. SPEC.md §11 (PR).
 *
 * @module
 */

import { createBook, type Book } from "../book.ts";
import { readWithKey } from "../read-with-key.ts";
import { parsePromotionItem, promotionKey } from "./promotion-checks.ts";
import { createPromotionIndex, type PromotionIndex } from "./promotion-index.ts";
import type { PromotionItem } from "./promotion-item.ts";

export function createPromotionBook(): PromotionBook {
  let index: PromotionIndex | undefined;
  const book = createBook<PromotionItem>({
    topic: "promotions",
    read: readWithKey(parsePromotionItem, promotionKey),
    onChange: () => {
      index = undefined;
    },
  });
  return {
    book,
    index: () =>
      (index ??= createPromotionIndex(book.keys().flatMap((key) => book.inForce(key) ?? []))),
  };
}

export interface PromotionBook {
  readonly book: Book<PromotionItem>;
  /** Of all that are in force; made anew after a change only. */
  index(): PromotionIndex;
}
