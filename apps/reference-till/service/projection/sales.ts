/**
 * Sales and what was given back of them, by id, receipt number and day.
 *
 * @module
 */

import type { HeldEntry, SaleId } from "@tillmesh/kernel";
import { emptySale, foldSale, type SaleState } from "@tillmesh/sales-ledger";
import { heldOf, type Tables } from "./tables.ts";

/** All facts held here of one sale; none for an id that is not known. */
export function saleState(tables: Tables, sale: string): SaleState {
  return saleEntries(tables, sale).reduce(foldSale, emptySale(sale as SaleId));
}

/** The sale, then its refunds and reversals as they arrived. */
export function saleEntries(tables: Tables, sale: string): readonly HeldEntry[] {
  const rows = tables
    .sql(
      `SELECT hash, flags, entry FROM entries WHERE n IN
        (SELECT n FROM sales WHERE sale = ?1 UNION SELECT n FROM refunds WHERE sale = ?1)
       ORDER BY kind <> 'sale', n`,
    )
    .all(sale);
  return rows.map(heldOf);
}

/** A sale's id by its receipt number. */
export function saleByReceipt(tables: Tables, receiptNumber: string): string | undefined {
  const row = tables.sql("SELECT sale FROM sales WHERE receipt = ? LIMIT 1").get(receiptNumber);
  return row && String(row["sale"]);
}

export interface SalesQuery {
  readonly businessDate?: string | undefined;
  /** After this place in the list, exclusive. */
  readonly after?: { readonly at: string; readonly n: number } | undefined;
  readonly limit: number;
}

export interface ListedSale {
  readonly n: number;
  readonly held: HeldEntry;
}

/** Newest first. */
export function listSales(
  tables: Tables,
  { businessDate, after, limit }: SalesQuery,
): readonly ListedSale[] {
  const { at, n } = after ?? { at: "~", n: 0 };
  const day = businessDate === undefined ? "" : "s.business_date = ?4 AND";
  const rows = tables
    .sql(
      `SELECT s.n, hash, flags, entry FROM sales s JOIN entries e ON e.n = s.n
       WHERE ${day} (s.at, s.n) < (?1, ?2) ORDER BY s.at DESC, s.n DESC LIMIT ?3`,
    )
    .all(at, n, limit, ...(businessDate === undefined ? [] : [businessDate]));
  return rows.map((row) => ({ n: Number(row["n"]), held: heldOf(row) }));
}
