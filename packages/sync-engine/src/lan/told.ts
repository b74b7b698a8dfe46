/**
 * What one end of a link has told the other: later summaries say only what has changed. SPEC.md §7 (TO).
 *
 * So an idle link costs the same however much there is to know. A link that
 * opens anew starts from nothing.
 *
 * @module
 */

import type { DocumentSummary, LedgerSummary, Summary } from "../replica/summary.ts";

/** Mutable: owned by one link. */
export interface Told {
  readonly ledgers: Map<string, LedgerSummary>;
  readonly documents: Map<string, DocumentSummary>;
}

export function nothingTold(): Told {
  return { ledgers: new Map(), documents: new Map() };
}

/** The part of `summary` that differs from what was told; from now on it is told. */
export function newsIn(told: Told, summary: Summary): Summary {
  const ledgers = summary.ledgers.filter((ledger) => {
    const before = told.ledgers.get(ledgerId(ledger));
    return before?.hash !== ledger.hash || before.sequence !== ledger.sequence;
  });
  const documents = summary.documents.filter(
    ({ name, heads }) => told.documents.get(name)?.heads.join() !== heads.join(),
  );
  const news = { device: summary.device, ledgers, documents };
  addNews(told, news);
  return news;
}

/** More names than any replica holds documents and ledgers. */
export const toldMax = 20_000;

/** Whether more was told than a replica can hold. */
export function isTooMuch({ ledgers, documents }: Told): boolean {
  return ledgers.size > toldMax || documents.size > toldMax;
}

/** Everything that `told` and the news say together. */
export function addNews(told: Told, news: Summary): Summary {
  for (const ledger of news.ledgers) told.ledgers.set(ledgerId(ledger), ledger);
  for (const document of news.documents) told.documents.set(document.name, document);
  return {
    device: news.device,
    ledgers: [...told.ledgers.values()],
    documents: [...told.documents.values()],
  };
}

function ledgerId({ device, incarnation }: LedgerSummary): string {
  return `${device}/${incarnation}`;
}
