/**
 * A café in Vienna that seals by the RKSV, with test keys.
 *
 * @module
 */

import type { TestClock } from "@tillmesh/kernel/testing";
import { regimeItem } from "../fiscal/location-regime.ts";
import { testTaxpayer } from "../fiscal/test-activation.ts";
import { published, type Money } from "./priced-shop.ts";
import { startTestService, type TestAnswer, type TestService } from "./test-service.ts";

export interface AustrianShop extends TestService {
  readonly clock: TestClock;
  sell(): Promise<TestAnswer>;
  openShift(): Promise<TestAnswer>;
  /** Shift and Z. */
  closeDay(): Promise<TestAnswer>;
  /** Goes on with the same disk. */
  restart(): Promise<AustrianShop>;
}

const eur = (minor: number): Money => ({ minor, currency: "EUR" });

/** Melange at 4.80, 20 %. */
export async function startAustrianShop(clock: TestClock): Promise<AustrianShop> {
  const location = { id: "loc_a", name: "Graben", currency: "EUR" };
  const shop = await startTestService({ clock, location });
  await published(shop.api, "taxes", {
    taxes: [{ taxCode: "normal", name: "USt 20 %", ratePercent: "20" }],
  });
  await published(shop.api, "catalogue", {
    products: [{ sku: "MEL", name: "Melange", taxCode: "normal" }],
  });
  await published(shop.api, "prices", { prices: [{ sku: "MEL", price: eur(480) }] });
  await published(shop.api, "staff", { staff: [{ name: "Maya", role: "manager", pin: "1234" }] });
  const regime = { regime: "at-rksv", isTest: true, ...testTaxpayer("at-rksv", "Café") };
  await shop.replica.publish("fiscal", [regimeItem("*", regime)]);
  return grown(shop, clock);
}

function grown(shop: TestService, clock: TestClock): AustrianShop {
  const { api, directory, replica } = shop;
  return {
    ...shop,
    clock,
    sell: () => {
      const tenders = [{ kind: "cash", amount: eur(480) }];
      return api.post("/sales", { lines: [{ sku: "MEL" }], tenders });
    },
    openShift: () => api.post("/shifts", { float: eur(0) }),
    closeDay: async () => {
      await api.post("/shifts/close", { counted: eur(480) });
      return api.post("/days/close");
    },
    restart: async () => {
      await shop.stop();
      return grown(await startTestService({ clock, directory, replica }), clock);
    },
  };
}
