/**
 * What a person at the till decides about prices, and how far their role may go. SPEC.md §18 (MD).
 *
 * @module
 */

/** Why a person changed what is paid: shown on the receipt, and listed by `code` in reports. */
export interface ManualReason {
  /** 1 to 200 characters. */
  readonly reason: string;
  /** Up to 64 characters; "" when absent. */
  readonly reasonCode?: string;
}

/** At most what is left of the line or order is taken off; the discount of the basket says how much it was. */
export type ManualDiscount = ManualReason &
  (
    | {
        /** 1 to 10,000 basis points of what the line or order still costs after promotions. */
        readonly percentBp: number;
      }
    | {
        /** In the basis of the basket; more than 0. */
        readonly amountMinor: number;
      }
  );

/** Takes the place of the list price, and of the price for `perMilli` thousandths that it was. */
export interface PriceOverride extends ManualReason {
  readonly unitPriceMinor: number;
}

/** A line of its own: `lineId` `"service"`. Of all lines but deposits, after every discount. */
export type ServiceCharge = {
  readonly name: string;
  readonly taxCode: string;
  /** Of the publication that asks for it. */
  readonly publication: string;
} & ({ readonly percentBp: number } | { readonly amountMinor: number });

/** Who is at the till, and what every role may do. Absent from a basket: nothing is limited. */
export interface ActorLimits {
  readonly role: string;
  readonly byRole: Readonly<Record<string, DiscountLimit>>;
}

/** The most that a role may take off, in basis points: 10,000 is all of it, 0 nothing. */
export type DiscountLimit = {
  /** Of what a line costs after promotions. */
  readonly lineBp: number;
  /** Of what the order costs after promotions and line discounts. */
  readonly orderBp: number;
  /** Of the list price; a price above the list price needs no permission. */
  readonly overrideBp: number;
  /** May a line be given away? */
  readonly canComp: boolean;
};
