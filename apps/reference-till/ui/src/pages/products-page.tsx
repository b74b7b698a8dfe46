/**
 * For the manager at headquarters: products, their prices, and what is in conflict.
 *
 * @module
 */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Page, Product } from "../api/shapes.ts";
import { moneyText } from "../money.ts";
import { TextField } from "../parts/fields.tsx";
import { Link } from "../parts/link.tsx";
import { ListEnd } from "../parts/list-end.tsx";
import { useRead } from "../parts/reading.ts";
import { ExceptionList } from "./exception-list.tsx";
import { PriceDialog } from "./price-dialog.tsx";
import { ProductDialog } from "./product-dialog.tsx";

export function ProductsPage(): JSX.Element {
  const [query, setQuery] = useState("");
  const [pricing, setPricing] = useState<Product>();
  const [editing, setEditing] = useState<Product | "new">();
  const read = useRead<Page<Product>>("/products", {
    query: { query: query.trim(), limit: 100 },
    topics: ["publications"],
    settleMs: 80,
  });
  const items = read.value?.items ?? [];
  return (
    <div class="page">
      <div class="page-head">
        <h1>Products and prices</h1>
        <div class="toolbar">
          <Link to="/promotions" class="quiet-button">
            Promotions
          </Link>
          <button type="button" class="main-button" onClick={() => setEditing("new")}>
            Add product
          </button>
        </div>
      </div>
      <ExceptionList isOnlyConflicts />
      <TextField label="Search" type="search" value={query} onInput={setQuery} />
      <ProductTable items={items} onPrice={setPricing} onEdit={setEditing} />
      <ListEnd
        read={read}
        empty="Nothing matches."
        more="The first 100 are listed; search for others."
      />
      {pricing && <PriceDialog product={pricing} onClose={() => setPricing(undefined)} />}
      {editing && (
        <ProductDialog
          {...(editing === "new" ? {} : { product: editing })}
          onClose={() => setEditing(undefined)}
        />
      )}
    </div>
  );
}

interface ProductTableProps {
  readonly items: readonly Product[];
  readonly onPrice: (product: Product) => void;
  readonly onEdit: (product: Product) => void;
}

function ProductTable({ items, onPrice, onEdit }: ProductTableProps): JSX.Element {
  return (
    <table class="table stacking">
      <thead>
        <tr>
          <th scope="col">Product</th>
          <th scope="col">Department</th>
          <th scope="col">Tax</th>
          <th scope="col" class="number">
            Price
          </th>
          <th scope="col" class="hidden-head">
            Change
          </th>
        </tr>
      </thead>
      <tbody>
        {items.map((product) => (
          <tr key={product.sku}>
            <td>
              {product.name}
              <small class="sku">{[product.sku, ...product.barcodes].join(" · ")}</small>
            </td>
            <td data-label="Department">{product.department}</td>
            <td data-label="Tax">
              {product.ratePercent === null ? product.taxCode : `${product.ratePercent} %`}
            </td>
            <td class="number" data-label="Price">
              {priceText(product)}
            </td>
            <td class="row-action">
              <button
                type="button"
                class="quiet-button"
                aria-label={`Price of ${product.name}`}
                onClick={() => onPrice(product)}
              >
                Price …
              </button>
              <button
                type="button"
                class="quiet-button"
                aria-label={`Edit ${product.name}`}
                onClick={() => onEdit(product)}
              >
                Edit …
              </button>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function priceText({ price, per, unit, openPrice }: Product): string {
  if (openPrice !== undefined) return "typed when it is sold";
  if (price === null) return "none";
  return per === undefined ? moneyText(price) : `${moneyText(price)} of ${per} ${unit}`;
}
