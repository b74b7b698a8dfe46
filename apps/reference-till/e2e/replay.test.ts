/**
 * Real input: the first 500 tickets of a real coffee shop. `npm run replay` takes all of them.
 *
 * @module
 */

import { expect, test } from "vitest";
import { coffeeShopFolder, hasCoffeeShop, readCoffeeShop, sumsOf } from "./harness/coffee-shop.ts";
import { makeFolder } from "./harness/folders.ts";
import { replay, replayFaults } from "./harness/replay.ts";

if (!hasCoffeeShop()) {
  process.stdout.write(`NOTICE: the replay is skipped: there is no folder ${coffeeShopFolder}\n`);
}

test.skipIf(!hasCoffeeShop())(
  "500 tickets of a real coffee shop, on two tills that are apart every other day",
  { timeout: 150_000 },
  async () => {
    const shop = readCoffeeShop(500);
    expect(shop.tickets).toHaveLength(500);
    const result = await replay({ folder: makeFolder("replay"), shop });
    expect(replayFaults(result, shop)).toEqual([]);
    expect(result.daysApart).toBeGreaterThan(1);
  },
);

test.skipIf(!hasCoffeeShop())("the fold of the files sees one unit more", () => {
  const shop = readCoffeeShop(20);
  const [first, ...others] = shop.tickets;
  const more = { ...first!, units: new Map([...first!.units, ["C001", 9]]) };
  const changed = { ...shop, tickets: [more, ...others] };
  const right = { tills: [], zs: sumsWithoutUnits(shop), zCount: 0, daysApart: 0, verify: [] };
  expect(replayFaults(right, shop)).toEqual([]);
  expect(replayFaults(right, changed)).not.toEqual([]);
});

function sumsWithoutUnits(shop: ReturnType<typeof readCoffeeShop>) {
  const { units: _, ...money } = sumsOf(shop);
  return money;
}
