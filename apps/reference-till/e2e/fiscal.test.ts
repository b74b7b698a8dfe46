/**
 * POS-F1: a till seals what it sells by each regime, and no crash leaves a gap in its chain.
 *
 * @module
 */

import { afterAll, beforeAll, beforeEach, describe, test } from "vitest";
import { fiscalCases, type FiscalTill } from "./contract/fiscal.ts";
import { catalogueCsv, priceMap } from "./harness/corner-shop.ts";
import { tellingOnFailure, tellOnFailure } from "./harness/failure-log.ts";
import { makeFolder, writeText } from "./harness/folders.ts";
import { regimeNames, regimeShops, type RegimeShop } from "./harness/regimes.ts";
import { serve } from "./harness/serving.ts";
import { foundShop } from "./harness/shop.ts";

beforeEach(tellOnFailure);

describe.each(regimeNames)("%s", (name) => {
  let till: FiscalTill;

  beforeAll(async () => {
    till = await tellingOnFailure(() => openTill(regimeShops[name]));
  }, 60_000);

  afterAll(async () => void (await till?.serving.stop()), 60_000);

  for (const [title, run] of Object.entries(fiscalCases))
    test(`POS-F1: ${title}`, { timeout: 120_000 }, () => run(till));
});

async function openTill(shop: RegimeShop): Promise<FiscalTill> {
  const folder = makeFolder(`fiscal-${shop.regime}`);
  const taxes = writeText(folder, "taxes.csv", shop.taxesCsv);
  const catalogue = writeText(folder, "catalogue.csv", catalogueCsv);
  const device = await foundShop(folder, { taxes, catalogue, map: priceMap, regime: shop });
  return { shop, device, serving: await serve(device) };
}
