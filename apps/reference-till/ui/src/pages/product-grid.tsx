/**
 * Products to tap: by department, or those that match what is typed.
 *
 * @module
 */

import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Page, Product } from "../api/shapes.ts";
import { moneyText } from "../money.ts";
import { Empty } from "../parts/fields.tsx";
import { useRead } from "../parts/reading.ts";
import { useStore } from "../store.ts";
import { departmentsOf, matching, type ProductList } from "../till/product-list.ts";
import { useWorkplace } from "../till/workplace.ts";

export interface ProductGridProps {
  readonly onAdd: (product: Product) => void;
  /** Enter in the field: a whole code, typed by a person or a slow scanner. */
  readonly onCode: (code: string) => void;
}

export function ProductGrid({ onAdd, onCode }: ProductGridProps): JSX.Element {
  const list = useStore(useWorkplace().products);
  const [query, setQuery] = useState("");
  const [department, setDepartment] = useState<string>();
  const departments = useMemo(() => departmentsOf(list), [list]);
  const shown = useShown(list, query.trim(), department);
  const enter = () => {
    const [only] = shown;
    if (query.trim() === "") return;
    if (shown.length === 1 && only !== undefined) onAdd(only);
    else onCode(query.trim());
    setQuery("");
  };
  const add = (product: Product) => {
    setQuery("");
    onAdd(product);
  };
  return (
    <section class="products" aria-label="Products">
      <ScanField value={query} onInput={setQuery} onEnter={enter} />
      <Departments
        names={departments}
        current={query === "" ? department : undefined}
        isSearching={query !== ""}
        onChoose={(name) => {
          setQuery("");
          setDepartment(name);
        }}
      />
      {shown.length === shownMax && (
        <p class="hint">The first {shownMax} are shown; search for others.</p>
      )}
      <div class="tiles">
        {shown.map((product) => (
          <Tile
            key={product.sku}
            product={product}
            colour={departments.indexOf(product.department)}
            onAdd={add}
          />
        ))}
      </div>
      {shown.length === 0 && list.isLoaded && (
        <Empty>{query === "" ? "There are no products yet." : `Nothing matches “${query}”.`}</Empty>
      )}
    </section>
  );
}

const shownMax = 200;

/** Of a large catalogue the service is asked; what is known here is shown meanwhile. */
function useShown(list: ProductList, query: string, department?: string): readonly Product[] {
  const isAsked = query !== "" && !list.isAll;
  const read = useRead<Page<Product>>(isAsked ? "/products" : undefined, {
    query: { query: query.slice(0, 100), limit: 60 },
    topics: ["publications"],
    settleMs: 60,
  });
  return useMemo(() => {
    if (isAsked && read.value !== undefined && !read.isReading) return read.value.items;
    const items =
      query === ""
        ? list.items.filter((one) => department === undefined || one.department === department)
        : matching(list.items, query);
    return items.slice(0, shownMax);
  }, [list, query, department, isAsked, read.value, read.isReading]);
}

interface ScanFieldProps {
  readonly value: string;
  readonly onInput: (value: string) => void;
  readonly onEnter: () => void;
}

function ScanField({ value, onInput, onEnter }: ScanFieldProps): JSX.Element {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    // On a touch screen the focus would bring up a keyboard that nobody asked for.
    if (!matchMedia("(pointer: coarse)").matches && isFree()) field.current?.focus();
    const onKey = (event: KeyboardEvent) => {
      const isText = event.key.length === 1 && event.key !== " ";
      const isCommand = event.ctrlKey || event.metaKey || event.altKey;
      if (isText && !isCommand && isFree()) field.current?.focus();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
  return (
    <form
      class="scan"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        onEnter();
      }}
    >
      <label class="hidden" for="scan">
        Scan or search
      </label>
      <input
        id="scan"
        ref={field}
        type="search"
        autocomplete="off"
        spellcheck={false}
        maxLength={100}
        placeholder="Scan a barcode, or search products"
        value={value}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
    </form>
  );
}

/** Whatever is typed belongs to the field, unless another one or a dialog has the focus. */
function isFree(): boolean {
  const isField = document.activeElement?.matches("input, select, textarea") === true;
  return !isField && document.querySelector("dialog[open]") === null;
}

interface DepartmentsProps {
  readonly names: readonly string[];
  readonly current: string | undefined;
  readonly isSearching: boolean;
  readonly onChoose: (name: string | undefined) => void;
}

function Departments({ names, current, isSearching, onChoose }: DepartmentsProps): JSX.Element {
  return (
    <div class="departments" role="group" aria-label="Departments">
      {[undefined, ...names].map((name, index) => (
        <button
          key={name ?? ""}
          type="button"
          class={`department ${name === undefined ? "" : `hue-${(index - 1) % huesMax}`}`}
          aria-pressed={!isSearching && name === current}
          onClick={() => onChoose(name)}
        >
          {name ?? "All"}
        </button>
      ))}
    </div>
  );
}

export const huesMax = 8;

/** `""`, `" / kg"`, `" / 0.1 kg"`. */
function unitText(unit: string, per: string | undefined): string {
  if (per !== undefined) return ` / ${per} ${unit === "each" ? "" : unit}`;
  return unit === "each" ? "" : ` / ${unit}`;
}

function tilePrice({ price, openPrice }: Product): string {
  if (openPrice !== undefined) return "open price";
  return price === null ? "no price" : moneyText(price);
}

interface TileProps {
  readonly product: Product;
  readonly colour: number;
  readonly onAdd: (product: Product) => void;
}

function Tile({ product, colour, onAdd }: TileProps): JSX.Element {
  const { name, price, unit, per, openPrice } = product;
  return (
    <button
      type="button"
      class={`tile hue-${Math.max(0, colour) % huesMax}`}
      disabled={price === null && openPrice === undefined}
      onClick={() => onAdd(product)}
    >
      <span class="tile-name">{name}</span>
      <span class="tile-price">
        {tilePrice(product)}
        {openPrice === undefined && <small>{unitText(unit, per)}</small>}
      </span>
    </button>
  );
}
