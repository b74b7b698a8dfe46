/**
 * What was taken off a line, and why. SPEC.md §12 (DL).
 *
 * @module
 */

/** `amountMinor` is positive, in the basis of the line's list price. */
export type Discount = {
  readonly kind: "promotion" | "line" | "order" | "comp";
  /** Of the promotion; of a manual discount its reason code or "". */
  readonly id: string;
  /** Shown on the receipt: the promotion's name, or the reason. */
  readonly name: string;
  readonly amountMinor: number;
  /** The publication that says so; null for a manual discount. */
  readonly publication: string | null;
};
