import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { exclusivePerLine, exclusivePerRate, inclusivePerRate } from "../policy.ts";
import { naivePipeline } from "../testing/index.ts";
import {
  article,
  articles,
  codes,
  line,
  lines,
  off,
  options,
  plainLine,
  policies,
  price,
  priced,
  promotions,
  rates,
  service,
  shops,
  type Article,
} from "../testing/random-baskets.ts";
import { basketFigures, type PricedBasket, type PricedLine } from "./priced-basket.ts";

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}

function takenOff({ discounts = [] }: PricedLine, kind?: string): number {
  const counted = discounts.filter((one) => kind === undefined || one.kind === kind);
  return sum(counted.map(({ amountMinor }) => amountMinor));
}

/** All that is said about a line but its place. */
function bagOf({ lines: all }: PricedBasket): readonly string[] {
  return all
    .map(({ lineId, linkedTo, ...rest }) => JSON.stringify([lineId === "service", rest, !linkedTo]))
    .toSorted();
}

describe("priceBasket, the whole pipeline (BA)", () => {
  test("[BA9] [BA3] everything that is split adds up, through all steps", () => {
    fc.assert(
      fc.property(lines, shops, (asked, shop) => {
        const basket = priced(asked, shop);
        const figures = basketFigures(basket);
        const { listTotalMinor, discountMinor, serviceChargeMinor, netMinor, taxMinor } = figures;
        const costMinor = listTotalMinor - discountMinor + serviceChargeMinor;
        expect(costMinor).toBe(figures.basis === "inclusive" ? basket.totalMinor : netMinor);
        expect(netMinor + taxMinor).toBe(basket.totalMinor);
        expect(sum(basket.lines.map(({ amountMinor }) => amountMinor))).toBe(basket.totalMinor);
        expect(sum(basket.lines.map((one) => one.taxMinor))).toBe(taxMinor);
        expect(sum(basket.taxes.map((row) => row.taxMinor))).toBe(taxMinor);
        expect(sum(basket.taxes.map((row) => row.grossMinor))).toBe(basket.totalMinor);
        expect(sum(basket.lines.map((one) => takenOff(one)))).toBe(discountMinor);
        expect(sum(basket.lines.map((one) => takenOff(one, "promotion")))).toBe(
          sum(figures.applied.map(({ amountMinor }) => amountMinor)),
        );
        for (const one of basket.lines) {
          const cost = (one.listAmountMinor ?? one.amountMinor) - takenOff(one);
          const net = one.amountMinor - one.taxMinor;
          expect(cost).toBe(figures.basis === "inclusive" ? one.amountMinor : net);
          expect(Math.min(cost, one.taxMinor, net)).toBeGreaterThanOrEqual(0);
        }
      }),
      { numRuns: 300 },
    );
  });

  test("[BA1] [BA2] [MD1] [MD2] [MD6] without promotions it is what the school book gives", () => {
    const perRate = fc.constantFrom(inclusivePerRate, exclusivePerRate);
    const asked = fc.uniqueArray(line, {
      minLength: 1,
      maxLength: 6,
      selector: (one) => one.article,
    });
    fc.assert(
      fc.property(asked, perRate, fc.option(off), (all, policy, orderDiscount) => {
        const distinct = Array.from({ length: 6 }, (_, at): Article => ({
          priceMinor: 97 * (at + 1) ** 4,
          perMilli: at === 4 ? 100_000 : 1000,
          taxCode: codes[at % 3] ?? "std",
          department: "A",
          unit: "kg",
        }));
        const charged = { policy, serviceCharge: { ...service, taxCode: "zero" } };
        const chosen = orderDiscount === null ? charged : { ...charged, orderDiscount };
        const basket = priced(all, { articles: distinct, options: chosen });
        const order = all.toSorted((a, b) => a.article - b.article);
        const naive = naivePipeline({
          basis: policy.taxBasis,
          lines: order.map(({ article: at, quantityMilli, discount, comp, override }) => ({
            priceMinor: override?.unitPriceMinor ?? distinct[at]?.priceMinor ?? 0,
            perMilli: distinct[at]?.perMilli ?? 0,
            quantityMilli,
            rateBp: rates[distinct[at]?.taxCode ?? "std"],
            off: discount,
            isGivenAway: comp !== undefined,
          })),
          ...(orderDiscount === null ? {} : { orderOff: orderDiscount }),
          service: { percentBp: 1250, rateBp: 0 },
        });
        const skus = order.map(({ article: at }) => `S${at}`);
        const found = [...skus, "service"].flatMap((sku) =>
          basket.lines.filter((one) => one.sku === sku),
        );
        expect(
          found.map((one) => ({
            listMinor: one.listAmountMinor ?? one.amountMinor,
            lineOffMinor: takenOff(one, "line"),
            givenMinor: takenOff(one, "comp"),
            orderOffMinor: takenOff(one, "order"),
            taxMinor: one.taxMinor,
            paidMinor: one.amountMinor,
          })),
        ).toEqual(naive);
      }),
      { numRuns: 300 },
    );
  });

  test("[BA8] the order of scanning changes nothing but the order of the answer", () => {
    const shuffled = lines.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
    );
    fc.assert(
      fc.property(shuffled, shops, ([there, back], shop) => {
        const [a, b] = [priced(there, shop), priced(back, shop)];
        expect({ ...b, lines: bagOf(b) }).toEqual({ ...a, lines: bagOf(a) });
      }),
      { numRuns: 300 },
    );
  });

  test("[BA12] the same basket has the same bytes, in currencies of every number of decimals", () => {
    fc.assert(
      fc.property(lines, shops, (asked, shop) => {
        const texts = ["GBP", "GBP", "JPY", "KWD"].map((currency) => {
          const basket = priced(asked, { ...shop, options: { ...shop.options, currency } });
          return JSON.stringify({ ...basket, currency: "" });
        });
        expect(new Set(texts).size).toBe(1);
      }),
    );
  });

  test("[BA10] a line more raises what the basket costs by no more than its list amount", () => {
    const order = fc.record({ policy: fc.constantFrom(...policies), orderDiscount: off });
    const promotedShops = fc.record({ articles, promotions, options: order });
    fc.assert(
      fc.property(
        fc.array(plainLine, { minLength: 2, maxLength: 7 }),
        promotedShops,
        (all, shop) => {
          const [before, after] = [priced(all.slice(1), shop), priced(all, shop)];
          const [a, b] = [basketFigures(before), basketFigures(after)];
          fc.pre(a.isExact && b.isExact);
          const added = b.listTotalMinor - a.listTotalMinor;
          const rise = b.listTotalMinor - b.discountMinor - (a.listTotalMinor - a.discountMinor);
          expect(rise).toBeLessThanOrEqual(added);
        },
      ),
      { numRuns: 100 },
    );
  });

  test("[BA10] so it is with breaks, where no promotion counts on what they lower", () => {
    const breaks = fc.array(
      article.map((one) => ({ ...one, breakMinor: Math.floor(one.priceMinor / 2) })),
      { minLength: 1, maxLength: 3 },
    );
    const order = fc.record({ policy: fc.constantFrom(...policies), orderDiscount: off });
    fc.assert(
      fc.property(
        fc.array(plainLine, { minLength: 2, maxLength: 7 }),
        breaks,
        order,
        (...drawn) => {
          const [all, dear, one] = drawn;
          const shop = { articles: dear, options: one };
          const alone = basketFigures(priced(all.slice(0, 1), { articles: dear })).listTotalMinor;
          const [a, b] = [priced(all.slice(1), shop), priced(all, shop)].map(basketFigures);
          const cost = (figures = a) =>
            (figures?.listTotalMinor ?? 0) - (figures?.discountMinor ?? 0);
          expect(cost(b) - cost(a)).toBeLessThanOrEqual(alone);
        },
      ),
    );
  });

  test("[BA10] with nothing taken off, exclusive totals rise by the line and its tax, to a unit", () => {
    const plainShops = fc.record({
      articles,
      options: fc.record({ policy: fc.constantFrom(exclusivePerRate, exclusivePerLine) }),
    });
    fc.assert(
      fc.property(fc.array(plainLine, { minLength: 2, maxLength: 7 }), plainShops, (all, shop) => {
        const [before, after] = [priced(all.slice(1), shop), priced(all, shop)];
        const alone = priced(all.slice(0, 1), shop);
        const rise = after.totalMinor - before.totalMinor;
        expect(rise).toBeLessThanOrEqual(alone.totalMinor + 1);
      }),
    );
  });

  test("[BA7] amounts to the largest are exact or refused, whatever is taken off", () => {
    const huge = fc.record({
      article: fc.nat(5),
      quantityMilli: fc.oneof(
        fc.integer({ min: 1, max: 10 ** 9 }),
        fc.integer({ min: 1, max: 10 ** 6 }),
      ),
      discount: off,
    });
    const dear = fc.array(
      article.map((one) => ({ ...one, priceMinor: 10 ** 12 - one.priceMinor })),
      { minLength: 1, maxLength: 3 },
    );
    fc.assert(
      fc.property(
        fc.array(huge, { minLength: 1, maxLength: 4 }),
        fc.record({ articles: dear, promotions, options }),
        (asked, shop) => {
          const result = price(asked, shop);
          if (result.ok) {
            expect(Number.isSafeInteger(result.value.totalMinor)).toBe(true);
            const { listTotalMinor, discountMinor, netMinor, taxMinor } = basketFigures(
              result.value,
            );
            expect(
              Math.min(listTotalMinor - discountMinor, netMinor, taxMinor),
            ).toBeGreaterThanOrEqual(0);
            expect(sum(result.value.lines.map(({ amountMinor }) => amountMinor))).toBe(
              result.value.totalMinor,
            );
          } else {
            expect(result.error.faults.map(({ code }) => code)).toContain("AmountTooLarge");
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  test("[BA11] a basket with nothing to say beyond list prices says nothing more", () => {
    fc.assert(
      fc.property(fc.array(plainLine, { minLength: 1, maxLength: 5 }), articles, (asked, all) => {
        const usual = all.map((one) => ({ ...one, perMilli: 1000 }));
        const basket = priced(asked, { articles: usual });
        expect(Object.keys(basket)).toEqual(["currency", "lines", "totalMinor", "taxes"]);
        for (const one of basket.lines) {
          expect(Object.keys(one)).toEqual([
            "lineId",
            "sku",
            "name",
            "quantityMilli",
            "unitPriceMinor",
            "amountMinor",
            "taxCode",
            "rateBp",
            "taxMinor",
            "publications",
          ]);
        }
        const { discountMinor, listTotalMinor, basis, isExact } = basketFigures(basket);
        expect([discountMinor, listTotalMinor, basis, isExact]).toEqual([
          0,
          basket.totalMinor,
          "inclusive",
          true,
        ]);
      }),
    );
  });
});
