/**
 * Promotions, price lists and policies that headquarters publishes, as they are read by everybody.
 *
 * @module
 */

import type { Json, PublicationItem, Result } from "@tillmesh/kernel";
import {
  checkPromotions,
  listKey,
  locationPolicyKey,
  organisationPolicyKey,
  parseListItem,
  parsePolicyItem,
  parsePromotionItem,
  policyKey,
  promotionKey,
  unknownSkuFaults,
  type ListItem,
} from "@tillmesh/pricing-core";
import { plainFaults } from "../http/plain-json.ts";
import type { Fault, Refusal } from "../http/problem.ts";
import { collectItems, withdrawn, type CheckedItem } from "./checked-items.ts";
import { taxCodeFaults } from "./tax-items.ts";
import type { Till } from "./till.ts";

/** Values as published, with pointers below `pointer`. */
export function promotionItems(
  till: Till,
  values: readonly Json[],
  { gone = [], pointer = "/promotions" }: PromotionOptions = {},
): Result<readonly PublicationItem[], Refusal> {
  const items = values.map((value, index) => promotionItem(till, value, `${pointer}/${index}`));
  const all = [...items, ...gone.map(withdrawn)];
  return collectGiven(all, { values, pointer, together: checkPromotions(values, pointer) });
}

export interface PromotionOptions {
  /** Ids of those to withdraw. */
  readonly gone?: readonly string[];
  readonly pointer?: string;
}

export function listItems(
  till: Till,
  values: readonly Json[],
  gone: readonly string[],
): Result<readonly PublicationItem[], Refusal> {
  const ids = values.map((value) => (value as Partial<ListItem> | null)?.list);
  const items = values.map((value, index): CheckedItem => {
    const pointer = `/lists/${index}`;
    const repeated = {
      pointer: `${pointer}/list`,
      code: "Duplicate",
      detail: "one list per id; it is there before",
    };
    const isRepeated = ids[index] !== undefined && ids.indexOf(ids[index]) < index;
    const { item, faults } = listItem(till, value, pointer);
    return { item, faults: isRepeated ? [...faults, repeated] : faults };
  });
  return collectGiven([...items, ...gone.map(withdrawn)], { values, pointer: "/lists" });
}

/** `value` null withdraws the policy of the organisation, or of `location`. */
export function policyItems(
  till: Till,
  value: Json,
  location: string | undefined,
): Result<readonly PublicationItem[], Refusal> {
  if (value === null) {
    const key = location === undefined ? organisationPolicyKey : locationPolicyKey(location);
    return collectItems([withdrawn(key)]);
  }
  const parsed = parsePolicyItem(value, "/policy");
  const place = { values: value, pointer: "/policy" };
  if (!parsed.ok) return collectGiven([], { ...place, together: parsed.error.faults });
  const policy = parsed.value;
  const { serviceCharge } = policy;
  const faults = [
    ...locationFaults(till, policy.location ? [policy.location] : [], () => "/policy/location"),
    ...taxCodeFaults(till, serviceCharge?.taxCode, "/policy/serviceCharge/taxCode"),
  ];
  return collectGiven([{ item: { key: policyKey(policy), value }, faults }], place);
}

interface Given {
  readonly values: Json;
  readonly pointer: string;
  /** Of all of them together. */
  readonly together?: readonly Fault[];
}

/** Members that nobody here knows are published too, so they have to be plain. */
function collectGiven(
  items: readonly CheckedItem[],
  { values, pointer, together = [] }: Given,
): Result<readonly PublicationItem[], Refusal> {
  const told = new Set(
    [...together, ...items.flatMap(({ faults }) => faults)].map((one) => one.pointer),
  );
  const stray = plainFaults(values, pointer).filter((one) => !told.has(one.pointer));
  return collectItems(items, [...together, ...stray]);
}

/** Faults of its shape are told with those of all promotions together. */
function promotionItem(till: Till, value: Json, pointer: string): CheckedItem {
  const parsed = parsePromotionItem(value, pointer);
  if (!parsed.ok) return { item: { key: "", value: null }, faults: [] };
  const promotion = parsed.value;
  const isKnown = (sku: string) => till.books.catalogue.bySku(sku) !== undefined;
  const faults = [
    ...unknownSkuFaults(promotion, isKnown, pointer),
    ...locationFaults(till, promotion.locations, (at) => `${pointer}/locations/${at}`),
  ];
  return { item: { key: promotionKey(promotion), value }, faults };
}

function listItem(till: Till, value: Json, pointer: string): CheckedItem {
  const parsed = parseListItem(value, pointer);
  if (!parsed.ok) return { item: { key: "", value: null }, faults: parsed.error.faults };
  const list = parsed.value;
  const faults = locationFaults(till, list.locations ?? [], (at) => `${pointer}/locations/${at}`);
  return { item: { key: listKey(list), value }, faults };
}

function locationFaults(
  { books, replica }: Till,
  locations: readonly string[] = [],
  pointerOf: (index: number) => string,
): readonly Fault[] {
  return locations.flatMap((location, index) => {
    const isKnown =
      location === replica.location.id || books.organisation.location(location) !== undefined;
    const detail = `The organisation has no location ${JSON.stringify(location)}.`;
    return isKnown ? [] : [{ pointer: pointerOf(index), code: "UnknownLocation", detail }];
  });
}
