/**
 * The calculators of Vendure and Medusa on baskets of ours, as libraries: without server and database.
 *
 * They are installed by hand, outside this workspace (README.md says how), and found through
 * `PRICING_PEERS`. Both get the baskets as their own order and cart, and 200 promotions that take a
 * percentage off a department and all apply; both add up what is taken off and the tax.
 *
 * @module
 */

import { createRequire } from "node:module";
import { join } from "node:path";

/** Prices one basket after the other; the answer is the total in minor units. */
export interface PricingPeer {
  readonly name: string;
  price(basket: PeerBasket): () => Promise<number>;
}

export interface PeerBasket {
  readonly lines: readonly PeerLine[];
  readonly promotions: readonly PeerPromotion[];
}

export interface PeerLine {
  readonly priceMinor: number;
  readonly quantity: number;
  readonly department: string;
  readonly ratePercent: number;
}

export interface PeerPromotion {
  readonly id: string;
  readonly department: string;
  readonly percent: number;
}

/** None where `PRICING_PEERS` does not name a directory with their packages in it. */
export function loadPeers(directory: string | undefined): readonly PricingPeer[] {
  if (directory === undefined) return [];
  const load = createRequire(join(directory, "package.json"));
  load("reflect-metadata");
  return [medusaPeer(load), vendurePeer(load)];
}

// Their types would be a dependency of this workspace; what is used of them stands here.
type Load = (name: string) => unknown;
type Made = new (facts: object) => object;

interface MedusaUtils {
  decorateCartTotals(cart: object): { readonly total: { readonly numeric: number } };
}

interface MedusaAction {
  readonly item_id: string;
  readonly code: string;
  readonly amount: unknown;
}

interface MedusaActions {
  getComputedActionsForItems(
    promotion: object,
    items: readonly object[],
    applied: Map<string, unknown>,
  ): readonly MedusaAction[];
}

function medusaPeer(load: Load): PricingPeer {
  const utils = load("@medusajs/utils") as MedusaUtils;
  const actions = load(
    "@medusajs/promotion/dist/utils/compute-actions/line-items.js",
  ) as MedusaActions;
  return {
    name: "Medusa (actions of promotions, then totals of the cart)",
    price: ({ lines, promotions }) => {
      const items = lines.map(medusaItem);
      const methods = promotions.map(medusaPromotion);
      return () => {
        const applied = new Map<string, unknown>();
        const found = methods.flatMap((one) => [
          ...actions.getComputedActionsForItems(one, items, applied),
        ]);
        const adjusted = items.map((item) => ({
          ...item,
          adjustments: found
            .filter((action) => action.item_id === item.id)
            .map(({ code, amount }) => ({ code, amount, is_tax_inclusive: true })),
        }));
        const cart = utils.decorateCartTotals({
          items: adjusted,
          shipping_methods: [],
          currency_code: "gbp",
        });
        return Promise.resolve(cart.total.numeric * 100);
      };
    },
  };
}

function medusaItem(line: PeerLine, at: number) {
  const original = (line.priceMinor * line.quantity) / 100;
  return {
    id: `item-${at}`,
    quantity: line.quantity,
    unit_price: line.priceMinor / 100,
    is_tax_inclusive: true,
    is_discountable: true,
    department: line.department,
    subtotal: original / (1 + line.ratePercent / 100),
    original_total: original,
    tax_lines: [{ rate: line.ratePercent, code: "VAT" }],
  };
}

function medusaPromotion({ id, department, percent }: PeerPromotion) {
  const rule = { attribute: "items.department", operator: "in", values: [{ value: department }] };
  return {
    code: id,
    is_tax_inclusive: true,
    application_method: {
      type: "percentage",
      value: percent,
      allocation: "each",
      target_type: "items",
      max_quantity: 1_000_000,
      target_rules: [rule],
    },
  };
}

interface VendureModule {
  readonly Channel: Made;
  readonly DefaultOrderTaxCalculationStrategy: new () => object;
  readonly DefaultTaxLineCalculationStrategy: new () => object;
  readonly Order: new (facts: object) => { readonly subTotalWithTax: number };
  readonly OrderLine: Made;
  readonly Promotion: Made;
  readonly PromotionCondition: Made;
  readonly PromotionItemAction: Made;
  readonly RequestContext: Made;
  readonly RequestContextCacheService: new () => object;
  readonly TaxRate: Made;
  readonly Zone: Made;
}

interface VendureCalculator {
  applyPriceAdjustments(
    context: object,
    order: object,
    promotions: readonly object[],
    updated: readonly object[],
  ): Promise<unknown>;
}

type VendureCalculatorClass = new (...services: readonly object[]) => VendureCalculator;

function vendurePeer(load: Load): PricingPeer {
  const vendure = load("@vendure/core") as VendureModule;
  const file = "@vendure/core/dist/service/helpers/order-calculator/order-calculator";
  const { OrderCalculator } = load(file) as { readonly OrderCalculator: VendureCalculatorClass };
  const context = vendureContext(vendure);
  const calculator = new OrderCalculator(...vendureServices(vendure));
  const pieces = vendurePieces(vendure);
  return {
    name: "Vendure (OrderCalculator with stubs for its services)",
    price: ({ lines, promotions }) => {
      const made = promotions.map((one, at) => vendurePromotion(vendure, pieces, { ...one, at }));
      return async () => {
        const orderLines = lines.map((line, at) => vendureLine(vendure, line, at));
        const order = new vendure.Order(vendureOrder(orderLines));
        await calculator.applyPriceAdjustments(context, order, made, orderLines);
        return order.subTotalWithTax;
      };
    },
  };
}

function vendureContext({ Channel, RequestContext }: VendureModule): object {
  const channel = new Channel({ id: 1, pricesIncludeTax: true, defaultCurrencyCode: "GBP" });
  const rights = { authorizedAsOwnerOnly: false, isAuthorized: true, session: {} };
  return new RequestContext({ apiType: "admin", channel, languageCode: "en", ...rights });
}

/** Configuration, zones, tax rates, shipping (none) and cache. */
function vendureServices(vendure: VendureModule): readonly object[] {
  const zone = new vendure.Zone({ id: 1, name: "UK" });
  const rateOf = (value: string) =>
    new vendure.TaxRate({ id: Number(value), value: Number(value), name: "VAT", zone });
  const rates = new Map(["5", "20"].map((value) => [value, rateOf(value)]));
  const taxOptions = {
    taxZoneStrategy: { determineTaxZone: () => zone },
    taxLineCalculationStrategy: new vendure.DefaultTaxLineCalculationStrategy(),
    orderTaxCalculationStrategy: new vendure.DefaultOrderTaxCalculationStrategy(),
  };
  return [
    { taxOptions, orderOptions: {} },
    { getAllWithMembers: () => Promise.resolve([zone]) },
    {
      getApplicableTaxRate: (_context: object, _zone: object, id: string) =>
        Promise.resolve(rates.get(id)),
    },
    {},
    {},
    new vendure.RequestContextCacheService(),
  ];
}

interface VendurePieces {
  readonly condition: object;
  readonly action: object;
}

function vendurePieces({ PromotionCondition, PromotionItemAction }: VendureModule): VendurePieces {
  const description = [{ languageCode: "en", value: "" }];
  return {
    condition: new PromotionCondition({ code: "always", args: {}, description, check: () => true }),
    action: new PromotionItemAction({
      code: "department",
      description,
      args: { department: { type: "string" }, percent: { type: "float" } },
      execute: percentOff,
    }),
  };
}

interface VendureLine {
  readonly customFields: { readonly department: string };
  readonly proratedUnitPriceWithTax: number;
}

function percentOff(
  _context: object,
  line: VendureLine,
  { department, percent }: { readonly department: string; readonly percent: number },
): number {
  if (line.customFields.department !== department) return 0;
  return (-line.proratedUnitPriceWithTax * percent) / 100;
}

function vendurePromotion(
  { Promotion }: VendureModule,
  { condition, action }: VendurePieces,
  { id, department, percent, at }: PeerPromotion & { readonly at: number },
): object {
  const args = [
    { name: "department", value: department },
    { name: "percent", value: String(percent) },
  ];
  return new Promotion({
    id: at + 1,
    name: id,
    priorityScore: at,
    conditions: [{ code: "always", args: [] }],
    promotionConditions: [condition],
    actions: [{ code: "department", args }],
    promotionActions: [action],
  });
}

function vendureLine({ OrderLine }: VendureModule, line: PeerLine, at: number): object {
  return new OrderLine({
    id: at + 1,
    quantity: line.quantity,
    orderPlacedQuantity: 0,
    listPrice: line.priceMinor,
    listPriceIncludesTax: true,
    adjustments: [],
    taxLines: [],
    taxCategoryId: String(line.ratePercent),
    customFields: { department: line.department },
  });
}

function vendureOrder(lines: readonly object[]): object {
  const nothing = { couponCodes: [], shippingLines: [], surcharges: [], modifications: [] };
  const totals = { subTotal: 0, subTotalWithTax: 0, shipping: 0, shippingWithTax: 0 };
  return {
    id: 1,
    code: "bench",
    currencyCode: "GBP",
    lines,
    promotions: [],
    ...nothing,
    ...totals,
  };
}
