/**
 * What a till tells of a sale, a refund or a void before it is sealed. SPEC.md §1 (FRC).
 *
 * Amounts are integer minor units of `currency`, rates basis points, quantities integer thousandths.
 * Type aliases, not interfaces: see Json.
 *
 * @module
 */

/** Signed as money flows: a refund's and a void's amounts are negative, quantities too. */
export type Receipt = {
  readonly kind: "sale" | "refund" | "void" | "training";
  readonly currency: string;
  readonly lines: readonly ReceiptLine[];
  /** One per category and rate; nets and taxes sum to `totalMinor`. */
  readonly taxes: readonly ReceiptTax[];
  readonly totalMinor: number;
  readonly payments: readonly ReceiptPayment[];
  /** Who sold: an opaque id, never a name. */
  readonly cashier?: string;
  /** Where the law or the customer asks for a full invoice. */
  readonly customer?: ReceiptCustomer;
  /** Of a refund, void or corrective invoice: what it refers to. */
  readonly refersTo?: ReceiptReference;
  /** Of a refund, void or corrective invoice. */
  readonly reason?: string;
  /** What the regime's own rules ask besides, such as `{ "invoiceType": "F1" }`. */
  readonly options?: Readonly<Record<string, string>>;
};

export type ReceiptLine = {
  readonly lineId: string;
  readonly sku: string;
  readonly name: string;
  readonly quantityMilli: number;
  readonly netMinor: number;
  readonly taxMinor: number;
  readonly taxCode: string;
  readonly category: TaxCategory;
  readonly rateBp: number;
};

export type ReceiptTax = {
  readonly taxCode: string;
  readonly category: TaxCategory;
  readonly rateBp: number;
  readonly netMinor: number;
  readonly taxMinor: number;
};

/** EN 16931: standard, zero, exempt, outside of scope, reverse charge, intra-community, export. */
export type TaxCategory = "S" | "Z" | "E" | "O" | "AE" | "K" | "G";

export type ReceiptPayment = { readonly kind: string; readonly amountMinor: number };

export type ReceiptCustomer = {
  readonly name: string;
  readonly taxId?: string;
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  readonly street?: string;
  readonly city?: string;
  readonly postalCode?: string;
};

export type ReceiptReference = {
  readonly number: string;
  /** Local date of issue, `2026-11-22`. */
  readonly issuedOn: string;
  /** `SealedDocument.hash`, where it is known here. */
  readonly hash?: string;
};
