/**
 * What the API answers, as far as these tests read it. Written from the contract, not from the
 * service.
 *
 * @module
 */

export interface Money {
  readonly minor: number;
  readonly currency: string;
}

export interface Named {
  readonly id: string;
  readonly name: string;
}

export interface TaxLine {
  readonly taxCode: string;
  readonly name: string;
  readonly ratePercent: string;
  readonly gross: Money;
  readonly net: Money;
  readonly tax: Money;
}

export interface Line {
  readonly lineId: string;
  readonly sku: string;
  readonly name: string;
  readonly quantity: string;
  readonly unitPrice: Money;
  readonly amount: Money;
  readonly taxCode: string;
  readonly tax: Money;
  readonly discounts: readonly Discount[];
  readonly listAmount?: Money;
}

export interface Discount {
  readonly kind: string;
  readonly id: string;
  readonly name: string;
  readonly amount: Money;
  readonly publication: string | null;
}

export interface Totals {
  readonly list: Money;
  readonly discount: Money;
  readonly net: Money;
  readonly tax: Money;
  readonly total: Money;
}

export interface Tender {
  readonly kind: string;
  readonly amount: Money;
  readonly tip?: Money;
}

/** Where an entry is durable. */
export interface Horizon {
  readonly device: boolean;
  readonly peers: readonly Named[];
  readonly relay: boolean;
  readonly hq: boolean;
}

export interface Sale {
  readonly saleId: string;
  readonly receiptNumber: string;
  readonly shiftId: string;
  readonly total: Money;
  readonly taxes: readonly TaxLine[];
  readonly change: Money;
  readonly rounding?: Money;
  readonly tip?: Money;
  readonly tenders: readonly Tender[];
  readonly discounts: readonly { readonly id: string; readonly amount: Money }[];
  readonly totals: Totals;
  readonly lines: readonly Line[];
  readonly businessDate: string;
  readonly device: Named;
  readonly refunds?: readonly Refund[];
  readonly horizon: Horizon;
  readonly fiscal?: FiscalSeal;
}

export interface FiscalSeal {
  readonly regime: string;
  readonly number: string;
  readonly sequence: number;
  readonly hash: string;
  readonly lines: readonly string[];
  readonly qr: { readonly text: string } | null;
  readonly isDegraded: boolean;
  readonly isTest: boolean;
}

export interface Refund {
  readonly refundId?: string;
  readonly reversalId?: string;
  readonly saleId: string;
  readonly receiptNumber: string;
  readonly total: Money;
  readonly rounding?: Money;
  readonly tenders: readonly Tender[];
  readonly taxes: readonly TaxLine[];
  readonly lines: readonly Omit<Line, "unitPrice">[];
  readonly horizon: Horizon;
  readonly fiscal?: FiscalSeal;
}

export interface Quote {
  readonly quoteId: string;
  readonly lines: readonly Line[];
  readonly taxes: readonly TaxLine[];
  readonly total: Money;
  readonly discounts: readonly {
    readonly id: string;
    readonly times: number;
    readonly amount: Money;
  }[];
  readonly totals: Totals;
  readonly rejectedCoupons: readonly { readonly code: string; readonly reason: string }[];
  readonly isExact: boolean;
  readonly cashRounding?: { readonly total: Money; readonly rounding: Money };
}

export interface Shift {
  readonly shiftId: string;
  readonly staff?: Named;
  readonly float?: Money;
  readonly counted?: Money;
  readonly expected?: Money;
  readonly difference?: Money;
}

export interface Report {
  readonly sales: { readonly count: number; readonly total: Money };
  readonly refunds: { readonly count: number; readonly total: Money };
  readonly net: Money;
  readonly taxes: readonly TaxLine[];
  readonly receipts: { readonly count: number };
}

export interface Z {
  readonly zNumber: number;
  readonly businessDate: string;
  readonly report: Report;
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
  readonly locations: readonly StockAt[];
}

export interface Price {
  readonly sku: string;
  readonly price: Money;
  readonly publication: {
    readonly id: string;
    readonly sequence: number;
    readonly publisher: Named;
    readonly effectiveFrom: string | null;
  };
}

export interface Product {
  readonly sku: string;
  readonly name: string;
  readonly barcodes: readonly string[];
  readonly price: Money | null;
}

export interface Status {
  readonly device: Named & { readonly code: string };
  readonly roles: readonly string[];
  readonly location: Named;
  readonly businessDate: string;
  readonly commit: { readonly state: string };
  readonly incarnation: number;
  readonly ledgerLength: number;
  readonly peers: readonly {
    readonly device: Named | null;
    readonly state: string;
    readonly lastExchangeAt: string | null;
  }[];
  readonly onlyHere: { readonly entries: number };
  readonly horizon: {
    readonly entries: number;
    readonly onlyHere: number;
    readonly peers: number;
    readonly relay: number;
    readonly hq: number;
  };
  readonly relay: Relay | null;
  readonly links: { readonly lan: boolean; readonly uplink: boolean };
  readonly enrolment: { readonly state: string };
}

export interface Relay {
  readonly state: string;
  readonly lastError: { readonly code: string; readonly detail: string } | null;
  readonly sentBytes: number;
  readonly receivedBytes: number;
  readonly pending: readonly { readonly lane: number; readonly envelopes: number }[];
  readonly channels: readonly {
    readonly channel: string;
    readonly lane: number;
    readonly storedOffset: number;
  }[];
}

export interface Device extends Named {
  readonly roles: readonly string[];
  readonly location: Named;
  readonly state: string;
  readonly isThis: boolean;
}

export interface Exception {
  readonly id: string;
  readonly type: string;
  readonly at: string;
  readonly saleId?: string;
  readonly sku?: string;
}

export interface Entry {
  readonly kind: string;
  readonly device: string;
  readonly incarnation: number;
  readonly sequence: number;
  readonly hash: string;
  readonly previous: string;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
}

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly retryable: boolean;
  readonly errors: readonly {
    readonly pointer: string;
    readonly code: string;
    readonly detail: string;
  }[];
}

export function gbp(minor: number): Money {
  return { minor, currency: "GBP" };
}

export function cash(minor: number): readonly [{ readonly kind: "cash"; readonly amount: Money }] {
  return [{ kind: "cash", amount: gbp(minor) }];
}
