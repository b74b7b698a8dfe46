/**
 * The movements that belong to a body. SPEC.md §3 (MV).
 *
 * @module
 */

import { canonicalJson, type HeldEntry, type LocationId, type Movement } from "@tillmesh/kernel";
import {
  serviceLineId,
  type GoodsLine,
  type KnownBody,
  type RefundBody,
  type ReversalBody,
  type SaleBody,
} from "./bodies.ts";
import type { BodyFault } from "./checks.ts";
import { readEntry, type ReadEntry } from "./parse-entry-body.ts";

/** One movement per line of goods: what was sold leaves `location`. */
export function saleMovements(body: SaleBody, location: LocationId): readonly Movement[] {
  return goodsOf(body.lines).map((line) => movement("sale", location, line));
}

/** What comes back returns to `location`; what cannot be sold again leaves it as waste. */
export function refundMovements(body: RefundBody, location: LocationId): readonly Movement[] {
  const goods = goodsOf(body.lines);
  const returned = goods.map((line) => movement("return", location, line));
  if (body.goods === "restock") return returned;
  return [...returned, ...goods.map((line) => movement("waste", location, line))];
}

export function reversalMovements(body: ReversalBody, location: LocationId): readonly Movement[] {
  return goodsOf(body.lines).map((line) => movement("return", location, line));
}

/** Everything wrong with an entry on its own: its body, and movements that are not its body's. */
export function entryFaults(held: HeldEntry): readonly BodyFault[] {
  const read = readEntry(held);
  return read.kind === "faulty" ? read.faults : movementFaults(read);
}

/** Movements that differ from what the body says; only a stock entry may choose its own. */
export function movementFaults(read: ReadEntry): readonly BodyFault[] {
  if (read.kind === "faulty" || read.kind === "unknown-kind") return [];
  const found = read.entry.movements ?? [];
  if (read.kind === "stock") return stockFaults(found);
  const expected = movementsOf(read, read.entry.location);
  return textOf(expected) === textOf(found)
    ? []
    : [{ pointer: "/movements", expected: textOf(expected), found: textOf(found) }];
}

// A service charge is a line and nothing that lies on a shelf.
function goodsOf(lines: readonly GoodsLine[]): readonly GoodsLine[] {
  return lines.filter(({ lineId }) => lineId !== serviceLineId);
}

function movementsOf({ kind, body }: KnownBody, location: LocationId): readonly Movement[] {
  if (kind === "sale") return saleMovements(body, location);
  if (kind === "refund") return refundMovements(body, location);
  return kind === "reversal" ? reversalMovements(body, location) : [];
}

function stockFaults(movements: readonly Movement[]): readonly BodyFault[] {
  return movements.flatMap(({ kind }, index) =>
    kind === "sale" || kind === "return"
      ? [
          {
            pointer: `/movements/${index}/kind`,
            expected: "receipt, adjustment, waste, transfer-out or transfer-in",
            found: kind,
          },
        ]
      : [],
  );
}

function movement(
  kind: "sale" | "return" | "waste",
  location: LocationId,
  { sku, quantityMilli }: GoodsLine,
): Movement {
  return { kind, location, sku, quantityMilli: kind === "return" ? quantityMilli : -quantityMilli };
}

function textOf(movements: readonly Movement[]): string {
  return canonicalJson(movements.map((each) => ({ ...each })));
}
