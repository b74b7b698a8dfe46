/**
 * Which taxes a line has: at its date, eaten in or taken away, exempt, or outside tax. SPEC.md §14 (RT).
 *
 * @module
 */

import { err, ok, type BusinessDate, type Result } from "@tillmesh/kernel";
import type { InForce } from "../book.ts";
import type { CatalogueItem, TaxComponentItem, TaxItem } from "../items.ts";
import type { TaxTable } from "../tax-table.ts";
import { usualCategory, type TaxComponent, type TaxRule } from "./tax-rule.ts";

/** The rule, with the publication that says so. */
export function resolveTaxRule(
  facts: TaxFacts,
  taxes: Pick<TaxTable, "byCode">,
): Result<InForce<TaxRule>, UnknownTaxCodeError> {
  const taxCode = taxCodeOf(facts);
  const tax = taxes.byCode(taxCode, facts.businessDate);
  if (tax === undefined) return err({ type: "UnknownTaxCode", taxCode });
  return ok({ value: ruleFor(taxRuleOf(tax.value), facts), publication: tax.publication });
}

export interface TaxFacts {
  readonly article: Pick<CatalogueItem, "taxCode" | "taxCodes">;
  /** The tax point. */
  readonly businessDate: BusinessDate;
  /** The article's take-away code applies, if it has one. */
  readonly isTakeAway?: boolean;
  /** A deposit where these are no part of what is taxed. */
  readonly isOutsideTax?: boolean;
  /** Of the customer or the line. `pays`: of a price with taxes in it the net, or all of it. */
  readonly exemption?: { readonly reason: string; readonly pays: "net" | "gross" };
}

export interface UnknownTaxCodeError {
  readonly type: "UnknownTaxCode";
  readonly taxCode: string;
}

/** A plain rate is one component whose id is the tax code. */
export function taxRuleOf({ taxCode, name, rateBp, category, components }: TaxItem): TaxRule {
  const plain = { id: taxCode, name, rateBp, ...(category === undefined ? {} : { category }) };
  return { taxCode, name, components: (components ?? [plain]).map(componentOf) };
}

/** Ids of the components of what is exempt or outside the scope of tax. */
export const exemptId = "exempt";
export const outsideTaxId = "outside-tax";

function taxCodeOf({ article, isTakeAway = false }: TaxFacts): string {
  return (isTakeAway ? article.taxCodes?.takeAway : undefined) ?? article.taxCode;
}

// Of what is outside the scope of tax nobody can be exempt.
function ruleFor(rule: TaxRule, { isOutsideTax = false, exemption }: TaxFacts): TaxRule {
  if (isOutsideTax) {
    return { ...rule, components: [untaxed(outsideTaxId, rule.name, "O")] };
  }
  if (exemption === undefined || rule.components.every(({ category }) => category === "O")) {
    return rule;
  }
  const { reason, pays } = exemption;
  const relieved = pays === "net" ? rule.components : [];
  return {
    ...rule,
    components: [untaxed(exemptId, reason, "E")],
    exemption: { reason, relieved },
  };
}

function componentOf(item: TaxComponentItem): TaxComponent {
  const { id, name, rateBp, perUnitMinor = 0, isCompound = false } = item;
  const category = item.category ?? usualCategory({ rateBp, perUnitMinor });
  return { id, name, category, rateBp, perUnitMinor, isCompound };
}

function untaxed(id: string, name: string, category: "E" | "O"): TaxComponent {
  return { id, name, category, rateBp: 0, perUnitMinor: 0, isCompound: false };
}
