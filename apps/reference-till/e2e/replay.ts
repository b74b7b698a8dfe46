/**
 * `npm run replay`: all tickets of the coffee shop through two tills.
 *
 * @module
 */

import { coffeeShopFolder, hasCoffeeShop, readCoffeeShop, sumsOf } from "./harness/coffee-shop.ts";
import { makeFolder } from "./harness/folders.ts";
import { recentLogs } from "./harness/programs.ts";
import { replay, replayFaults } from "./harness/replay.ts";

if (hasCoffeeShop()) await replayAll(Number(process.argv[2] ?? "Infinity"));
else
  process.stdout.write(`NOTICE: the replay is skipped: there is no folder ${coffeeShopFolder}\n`);

async function replayAll(ticketsMax: number): Promise<void> {
  const shop = readCoffeeShop(ticketsMax);
  const startedAt = performance.now();
  const result = await replay({
    folder: makeFolder("replay"),
    shop,
    onDay: (day, { tickets, isCut }) => {
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
      const how = isCut ? "apart" : "together";
      process.stdout.write(`${day}: ${tickets} tickets, ${how}, ${seconds} s so far\n`);
    },
  }).catch((error: unknown) => {
    process.stdout.write(recentLogs());
    throw error;
  });
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  const faults = replayFaults(result, shop);
  for (const fault of faults.slice(0, 50)) process.stdout.write(`FAULT ${fault}\n`);
  const { tickets, revenueMinor, taxMinor } = sumsOf(shop);
  process.stdout.write(
    `${tickets} tickets, ${result.zCount} Zs, ${result.daysApart} days apart in ${seconds} s: ` +
      `revenue ${revenueMinor} pence, tax ${JSON.stringify(taxMinor)}, ${faults.length} faults\n`,
  );
  process.exitCode = faults.length === 0 ? 0 : 1;
}
