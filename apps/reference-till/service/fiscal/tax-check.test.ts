import type { DeviceId, LocationId } from "@tillmesh/kernel";
import { afterEach, describe, expect, test } from "vitest";
import { startRegimeShop, type RegimeName, type RegimeShop } from "../testing/regime-shop.ts";
import { listing } from "../testing/fake-replica.ts";
import { regimeItem } from "./location-regime.ts";

let shop: RegimeShop;

afterEach(() => shop.stop());

const publish = (...taxes: readonly object[]) =>
  shop.api.post("/hq/publications/taxes", { taxes: taxes.map((tax) => ({ name: "Tax", ...tax })) });

const odd = { taxCode: "odd", ratePercent: "13.37" };

describe("a tax that the regime does not take", () => {
  const strict: readonly RegimeName[] = ["at-rksv", "es-verifactu", "sa-zatca", "no-saft"];
  test.each(strict)("is refused when it is published, by its code: %s", async (regime) => {
    shop = await startRegimeShop(regime);
    const before = await publish(odd);
    expect(before.status).toBe(422);
    expect(before.body.errors).toMatchObject([{ pointer: "/taxes/0", code: "FiscalRefused" }]);
    expect(before.body.errors[0].detail).toContain('"odd"');
    await shop.api.post("/shifts", { float: shop.money(0) });
    expect((await publish(odd)).status).toBe(422);
  });

  test("is published where another location may take it, and each till shows what it does not", async () => {
    shop = await startRegimeShop("no-saft");
    const [id, location] = ["dev_b" as DeviceId, "loc_b" as LocationId];
    shop.replica.others = [listing({ id, roles: ["till"], location })];
    const none = { regime: "none", taxpayer: "", isTest: false, settings: {} };
    await shop.replica.publish("fiscal", [regimeItem("loc_b", none)]);
    expect((await publish(odd)).status).toBe(201);
    await shop.api.post("/shifts", { float: shop.money(0) });
    const { refusedTaxes } = (await shop.api.get("/fiscal")).body;
    expect(refusedTaxes).toMatchObject([{ taxCode: "odd" }]);
    expect(refusedTaxes[0].detail).toContain("settings.vatCodes");
  });

  test("is none without a regime that asks", async () => {
    shop = await startRegimeShop("none");
    expect((await publish(odd)).status).toBe(201);
    await shop.api.post("/shifts", { float: shop.money(0) });
    expect((await shop.api.get("/fiscal")).body.refusedTaxes).toEqual([]);
  });
});
