/**
 * A real coffee shop's tickets, and what they add up to by arithmetic of this file alone.
 *
 * Where the data lie beside the repository they are replayed; where they do not, the tests say so.
 *
 * @module
 */

import fs from "node:fs";
import path from "node:path";
import { repositoryRoot } from "./programs.ts";

export const coffeeShopFolder: string = path.join(repositoryRoot, "../shared/data/coffee-shop");

export function hasCoffeeShop(): boolean {
  return fs.existsSync(path.join(coffeeShopFolder, "tickets.csv"));
}

export interface Article {
  readonly sku: string;
  readonly name: string;
  readonly priceMinor: number;
  readonly taxCode: string;
  readonly openingUnits: number;
}

export interface Ticket {
  readonly number: number;
  readonly date: string;
  /** Units by SKU. */
  readonly units: ReadonlyMap<string, number>;
}

export interface CoffeeShop {
  readonly articles: readonly Article[];
  /** Per cent by tax code. */
  readonly ratePercents: ReadonlyMap<string, number>;
  readonly tickets: readonly Ticket[];
}

export function readCoffeeShop(ticketsMax: number = Infinity): CoffeeShop {
  const articles = rowsOf("catalogue.csv").map((row) => ({
    sku: field(row, "sku"),
    name: field(row, "name"),
    priceMinor: pence(field(row, "price_gbp")),
    taxCode: field(row, "tax_code"),
    openingUnits: Number(field(row, "opening_stock")),
  }));
  const skus = new Map(articles.map(({ name, sku }) => [name, sku]));
  const tickets = new Map<number, Ticket & { readonly units: Map<string, number> }>();
  for (const row of rowsOf("tickets.csv")) {
    const number = Number(field(row, "ticket"));
    if (!tickets.has(number) && tickets.size >= ticketsMax) break;
    const ticket = tickets.get(number) ?? { number, date: field(row, "date"), units: new Map() };
    tickets.set(number, ticket);
    const item = field(row, "item");
    const sku = skus.get(item);
    if (sku === undefined) throw new Error(`The catalogue has no "${item}"`);
    ticket.units.set(sku, (ticket.units.get(sku) ?? 0) + 1);
  }
  const ratePercents = new Map(
    rowsOf("taxes.csv").map((row) => [field(row, "tax_code"), Number(field(row, "rate_percent"))]),
  );
  return { articles, ratePercents, tickets: [...tickets.values()] };
}

/** What a ticket, or a whole shop, adds up to. */
export interface Sums {
  readonly tickets: number;
  readonly revenueMinor: number;
  /** By tax code. */
  readonly grossMinor: Readonly<Record<string, number>>;
  readonly taxMinor: Readonly<Record<string, number>>;
  /** By SKU. */
  readonly units: Readonly<Record<string, number>>;
}

export function sumsOf(shop: CoffeeShop, tickets: readonly Ticket[] = shop.tickets): Sums {
  const articles = new Map(shop.articles.map((article) => [article.sku, article]));
  const grossMinor: Record<string, number> = {};
  const taxMinor: Record<string, number> = {};
  const units: Record<string, number> = {};
  let revenueMinor = 0;
  for (const ticket of tickets) {
    const grossByCode = new Map<string, number>();
    for (const [sku, count] of ticket.units) {
      const { priceMinor, taxCode } = articles.get(sku) as Article;
      grossByCode.set(taxCode, (grossByCode.get(taxCode) ?? 0) + count * priceMinor);
      add(units, sku, count);
    }
    for (const [code, gross] of grossByCode) {
      add(grossMinor, code, gross);
      add(taxMinor, code, taxWithin(gross, shop.ratePercents.get(code) ?? Number.NaN));
      revenueMinor += gross;
    }
  }
  return { tickets: tickets.length, revenueMinor, grossMinor, taxMinor, units };
}

export function add(sums: Record<string, number>, name: string, amount: number): void {
  sums[name] = (sums[name] ?? 0) + amount;
}

/** The tax within a gross amount at a whole rate, once per ticket and rate, half up. */
function taxWithin(gross: number, percent: number): number {
  return Math.floor((2 * gross * percent + (100 + percent)) / (2 * (100 + percent)));
}

type Row = ReadonlyMap<string, string>;

/** These files have no quotes; a line that had would be read wrong, so it is refused. */
function rowsOf(name: string): readonly Row[] {
  const text = fs.readFileSync(path.join(coffeeShopFolder, name), "utf8");
  if (text.includes('"')) throw new Error(`${name} has quotes`);
  const [header = "", ...lines] = text.trim().split(/\r?\n/);
  const columns = header.split(",");
  return lines.map((line) => {
    const fields = line.split(",");
    return new Map(columns.map((column, index) => [column, fields[index] ?? ""]));
  });
}

function field(row: Row, column: string): string {
  const value = row.get(column);
  if (value === undefined) throw new Error(`There is no column ${column}`);
  return value;
}

function pence(text: string): number {
  const [pounds = "", rest = ""] = text.split(".");
  return Number(pounds) * 100 + Number(rest.padEnd(2, "0"));
}
