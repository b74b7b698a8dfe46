/**
 * Whether the members of a published tax fit each other. SPEC.md §14 (RT).
 *
 * @module
 */

import type { Json } from "@tillmesh/kernel";
import type { Fault } from "../faults.ts";
import type { TaxComponentItem, TaxItem } from "../items.ts";

/** Of a value that has the shape of a `TaxItem`. */
export function consistentTax(value: Json | undefined): readonly Fault[] {
  const item = value as TaxItem;
  if (item.components === undefined) return categoryFaults(item, "");
  const { components } = item;
  return [
    ...misplacedCategory(item),
    ...rateFaults(item, components),
    ...components.flatMap((one, index) => idFaults(components, one, index)),
    ...components.flatMap((one, index) => categoryFaults(one, `/components/${index}`)),
  ];
}

function misplacedCategory({ category }: TaxItem): readonly Fault[] {
  if (category === undefined) return [];
  return [{ pointer: "/category", code: "Unknown", detail: "the category of each component" }];
}

function rateFaults(
  { rateBp }: TaxItem,
  components: readonly TaxComponentItem[],
): readonly Fault[] {
  const sum = components.reduce((total, one) => total + one.rateBp, 0);
  if (rateBp === sum) return [];
  const detail = `${sum}, the sum of the components`;
  return [{ pointer: "/rateBp", code: "OutOfRange", detail }];
}

function idFaults(
  components: readonly TaxComponentItem[],
  { id }: TaxComponentItem,
  index: number,
): readonly Fault[] {
  if (components.findIndex((other) => other.id === id) === index) return [];
  return [{ pointer: `/components/${index}/id`, code: "Duplicate", detail: "once" }];
}

function categoryFaults(
  {
    category,
    rateBp,
    perUnitMinor = 0,
  }: Pick<TaxComponentItem, "category" | "rateBp" | "perUnitMinor">,
  pointer: string,
): readonly Fault[] {
  const isTaxed = rateBp > 0 || perUnitMinor > 0;
  if (category === undefined || (category === "S") === isTaxed) return [];
  const detail = isTaxed ? "S, since it is taxed" : "not S, since it is not taxed";
  return [{ pointer: `${pointer}/category`, code: "OutOfRange", detail }];
}
