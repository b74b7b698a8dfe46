/**
 * Brings a catalogue, a tax table or promotions into the shop.
 *
 * Only what differs from what is in force is published, and a SKU gets its opening stock once ever:
 * whether it had one is read from the ledgers, so a file may be imported again after a crash, after a
 * change, or by mistake.
 *
 * @module
 */

import { err, ok, type Result } from "@tillmesh/kernel";
import type { Refusal } from "../http/problem.ts";
import { importCatalogue } from "./import-catalogue.ts";
import { readTaxFile, type TaxRow } from "./import-file.ts";
import { importPromotions } from "./import-promotions.ts";
import { refuseFile, type Imported, type Importer, type ImportRequest } from "./import-request.ts";
import { percentText } from "./percent.ts";
import { publishChanged } from "./publish-changed.ts";
import type { Call } from "./record.ts";
import { taxItems, type AskedTax } from "./tax-items.ts";
import type { Till } from "./till.ts";

export function importFile(
  till: Till,
  call: Call,
  request: ImportRequest,
): Promise<Result<Imported, Refusal>> {
  if (!till.replica.device.roles.includes("hq")) return Promise.resolve(err({ type: "NotHq" }));
  if (!till.isAllRead) return Promise.resolve(err({ type: "CatchingUp", retryAfterS: 1 }));
  return importers[request.kind](till, call, request);
}

const importers: Readonly<Record<ImportRequest["kind"], Importer>> = {
  catalogue: importCatalogue,
  taxes: importTaxes,
  promotions: importPromotions,
};

async function importTaxes(
  till: Till,
  call: Call,
  request: ImportRequest,
): Promise<Result<Imported, Refusal>> {
  const rows = readTaxFile(request.text, request);
  if (!rows.ok) return refuseFile(rows.error);
  const items = taxItems(till, rows.value.map(taxOf));
  if (!items.ok) return items;
  const taxes = await publishChanged(till, call, { topic: "taxes", items: items.value });
  if (!taxes.ok) return taxes;
  const published = { taxes: taxes.value };
  return ok({ rows: rows.value.length, published, openingStock: 0, unknownTaxCodes: [] });
}

function taxOf({ taxCode, name, rateBp }: TaxRow): AskedTax {
  return { taxCode, name, ratePercent: percentText(rateBp) };
}
