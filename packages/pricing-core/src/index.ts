/**
 * Prices, taxes, cash and refunds of a shop; what headquarters publishes about them.
 *
 * @module
 */

export { allocate, type WeightsError } from "./allocate.ts";
export {
  currencyDecimals,
  formatAmount,
  parseAmount,
  parseRatePercent,
  type AmountTextError,
} from "./amount-text.ts";
export {
  lineQuantityMaxMilli,
  type BasketFault,
  type LineFault,
  type ManualFault,
  type OpenPriceFault,
} from "./basket-fault.ts";
export { linesMax, priceBasket, type BasketError } from "./basket.ts";
export type {
  BasketInput,
  BasketLine,
  BasketPromotions,
  Serving,
  TaxExemptionAsked,
} from "./basket/basket-input.ts";
export {
  explainPrice,
  type PriceCandidate,
  type PriceExplanation,
  type PriceQuestion,
  type PriceVerdict,
} from "./basket/explain-price.ts";
export type { ListedLine, TaxBasis } from "./basket/listed-line.ts";
export type {
  ActorLimits,
  DiscountLimit,
  ManualDiscount,
  ManualReason,
  PriceOverride,
  ServiceCharge,
} from "./basket/manual-input.ts";
export {
  basketFigures,
  type BasketFigures,
  type LineOverride,
  type PricedBasket,
  type PricedLine,
} from "./basket/priced-basket.ts";
export {
  createBook,
  type Book,
  type BookOptions,
  type Claim,
  type Conflict,
  type InForce,
  type Unreadable,
  type Withdrawn,
} from "./book.ts";
export { createCatalogue, type Catalogue } from "./catalogue.ts";
export type { Discount } from "./discount.ts";
export type { Fault, FaultCode, FaultsError } from "./faults.ts";
export {
  catalogueKey,
  deviceKey,
  listKey,
  locationKey,
  organisationKey,
  parseCatalogueItem,
  parseDeviceItem,
  parseListItem,
  parseLocationItem,
  parseOrganisationItem,
  parsePriceItem,
  parseStaffItem,
  parseTaxItem,
  priceKey,
  priceMaxMinor,
  rateMaxBp,
  staffKey,
  standardList,
  taxKey,
  type CatalogueItem,
  type DeviceItem,
  type ListItem,
  type LocationItem,
  type OrganisationItem,
  type PriceItem,
  type StaffItem,
  type TaxComponentItem,
  type TaxItem,
} from "./items.ts";
export { lastWriterByHq, type PublicationRef } from "./last-writer-by-hq.ts";
export {
  createListTable,
  type ApplicableList,
  type ListPlace,
  type ListScope,
  type ListTable,
} from "./list-table.ts";
export {
  summariseTaxes,
  taxLines,
  type GrossLine,
  type TaxedGrossLine,
  type TaxSummaryRow,
} from "./tax/line-tax.ts";
export { addMoney, subtractMoney, sumMoney, type Money, type MoneyError } from "./money.ts";
export {
  createOrganisationRecord,
  type OrganisationMember,
  type OrganisationRecord,
} from "./organisation-record.ts";
export {
  exclusivePerLine,
  exclusivePerRate,
  exclusivePerUnit,
  inclusivePerLine,
  inclusivePerRate,
  inclusivePerUnit,
  taxPolicyOf,
  type PricingPolicy,
} from "./policy.ts";
export { createPriceList, type PriceList, type PriceOptions } from "./price-list.ts";
export { refundLine, type LineToRefund } from "./refunds/refund-line.ts";
export type { AskedPart, RefundPartFault, RefundPartsError } from "./refunds/refund-quantities.ts";
export { refundSale, type RefundedSale } from "./refunds/refund-sale.ts";
export {
  bestDeal,
  checkPromotions,
  createPromotionBook,
  createPromotionIndex,
  localInstant,
  parsePromotionItem,
  promotionKey,
  promotionPriorityMax,
  promotionUsesMax,
  searchStepsMax,
  unknownSkuFaults,
  whyNotInForce,
  type AmountOff,
  type AmountRule,
  type AppliedPromotion,
  type AtPrice,
  type BasketRule,
  type BuyGetRule,
  type Deal,
  type FixedPriceRule,
  type ForRule,
  type LocalInstant,
  type NotInForce,
  type PercentOff,
  type PercentRule,
  type PromotionBook,
  type PromotionContext,
  type PromotionIndex,
  type PromotionItem,
  type PromotionRule,
  type Reduction,
  type RejectedCoupon,
  type Selector,
  type SetPart,
  type SetRule,
  type Tier,
  type TiersRule,
  type WeeklyTime,
} from "./promotions/index.ts";
export { refundShare, type LineMoney, type RefundError } from "./refunds/refund-share.ts";
export { refundTaxRows } from "./refunds/refund-tax-rows.ts";
export {
  refundTenders,
  type RefundedTenders,
  type RefundPayment,
  type SaleToRefund,
} from "./refunds/refund-tenders.ts";
export {
  repriceSale,
  type KeptLine,
  type KeptLineError,
  type Repricing,
} from "./refunds/reprice-sale.ts";
export type {
  GivenBackSale,
  RepricedPart,
  SoldDiscount,
  SoldLine,
  SoldSale,
  SoldTax,
  SoldTaxRow,
  SoldTender,
} from "./refunds/sold-sale.ts";
export { roundRatio, scaleInteger, type Ratio, type RoundingMode } from "./rounding.ts";
export type { SearchOptions } from "./search-index.ts";
export { createShopBooks, shopTopics, type ShopBooks } from "./shop-books.ts";
export { createStaffList, type StaffList } from "./staff-list.ts";
export { createTaxTable, type TaxTable } from "./tax-table.ts";
export {
  computeInvoice,
  documentTotals,
  exemptId,
  isPlainComponent,
  isPlainRule,
  outsideTaxId,
  parseDecimal,
  resolveTaxRule,
  taxBasket,
  taxCategories,
  taxRuleOf,
  usualCategory,
  type Adjustment,
  type ComputedInvoice,
  type Decimal,
  type DecimalTextError,
  type DocumentAdjustment,
  type DocumentAmounts,
  type DocumentTotals,
  type InvoiceError,
  type InvoiceFacts,
  type InvoiceLine,
  type InvoiceTax,
  type InvoiceTaxRow,
  type LineTax,
  type TaxableLine,
  type TaxCategory,
  type TaxComponent,
  type TaxedBasket,
  type TaxedLine,
  type TaxExemption,
  type TaxFacts,
  type TaxPolicy,
  type TaxRule,
  type UnknownTaxCodeError,
} from "./tax/index.ts";
export {
  locationPolicyKey,
  organisationPolicyKey,
  parsePolicyItem,
  policyKey,
  type PolicyItem,
  type PublishedServiceCharge,
  type RefundPolicy,
} from "./policy-item.ts";
export {
  createPolicyTable,
  plainShopPolicy,
  type PolicyTable,
  type ShopPolicy,
} from "./policy-table.ts";
export { roundCash, type CashRounding } from "./tenders/cash-rounding.ts";
export { cashSteps, usualCashRounding, type CashStep } from "./tenders/cash-steps.ts";
export { settleCash } from "./tenders/settle-cash.ts";
export { settle } from "./tenders/settle.ts";
export {
  tenderKinds,
  tendersMax,
  type Due,
  type ForeignCash,
  type SettledTender,
  type SettleError,
  type Settlement,
  type StoredValueLimits,
  type StoredValueUse,
  type Tender,
  type TenderFault,
  type TenderKind,
  type TenderLimits,
  type Underpaid,
  type VoucherChange,
} from "./tenders/settlement.ts";
