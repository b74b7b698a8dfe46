/**
 * The price lists of an organisation, and which of them apply where and to whom. SPEC.md §16 (LI).
 *
 * @module
 */

import type { TaxBasis } from "./basket/listed-line.ts";
import { createBook, type Book, type InForce } from "./book.ts";
import { listKey, parseListItem, standardList, type ListItem } from "./items.ts";
import { readWithKey } from "./read-with-key.ts";

export function createListTable(): ListTable {
  const book = createBook<ListItem>({ topic: "lists", read: readWithKey(parseListItem, listKey) });
  const all = () => book.keys().flatMap((list) => book.inForce(list) ?? []);
  return {
    book,
    byId: (list) => book.inForce(list),
    all,
    named: (list) => {
      const found = book.inForce(list);
      return found === undefined ? undefined : listInForce(found);
    },
    applicable: (place) => applicable(all(), place),
  };
}

export interface ListTable {
  readonly book: Book<ListItem>;
  byId(list: string): InForce<ListItem> | undefined;
  /** Undefined where nothing was published of it. */
  named(list: string): ApplicableList | undefined;
  /** By id. */
  all(): readonly InForce<ListItem>[];
  /** The lists that apply, the one that counts first first. `standard` needs no publication. */
  applicable(place: ListPlace): readonly ApplicableList[];
}

/** Where something is sold, and to whom. */
export interface ListPlace {
  readonly location?: string | undefined;
  readonly customerGroups?: readonly string[] | undefined;
}

export interface ApplicableList {
  readonly list: string;
  readonly name: string;
  readonly basis: TaxBasis;
  readonly scope: ListScope;
  /** Null: `standard`, of which nothing was published. */
  readonly publication: string | null;
}

/** The more a list says about whom it is for, the earlier it counts. */
export type ListScope = (typeof scopes)[number];

/** What `standard` is where nobody published it, and a list that was named but not published. */
export function plainList(list: string): ApplicableList {
  return { list, name: list, basis: "inclusive", scope: "organisation", publication: null };
}

const scopes = ["group-at-location", "group", "location", "organisation"] as const;

function applicable(
  published: readonly InForce<ListItem>[],
  place: ListPlace,
): readonly ApplicableList[] {
  const fitting = published.filter(({ value }) => isFor(value, place)).toSorted(byPrecedence);
  const lists = fitting.map(listInForce);
  const hasStandard = published.some(({ value }) => value.list === standardList);
  return hasStandard ? lists : [...lists, plainList(standardList)];
}

function listInForce({ value, publication }: InForce<ListItem>): ApplicableList {
  const { list, name, basis } = value;
  return { list, name, basis, scope: scopeOf(value), publication: publication.id };
}

function isFor({ locations, customerGroups }: ListItem, place: ListPlace): boolean {
  const isHere = locations === null || locations.some((one) => one === place.location);
  const groups = place.customerGroups ?? [];
  return isHere && (customerGroups === null || customerGroups.some((one) => groups.includes(one)));
}

function scopeOf({ locations, customerGroups }: ListItem): ListScope {
  if (customerGroups !== null) return locations === null ? "group" : "group-at-location";
  return locations === null ? "organisation" : "location";
}

/** RULE listPrecedence: the narrower scope, then the higher priority, then the list's id. */
function byPrecedence({ value: a }: InForce<ListItem>, { value: b }: InForce<ListItem>): number {
  const byScope = scopes.indexOf(scopeOf(a)) - scopes.indexOf(scopeOf(b));
  if (byScope !== 0) return byScope;
  if (a.priority !== b.priority) return b.priority - a.priority;
  return a.list < b.list ? -1 : 1;
}
