/**
 * Lines of the same content are one article: how it was scanned does not matter. SPEC.md §12 (DL).
 *
 * @module
 */

import type { ListedLine } from "../basket/listed-line.ts";

/** Articles in canonical order: the dearest first, then by content. Without what no discount may lower. */
export function articlesOf(lines: readonly ListedLine[]): readonly Article[] {
  const linesByContent = new Map<string, ListedLine[]>();
  for (const line of lines) {
    if (!line.isDiscountable || line.listAmountMinor <= 0) continue;
    const content = contentOf(line);
    const same = linesByContent.get(content);
    if (same === undefined) linesByContent.set(content, [line]);
    else same.push(line);
  }
  return Array.from(linesByContent, ([key, same]) => articleOf(key, same))
    .toSorted((a, b) => b.unitMinor - a.unitMinor || byText(a.key, b.key))
    .map((article, place) => ({ ...article, place }));
}

/** Equal units. A unit is a piece, or the whole of a line that is not sold in pieces at a price each. */
export interface Article {
  /** In canonical order, from 0. */
  readonly place: number;
  /** Its content, as text. */
  readonly key: string;
  readonly sku: string;
  readonly department: string;
  readonly tags: readonly string[];
  /** Only pieces are counted into sets, gifts and the like. */
  readonly isPiece: boolean;
  /** Units. */
  readonly count: number;
  /** Of one unit. */
  readonly unitMinor: number;
  readonly quantityMilli: number;
  readonly perMilli: number;
  /** By quantity, then `lineId`. */
  readonly lines: readonly ListedLine[];
}

export function byText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function articleOf(key: string, same: readonly ListedLine[]): Article {
  const lines = same.toSorted(
    (a, b) => a.quantityMilli - b.quantityMilli || byText(a.lineId, b.lineId),
  );
  const [first] = same as readonly [ListedLine];
  const { sku, department, tags, perMilli } = first;
  const facts = { place: 0, key, sku, department, tags, perMilli, lines };
  if (!isInPieces(first)) {
    const { listAmountMinor: unitMinor, quantityMilli } = first;
    return { ...facts, isPiece: false, count: lines.length, unitMinor, quantityMilli };
  }
  const count = lines.reduce((sum, line) => sum + line.quantityMilli / 1000, 0);
  return { ...facts, isPiece: true, count, unitMinor: first.unitPriceMinor, quantityMilli: 1000 };
}

function contentOf(line: ListedLine): string {
  const { sku, unitPriceMinor, perMilli, taxCode, department, tags } = line;
  const whole = isInPieces(line) ? null : [line.quantityMilli, line.listAmountMinor];
  return JSON.stringify([sku, unitPriceMinor, perMilli, taxCode, department, tags, whole]);
}

function isInPieces(line: ListedLine): boolean {
  const { unit, perMilli, quantityMilli, unitPriceMinor, listAmountMinor } = line;
  const isWhole = unit === "each" && perMilli === 1000 && quantityMilli % 1000 === 0;
  return isWhole && unitPriceMinor * (quantityMilli / 1000) === listAmountMinor;
}
