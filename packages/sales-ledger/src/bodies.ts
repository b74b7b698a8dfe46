/**
 * What each kind of entry says. SPEC.md §1 (EB).
 *
 * Amounts are integer minor units of the location's currency, quantities integer
 * thousandths, rates basis points. Type aliases, not interfaces: see Json.
 *
 * @module
 */

import type {
  BusinessDate,
  DeviceId,
  Json,
  JsonObject,
  LocationId,
  SaleId,
  ShiftId,
  Sku,
} from "@tillmesh/kernel";
import type { Report } from "./report.ts";

export interface BodyByKind {
  readonly sale: SaleBody;
  readonly refund: RefundBody;
  readonly reversal: ReversalBody;
  readonly "shift-opened": ShiftOpenedBody;
  readonly "shift-closed": ShiftClosedBody;
  readonly cash: CashBody;
  readonly "drawer-opened": DrawerOpenedBody;
  readonly stock: StockBody;
  readonly "count-opened": CountOpenedBody;
  readonly count: CountBody;
  readonly "count-closed": CountClosedBody;
  readonly z: ZBody;
  /** What the till's fiscal regime asks to be kept besides receipts; opaque here. */
  readonly fiscal: JsonObject;
  /** Written by the engine, which knows what they mean. */
  readonly opened: Json;
  readonly carry: Json;
}

export type EntryKind = keyof BodyByKind;

export type KnownBody = {
  readonly [Kind in EntryKind]: { readonly kind: Kind; readonly body: BodyByKind[Kind] };
}[EntryKind];

/** The line of a service charge, which is no goods. */
export const serviceLineId = "service";

/** What was given for a line: a share of a sale, or what a refund gives back of it. */
export type GoodsLine = {
  readonly lineId: string;
  readonly sku: Sku;
  readonly name: string;
  /** Always positive. */
  readonly quantityMilli: number;
  readonly amountMinor: number;
  readonly taxCode: string;
  readonly rateBp: number;
  /** The tax within `amountMinor`. */
  readonly taxMinor: number;
  /** What it cost before `discounts`, in the basis of the body. Absent where it is `amountMinor`. */
  readonly listAmountMinor?: number;
  /** What was taken off, in the basis of the body. A refund lists those of the sale, in their order. */
  readonly discounts?: readonly LineDiscount[];
  /** Where there is more to say than one plain rate; `rateBp` is the sum of the rates then. */
  readonly taxes?: readonly LineTax[];
  /** The line that this one belongs to, such as a deposit to its drink. */
  readonly linkedTo?: string;
};

/** `amountMinor` is what was taken off, not negative; `publication` null: by hand. */
export type LineDiscount = {
  readonly kind: string;
  /** Of the promotion; of a discount by hand its reason code or `""`. */
  readonly id: string;
  readonly name: string;
  readonly amountMinor: number;
  readonly publication: string | null;
};

/** One of several taxes of a line. */
export type LineTax = {
  readonly id: string;
  readonly name: string;
  readonly category: string;
  readonly rateBp: number;
  /** Fixed, per whole unit; 0 if there is none. */
  readonly perUnitMinor: number;
  readonly baseMinor: number;
  readonly taxMinor: number;
};

export type SaleLine = GoodsLine & {
  /** Of `perMilli` thousandths. */
  readonly unitPriceMinor: number;
  /** 1000 where it is absent. */
  readonly perMilli?: number;
  /** `standard` where it is absent. */
  readonly list?: string;
  /** The price was typed, as the article allows. */
  readonly isOpenPrice?: true;
  /** A person gave another price than the list's. */
  readonly override?: LineOverride;
  /** The publications this line was priced and taxed by. */
  readonly publications: {
    readonly price: string;
    readonly tax: string;
    readonly catalogue: string;
  };
};

export type LineOverride = {
  readonly listPriceMinor: number;
  readonly reason: string;
  readonly reasonCode: string;
};

/** `grossMinor` is `netMinor` plus `taxMinor`. Of lines that list their taxes, `taxCode` is the id of one. */
export type TaxLine = {
  readonly taxCode: string;
  readonly name: string;
  readonly rateBp: number;
  readonly grossMinor: number;
  readonly netMinor: number;
  readonly taxMinor: number;
  /** EN 16931: S, Z, E, O, AE, K or G. Absent: S for what is taxed, else Z. */
  readonly category?: string;
  readonly perUnitMinor?: number;
  /** On the net and the taxes before it: these are in `netMinor` then. */
  readonly isCompound?: boolean;
  /** What was taxed, where that is not `netMinor`. */
  readonly baseMinor?: number;
};

/** `"cash"` lies in the drawer as money of the location; other kinds do not. */
export type Tender = {
  readonly kind: string;
  /** What it pays, its tip included, in the body's currency. Of cash all that was handed over. */
  readonly amountMinor: number;
  /** Of a card, a gift card, a voucher, or the customer of an account. */
  readonly reference?: string;
  /** The part of `amountMinor` that is a tip. */
  readonly tipMinor?: number;
  /** The face of a voucher of which `amountMinor` was used. */
  readonly offeredMinor?: number;
  /** What became of `offeredMinor` less `amountMinor`; change in cash is in `changeMinor` of the sale. */
  readonly changeKind?: "voucher" | "forfeited";
  /** What `amountMinor` was handed over as. */
  readonly foreign?: ForeignMoney;
};

/** `rate` is minor units of the body's currency for one minor unit of this one. */
export type ForeignMoney = {
  readonly currency: string;
  readonly amountMinor: number;
  readonly rate: { readonly numerator: number; readonly denominator: number };
};

export type SaleBody = {
  readonly saleId: SaleId;
  readonly receiptNumber: string;
  readonly shiftId: ShiftId;
  readonly currency: string;
  readonly lines: readonly SaleLine[];
  readonly totalMinor: number;
  readonly taxes: readonly TaxLine[];
  /** What was handed over; the sum less `changeMinor` is `totalMinor` plus `roundingMinor` plus `tipMinor`. */
  readonly tenders: readonly Tender[];
  /** In cash of the location. */
  readonly changeMinor: number;
  /** Cash rounding: what was settled beyond `totalMinor`, or negative. Absent for 0. */
  readonly roundingMinor?: number;
  /** The sum of the tenders' tips. Absent for 0. */
  readonly tipMinor?: number;
  /** Whether list amounts and discounts are without tax. Absent: they have it in them. */
  readonly basis?: "exclusive";
  readonly customerGroup?: string;
  readonly coupons?: readonly string[];
  /** Why no tax was charged. */
  readonly exemption?: { readonly reason: string };
  readonly quoteId?: string;
  /** The seal of the till's fiscal regime; opaque here, and no part of any sum. */
  readonly fiscal?: JsonObject;
};

/** Signed: what the price of a kept line falls by. Negative where it rises because a discount is gone. */
export type RepricedLine = {
  readonly lineId: string;
  readonly amountMinor: number;
  readonly taxCode: string;
  readonly rateBp: number;
  readonly taxMinor: number;
  readonly taxes?: readonly LineTax[];
};

type GivenBack = {
  readonly receiptNumber: string;
  readonly saleId: SaleId;
  readonly shiftId: ShiftId;
  readonly currency: string;
  /** `lineId` is that of the sale's line. */
  readonly lines: readonly GoodsLine[];
  /** What is kept and costs something else now that the rest is back; absent where nothing does. */
  readonly repriced?: readonly RepricedLine[];
  /** Not negative: lines and repriced lines. */
  readonly totalMinor: number;
  readonly taxes: readonly TaxLine[];
  /** What went back; the sum is `totalMinor` plus `roundingMinor` plus `tipMinor`. */
  readonly tenders: readonly Tender[];
  /** The mirror of the sale's: its part of what goes back. Absent for 0. */
  readonly roundingMinor?: number;
  readonly tipMinor?: number;
  readonly basis?: "exclusive";
  readonly reason: string;
  /** As in a sale. */
  readonly fiscal?: JsonObject;
};

export type RefundBody = GivenBack & {
  readonly refundId: string;
  readonly goods: "restock" | "waste";
};

/** Gives back everything that was not given back before; the goods return to stock. */
export type ReversalBody = GivenBack & { readonly reversalId: string };

export type ShiftOpenedBody = {
  readonly shiftId: ShiftId;
  readonly floatMinor: number;
  readonly currency: string;
  readonly staff: string;
};

/** `differenceMinor` is counted less expected. */
export type ShiftClosedBody = {
  readonly shiftId: ShiftId;
  readonly countedMinor: number;
  readonly expectedMinor: number;
  readonly differenceMinor: number;
};

export type CashBody = {
  readonly cashId: string;
  readonly kind: "in" | "out" | "drop";
  readonly amountMinor: number;
  readonly reason: string;
  readonly shiftId: ShiftId;
  readonly currency: string;
};

export type DrawerOpenedBody = { readonly reason: string; readonly shiftId: ShiftId | null };

export type StockBody = { readonly reason?: string; readonly reference?: string };

export type CountOpenedBody = { readonly countId: string; readonly note?: string };

export type CountBody = {
  readonly countId: string;
  readonly location: LocationId;
  readonly sku: Sku;
  readonly countedMilli: number;
  /** What the counting device knew of each device's movements of this SKU at this moment. */
  readonly seen: Readonly<Record<DeviceId, SeenTotal>>;
};

export type SeenTotal = {
  readonly incarnation: number;
  readonly sequence: number;
  readonly totalMilli: number;
};

export type CountClosedBody = { readonly countId: string };

export type ZBody = {
  readonly zNumber: number;
  readonly businessDate: BusinessDate;
  /** Of the incarnation that wrote this Z; `report.runs` names every entry it covers. */
  readonly fromSequence: number;
  readonly throughSequence: number;
  readonly report: Report;
};
