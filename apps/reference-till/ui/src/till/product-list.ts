/**
 * The products this page knows without asking, for the grid and for scans.
 *
 * @module
 */

import type { Api, Answered } from "../api/client.ts";
import type { Page, Product } from "../api/shapes.ts";
import { ok } from "@tillmesh/kernel";

export interface ProductList {
  readonly items: readonly Product[];
  /** The catalogue ends here; otherwise the service is asked for the rest. */
  readonly isAll: boolean;
  readonly isLoaded: boolean;
}

export const noProducts: ProductList = { items: [], isAll: false, isLoaded: false };

/** More than this are searched, not shown. */
const itemsMax = 1000;

export async function loadProducts(api: Api): Promise<Answered<ProductList>> {
  const items: Product[] = [];
  let cursor: string | undefined;
  do {
    const page = await api.get<Page<Product>>("/products", { limit: 200, cursor });
    if (!page.ok) return page;
    items.push(...page.value.items);
    cursor = page.value.next ?? undefined;
  } while (cursor !== undefined && items.length < itemsMax);
  return ok({ items, isAll: cursor === undefined, isLoaded: true });
}

export function departmentsOf({ items }: ProductList): readonly string[] {
  return [...new Set(items.map(({ department }) => department))].toSorted((a, b) =>
    a.localeCompare(b, "en-GB"),
  );
}

/** Those whose name, SKU or barcode contains every word; case and accents do not matter. */
export function matching(items: readonly Product[], query: string): readonly Product[] {
  const words = folded(query).split(/\s+/).filter(Boolean);
  return items.filter(({ name, sku, barcodes }) => {
    const text = folded([name, sku, ...barcodes].join(" "));
    return words.every((word) => text.includes(word));
  });
}

/** Exactly this barcode or SKU; several when a barcode is given to several. */
export function withCode(items: readonly Product[], code: string): readonly Product[] {
  const byBarcode = items.filter(({ barcodes }) => barcodes.includes(code));
  if (byBarcode.length > 0) return byBarcode;
  return items.filter(({ sku }) => sku.toLowerCase() === code.toLowerCase());
}

/** Known here, or asked of the service. */
export async function findByCode(
  api: Api,
  { items }: ProductList,
  code: string,
): Promise<Answered<readonly Product[]>> {
  const known = withCode(items, code);
  if (known.length > 0) return ok(known);
  const byBarcode = await api.get<Page<Product>>("/products", { barcode: code.slice(0, 48) });
  if (!byBarcode.ok || byBarcode.value.items.length > 0) {
    return byBarcode.ok ? ok(byBarcode.value.items) : byBarcode;
  }
  const found = await api.get<Page<Product>>("/products", { query: code.slice(0, 100), limit: 20 });
  return found.ok ? ok(withCode(found.value.items, code)) : found;
}

function folded(text: string): string {
  return text.normalize("NFD").replaceAll(/\p{M}/gu, "").toLowerCase();
}
