/**
 * Reads a catalogue or tax file: every row good, or all faults with their lines and nothing else.
 *
 * @module
 */

import { err, ok, parseQuantity, type Result } from "@tillmesh/kernel";
import { parseAmount, parseRatePercent } from "@tillmesh/pricing-core";
import { parseCsv, type CsvRow } from "./csv.ts";

export interface CatalogueRow {
  readonly line: number;
  readonly sku: string;
  readonly barcodes: readonly string[];
  readonly name: string;
  readonly department: string;
  readonly unit: string;
  readonly priceMinor: number;
  readonly taxCode: string;
  /** Undefined where the file has no such column, or nothing in it. */
  readonly openingStockMilli: number | undefined;
  /** Undefined where the file has no such column, as the next two. */
  readonly tags: readonly string[] | undefined;
  readonly deposit: string | undefined;
  readonly takeAwayTaxCode: string | undefined;
}

export interface TaxRow {
  readonly line: number;
  readonly taxCode: string;
  readonly name: string;
  readonly rateBp: number;
}

/** The name of a column here, and what the file calls it. */
export type ColumnMap = Readonly<Record<string, string>>;

export interface RowFault {
  readonly line: number;
  readonly column: string;
  readonly detail: string;
}

export interface ImportError {
  readonly type: "ImportFaults";
  readonly faults: readonly RowFault[];
}

export function readCatalogueFile(
  text: string,
  { currency, map }: { readonly currency: string; readonly map: ColumnMap },
): Result<readonly CatalogueRow[], ImportError> {
  const required = ["sku", "name", "price", "tax_code"];
  const table = { text, map, required, optional: catalogueOptional, unique: "sku" };
  return readRows<CatalogueRow>(table, (cell, line) => {
    const faults: RowFault[] = [];
    const price = parseAmount(cell("price"), currency);
    if (!price.ok)
      faults.push({ line, column: "price", detail: amountDetail(cell("price"), currency) });
    const stock = readStock(cell("opening_stock"));
    if (stock === "faulty") {
      const detail = `${JSON.stringify(cell("opening_stock"))} is not a quantity of zero or more`;
      faults.push({ line, column: "opening_stock", detail });
    }
    for (const column of ["sku", "name", "tax_code"]) {
      if (cell(column) === "") faults.push({ line, column, detail: "is empty" });
    }
    if (!price.ok || stock === "faulty" || faults.length > 0) return faults;
    return { line, ...articleIn(cell), priceMinor: price.value, openingStockMilli: stock };
  });
}

const catalogueOptional = [
  "barcode",
  "department",
  "unit",
  "opening_stock",
  "tags",
  "deposit",
  "take_away_tax_code",
];

function articleIn(cell: Cell): Omit<CatalogueRow, "line" | "priceMinor" | "openingStockMilli"> {
  return {
    sku: cell("sku"),
    barcodes: cell("barcode")
      .split(/[\s;|]+/)
      .filter((barcode) => barcode !== ""),
    name: cell("name"),
    department: cell("department") || "Other",
    unit: cell("unit") || "each",
    taxCode: cell("tax_code"),
    tags: readTags(cell.of("tags")),
    deposit: cell.of("deposit"),
    takeAwayTaxCode: cell.of("take_away_tax_code"),
  };
}

export function readTaxFile(
  text: string,
  { map }: { readonly map: ColumnMap },
): Result<readonly TaxRow[], ImportError> {
  const required = ["tax_code", "name", "rate_percent"];
  return readRows<TaxRow>(
    { text, map, required, optional: [], unique: "tax_code" },
    (cell, line) => {
      const rate = parseRatePercent(cell("rate_percent"));
      const faults: RowFault[] = [];
      for (const column of ["tax_code", "name"]) {
        if (cell(column) === "") faults.push({ line, column, detail: "is empty" });
      }
      if (!rate.ok) {
        const detail = `${JSON.stringify(cell("rate_percent"))} is not a rate in per cent with up to two decimals`;
        return [...faults, { line, column: "rate_percent", detail }];
      }
      if (faults.length > 0) return faults;
      return { line, taxCode: cell("tax_code"), name: cell("name"), rateBp: rate.value };
    },
  );
}

interface Table {
  readonly text: string;
  readonly map: ColumnMap;
  readonly required: readonly string[];
  readonly optional: readonly string[];
  readonly unique: string;
}

/** "" where the file has no such column, which `of` tells apart. */
interface Cell {
  (column: string): string;
  of(column: string): string | undefined;
}

function readRows<Row extends object>(
  table: Table,
  readRow: (cell: Cell, line: number) => Row | readonly RowFault[],
): Result<readonly Row[], ImportError> {
  const parsed = parseCsv(table.text);
  if (!parsed.ok) {
    const detail =
      parsed.error.type === "QuoteOpen" ? "a quote is never closed" : "text after a closing quote";
    return refuse([{ line: parsed.error.line, column: "", detail }]);
  }
  const [header, ...rows] = parsed.value;
  if (header === undefined) return refuse([{ line: 1, column: "", detail: "the file is empty" }]);
  const columns = columnsOf(header, table);
  const missing = table.required.filter((column) => !columns.has(column));
  if (missing.length > 0) {
    return refuse(missing.map((column) => missingColumn(column, table.map)));
  }
  const faults = duplicateFaults(rows, columns, table.unique);
  const read: Row[] = [];
  for (const row of rows) {
    const found = readRow(cellsOf(row, columns), row.line);
    if (Array.isArray(found)) faults.push(...found);
    else read.push(found as Row);
  }
  return faults.length === 0 ? ok(read) : refuse(faults);
}

function columnsOf(
  header: CsvRow,
  { map, required, optional }: Table,
): ReadonlyMap<string, number> {
  const places = new Map(header.fields.map((name, index) => [name.toLowerCase(), index]));
  const columns = new Map<string, number>();
  for (const column of [...required, ...optional]) {
    const place = places.get((map[column] ?? column).toLowerCase());
    if (place !== undefined) columns.set(column, place);
  }
  return columns;
}

function missingColumn(column: string, map: ColumnMap): RowFault {
  const asked = map[column] ?? column;
  const detail = `the header has no column "${asked}"; name another with --map ${column}=<header>`;
  return { line: 1, column, detail };
}

function cellsOf(row: CsvRow, columns: ReadonlyMap<string, number>): Cell {
  const of = (column: string) =>
    columns.has(column) ? cellOf(row, columns.get(column)) : undefined;
  return Object.assign((column: string) => of(column) ?? "", { of });
}

function cellOf({ fields }: CsvRow, place: number | undefined): string {
  return (place === undefined ? "" : (fields[place] ?? "")).trim();
}

function duplicateFaults(
  rows: readonly CsvRow[],
  columns: ReadonlyMap<string, number>,
  unique: string,
): RowFault[] {
  const lines = new Map<string, number>();
  return rows.flatMap((row) => {
    const value = cellOf(row, columns.get(unique));
    const first = lines.get(value);
    lines.set(value, first ?? row.line);
    if (first === undefined || value === "") return [];
    return [{ line: row.line, column: unique, detail: `${value} is in line ${first} already` }];
  });
}

function readTags(text: string | undefined): readonly string[] | undefined {
  return text?.split(/\s*[;|]\s*/).filter((tag) => tag !== "");
}

function readStock(text: string): number | undefined | "faulty" {
  if (text === "") return undefined;
  const quantity = parseQuantity(text);
  return quantity.ok && quantity.value >= 0 ? quantity.value : "faulty";
}

function amountDetail(text: string, currency: string): string {
  return `${JSON.stringify(text)} is not an amount of ${currency}`;
}

function refuse(faults: readonly RowFault[]): Result<never, ImportError> {
  return err({ type: "ImportFaults", faults });
}
