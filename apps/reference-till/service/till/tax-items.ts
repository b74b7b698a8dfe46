/**
 * Taxes that headquarters publishes: one rate, or several taxes of a line.
 *
 * @module
 */

import type { BusinessDate, PublicationItem, Result } from "@tillmesh/kernel";
import {
  parseRatePercent,
  parseTaxItem,
  taxKey,
  type TaxCategory,
  type TaxItem,
} from "@tillmesh/pricing-core";
import { createTaxCheck, type TaxCheck } from "../fiscal/tax-check.ts";
import type { Fault, Refusal } from "../http/problem.ts";
import type { WireMoney } from "../http/wire.ts";
import { checkItem, collectItems, type CheckedItem } from "./checked-items.ts";
import { currencyFaults } from "./money.ts";
import { present } from "./present.ts";
import type { Till } from "./till.ts";

export interface AskedTax {
  readonly taxCode: string;
  readonly name: string;
  /** Of several taxes the sum of their rates. */
  readonly ratePercent: string;
  readonly category?: TaxCategory | undefined;
  readonly effectiveFrom?: string | undefined;
  readonly components?: readonly AskedTaxComponent[] | undefined;
}

export interface AskedTaxComponent {
  readonly id: string;
  readonly name: string;
  readonly ratePercent: string;
  /** Of one unit of the article. */
  readonly perUnit?: WireMoney | undefined;
  /** On the net and the taxes before it. */
  readonly isCompound?: boolean | undefined;
  readonly category?: TaxCategory | undefined;
}

export function taxItems(
  till: Till,
  taxes: readonly AskedTax[],
): Result<readonly PublicationItem[], Refusal> {
  const check = createTaxCheck(till);
  return collectItems(
    taxes.map((tax, index) => taxItem(till, tax, { pointer: `/taxes/${index}`, check })),
  );
}

/** Codes that nobody has published a rate for; a rate to come is one. */
export function taxCodeFaults(
  { books }: Till,
  taxCode: string | undefined,
  pointer: string,
): readonly Fault[] {
  if (taxCode === undefined || books.taxes.schedule(taxCode).length > 0) return [];
  const detail = `The tax table has no code ${JSON.stringify(taxCode)}.`;
  return [{ pointer, code: "UnknownTaxCode", detail }];
}

function taxItem(
  till: Till,
  asked: AskedTax,
  { pointer, check }: { readonly pointer: string; readonly check: TaxCheck },
): CheckedItem {
  const { taxCode, name, category, effectiveFrom, components = [] } = asked;
  const rate = readRate(asked.ratePercent, pointer);
  const parts = components.map((part, index) =>
    componentOf(till, part, `${pointer}/components/${index}`),
  );
  const more = present({
    category,
    effectiveFrom: effectiveFrom as BusinessDate | undefined,
    components: asked.components && parts.map((part) => part.value),
  });
  const value: TaxItem = { taxCode, name, rateBp: rate.rateBp, ...more };
  const { item, faults } = checkItem({ key: taxKey(value), value }, parseTaxItem, pointer);
  const unread = [...rate.faults, ...parts.flatMap((part) => part.faults)];
  // A rate that cannot be read is no rate to compare with others.
  const wrong = unread.length > 0 ? unread : faults;
  return { item, faults: wrong.length > 0 ? wrong : check(value, pointer) };
}

interface ReadComponent {
  readonly value: NonNullable<TaxItem["components"]>[number];
  readonly faults: readonly Fault[];
}

function componentOf(till: Till, asked: AskedTaxComponent, pointer: string): ReadComponent {
  const { id, name, perUnit, isCompound, category } = asked;
  const { rateBp, faults } = readRate(asked.ratePercent, pointer);
  const more = present({ perUnitMinor: perUnit?.minor, isCompound, category });
  const value = { id, name, rateBp, ...more };
  const ofCurrency = perUnit ? currencyFaults(till, [[`${pointer}/perUnit`, perUnit]]) : [];
  return { value, faults: [...faults, ...ofCurrency] };
}

function readRate(
  text: string,
  pointer: string,
): { readonly rateBp: number; readonly faults: readonly Fault[] } {
  const rate = parseRatePercent(text);
  if (rate.ok) return { rateBp: rate.value, faults: [] };
  const fault = {
    pointer: `${pointer}/ratePercent`,
    code: "Format",
    detail: "a rate such as 17.5",
  };
  return { rateBp: 0, faults: [fault] };
}
