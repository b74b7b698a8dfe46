/**
 * What people do at a till, as data, and how it becomes an entry or a publication.
 *
 * What is not possible at its moment, such as a sale without a shift, is left out.
 *
 * @module
 */

import {
  assert,
  formatInstant,
  hex,
  type BusinessDate,
  type EntryDraft,
  type LocationId,
  type Movement,
  type PublicationItem,
  type SaleId,
  type ShiftId,
  type Sku,
} from "@tillmesh/kernel";
import { priceBasket, priceKey, refundShare } from "@tillmesh/pricing-core";
import {
  cashDraft,
  countDraft,
  dayClosing,
  emptyTill,
  lineStates,
  nextReceiptNumber,
  refundDraft,
  remainingLines,
  reversalDraft,
  saleDraft,
  shiftClosedDraft,
  shiftClosing,
  shiftOpenedDraft,
  stockDraft,
  zDraft,
  type DraftContext,
  type GoodsLine,
  type SaleState,
  type TillState,
} from "@tillmesh/sales-ledger";
import {
  carriedBy,
  commitOn,
  heldBy,
  publicationsHeldBy,
  publishOn,
  type SimNetwork,
  type SimNode,
} from "@tillmesh/sync-engine/testing";
import { firstDate, foldShop, seenIn, type Shop } from "./shop.ts";

export type TillAct =
  | { readonly type: "sell"; readonly lines: readonly SoldLine[]; readonly overMinor: number }
  | {
      readonly type: "refund";
      readonly sale: number;
      readonly line: number;
      readonly share: number;
      readonly goods: "restock" | "waste";
    }
  | { readonly type: "reverse"; readonly sale: number }
  | {
      readonly type: "move";
      readonly kind: Movement["kind"];
      readonly sku: string;
      readonly milli: number;
    }
  | { readonly type: "count"; readonly sku: string; readonly milli: number }
  | { readonly type: "price"; readonly sku: string; readonly minor: number; readonly day: number }
  | { readonly type: "cash"; readonly kind: "in" | "out" | "drop"; readonly minor: number }
  | { readonly type: "open-shift"; readonly minor: number; readonly day: number }
  | { readonly type: "close-shift"; readonly differenceMinor: number }
  | { readonly type: "close-day" };

export interface SoldLine {
  readonly sku: string;
  readonly milli: number;
}

export const skus = ["coffee", "tea", "bread/white"] as const;
export const locations = ["loc_1" as LocationId, "loc_2" as LocationId] as const;
const currency = "GBP";

/** The first publications of the shop, by its first device. */
export function publishShop(network: SimNetwork, node: SimNode): void {
  const catalogue = skus.map((sku) => {
    const value = { sku, name: sku, barcodes: [], department: "Food", unit: "kg", taxCode: "std" };
    return { key: sku, value };
  });
  const taxes = [{ key: "std", value: { taxCode: "std", name: "VAT 20 %", rateBp: 2_000 } }];
  publishOn(network, node, { topic: "catalogue", items: catalogue });
  publishOn(network, node, { topic: "taxes", items: taxes });
  const items = skus.map((sku, index) => priceItem(sku, 290 + index, null));
  publishOn(network, node, { topic: "prices", items });
}

export function playTill(network: SimNetwork, node: SimNode, act: TillAct): void {
  if (act.type === "price") {
    const date = act.day === 0 ? null : dateOf(act.day);
    publishOn(network, node, { topic: "prices", items: [priceItem(act.sku, act.minor, date)] });
    return;
  }
  const draft = draftOf(deskOf(network, node), act);
  if (draft) commitOn(network, node, draft);
}

/** What the person at the till sees. */
interface Desk {
  readonly shop: Shop;
  readonly till: TillState;
  readonly context: DraftContext;
  readonly newName: (prefix: string) => string;
  readonly receiptNumber: string;
  readonly sales: readonly SaleState[];
}

function deskOf({ world }: SimNetwork, { state, disk, device }: SimNode): Desk {
  const shop = foldShop(heldBy(state), publicationsHeldBy(state), carriedBy(state, disk));
  const till = shop.tills.get(device.id) ?? emptyTill(device.id);
  const location = device.location ?? locations[0];
  const businessDate = till.shifts.open?.businessDate ?? till.day.businessDate ?? firstDate;
  const code = `T${device.id.slice(-1).padStart(3, "0")}`;
  return {
    shop,
    till,
    context: { location, businessDate, by: { device: device.id } },
    newName: (prefix) => `${prefix}_${hex(world.crypto.randomBytes(6))}`,
    receiptNumber: nextReceiptNumber(till.receipts, code, state.own?.incarnation ?? 1),
    sales: [...shop.sales.values()].toSorted((a, b) => (a.saleId < b.saleId ? -1 : 1)),
  };
}

type DraftAct = Exclude<TillAct, { type: "price" }>;

function draftOf(desk: Desk, act: DraftAct): EntryDraft | undefined {
  const make = drafts[act.type] as (desk: Desk, act: DraftAct) => EntryDraft | undefined;
  return make(desk, act);
}

const drafts: {
  readonly [Type in DraftAct["type"]]: (
    desk: Desk,
    act: Extract<DraftAct, { type: Type }>,
  ) => EntryDraft | undefined;
} = {
  sell,
  refund,
  reverse,
  move: (desk, act) => stockDraft(desk.context, {}, [movementOf(desk, act)]),
  count,
  cash,
  "open-shift": openShift,
  "close-shift": closeShift,
  "close-day": ({ till, context }) => {
    const body = dayClosing(till);
    return body.ok ? zDraft(context, body.value) : undefined;
  },
};

function sell(desk: Desk, act: Extract<TillAct, { type: "sell" }>): EntryDraft | undefined {
  const { books } = desk.shop;
  const shiftId = desk.till.shifts.open?.shiftId;
  const priced = priceBasket({
    lines: act.lines.map(({ sku, milli }) => ({ sku, quantityMilli: milli })),
    catalogue: books.catalogue,
    prices: books.prices,
    taxes: books.taxes,
    businessDate: desk.context.businessDate,
    currency,
  });
  if (shiftId === undefined || !priced.ok) return undefined;
  const { lines, totalMinor, taxes } = priced.value;
  return saleDraft(desk.context, {
    saleId: desk.newName("sale") as SaleId,
    receiptNumber: desk.receiptNumber,
    shiftId,
    currency,
    lines,
    totalMinor,
    taxes,
    tenders: [{ kind: "cash", amountMinor: totalMinor + act.overMinor }],
    changeMinor: act.overMinor,
  });
}

function refund(desk: Desk, act: Extract<TillAct, { type: "refund" }>): EntryDraft | undefined {
  const shiftId = desk.till.shifts.open?.shiftId;
  const sale = desk.sales[act.sale % Math.max(1, desk.sales.length)];
  const states = sale ? lineStates(sale) : [];
  const picked = states[act.line % Math.max(1, states.length)];
  if (shiftId === undefined || !sale || !picked) return undefined;
  const { sold, refunded, reversed, remaining } = picked;
  const before = {
    quantityMilli: refunded.quantityMilli + reversed.quantityMilli,
    amountMinor: refunded.amountMinor + reversed.amountMinor,
    taxMinor: refunded.taxMinor + reversed.taxMinor,
  };
  const quantityMilli = Math.ceil((remaining.quantityMilli * act.share) / 100);
  const share = refundShare(sold, before, quantityMilli);
  if (!share.ok) return undefined;
  const { lineId, sku, name, taxCode, rateBp } = picked.line;
  const lines = [{ lineId, sku, name, taxCode, rateBp, ...share.value }];
  const refundId = desk.newName("refund");
  const { goods } = act;
  return refundDraft(desk.context, { refundId, goods, ...givenBack(desk, sale, shiftId, lines) });
}

function reverse(desk: Desk, act: Extract<TillAct, { type: "reverse" }>): EntryDraft | undefined {
  const shiftId = desk.till.shifts.open?.shiftId;
  const sale = desk.sales[act.sale % Math.max(1, desk.sales.length)];
  const lines = sale ? remainingLines(sale) : [];
  if (shiftId === undefined || !sale || lines.length === 0) return undefined;
  const reversalId = desk.newName("reversal");
  return reversalDraft(desk.context, { reversalId, ...givenBack(desk, sale, shiftId, lines) });
}

function givenBack(
  desk: Desk,
  { saleId }: SaleState,
  ...[shiftId, lines]: readonly [ShiftId, readonly GoodsLine[]]
) {
  const grossMinor = lines.reduce((sum, line) => sum + line.amountMinor, 0);
  const taxMinor = lines.reduce((sum, line) => sum + line.taxMinor, 0);
  const netMinor = grossMinor - taxMinor;
  const tax = { taxCode: "std", name: "VAT 20 %", rateBp: 2_000 };
  return {
    receiptNumber: desk.receiptNumber,
    saleId,
    shiftId,
    currency,
    lines,
    totalMinor: grossMinor,
    taxes: [{ ...tax, grossMinor, netMinor, taxMinor }],
    tenders: [{ kind: "cash", amountMinor: grossMinor }],
    reason: "unwanted",
  };
}

function movementOf(
  { context: { location } }: Desk,
  { kind, sku, milli }: Extract<TillAct, { type: "move" }>,
): Movement {
  const isOut = kind === "waste" || kind === "transfer-out";
  const base = { kind, location, sku: sku as Sku, quantityMilli: isOut ? -milli : milli };
  if (kind !== "transfer-out" && kind !== "transfer-in") return base;
  const counterpart = location === locations[0] ? locations[1] : locations[0];
  return { ...base, transfer: `transfer_${milli % 3}`, counterpart };
}

function count(desk: Desk, { sku, milli }: Extract<TillAct, { type: "count" }>): EntryDraft {
  const { location } = desk.context;
  const seen = seenIn(desk.shop, { location, sku: sku as Sku });
  return countDraft(desk.context, {
    countId: desk.newName("count"),
    location,
    sku: sku as Sku,
    countedMilli: milli,
    seen,
  });
}

function cash(desk: Desk, act: Extract<TillAct, { type: "cash" }>): EntryDraft | undefined {
  const shiftId = desk.till.shifts.open?.shiftId;
  if (shiftId === undefined) return undefined;
  const cashId = desk.newName("cash");
  const { kind, minor: amountMinor } = act;
  return cashDraft(desk.context, { cashId, kind, amountMinor, reason: "coins", shiftId, currency });
}

function openShift(
  desk: Desk,
  { minor, day }: Extract<TillAct, { type: "open-shift" }>,
): EntryDraft | undefined {
  if (desk.till.shifts.open !== null) return undefined;
  const businessDate = desk.till.day.businessDate ?? dateOf(day);
  const shiftId = desk.newName("shift") as ShiftId;
  const body = { shiftId, floatMinor: minor, currency, staff: "staff_1" };
  return shiftOpenedDraft({ ...desk.context, businessDate }, body);
}

function closeShift(
  desk: Desk,
  { differenceMinor }: Extract<TillAct, { type: "close-shift" }>,
): EntryDraft | undefined {
  const { open } = desk.till.shifts;
  if (open === null) return undefined;
  const expected = shiftClosing(open, 0).expectedMinor;
  const counted = Math.max(0, expected + differenceMinor);
  return shiftClosedDraft(desk.context, shiftClosing(open, counted));
}

function priceItem(
  sku: string,
  priceMinor: number,
  effectiveFrom: BusinessDate | null,
): PublicationItem {
  const value = { list: "standard", sku: sku as Sku, effectiveFrom, priceMinor, currency };
  return { key: priceKey(value), value };
}

function dateOf(day: number): BusinessDate {
  const date = formatInstant(Date.parse(firstDate) + day * 86_400_000).slice(0, 10);
  assert(/^\d{4}-\d{2}-\d{2}$/.test(date), "a day");
  return date as BusinessDate;
}
