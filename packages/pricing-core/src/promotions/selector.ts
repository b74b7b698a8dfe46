/**
 * Which articles a promotion is about. SPEC.md §11 (PR).
 *
 * @module
 */

import type { ArticleNames, Selector } from "./promotion-item.ts";

export function selects(selector: Selector, article: NamedArticle): boolean {
  if (selector.except !== undefined && names(selector.except, article)) return false;
  return selector.everything === true || names(selector, article);
}

export interface NamedArticle {
  readonly sku: string;
  readonly department: string;
  readonly tags: readonly string[];
}

function names(lists: ArticleNames, { sku, department, tags }: NamedArticle): boolean {
  return (
    lists.skus?.includes(sku) === true ||
    lists.departments?.includes(department) === true ||
    lists.tags?.some((tag) => tags.includes(tag)) === true
  );
}
