import { describe, expect, test } from "vitest";
import type { Json, Result } from "@tillmesh/kernel";
import type { FaultsError } from "./faults.ts";
import {
  parseCatalogueItem,
  parseDeviceItem,
  parseLocationItem,
  parseOrganisationItem,
  parsePriceItem,
  parseStaffItem,
  parseTaxItem,
} from "./items.ts";
import { createPriceList } from "./price-list.ts";
import { publicationOf } from "./testing/index.ts";

const right = {
  article: {
    sku: "C001",
    name: "Coffee",
    barcodes: ["2000000010007"],
    department: "Drinks",
    unit: "each",
    taxCode: "standard",
  },
  price: { list: "standard", sku: "C001", effectiveFrom: null, priceMinor: 290, currency: "GBP" },
  tax: { taxCode: "standard", name: "VAT 20 %", rateBp: 2000 },
  staff: { id: "staff_1", name: "Ada", role: "manager", pin: { salt: "AA", hash: "AA" } },
  organisation: { name: "Café", currency: "GBP" },
  location: { id: "loc_1", name: "Shop", currency: "GBP", timeZone: "Europe/London" },
  device: { id: "dev_1", name: "Till 1", code: "0A1B", roles: ["till", "hq"], location: "loc_1" },
};

const parsers: readonly [Json, (value: Json) => Result<Json, FaultsError>][] = [
  [right.article, parseCatalogueItem],
  [right.price, parsePriceItem],
  [right.tax, parseTaxItem],
  [right.staff, parseStaffItem],
  [right.organisation, parseOrganisationItem],
  [right.location, parseLocationItem],
  [right.device, parseDeviceItem],
];

function faultsOf(parsed: Result<Json, FaultsError>): readonly string[] {
  return parsed.ok ? [] : parsed.error.faults.map(({ pointer, code }) => `${pointer} ${code}`);
}

describe("published values (VA)", () => {
  test.each(parsers)("[VA1] %j is read, and each member of it is required", (value, parse) => {
    expect(parse(value)).toEqual({ ok: true, value });
    const required = Object.keys(value as object).map((name) => `/${name} Required`);
    expect(faultsOf(parse({}))).toEqual(required);
    expect(faultsOf(parse([]))).toEqual([" Type"]);
    expect(faultsOf(parse(null))).toEqual([" Type"]);
  });

  test("[VA1] all faults come at once, with pointers below the one given", () => {
    const wrong = {
      sku: " C001",
      name: "x".repeat(201),
      barcodes: ["1", 2, "1", "a b"],
      department: "  ",
      unit: "",
      taxCode: "a\u0000",
    };
    expect(faultsOf(parseCatalogueItem(wrong, "/items/3"))).toEqual([
      "/items/3/sku Format",
      "/items/3/name TooLong",
      "/items/3/barcodes/1 Type",
      "/items/3/barcodes/3 Format",
      "/items/3/barcodes/2 Duplicate",
      "/items/3/department Format",
      "/items/3/unit Format",
      "/items/3/taxCode Format",
    ]);
  });

  test.each([
    [{ effectiveFrom: "2026-02-30" }, "/effectiveFrom Format"],
    [{ effectiveFrom: undefined }, "/effectiveFrom Required"],
    [{ priceMinor: -1 }, "/priceMinor OutOfRange"],
    [{ priceMinor: 2.9 }, "/priceMinor Type"],
    [{ priceMinor: "290" }, "/priceMinor Type"],
    [{ priceMinor: 1_000_000_000_001 }, "/priceMinor OutOfRange"],
    [{ currency: "gbp" }, "/currency Format"],
    [{ list: "a/b" }, "/list Format"],
  ])("[VA3] a price with %j", (change, fault) => {
    expect(faultsOf(parsePriceItem({ ...right.price, ...change }))).toEqual([fault]);
  });

  test("[VA3] rates, roles, codes, time zones and secrets have their limits", () => {
    expect(faultsOf(parseTaxItem({ ...right.tax, rateBp: 100_001 }))).toEqual([
      "/rateBp OutOfRange",
    ]);
    expect(faultsOf(parseStaffItem({ ...right.staff, role: "owner" }))).toEqual(["/role Unknown"]);
    expect(faultsOf(parseStaffItem({ ...right.staff, pin: { salt: "=", hash: "" } }))).toEqual([
      "/pin/salt Format",
      "/pin/hash Format",
    ]);
    expect(faultsOf(parseDeviceItem({ ...right.device, code: "0A1U", roles: [] }))).toEqual([
      "/code Format",
      "/roles OutOfRange",
    ]);
    expect(faultsOf(parseLocationItem({ ...right.location, timeZone: "Here" }))).toEqual([
      "/timeZone Format",
    ]);
    const many = Array.from({ length: 51 }, (_, index) => String(index));
    expect(faultsOf(parseCatalogueItem({ ...right.article, barcodes: many }))).toEqual([
      "/barcodes TooLong",
    ]);
  });

  test("[VA2] members of a later version stay in the value", () => {
    const later = { ...right.price, perHundredGrams: true };
    expect(parsePriceItem(later)).toEqual({ ok: true, value: later });
  });

  test("[VA4] a value counts under its own key only", () => {
    const { book } = createPriceList();
    const items = [{ key: "standard/C002/-", value: right.price }];
    book.apply(publicationOf({ topic: "prices", sequence: 1, items }));
    expect(book.inForce("standard/C002/-")).toBeUndefined();
    expect(book.unreadable()).toMatchObject([
      { key: "standard/C002/-", value: right.price, faults: [{ code: "KeyMismatch" }] },
    ]);
  });
});
