/**
 * Taxes: rules, the engine, the summary, EN 16931 totals. SPEC.md §13 to §15.
 *
 * @module
 */

export {
  computeInvoice,
  type Adjustment,
  type ComputedInvoice,
  type DocumentAdjustment,
  type InvoiceError,
  type InvoiceFacts,
  type InvoiceLine,
  type InvoiceTax,
  type InvoiceTaxRow,
} from "./compute-invoice.ts";
export { parseDecimal, type Decimal, type DecimalTextError } from "./decimal.ts";
export { documentTotals, type DocumentAmounts, type DocumentTotals } from "./document-totals.ts";
export {
  exemptId,
  outsideTaxId,
  resolveTaxRule,
  taxRuleOf,
  type TaxFacts,
  type UnknownTaxCodeError,
} from "./resolve-tax-rule.ts";
export { taxBasket } from "./tax-basket.ts";
export {
  isPlainComponent,
  isPlainRule,
  taxCategories,
  usualCategory,
  type TaxCategory,
  type TaxComponent,
  type TaxExemption,
  type TaxRule,
} from "./tax-rule.ts";
export type { LineTax, TaxableLine, TaxedBasket, TaxedLine, TaxPolicy } from "./taxed-basket.ts";
