/**
 * What an entry does to stock.
 *
 * @module
 */

import type { LocationId, Sku } from "./ids.ts";

export type MovementKind =
  | "sale"
  | "return"
  | "receipt"
  | "adjustment"
  | "waste"
  | "transfer-out"
  | "transfer-in";

export interface Movement {
  readonly kind: MovementKind;
  readonly location: LocationId;
  readonly sku: Sku;
  /** Signed effect on the level at `location`: a sale is negative. */
  readonly quantityMilli: number;
  /** Transfers only: the id that both ends share. */
  readonly transfer?: string;
  /** Transfers only: the location at the other end. */
  readonly counterpart?: LocationId;
}
