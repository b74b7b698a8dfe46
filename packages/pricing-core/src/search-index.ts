/**
 * Finds articles by what is typed, in one pass over short texts. SPEC.md §5 (CT).
 *
 * A pass over 60,000 articles takes some milliseconds, so there is no inverted index to keep in
 * step. The answer is a total order that no arrival order shows through.
 *
 * @module
 */

export function createSearchIndex(): SearchIndex {
  const textBySku = new Map<string, string>();
  return {
    set: (sku, name, barcodes) => {
      textBySku.set(sku, [name, sku, ...barcodes].map(fold).join("\n"));
    },
    remove: (sku) => {
      textBySku.delete(sku);
    },
    search: (query, options = {}) => search(textBySku, query, options),
  };
}

export interface SearchIndex {
  set(sku: string, name: string, barcodes: readonly string[]): void;
  remove(sku: string): void;
  /** SKUs, best first; at most `limit`. */
  search(query: string, options?: SearchOptions): readonly string[];
}

export interface SearchOptions {
  /** 1 to 200; 20 unless told otherwise. */
  readonly limit?: number;
  /** Only what comes after this article in the answer; the last of the page before. */
  readonly after?: string;
}

/** Case and accents do not matter: `"Café"` is `"cafe"`. */
function fold(text: string): string {
  if (plainText.test(text)) return text.toLowerCase();
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

interface Hit {
  readonly sku: string;
  readonly rank: number;
  readonly text: string;
}

const plainText = /^[ -~]*$/;
const queryMaxLength = 100;
const wordsMax = 8;
const limitMax = 200;

function search(
  textBySku: ReadonlyMap<string, string>,
  query: string,
  { limit = 20, after }: SearchOptions,
): readonly string[] {
  const asked = fold(query.slice(0, queryMaxLength)).trim();
  const words = asked.split(/\s+/).slice(0, wordsMax);
  const hit = (sku: string, text: string) => ({ sku, text, rank: rankOf(text, asked, words) });
  const afterText = after === undefined ? undefined : textBySku.get(after);
  const from = after === undefined || afterText === undefined ? undefined : hit(after, afterText);
  const best: Hit[] = [];
  const max = Math.max(1, Math.min(limit, limitMax));
  for (const [sku, text] of textBySku) {
    if (!words.every((word) => text.includes(word))) continue;
    const found = hit(sku, text);
    if (from === undefined || compareHits(found, from) > 0) keepBest(best, found, max);
  }
  return best.map(({ sku }) => sku);
}

function rankOf(text: string, asked: string, words: readonly string[]): number {
  if (isWholeCode(text, asked)) return 0;
  if (text.startsWith(asked)) return 1;
  return words.every((word) => startsAWord(text, word)) ? 2 : 3;
}

function isWholeCode(text: string, asked: string): boolean {
  return asked !== "" && (text.endsWith(`\n${asked}`) || text.includes(`\n${asked}\n`));
}

function startsAWord(text: string, word: string): boolean {
  return text.startsWith(word) || text.includes(` ${word}`) || text.includes(`\n${word}`);
}

function compareHits(a: Hit, b: Hit): number {
  if (a.rank !== b.rank) return a.rank - b.rank;
  if (a.text !== b.text) return a.text < b.text ? -1 : 1;
  if (a.sku === b.sku) return 0;
  return a.sku < b.sku ? -1 : 1;
}

/** Keeps `best` sorted and no longer than `max`. */
function keepBest(best: Hit[], found: Hit, max: number): void {
  const last = best.at(-1);
  if (best.length === max && last !== undefined && compareHits(found, last) > 0) return;
  let low = 0;
  let high = best.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const other = best[middle];
    if (other !== undefined && compareHits(other, found) < 0) low = middle + 1;
    else high = middle;
  }
  best.splice(low, 0, found);
  if (best.length > max) best.pop();
}
