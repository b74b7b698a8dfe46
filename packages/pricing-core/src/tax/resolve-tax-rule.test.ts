import { describe, expect, test } from "vitest";
import { isBusinessDate, type BusinessDate } from "@tillmesh/kernel";
import { taxKey, type TaxItem } from "../items.ts";
import { createTaxTable } from "../tax-table.ts";
import { publicationOf } from "../testing/index.ts";
import { resolveTaxRule, taxRuleOf, type TaxFacts } from "./resolve-tax-rule.ts";
import { isPlainRule } from "./tax-rule.ts";

function day(text: string): BusinessDate {
  if (!isBusinessDate(text)) throw new Error(text);
  return text;
}

const standard: TaxItem = { taxCode: "std", name: "VAT 19 %", rateBp: 1900 };
const reduced: TaxItem = { taxCode: "red", name: "VAT 7 %", rateBp: 700 };
const dated: TaxItem = { ...standard, rateBp: 1600, effectiveFrom: day("2026-07-01") };
const outside: TaxItem = { taxCode: "none", name: "Voucher", rateBp: 0, category: "O" };
const businessDate = day("2026-03-01");
const article = { taxCode: "std", taxCodes: { takeAway: "red" } };

const taxes = createTaxTable();
const items = [standard, reduced, dated, outside].map((value) => ({ key: taxKey(value), value }));
taxes.book.apply(publicationOf({ topic: "taxes", sequence: 1, items }));

function ruleFor(facts: Partial<TaxFacts>) {
  const found = resolveTaxRule({ article, businessDate, ...facts }, taxes);
  if (!found.ok) throw new Error(found.error.taxCode);
  return found.value;
}

describe("resolveTaxRule (RT)", () => {
  test("[RT1] a plain rate is one component with the id of its code", () => {
    expect(ruleFor({})).toEqual({
      value: {
        taxCode: "std",
        name: "VAT 19 %",
        components: [
          {
            id: "std",
            name: "VAT 19 %",
            category: "S",
            rateBp: 1900,
            perUnitMinor: 0,
            isCompound: false,
          },
        ],
      },
      publication: expect.objectContaining({ id: "hq-1" }),
    });
    expect(isPlainRule(ruleFor({}).value)).toBe(true);
    expect(isPlainRule(taxRuleOf({ ...standard, rateBp: 0, category: "E" }))).toBe(false);
  });

  test("[RT2] at the tax point", () => {
    expect(ruleFor({ businessDate: day("2026-07-01") }).value.components).toMatchObject([
      { rateBp: 1600 },
    ]);
  });

  test("[RT4] an unknown code is an error that names it", () => {
    expect(resolveTaxRule({ article: { taxCode: "x" }, businessDate }, taxes)).toEqual({
      ok: false,
      error: { type: "UnknownTaxCode", taxCode: "x" },
    });
  });

  test("[RT5] taken away the article's other code counts, where it has one", () => {
    expect(ruleFor({ isTakeAway: true }).value.taxCode).toBe("red");
    expect(ruleFor({ isTakeAway: true, article: { taxCode: "std" } }).value.taxCode).toBe("std");
  });

  test("[RT6] exempt is category E at 0, with the reason; the taxes are relieved or stay in the price", () => {
    const reason = "Diplomat";
    const exempt = {
      id: "exempt",
      name: reason,
      category: "E",
      rateBp: 0,
      perUnitMinor: 0,
      isCompound: false,
    };
    const net = ruleFor({ exemption: { reason, pays: "net" } }).value;
    expect(net.components).toEqual([exempt]);
    expect(net.exemption).toEqual({ reason, relieved: taxRuleOf(standard).components });
    const gross = ruleFor({ exemption: { reason, pays: "gross" } }).value;
    expect(gross).toEqual({ ...net, exemption: { reason, relieved: [] } });
    expect(isPlainRule(gross)).toBe(false);
  });

  test("[RT7] outside the scope of tax nothing is taxed and nobody is exempt", () => {
    const exemption = { reason: "Diplomat", pays: "net" } as const;
    const deposit = ruleFor({ isOutsideTax: true, exemption }).value;
    expect(deposit.components).toMatchObject([{ id: "outside-tax", category: "O", rateBp: 0 }]);
    expect(deposit.exemption).toBeUndefined();
    expect(ruleFor({ article: { taxCode: "none" }, exemption }).value).toEqual(taxRuleOf(outside));
  });
});
