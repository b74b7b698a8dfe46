/**
 * The coffee shop's tickets, rung up on two tills that are cut off from each other every other day.
 *
 * The API has no simulated dates, so every day of the data is a shift and a Z of today: a till
 * closes as many days as the shop did.
 *
 * @module
 */

import path from "node:path";
import { cash, gbp, type Report, type Sale, type Shift, type Stock, type Z } from "./answers.ts";
import { must } from "./api.ts";
import { layCable, type Cable } from "./cable.ts";
import {
  add,
  coffeeShopFolder,
  sumsOf,
  type CoffeeShop,
  type Sums,
  type Ticket,
} from "./coffee-shop.ts";
import { eventually } from "./eventually.ts";
import { numbering } from "./kill-loop.ts";
import { freePorts } from "./ports.ts";
import { tillmesh } from "./programs.ts";
import { serve, untilConnected, type Device, type Serving } from "./serving.ts";
import { foundShop, joinShop } from "./shop.ts";

export interface ReplayOptions {
  readonly folder: string;
  readonly shop: CoffeeShop;
  readonly onDay?: (
    day: string,
    facts: { readonly tickets: number; readonly isCut: boolean },
  ) => void;
}

/** What one till says in the end. */
export interface TillSays {
  /** From its list of sales. */
  readonly sums: Sums;
  /** Units on hand by SKU. */
  readonly onHand: Readonly<Record<string, string>>;
  readonly numberingFaults: readonly string[];
}

export interface ReplayResult {
  readonly tills: readonly TillSays[];
  /** Of the Zs of both tills together, without units. */
  readonly zs: Omit<Sums, "units">;
  readonly zCount: number;
  readonly daysApart: number;
  readonly verify: readonly { readonly code: number | null; readonly text: string }[];
}

interface Pair {
  readonly devices: readonly Device[];
  readonly servings: readonly Serving[];
  readonly cables: readonly Cable[];
}

export async function replay(options: ReplayOptions): Promise<ReplayResult> {
  const pair = await openPair(options);
  const reports: Report[] = [];
  let daysApart = 0;
  let tills: readonly TillSays[] = [];
  try {
    const days = [...Map.groupBy(options.shop.tickets, ({ date }) => date)];
    for (const [index, [date, tickets]] of days.entries()) {
      const isCut = index % 2 === 1;
      daysApart += Number(isCut);
      if (isCut) for (const cable of pair.cables) cable.cut();
      else await mend(pair);
      const halves = [0, 1].map((half) => tickets.filter(({ number }) => number % 2 === half));
      const closed = await Promise.all(
        pair.servings.map((serving, till) => ringUpDay(serving, options.shop, halves[till] ?? [])),
      );
      reports.push(...closed);
      options.onDay?.(date, { tickets: tickets.length, isCut });
    }
    await mend(pair);
    tills = await Promise.all(pair.servings.map((serving) => hear(serving, options.shop)));
  } finally {
    await Promise.all(pair.servings.map((serving) => serving.stop()));
    await Promise.all(pair.cables.map((cable) => cable.remove()));
  }
  const verify = await Promise.all(pair.devices.map(verified));
  return { tills, zs: addReports(reports), zCount: reports.length, daysApart, verify };
}

async function openPair({ folder, shop }: ReplayOptions): Promise<Pair> {
  const taxes = path.join(coffeeShopFolder, "taxes.csv");
  const catalogue = path.join(coffeeShopFolder, "catalogue.csv");
  const first = await foundShop(folder, { taxes, catalogue, map: "price=price_gbp" });
  const second = await joinShop(first, { folder, name: "Till 2" });
  const [toSecond = 0, toFirst = 0] = await freePorts(2);
  const cables = await Promise.all([
    layCable({ port: toSecond, to: second.lanPort }),
    layCable({ port: toFirst, to: first.lanPort }),
  ]);
  const servings = await Promise.all([
    serve(first, { peers: [toSecond] }),
    serve(second, { peers: [toFirst] }),
  ]);
  const pair = { devices: [first, second], servings, cables };
  await mend(pair);
  const last = shop.articles.at(-1)?.sku ?? "";
  await eventually("the catalogue on both", async () => {
    const prices = await Promise.all(servings.map(({ api }) => api.get(`/prices/${last}`)));
    return prices.every(({ status }) => status === 200) ? true : undefined;
  });
  return pair;
}

async function mend({ cables, servings }: Pair): Promise<void> {
  for (const cable of cables) cable.mend();
  await Promise.all(servings.map((serving) => untilConnected(serving)));
}

/** A shift from float to count, and its Z. */
async function ringUpDay(
  { api }: Serving,
  shop: CoffeeShop,
  tickets: readonly Ticket[],
): Promise<Report> {
  must(await api.post<Shift>("/shifts", { float: gbp(floatMinor) }), 201);
  const waiting = tickets.values();
  const cashier = async () => {
    for (const ticket of waiting) await ringUp(api, shop, ticket);
  };
  await Promise.all(Array.from({ length: inFlight }, cashier));
  const counted = gbp(floatMinor + sumsOf(shop, tickets).revenueMinor);
  const closed = must(await api.post<Shift>("/shifts/close", { counted }), 200, 201);
  if (closed.difference?.minor !== 0)
    throw new Error(`The drawer differs: ${JSON.stringify(closed)}`);
  return must(await api.post<Z>("/days/close", {}), 200, 201).report;
}

const floatMinor = 10_000;
const inFlight = 6;

/** Our total goes along; a till that computes another refuses. The ticket's number is the key. */
async function ringUp(api: Serving["api"], shop: CoffeeShop, ticket: Ticket): Promise<void> {
  const { revenueMinor } = sumsOf(shop, [ticket]);
  const lines = [...ticket.units].map(([sku, count]) => ({ sku, quantity: String(count) }));
  const tenders = cash(Math.ceil(revenueMinor / 500) * 500);
  const body = { lines, tenders, expectedTotal: gbp(revenueMinor) };
  must(await api.post<Sale>("/sales", body, { key: `ticket-${ticket.number}` }), 200, 201);
}

async function hear({ api }: Serving, { tickets, articles }: CoffeeShop): Promise<TillSays> {
  let count = 0;
  await eventually(
    `${tickets.length} sales`,
    async () => {
      count = (await api.all<Sale>("/sales")).length;
      return count >= tickets.length ? true : undefined;
    },
    { withinMs: 120_000, everyMs: 1000 },
  ).catch(async (cause: unknown) => {
    const status = await api.get("/status");
    throw new Error(`Only ${count} of ${tickets.length} sales. ${status.text}`, { cause });
  });
  const sales = await api.all<Sale>("/sales");
  const stock = await api.all<Stock>("/stock");
  const skus = new Set(articles.map(({ sku }) => sku));
  const known = stock.filter(({ sku }) => skus.has(sku));
  const onHand = known.map(({ sku, locations }) => [sku, locations[0]?.onHand ?? "none"] as const);
  return {
    sums: addSales(sales),
    onHand: Object.fromEntries(onHand),
    numberingFaults: numbering(sales),
  };
}

function addSales(sales: readonly Sale[]): Sums {
  const grossMinor: Record<string, number> = {};
  const taxMinor: Record<string, number> = {};
  const units: Record<string, number> = {};
  for (const { taxes, lines } of sales) {
    for (const { taxCode, gross, tax } of taxes) {
      add(grossMinor, taxCode, gross.minor);
      add(taxMinor, taxCode, tax.minor);
    }
    for (const { sku, quantity } of lines) add(units, sku, Number(quantity));
  }
  const revenueMinor = sales.reduce((sum, { total }) => sum + total.minor, 0);
  return { tickets: sales.length, revenueMinor, grossMinor, taxMinor, units };
}

function addReports(reports: readonly Report[]): ReplayResult["zs"] {
  const grossMinor: Record<string, number> = {};
  const taxMinor: Record<string, number> = {};
  let tickets = 0;
  let revenueMinor = 0;
  for (const { sales, net, taxes } of reports) {
    tickets += sales.count;
    revenueMinor += net.minor;
    for (const { taxCode, gross, tax } of taxes) {
      add(grossMinor, taxCode, gross.minor);
      add(taxMinor, taxCode, tax.minor);
    }
  }
  return { tickets, revenueMinor, grossMinor, taxMinor };
}

async function verified({ directory }: Device): Promise<ReplayResult["verify"][0]> {
  const { code, stdout, stderr } = await tillmesh("verify", "--data", directory, "--json");
  return { code, text: stdout + stderr };
}

/** Sentences about what differs from the fold of the files; none when all is well. */
export function replayFaults(result: ReplayResult, shop: CoffeeShop): readonly string[] {
  const expected = sumsOf(shop);
  const { units, ...money } = expected;
  const onHand = Object.fromEntries(
    shop.articles.map(({ sku, openingUnits }) => [sku, String(openingUnits - (units[sku] ?? 0))]),
  );
  const zeroless = Object.fromEntries(Object.entries(units).filter(([, count]) => count !== 0));
  return [
    ...result.tills.flatMap((till, index) => [
      ...differing(`till ${index + 1}, sales`, till.sums, { ...expected, units: zeroless }),
      ...differing(`till ${index + 1}, stock`, till.onHand, onHand),
      ...till.numberingFaults,
    ]),
    ...differing("Zs", result.zs, money),
    ...result.verify.flatMap(({ code, text }) =>
      code === 0 ? [] : [`verify: ${text.slice(0, 2000)}`],
    ),
  ];
}

function differing(what: string, found: object, expected: object): readonly string[] {
  const names = new Set([...Object.keys(found), ...Object.keys(expected)]);
  return [...names].flatMap((name) => {
    const [is, shouldBe] = [found, expected].map((one) =>
      sorted((one as Record<string, unknown>)[name]),
    );
    return is === shouldBe ? [] : [`${what}: ${name} is ${is}, not ${shouldBe}`];
  });
}

function sorted(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  return JSON.stringify(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
