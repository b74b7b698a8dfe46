/**
 * Why an article costs what it costs: every price that was considered. SPEC.md §16 (LI).
 *
 * Goes through all prices one by one, where the till jumps to the one it needs; both find the same.
 *
 * @module
 */

import type { BusinessDate } from "@tillmesh/kernel";
import type { InForce } from "../book.ts";
import { standardList, type PriceItem } from "../items.ts";
import { plainList, type ApplicableList, type ListPlace, type ListTable } from "../list-table.ts";
import { byPricePerUnit, type PriceList } from "../price-list.ts";

/** The price that a basket with so much of the article uses, and what became of the others. */
export function explainPrice(question: PriceQuestion): PriceExplanation {
  const { lists } = question;
  const applicable = lists === undefined ? [plainList(standardList)] : lists.applicable(question);
  const others = (lists?.all() ?? []).flatMap(({ value }) => lists?.named(value.list) ?? []);
  const elsewhere = others.filter(({ list }) => applicable.every((one) => one.list !== list));
  const asked = applicable.map((list) => judge(list, question));
  const first = asked.findIndex((prices) => prices.some(({ verdict }) => verdict === "chosen"));
  const candidates = [
    ...asked.flatMap((prices, at) => (at > first && first >= 0 ? prices.map(outranked) : prices)),
    ...elsewhere.flatMap((list) =>
      judge(list, question).map((price) => ({ ...price, verdict: "list-elsewhere" as const })),
    ),
  ];
  return { chosen: candidates.find(({ verdict }) => verdict === "chosen") ?? null, candidates };
}

export interface PriceQuestion extends ListPlace {
  readonly sku: string;
  readonly businessDate: BusinessDate;
  /** What the basket has of the article in all its lines. */
  readonly quantityMilli: number;
  readonly prices: Pick<PriceList, "schedule">;
  /** Absent: `standard` is the only one. */
  readonly lists?: Pick<ListTable, "all" | "applicable" | "named">;
}

/** `chosen` null: the article has no price there, then and for them. */
export interface PriceExplanation {
  readonly chosen: PriceCandidate | null;
  /** By list in the order in which they are asked, then by `effectiveFrom`. */
  readonly candidates: readonly PriceCandidate[];
}

export interface PriceCandidate {
  readonly list: ApplicableList;
  readonly price: PriceItem;
  /** Id of the publication that says so. */
  readonly publication: string;
  readonly verdict: PriceVerdict;
}

export type PriceVerdict =
  | "chosen"
  /** `effectiveFrom` is to come. */
  | "not-yet"
  /** `effectiveTo` is past. */
  | "over"
  /** A later `effectiveFrom` of the same list and break is in force. */
  | "replaced"
  | "break-not-reached"
  /** Another price of the list is lower per unit. */
  | "dearer"
  /** A list that comes first has a price. */
  | "list-outranked"
  /** The list is for another location or other customers. */
  | "list-elsewhere";

function judge(list: ApplicableList, question: PriceQuestion): readonly PriceCandidate[] {
  const all = question.prices.schedule(question.sku, list.list);
  const judged = all.map((price) => ({ price, verdict: byDate(price, all, question) }));
  const reached = judged.filter(({ verdict }) => verdict === undefined);
  const best = reached.map(({ price }) => price).toSorted(byPricePerUnit)[0];
  return judged.map(({ price, verdict }) => ({
    list,
    price: price.value,
    publication: price.publication.id,
    verdict: verdict ?? (price === best ? "chosen" : "dearer"),
  }));
}

/** Undefined for a price that is in force and whose break is reached. */
function byDate(
  { value }: InForce<PriceItem>,
  all: readonly InForce<PriceItem>[],
  { businessDate, quantityMilli }: PriceQuestion,
): PriceVerdict | undefined {
  if (!hasBegun(value, businessDate)) return "not-yet";
  if (isOver(value, businessDate)) return "over";
  const isReplaced = all.some(
    ({ value: other }) =>
      other.minQuantityMilli === value.minQuantityMilli &&
      hasBegun(other, businessDate) &&
      !isOver(other, businessDate) &&
      (other.effectiveFrom ?? "") > (value.effectiveFrom ?? ""),
  );
  if (isReplaced) return "replaced";
  return (value.minQuantityMilli ?? 0) > quantityMilli ? "break-not-reached" : undefined;
}

function hasBegun({ effectiveFrom }: PriceItem, date: BusinessDate): boolean {
  return effectiveFrom === null || effectiveFrom <= date;
}

function isOver({ effectiveTo }: PriceItem, date: BusinessDate): boolean {
  return (effectiveTo ?? date) < date;
}

function outranked(candidate: PriceCandidate): PriceCandidate {
  return candidate.verdict === "chosen" ? { ...candidate, verdict: "list-outranked" } : candidate;
}
