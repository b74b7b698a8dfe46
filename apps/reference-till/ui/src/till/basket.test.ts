import { describe, expect, test } from "vitest";
import { readProblem } from "../api/problem.ts";
import type { Product, Quote } from "../api/shapes.ts";
import {
  askedBasket,
  askedLines,
  currentQuote,
  emptyBasket,
  shownLines,
  stepBasket,
  type Basket,
  type BasketAction,
} from "./basket.ts";

const gbp = (minor: number) => ({ minor, currency: "GBP" });

function product(sku: string, minor: number): Product {
  return {
    sku,
    name: `Product ${sku}`,
    barcodes: [],
    department: "Coffee",
    unit: "each",
    taxCode: "std",
    ratePercent: "20",
    price: gbp(minor),
  };
}

function quoteOf(...lines: readonly [sku: string, quantity: string, minor: number][]): Quote {
  return {
    quoteId: "quote_1",
    businessDate: "2026-11-22",
    currency: "GBP",
    taxes: [],
    total: gbp(999),
    lines: lines.map(([sku, quantity, minor], index) => ({
      lineId: String(index + 1),
      sku,
      name: sku,
      quantity,
      unitPrice: gbp(370),
      amount: gbp(minor),
      taxCode: "std",
      ratePercent: "20",
      tax: gbp(0),
    })),
  };
}

function after(...actions: readonly BasketAction[]): Basket {
  return actions.reduce(stepBasket, emptyBasket);
}

const addLatte: BasketAction = { type: "add", product: product("LATTE", 370) };

describe("the basket", () => {
  test("a second scan of an article adds to its line", () => {
    const basket = after(addLatte, { type: "add", product: product("BUN", 250) }, addLatte);
    expect(askedLines(basket)).toEqual([
      { sku: "LATTE", quantity: "2" },
      { sku: "BUN", quantity: "1" },
    ]);
    expect(basket.touched).toBe("LATTE");
  });

  test("a line is shown at once with the known price, and confirmed by its quote", () => {
    const basket = after(addLatte);
    expect(shownLines(basket)[0]).toMatchObject({ amount: gbp(370), isConfirmed: false });
    const quoted = stepBasket(basket, {
      type: "quoted",
      revision: basket.revision,
      quote: quoteOf(["LATTE", "1", 380]),
    });
    expect(shownLines(quoted)[0]).toMatchObject({ amount: gbp(380), isConfirmed: true });
    expect(currentQuote(quoted)?.total).toEqual(gbp(999));
  });

  test("nothing is multiplied: until its quote a changed line shows the last amount", () => {
    const one = after(addLatte);
    const quote = quoteOf(["LATTE", "1", 370]);
    const quoted = stepBasket(one, { type: "quoted", revision: one.revision, quote });
    const two = stepBasket(quoted, { type: "set", key: "LATTE", quantityMilli: 2000 });
    expect(shownLines(two)[0]).toMatchObject({ amount: gbp(370), isConfirmed: false });
    expect(currentQuote(two)).toBeUndefined();
  });

  test("a quote or refusal of an older basket changes nothing", () => {
    const basket = after(addLatte, addLatte);
    const late = { type: "quoted", revision: 1, quote: quoteOf(["LATTE", "1", 370]) } as const;
    expect(stepBasket(basket, late)).toBe(basket);
    const problem = readProblem(422, { code: "NoPrice" });
    expect(stepBasket(basket, { type: "refused", revision: 1, problem })).toBe(basket);
  });

  test("what was taken away can be brought back, until something else happens", () => {
    const basket = after(addLatte, { type: "set", key: "LATTE", quantityMilli: 0 });
    expect(basket.lines).toEqual([]);
    expect(stepBasket(basket, { type: "undo" }).lines).toHaveLength(1);
    const gone = stepBasket(basket, { type: "add", product: product("BUN", 250) });
    expect(stepBasket(gone, { type: "undo" }).lines).toEqual(gone.lines);
  });

  test("a line with terms of its own is left alone by the next scan", () => {
    const terms = { discount: { percent: "10" }, reason: "Damaged" } as const;
    const basket = after(addLatte, { type: "terms", key: "LATTE", terms }, addLatte, addLatte);
    expect(askedLines(basket)).toEqual([
      { sku: "LATTE", quantity: "1", discount: { percent: "10" }, reason: "Damaged" },
      { sku: "LATTE", quantity: "2" },
    ]);
    expect(new Set(basket.lines.map(({ key }) => key)).size).toBe(2);
    const plain = stepBasket(basket, { type: "terms", key: "LATTE", terms: {} });
    expect(askedLines(plain)[0]).toEqual({ sku: "LATTE", quantity: "1" });
  });

  test("each price that is typed is a line of its own", () => {
    const cake = { type: "add", product: product("CAKE", 0) } as const;
    const basket = after({ ...cake, price: gbp(450) }, { ...cake, price: gbp(500) });
    expect(askedLines(basket)).toEqual([
      { sku: "CAKE", quantity: "1", price: gbp(450) },
      { sku: "CAKE", quantity: "1", price: gbp(500) },
    ]);
  });

  test("quoted lines belong to theirs by place; deposits stand with the line they follow", () => {
    const basket = after({ type: "add", product: product("BUN", 250) }, addLatte);
    const quote = quoteOf(["BUN", "1", 200], ["LATTE", "1", 370]);
    const [bun, latte] = quote.lines;
    const deposit = { ...latte, lineId: "2.1", sku: "CUP", name: "Cup", linkedTo: "2" };
    const lines = [bun, latte, deposit] as Quote["lines"];
    const { revision } = basket;
    const quoted = stepBasket(basket, { type: "quoted", revision, quote: { ...quote, lines } });
    expect(shownLines(quoted).map(({ name, deposits }) => [name, deposits.length])).toEqual([
      ["Product BUN", 0],
      ["Product LATTE", 1],
    ]);
    expect(shownLines(quoted)[0]?.isListedBeforeTax).toBe(false);
    const removed = stepBasket(quoted, { type: "remove", key: "BUN" });
    expect(shownLines(removed)).toMatchObject([{ sku: "LATTE", amount: gbp(370) }]);
  });

  test("what was decided about the basket goes with it, and comes back with undo", () => {
    const order = { coupons: ["WELCOME"], customerGroup: "staff" };
    const basket = after(addLatte, { type: "order", order });
    expect(askedBasket(basket)).toEqual({ lines: [{ sku: "LATTE", quantity: "1" }], ...order });
    const cleared = stepBasket(basket, { type: "clear" });
    expect(cleared.order).toEqual({});
    expect(stepBasket(cleared, { type: "undo" }).order).toEqual(order);
    expect(stepBasket(basket, { type: "sold" }).order).toEqual({});
  });

  test("a sale empties it, and an older quote does not come back", () => {
    const basket = after(addLatte);
    const sold = stepBasket(basket, { type: "sold" });
    const quote = quoteOf(["LATTE", "1", 370]);
    expect(sold.lines).toEqual([]);
    expect(stepBasket(sold, { type: "quoted", revision: basket.revision, quote })).toBe(sold);
  });
});
