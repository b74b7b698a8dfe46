/**
 * What the service answers with; the OpenAPI document describes it in full.
 *
 * @module
 */

import type { Money } from "../money.ts";
import type { Seal } from "./fiscal-shapes.ts";
import type { BasketPricing, CashDue, LinePricing, RejectedCoupon } from "./price-shapes.ts";

export interface Named {
  readonly id: string;
  readonly name: string;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

export interface Session {
  readonly token: string;
  readonly staff: Named;
  readonly role: "manager" | "cashier";
  readonly expiresAt: string;
}

export interface Product {
  readonly sku: string;
  readonly name: string;
  readonly barcodes: readonly string[];
  readonly department: string;
  readonly unit: string;
  readonly taxCode: string;
  readonly ratePercent: string | null;
  readonly price: Money | null;
  /** The price is of so much of the unit; of one where absent. */
  readonly per?: string;
  /** The price is typed when it is sold, within these. */
  readonly openPrice?: { readonly min: Money; readonly max: Money };
  readonly tags?: readonly string[];
  /** SKU of the deposit that is sold with each. */
  readonly deposit?: string;
  readonly isDiscountable?: boolean;
  readonly takeAwayTaxCode?: string;
}

export interface GoodsLine extends LinePricing {
  readonly lineId: string;
  readonly sku: string;
  readonly name: string;
  readonly quantity: string;
  readonly amount: Money;
  readonly taxCode: string;
  readonly ratePercent: string;
  readonly tax: Money;
}

export interface PricedLine extends GoodsLine {
  readonly unitPrice: Money;
}

export interface TaxLine {
  readonly taxCode: string;
  /** Which of several taxes of a line. */
  readonly component?: string;
  readonly name: string;
  readonly ratePercent: string;
  readonly gross: Money;
  readonly net: Money;
  readonly tax: Money;
}

export interface Quote extends BasketPricing {
  readonly quoteId: string;
  readonly businessDate: string;
  readonly currency: string;
  readonly lines: readonly PricedLine[];
  readonly taxes: readonly TaxLine[];
  readonly total: Money;
  readonly rejectedCoupons?: readonly RejectedCoupon[];
  /** False: there may be a better deal than the one that was found in time. */
  readonly isExact?: boolean;
  /** Absent where cash is taken to the smallest coin. */
  readonly cashRounding?: CashDue;
}

export interface EntryRef {
  readonly device: string;
  readonly incarnation: number;
  readonly sequence: number;
}

/** Where an entry is durable: what its holders have signed. */
export interface Horizon {
  readonly device: boolean;
  readonly peers: readonly Named[];
  readonly relay: boolean;
  readonly hq: boolean;
}

export interface Recorded {
  readonly kind: string;
  readonly entry: EntryRef;
  readonly device: Named;
  readonly location: Named;
  readonly at: string;
  readonly businessDate: string;
  readonly by: { readonly staff?: Named; readonly token?: string; readonly device?: Named };
}

/** What sale, refund and reversal have in common. */
export interface Receipt extends Recorded, BasketPricing {
  readonly receiptNumber: string;
  readonly saleId: string;
  readonly currency: string;
  readonly total: Money;
  readonly taxes: readonly TaxLine[];
  readonly tenders: readonly Tender[];
  readonly lines: readonly (GoodsLine & { readonly unitPrice?: Money })[];
  readonly change?: Money;
  /** Of cash: what was paid is the total and this. */
  readonly rounding?: Money;
  readonly tip?: Money;
  readonly repriced?: readonly Repriced[];
  readonly reason?: string;
  /** Absent where nothing is sealed. */
  readonly fiscal?: Seal;
  readonly horizon: Horizon;
}

export interface Tender {
  readonly kind: string;
  readonly amount: Money;
  /** Of the voucher, gift card or account. */
  readonly reference?: string;
  /** What is printed on a voucher of which less was used. */
  readonly offered?: Money;
  readonly foreign?: { readonly currency: string; readonly amount: Money };
}

/** What a refund would give back; nothing is recorded. */
export interface RefundQuote extends BasketPricing {
  readonly lines: readonly GoodsLine[];
  readonly taxes: readonly TaxLine[];
  readonly total: Money;
  readonly rounding?: Money;
  readonly tip?: Money;
  readonly tenders: readonly Tender[];
  readonly repriced?: readonly Repriced[];
}

/** A line that stays, and costs another amount without what goes back. */
export interface Repriced {
  readonly lineId: string;
  /** Below zero: the customer pays that much more for it. */
  readonly amount: Money;
}

export interface Sale extends Receipt {
  readonly change: Money;
}

/** A sale as it stands, with what was given back of it. */
export interface SaleDetail extends Sale {
  readonly lines: readonly (PricedLine & { readonly remaining: string })[];
  readonly refunds: readonly Receipt[];
}

export interface Shift {
  readonly shiftId: string;
  readonly staff: Named;
  readonly businessDate: string;
}

export interface ClosedShift extends Recorded {
  readonly counted: Money;
  readonly expected: Money;
  readonly difference: Money;
}

export interface Counted {
  readonly count: number;
  readonly total: Money;
}

export interface Report {
  readonly zNumber?: number;
  readonly device: Named;
  readonly businessDate: string;
  readonly sales: Counted;
  readonly refunds: Counted;
  readonly reversals: Counted;
  readonly net: Money;
  /** Of cash; these three are absent where there are none. */
  readonly rounding?: Money;
  readonly discount?: Money;
  readonly tip?: Money;
  readonly taxes: readonly TaxLine[];
  readonly tenders: readonly {
    readonly kind: string;
    readonly taken: Money;
    readonly given: Money;
  }[];
  readonly cash: { readonly in: Counted; readonly out: Counted; readonly drop: Counted };
  readonly drawerOpenings: number;
  readonly receipts: {
    readonly count: number;
    readonly first: string | null;
    readonly last: string | null;
  };
}

export interface DayClosed extends Recorded {
  readonly zNumber: number;
  readonly report: Report;
}

export interface Peer {
  readonly device: Named | null;
  readonly address: string;
  readonly state: "connected" | "connecting";
  readonly lastExchangeAt: string | null;
}

export type Lane = 0 | 1 | 2 | 3;

export interface Relay {
  readonly state: "connected" | "connecting" | "refused" | "revoked" | "off";
  readonly url: string;
  readonly lastError: {
    readonly code: string;
    readonly detail: string;
    readonly at: string;
  } | null;
  readonly sentBytes: number;
  readonly receivedBytes: number;
  readonly pending: readonly {
    readonly lane: Lane;
    readonly envelopes: number;
    readonly bytes: number;
  }[];
  readonly channels: readonly {
    readonly channel: string;
    readonly title: string;
    readonly lane: Lane;
    readonly storedOffset: number;
    readonly readOffset: number;
    readonly pendingEnvelopes: number;
    readonly pendingBytes: number;
    readonly silentSince: string | null;
  }[];
}

export interface Links {
  readonly lan: boolean;
  readonly uplink: boolean;
}

export interface Device extends Named {
  readonly roles: readonly string[];
  readonly location: Named;
  readonly state: string;
  /** To compare on both screens before it is let in. */
  readonly check: string | null;
  readonly connectsUntil: string | null;
  readonly reason?: string;
  readonly isThis: boolean;
  readonly newest: {
    readonly incarnation: number;
    readonly sequence: number;
    readonly at: string | null;
  } | null;
}

export interface Invitation {
  readonly device: Named;
  /** Content of the file for `join --invite`. Secret, like the others. */
  readonly file: string | null;
  /** The same right to join, short enough to type or scan. */
  readonly text: string | null;
  /** The text as a picture: SVG. */
  readonly qr: string | null;
}

export interface Ledger {
  readonly device: Named;
  readonly incarnation: number;
  readonly sequence: number;
  readonly at: string | null;
  readonly isForked: boolean;
}

export interface Status {
  readonly organisation: Named;
  readonly device: Named & { readonly code: string };
  readonly roles: readonly string[];
  readonly location: Named;
  readonly currency: string;
  readonly timeZone: string;
  readonly businessDate: string;
  readonly today: string;
  readonly shift: Shift | null;
  readonly commit: {
    readonly state: "ready" | "failed";
    readonly freeBytes: number;
    readonly isSpaceLow: boolean;
  };
  readonly incarnation: number;
  readonly ledgerLength: number;
  readonly ledgers: readonly Ledger[];
  readonly peers: readonly Peer[];
  readonly onlyHere: { readonly entries: number };
  readonly horizon: {
    readonly entries: number;
    readonly onlyHere: number;
    readonly peers: number;
    readonly relay: number;
    readonly hq: number;
  };
  readonly relay: Relay | null;
  readonly links: Links;
  /** `active`, or why this device has no links: `revoked`, `expired` … */
  readonly enrolment: { readonly state: string };
  readonly projection: { readonly isComplete: boolean; readonly behindEntries: number };
}

export interface StockAt {
  readonly location: Named;
  readonly onHand: string;
  readonly inTransit: string;
  readonly devices: readonly {
    readonly device: Named;
    readonly sequence: number;
    readonly at: string;
  }[];
}

export interface Stock {
  readonly sku: string;
  readonly name: string;
  readonly locations: readonly StockAt[];
}

export interface Tax {
  readonly taxCode: string;
  readonly name: string;
  readonly ratePercent: string;
}

export interface ListedException {
  readonly id: string;
  readonly type: string;
  readonly at: string;
  readonly [fact: string]: unknown;
}
