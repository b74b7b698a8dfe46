/**
 * What pricing costs: a basket of 50 lines under 200 promotions, one line more, the fold of a price list,
 * and a look-up; beside it the calculators of others. `npm run bench -- pricing`
 *
 * @module
 */

import { assert, type PublicationItem } from "@tillmesh/kernel";
import { createPriceList, priceBasket, type BasketInput } from "@tillmesh/pricing-core";
import { median, percentile, print, printBar, printSamples, timed } from "./measure.ts";
import { loadPeers, type PricingPeer } from "./pricing-peers.ts";
import {
  basketOf,
  departmentPromotion,
  peerBasketOf,
  pricePublications,
  pricingBooks,
  scattered,
  skuAt,
  skuCount,
  tangledPromotion,
  usualPromotion,
} from "./pricing-shop.ts";

/** Nothing is written: the directory is not used. */
export async function benchPricing(): Promise<void> {
  print("\npricing: 100,000 prices, 200 promotions in force, baskets of 50 lines");
  print(
    `  each basket ${rounds} times; the bars are held to the fastest of each, the machine is shared`,
  );
  reportShop("usual", usualPromotion);
  reportShop("tangled", tangledPromotion);
  reportFold();
  reportLookUp();
  await reportPeers();
}

const basketCount = 300;
const rounds = 5;
const foldRounds = 7;
const lookUpRounds = 15;
const lookUpsPerRound = 100_000;
const peerBasketCount = 30;

function reportShop(name: string, promotionAt: (index: number) => PublicationItem): void {
  const books = pricingBooks(promotionAt);
  const seeds = Array.from({ length: basketCount }, (_, seed) => seed);
  const baskets = seeds.map((seed) => basketOf(books, seed));
  describeBaskets(name, baskets);
  reportBaskets(`${name}, 50 lines`, baskets, 2);
  reportBaskets(
    `${name}, a line more: all 51 again`,
    seeds.map((seed) => basketOf(books, seed, 51)),
    1,
  );
  reportBaskets(`${name}, 50 lines without promotions`, baskets.map(withoutPromotions), 2);
}

function withoutPromotions({ promotions: _promotions, ...basket }: BasketInput): BasketInput {
  return basket;
}

/** Ticks of 4 ms on some machines: good for sums, not for one basket. */
function processorMs(before: NodeJS.CpuUsage): number {
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000;
}

/** A bench of baskets that no promotion touches would say nothing. */
function describeBaskets(name: string, baskets: readonly BasketInput[]): void {
  const priced = baskets.map(value);
  const applied = priced.map((basket) => basket.applied?.length ?? 0);
  const exact = priced.filter(({ isExact }) => isExact !== false).length;
  print(
    `  ${name}: ${median(applied)} promotions apply to a basket (median), at most ` +
      `${percentile(applied, 1)}; the best deal is proven for ${exact} of ${priced.length}`,
  );
}

function value(basket: BasketInput) {
  const result = priceBasket(basket);
  assert(result.ok, "the baskets of the bench can be priced");
  return result.value;
}

function reportBaskets(name: string, baskets: readonly BasketInput[], barMs: number): void {
  const before = process.threadCpuUsage();
  const all = Array.from({ length: rounds }, () =>
    baskets.map((basket) => timed(() => priceBasket(basket))),
  );
  const perBasketMs = processorMs(before) / (rounds * baskets.length);
  const fastest = baskets.map((_, at) => Math.min(...all.map((round) => round[at] ?? Infinity)));
  printSamples(`${name}, every time`, all.flat());
  printSamples(`${name}, fastest of each`, fastest);
  print(`  ${name}: ${perBasketMs.toFixed(3)} ms of processor each, on average`);
  printBar({ name: `${name}, p99`, value: percentile(fastest, 0.99), unit: "ms", bar: barMs });
}

function reportFold(): void {
  const publications = pricePublications();
  const samples = Array.from({ length: foldRounds }, () => {
    const before = process.threadCpuUsage();
    const prices = createPriceList();
    for (const publication of publications) prices.book.apply(publication);
    return processorMs(before);
  });
  const name = `${skuCount} prices in ${publications.length} publications`;
  printBar({ name: `${name}, processor`, value: median(samples), unit: "ms", bar: 400 });
}

function reportLookUp(): void {
  const books = pricingBooks(usualPromotion);
  const skus = Array.from({ length: lookUpsPerRound }, (_, at) => skuAt(scattered(at) % skuCount));
  const { businessDate, prices } = basketOf(books, 0, 1);
  const samples = Array.from({ length: lookUpRounds }, () => {
    const before = process.threadCpuUsage();
    for (const sku of skus) prices.reached(sku, businessDate, { quantityMilli: 1000 });
    return (processorMs(before) * 1000) / lookUpsPerRound;
  });
  const name = `a price among ${skuCount} is looked up, processor`;
  printBar({ name, value: median(samples), unit: "us", bar: 2 });
}

async function reportPeers(): Promise<void> {
  const peers = loadPeers(process.env["PRICING_PEERS"]);
  if (peers.length === 0)
    print("  PRICING_PEERS is not set: nobody to stand beside (see README.md)");
  const books = pricingBooks(departmentPromotion);
  const seeds = Array.from({ length: peerBasketCount }, (_, seed) => seed);
  const ours = seeds.map((seed) => basketOf(books, seed));
  const oursMs = ours.map(() => 0);
  const theirs = new Map(peers.map((peer) => [peer, seeds.map(() => Infinity)]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [at, basket] of ours.entries()) {
      const ms = timed(() => priceBasket(basket));
      oursMs[at] = round === 0 ? ms : Math.min(oursMs[at] ?? ms, ms);
      for (const [peer, samples] of theirs) {
        samples[at] = Math.min(samples[at] ?? Infinity, await timedPeer(peer, at));
      }
    }
  }
  const totals = ours.map((basket) => value(basket).totalMinor);
  print(`  200 percentages on departments, five apply to each line; ${peerBasketCount} baskets`);
  printSamples(`ours, total of the first ${totals[0]}`, oursMs);
  for (const [peer, samples] of theirs) {
    const total = await peer.price(peerBasketOf(0))();
    printSamples(`${peer.name}, total of the first ${total.toFixed(0)}`, samples);
    print(`  ${(median(samples) / median(oursMs)).toFixed(0)}x ours, p50`);
  }
}

async function timedPeer(peer: PricingPeer, seed: number): Promise<number> {
  const run = peer.price(peerBasketOf(seed));
  const startMs = performance.now();
  await run();
  return performance.now() - startMs;
}
