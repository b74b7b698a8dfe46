/**
 * Whether the rule of a promotion is one. SPEC.md §11 (PR).
 *
 * @module
 */

import type { Json, JsonObject } from "@tillmesh/kernel";
import {
  integerWithin,
  listOf,
  objectOf,
  oneOf,
  textUpTo,
  type Check,
  type Fault,
} from "../faults.ts";
import type { PromotionRule, Reduction } from "./promotion-item.ts";

/** Looks at the members of the kind it names; all kinds are named when that is unknown. */
export const checkRule: Check = (value) => {
  const { kind } = membersOf(value);
  const known = typeof kind === "string" && Object.hasOwn(checkByKind, kind);
  return known ? checkByKind[kind as PromotionRule["kind"]](value) : kindOfRule(value);
};

/** Absent, or right. */
export function optional(check: Check): Check {
  return (value) => (value === undefined ? [] : check(value));
}

/** None of what is no object. */
export function membersOf(value: Json | undefined): JsonObject {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject ? (value as JsonObject) : {};
}

const amountMaxMinor = 1_000_000_000_000;
const names = listOf(textUpTo(100), 1, 10_000);
const articleNames = {
  skus: optional(names),
  departments: optional(names),
  tags: optional(names),
};
const selectorMembers = objectOf({
  ...articleNames,
  everything: optional((value) =>
    typeof value === "boolean" ? [] : [{ pointer: "", code: "Type", detail: "true or false" }],
  ),
  except: optional(objectOf(articleNames)),
});

const selector: Check = (value) => {
  const faults = selectorMembers(value);
  const { everything, skus, departments, tags } = membersOf(value);
  const isEmpty =
    everything !== true && [skus, departments, tags].every((one) => one === undefined);
  if (faults.length > 0 || !isEmpty) return faults;
  const detail = "skus, departments, tags or everything: it selects nothing";
  return [{ pointer: "", code: "Required", detail }];
};

const percent = integerWithin(1, 10_000);
const amount = integerWithin(1, amountMaxMinor);
const price = integerWithin(0, amountMaxMinor);
const quantity = integerWithin(1, 1000);

const percentOff = objectOf({ kind: oneOf(["percent"]), percentBp: percent });
const amountOff = objectOf({ kind: oneOf(["amount"]), amountMinor: amount });
const atPrice = objectOf({ kind: oneOf(["price"]), priceMinor: price });

const checkByReduction = { percent: percentOff, amount: amountOff, price: atPrice } as const;

function reductionOf(kinds: readonly Reduction["kind"][]): Check {
  const kindOnly = objectOf({ kind: oneOf(kinds) });
  return (value) => {
    const kind = kinds.find((one) => one === membersOf(value)["kind"]);
    return kind === undefined ? kindOnly(value) : checkByReduction[kind](value);
  };
}

const anyReduction = reductionOf(["percent", "amount", "price"]);
const part = objectOf({ items: selector, quantity });
const tier = objectOf({ from: integerWithin(1, amountMaxMinor), reduction: anyReduction });

const checkByKind: Readonly<Record<PromotionRule["kind"], Check>> = {
  percent: objectOf({ items: selector, percentBp: percent }),
  amount: objectOf({ items: selector, amountMinor: amount, spread: oneOf(["each", "across"]) }),
  "fixed-price": objectOf({ items: selector, priceMinor: price }),
  "buy-get": objectOf({
    buy: selector,
    buyQuantity: quantity,
    get: optional(selector),
    getQuantity: quantity,
    percentBp: percent,
  }),
  "x-for-y": also(objectOf({ items: selector, quantity, payFor: quantity }), fewerPaid),
  set: objectOf({ parts: listOf(part, 1, 10), reduction: anyReduction }),
  tiers: also(
    objectOf({ items: selector, by: oneOf(["quantity", "amount"]), tiers: listOf(tier, 1, 20) }),
    ascending,
  ),
  basket: objectOf({
    items: selector,
    fromMinor: price,
    reduction: reductionOf(["percent", "amount"]),
  }),
};

const kindOfRule = objectOf({ kind: oneOf(Object.keys(checkByKind)) });

function also(check: Check, more: (members: JsonObject) => readonly Fault[]): Check {
  return (value) => [...check(value), ...more(membersOf(value))];
}

function fewerPaid({ quantity: taken, payFor }: JsonObject): readonly Fault[] {
  if (typeof taken !== "number" || typeof payFor !== "number" || payFor < taken) return [];
  return [{ pointer: "/payFor", code: "OutOfRange", detail: `below the ${taken} that are taken` }];
}

function ascending({ tiers }: JsonObject): readonly Fault[] {
  if (!Array.isArray(tiers)) return [];
  const starts = (tiers as readonly Json[]).map((one) => membersOf(one)["from"]);
  return starts.flatMap((from, index): readonly Fault[] => {
    const before = starts[index - 1];
    if (typeof from !== "number" || typeof before !== "number" || from > before) return [];
    const detail = `above ${before}, where the tier before it begins`;
    return [{ pointer: `/tiers/${index}/from`, code: "OutOfRange", detail }];
  });
}
