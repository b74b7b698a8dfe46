/**
 * A catalogue file: articles, prices and opening stock.
 *
 * @module
 */

import { ok, type Result } from "@tillmesh/kernel";
import type { Refusal } from "../http/problem.ts";
import { readCatalogueFile, type CatalogueRow } from "./import-file.ts";
import { refuseFile, type Imported, type ImportRequest } from "./import-request.ts";
import { priceItems, productItems, type AskedProduct } from "./publication-items.ts";
import { recordOpeningStock } from "./opening-stock.ts";
import { present } from "./present.ts";
import { publishChanged } from "./publish-changed.ts";
import type { Call } from "./record.ts";
import type { Till } from "./till.ts";

export async function importCatalogue(
  till: Till,
  call: Call,
  request: ImportRequest,
): Promise<Result<Imported, Refusal>> {
  const { currency } = till.replica.location;
  const rows = readCatalogueFile(request.text, { currency, map: request.map });
  if (!rows.ok) return refuseFile(rows.error);
  const asked = rows.value.map((row) => productOf(till, row));
  const products = productItems(till, asked, { taxesLater: true });
  if (!products.ok) return products;
  const catalogue = await publishChanged(till, call, { topic: "catalogue", items: products.value });
  if (!catalogue.ok) return catalogue;
  const atPrices = rows.value.map(({ sku, priceMinor }) => ({
    sku,
    price: { minor: priceMinor, currency },
  }));
  const priced = priceItems(till, atPrices);
  if (!priced.ok) return priced;
  const prices = await publishChanged(till, call, { topic: "prices", items: priced.value });
  if (!prices.ok) return prices;
  const stock = await recordOpeningStock(till, call, rows.value);
  if (!stock.ok) return stock;
  const codes = new Set(
    asked.flatMap(({ taxCode, takeAwayTaxCode = taxCode }) => [taxCode, takeAwayTaxCode]),
  );
  return ok({
    rows: rows.value.length,
    published: { catalogue: catalogue.value, prices: prices.value },
    openingStock: stock.value,
    unknownTaxCodes: [...codes].filter((code) => till.books.taxes.byCode(code) === undefined),
  });
}

/** What the file has no column for stays as it is. */
function productOf(till: Till, row: CatalogueRow): AskedProduct {
  const { sku, barcodes, name, department, unit, taxCode } = row;
  const known = knownOf(till, sku);
  const { tags = known.tags, deposit = known.deposit } = row;
  const { takeAwayTaxCode = known.takeAwayTaxCode } = row;
  const more = present({
    tags: tags?.length === 0 ? undefined : tags,
    deposit: deposit === "" ? undefined : deposit,
    takeAwayTaxCode: takeAwayTaxCode === "" ? undefined : takeAwayTaxCode,
  });
  return { ...known.kept, sku, barcodes, name, department, unit, taxCode, ...more };
}

function knownOf({ books, replica }: Till, sku: string) {
  const { tags, deposit, taxCodes, openPrice, isDiscountable } =
    books.catalogue.bySku(sku)?.value ?? {};
  const { currency } = replica.location;
  const limits = openPrice && {
    min: { minor: openPrice.minMinor, currency },
    max: { minor: openPrice.maxMinor, currency },
  };
  const kept = present({ openPrice: limits, isDiscountable });
  return { tags, deposit, takeAwayTaxCode: taxCodes?.takeAway, kept };
}
