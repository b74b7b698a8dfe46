import { describe, expect, test } from "vitest";
import type { Json } from "@tillmesh/kernel";
import { createShopBooks, type ShopBooks } from "./shop-books.ts";
import { publicationOf } from "./testing/index.ts";

function shopOf(topic: string, values: Record<string, Json>): ShopBooks {
  const shop = createShopBooks();
  const items = Object.entries(values).map(([key, value]) => ({ key, value }));
  shop.apply(publicationOf({ topic, sequence: 1, items }));
  return shop;
}

const till = { id: "dev_1", name: "Till 1", code: "0A1B", roles: ["till"], location: "loc_1" };
const place = { id: "loc_1", name: "Shop", currency: "GBP", timeZone: "Europe/London" };

describe("tables of a shop (TX)", () => {
  test("[TX1] a tax code has the rate that HQ published, and no rate comes from elsewhere", () => {
    const shop = shopOf("taxes", { std: { taxCode: "std", name: "VAT", rateBp: 2000 } });
    expect(shop.taxes.byCode("std")).toMatchObject({
      value: { rateBp: 2000 },
      publication: { id: "hq-1" },
    });
    expect(shop.taxes.byCode("zero")).toBeUndefined();
  });

  test("[TX2] staff are found by id; who was withdrawn or has an unknown role is not among them", () => {
    const ada = { id: "s1", name: "Ada", role: "manager", pin: { salt: "AA", hash: "BB" } };
    const shop = shopOf("staff", { s2: { ...ada, id: "s2", role: "owner" }, s1: ada, s0: null });
    expect(shop.staff.all().map(({ value }) => value.name)).toEqual(["Ada"]);
    expect(shop.staff.byId("s1")?.value.role).toBe("manager");
    expect(shop.staff.byId("s2")).toBeUndefined();
  });

  test("[TX3] the organisation, its locations and devices are read each by its own shape", () => {
    const { organisation } = shopOf("organisation", {
      organisation: { name: "Café", currency: "GBP" },
      "location/loc_1": place,
      "device/dev_2": { ...till, id: "dev_2" },
      "device/dev_1": till,
      "device/dev_3": place,
      "printer/1": {},
    });
    expect(organisation.organisation()?.value.name).toBe("Café");
    expect(organisation.location("loc_1")?.value).toEqual(place);
    expect(organisation.locations()).toHaveLength(1);
    expect(organisation.device("dev_1")?.value).toEqual(till);
    expect(organisation.devices().map(({ value }) => value.id)).toEqual(["dev_1", "dev_2"]);
    expect(organisation.device("dev_3")).toBeUndefined();
    expect(organisation.book.unreadable().map(({ key }) => key)).toEqual([
      "device/dev_3",
      "printer/1",
    ]);
  });
});
