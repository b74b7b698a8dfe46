/**
 * Fiscal documents: what a seal adds to a commit, delivering a backlog, exporting a year.
 *
 * `FISCAL_PARTS=no-saft,delivery npm run bench -- fiscal` measures these only.
 *
 * @module
 */

import { benchDelivery } from "./fiscal-delivery.ts";
import { benchExport } from "./fiscal-export.ts";
import { benchSealing } from "./fiscal-sealing.ts";
import { fiscalShops } from "./fiscal-shops.ts";
import { print } from "./measure.ts";

export async function benchFiscal(dataDirectory: string): Promise<void> {
  const all = [...Object.keys(fiscalShops), "delivery", "export"];
  const parts = process.env["FISCAL_PARTS"]?.split(",") ?? all;
  for (const part of parts) {
    const shop = fiscalShops[part];
    if (part === "delivery") await benchDelivery(dataDirectory);
    else if (part === "export") await benchExport(dataDirectory);
    else if (shop !== undefined) await benchSealing(dataDirectory, shop());
    else print(`no part "${part}"; there are ${all.join(", ")}`);
  }
}
