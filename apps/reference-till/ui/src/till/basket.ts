/**
 * What the customer wants, as tapped and scanned; priced by the service's quotes.
 *
 * A revision numbers every change of the lines, so that a quote for an older basket is never shown
 * for a newer one. The page adds nothing up: until the quote is there, the last one is dimmed.
 *
 * @module
 */

import { formatQuantity, unreachable } from "@tillmesh/kernel";
import type { Problem } from "../api/problem.ts";
import type { PricedLine, Product, Quote } from "../api/shapes.ts";
import type { Money } from "../money.ts";
import { isPlain, noOrderTerms, type LineTerms, type OrderTerms } from "./terms.ts";

export interface BasketLine {
  /** The SKU; with a number behind it where a line of that SKU has terms of its own. */
  readonly key: string;
  readonly sku: string;
  readonly name: string;
  readonly unit: string;
  readonly quantityMilli: number;
  /** Known from the product list; the quote decides. */
  readonly unitPrice: Money | null;
  readonly terms?: LineTerms;
}

export interface Basket extends Contents {
  readonly revision: number;
  readonly quote: HeldQuote | null;
  readonly refused: { readonly revision: number; readonly problem: Problem } | null;
  /** The key of the line that changed last, for the eye. */
  readonly touched: string | null;
  /** Before the last change that took something away. */
  readonly undo: Contents | null;
}

interface Contents {
  readonly lines: readonly BasketLine[];
  readonly order: OrderTerms;
}

interface HeldQuote {
  readonly revision: number;
  readonly value: Quote;
  /** Of the lines that were quoted, in their order. */
  readonly keys: readonly string[];
}

export type BasketAction = Change | Told;

/** What the person does to the lines. */
type Change =
  | {
      readonly type: "add";
      readonly product: Product;
      readonly quantityMilli?: number;
      /** Typed, of an article whose price is open. */
      readonly price?: Money;
    }
  | { readonly type: "set"; readonly key: string; readonly quantityMilli: number }
  | { readonly type: "terms"; readonly key: string; readonly terms: LineTerms }
  | { readonly type: "order"; readonly order: OrderTerms }
  | { readonly type: "remove"; readonly key: string }
  | { readonly type: "clear" }
  | { readonly type: "undo" };

/** What became of them. */
type Told =
  | { readonly type: "sold" }
  | { readonly type: "requote" }
  | { readonly type: "quoted"; readonly revision: number; readonly quote: Quote }
  | { readonly type: "refused"; readonly revision: number; readonly problem: Problem };

export const emptyBasket: Basket = {
  lines: [],
  order: noOrderTerms,
  revision: 0,
  quote: null,
  refused: null,
  touched: null,
  undo: null,
};

export const linesMax = 200;
const quantityMaxMilli = 1_000_000_000;

export function stepBasket(basket: Basket, action: BasketAction): Basket {
  if (isChange(action)) return changeContents(basket, action);
  switch (action.type) {
    case "sold":
      return { ...emptyBasket, revision: basket.revision + 1 };
    case "requote":
      return { ...basket, revision: basket.revision + 1 };
    case "quoted":
    case "refused":
      return action.revision === basket.revision ? answer(basket, action) : basket;
    default:
      return unreachable(action);
  }
}

/** What `/quotes` and `/sales` take. */
export function askedBasket({ lines, order }: Contents): object {
  return { lines: askedLines({ lines }), ...order };
}

export function askedLines({ lines }: Pick<Basket, "lines">): readonly object[] {
  return lines.map(({ sku, quantityMilli, terms }) => ({
    sku,
    quantity: formatQuantity(quantityMilli),
    ...terms,
  }));
}

/** The quote of exactly these lines, if it is there. */
export function currentQuote({ quote, revision }: Basket): Quote | undefined {
  return quote?.revision === revision ? quote.value : undefined;
}

export interface ShownLine extends BasketLine {
  readonly amount: Money | null;
  /** The quote of these lines says so. */
  readonly isConfirmed: boolean;
  /** As it was quoted last, with its discounts. */
  readonly quoted: PricedLine | null;
  readonly deposits: readonly PricedLine[];
  /** What is listed and taken off is without tax; the amount is with it. */
  readonly isListedBeforeTax: boolean;
}

/** Amounts by the quote; where it is not there yet the last one, or the price of a single piece. */
export function shownLines(basket: Basket): readonly ShownLine[] {
  const isCurrent = currentQuote(basket) !== undefined;
  const { value, keys = [] } = basket.quote ?? {};
  const isListedBeforeTax = value?.basis === "exclusive";
  return basket.lines.map((line) => {
    const lineId = String(keys.indexOf(line.key) + 1);
    const known = value?.lines.find((one) => one.lineId === lineId);
    const deposits = value?.lines.filter(({ linkedTo }) => linkedTo === lineId) ?? [];
    return { ...shownLine(line, known, isCurrent), deposits, isListedBeforeTax };
  });
}

function shownLine(
  line: BasketLine,
  known: PricedLine | undefined,
  isCurrent: boolean,
): Omit<ShownLine, "deposits" | "isListedBeforeTax"> {
  const single = line.quantityMilli === 1000 ? line.unitPrice : null;
  if (known === undefined) return { ...line, amount: single, isConfirmed: false, quoted: null };
  const { unitPrice, amount, quantity } = known;
  const isSame = quantity === formatQuantity(line.quantityMilli);
  const shown = { ...line, unitPrice, isConfirmed: isCurrent && isSame };
  return isSame
    ? { ...shown, amount, quoted: known }
    : { ...shown, amount: single ?? amount, quoted: null };
}

type Answer = Extract<BasketAction, { readonly type: "quoted" | "refused" }>;

function answer(basket: Basket, action: Answer): Basket {
  const { revision } = action;
  if (action.type === "refused") {
    return { ...basket, refused: { revision, problem: action.problem } };
  }
  const keys = basket.lines.map(({ key }) => key);
  return { ...basket, quote: { revision, value: action.quote, keys }, refused: null };
}

function isChange(action: BasketAction): action is Change {
  return changes.has(action.type);
}

const changes: ReadonlySet<string> = new Set<Change["type"]>([
  "add",
  "set",
  "terms",
  "order",
  "remove",
  "clear",
  "undo",
]);

function changeContents(basket: Basket, action: Change): Basket {
  switch (action.type) {
    case "add":
      return addProduct(basket, action);
    case "set":
      return setQuantity(basket, action.key, action.quantityMilli);
    case "terms":
      return setTerms(basket, action.key, action.terms);
    case "order":
      return changed(basket, { order: action.order }, null);
    case "remove":
      return takeAway(basket, ({ key }) => key !== action.key);
    case "clear":
      return { ...takeAway(basket, () => false), order: noOrderTerms };
    case "undo":
      return changed(basket, basket.undo ?? {}, null);
    default:
      return unreachable(action);
  }
}

function addProduct(basket: Basket, action: Extract<Change, { readonly type: "add" }>): Basket {
  const { product, quantityMilli = 1000, price: typed } = action;
  const { sku, name, unit, price, per } = product;
  const known = basket.lines.find((line) => line.sku === sku && isPlain(line.terms));
  if (known !== undefined && typed === undefined) {
    return setQuantity(basket, known.key, known.quantityMilli + quantityMilli);
  }
  if (basket.lines.length >= linesMax) return basket;
  const key = freeKey(basket, sku);
  // What one costs is the quote's to say where the price is of another quantity.
  const unitPrice = typed ?? (per === undefined ? price : null);
  const line = { key, sku, name, unit, quantityMilli, unitPrice };
  const added = typed === undefined ? line : { ...line, terms: { price: typed } };
  return changed(basket, { lines: [...basket.lines, added] }, key);
}

function freeKey({ lines }: Contents, sku: string): string {
  const taken = new Set(lines.map(({ key }) => key));
  let key = sku;
  for (let number = 2; taken.has(key); number += 1) key = `${sku} #${number}`;
  return key;
}

function setQuantity(basket: Basket, key: string, quantityMilli: number): Basket {
  if (quantityMilli <= 0) return takeAway(basket, (line) => line.key !== key);
  const bounded = Math.min(quantityMilli, quantityMaxMilli);
  return changeLine(basket, key, (line) => ({ ...line, quantityMilli: bounded }));
}

function setTerms(basket: Basket, key: string, terms: LineTerms): Basket {
  return changeLine(basket, key, (line) => {
    const { terms: _, ...plain } = line;
    return isPlain(terms) ? plain : { ...plain, terms };
  });
}

function changeLine(basket: Basket, key: string, step: (line: BasketLine) => BasketLine): Basket {
  const lines = basket.lines.map((line) => (line.key === key ? step(line) : line));
  return changed(basket, { lines }, key);
}

function takeAway(basket: Basket, isKept: (line: BasketLine) => boolean): Basket {
  const lines = basket.lines.filter(isKept);
  if (lines.length === basket.lines.length) return basket;
  const { lines: before, order } = basket;
  return { ...changed(basket, { lines }, null), undo: { lines: before, order } };
}

function changed(basket: Basket, contents: Partial<Contents>, touched: string | null): Basket {
  const revision = basket.revision + 1;
  return { ...basket, ...contents, touched, undo: null, refused: null, revision };
}
