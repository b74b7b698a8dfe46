/**
 * What the engine does not do as an outside suite has it, and why. CONFORMANCE.md explains each.
 *
 * @module
 */

/** By suite and policy: none of its cases counts for or against the engine. */
export const unsupported: Readonly<Record<string, string>> = {
  "vendure-order-calculator/order-price-exclusive": "no promotion sets the price of a whole basket",
  "vendure-order-calculator/order-price-inclusive": "no promotion sets the price of a whole basket",
  "vendure-order-calculator/spread-with-tax-exclusive":
    "discounts are spread in the basis of the prices, here without tax",
  "vendure-order-calculator/mixed-basis-exclusive": "a basket has one basis",
  "vendure-prorate/zero-weights": "weights of which none is positive are refused (AL5)",
  "medusa-compute-actions/unrounded": "every amount is a whole number of minor units",
  "medusa-compute-actions/campaign-budget":
    "a budget over all sales cannot be kept by tills that do not see each other",
  "medusa-compute-actions/automatic-off":
    "whoever asks cannot leave out what headquarters published",
  "medusa-compute-actions/stored-adjustments": "a basket is priced afresh and stores no discounts",
  "wcpos-rounding/not-a-number": "there is no infinite amount and none that is no number",
  "wcpos-rounding/float-precision": "there are no fractional numbers whose precision would matter",
  "wcpos-rounding/fraction-of-minor-unit": "there is no fraction of a minor unit",
  "wcpos-taxes/finer-than-decimals": "amounts with more decimals than the currency are refused",
  "wcpos-totals/finer-than-decimals": "amounts with more decimals than the currency are refused",
  "wcpos-totals/given-taxes": "taxes are computed from rates, not taken over",
  "wcpos-totals/malformed-amounts": "what is no number is refused, not taken as zero",
  "wcpos-coupons/finer-than-decimals":
    "amounts with more decimals than the currency and rates finer than a basis point are refused",
  "wcpos-coupons/malformed-amounts": "what is no number or negative is refused, not taken as zero",
  "wcpos-coupons/above-100-percent": "more than 100 percent is refused at publication",
  "wcpos-coupons/spread-by-unit": "an amount is spread by price, not by equal parts per unit",
  "wcpos-coupons/basket-amount-beyond-selection":
    "an amount off goes to the lines that qualify, and to no other",
  "wcpos-coupons/refused-for-one-line":
    "a line that does not qualify is left out, and the others keep the discount",
  "wcpos-coupons/on-original-price":
    "of several discounts each applies to what the ones before left",
  "wcpos-coupons/discount-as-net": "discounts are told in the basis of the prices",
  "wcpos-coupons/decimal-text": "it is about the length of a text",
  "wcpos-refunds/clamped-quantity":
    "a refund of nothing, less or too much is refused, not taken as something else",
  "wcpos-refunds/free-amount": "a refund is for goods of a sale, not for any amount",
  "wcpos-refunds/unit-price-shown": "it is about a text to show",
  "wcpos-refunds/finer-than-decimals": "amounts with more decimals than the currency are refused",
};

/** By case: the engine supports its policy and says something else. */
export const deviations: Readonly<Record<string, string>> = {
  "vendure-order:832": "a threshold counts list prices",
  "medusa:600": "the second discount takes the unit that the first left alone",
  "medusa:4863": "of two equal lines the other one carries the odd units",
  "wcpos-order-totals:731": "the tax of a discount is a difference of rounded taxes",
  "wcpos-recalculate:558": "the tax of a discount is a difference of rounded taxes",
  "wcpos-discount:701": "a percentage is rounded at each article",
};
