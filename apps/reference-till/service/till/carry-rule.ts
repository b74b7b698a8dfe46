/**
 * Which entries a till needs although a carry stands for them: what it makes of them is not in sums of goods.
 *
 * Counts, goods between locations, and what lay there before the till did. The name is part of every carry; whoever
 * keeps by another one is sent all entries instead. So change it whenever other entries are kept.
 *
 * @module
 */

import type { Entry } from "@tillmesh/kernel";
import type { CarryRule } from "@tillmesh/sync-engine/node";
import { openingStockReference } from "../projection/apply.ts";

export const carryRule: CarryRule = { name: "till/1", keeps };

const kinds: ReadonlySet<string> = new Set(["count", "count-opened", "count-closed"]);

function keeps({ kind, movements = [], body }: Entry): boolean {
  return (
    kinds.has(kind) ||
    movements.some((movement) => movement.transfer !== undefined) ||
    (kind === "stock" && isOpeningStock(body))
  );
}

function isOpeningStock(body: Entry["body"]): boolean {
  const isObject = typeof body === "object" && body !== null && !Array.isArray(body);
  return isObject && "reference" in body && body["reference"] === openingStockReference;
}
