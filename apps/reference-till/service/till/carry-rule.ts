/**
 * Which entries a till needs although a carry stands for them: what it makes of them is not in sums of goods.
 *
 * Counts, goods between locations, what lay there before the till did, and what says of a fiscal stream how it is read. The name is part of every carry; whoever
 * keeps by another one is sent all entries instead. So change it whenever other entries are kept.
 *
 * @module
 */

import type { Entry } from "@tillmesh/kernel";
import type { CarryRule } from "@tillmesh/sync-engine/node";
import { openingStockReference } from "../projection/apply.ts";

export const carryRule: CarryRule = { name: "till/2", keeps };

const kinds: ReadonlySet<string> = new Set(["count", "count-opened", "count-closed"]);

function keeps({ kind, movements = [], body }: Entry): boolean {
  return (
    kinds.has(kind) ||
    movements.some((movement) => movement.transfer !== undefined) ||
    (kind === "stock" && isOpeningStock(body)) ||
    (kind === "fiscal" && !bulk.has(typeOf(body)))
  );
}

/** Fiscal records that come with the history: what was sealed, and what was answered to it. */
const bulk: ReadonlySet<string> = new Set(["sealed", "answered"]);

function typeOf(body: Entry["body"]): string {
  const isObject = typeof body === "object" && body !== null && !Array.isArray(body);
  const type = isObject && "type" in body ? body["type"] : "";
  return typeof type === "string" ? type : "";
}

function isOpeningStock(body: Entry["body"]): boolean {
  const isObject = typeof body === "object" && body !== null && !Array.isArray(body);
  return isObject && "reference" in body && body["reference"] === openingStockReference;
}
