/**
 * A shop in Spain whose receipts go to an authority that behaves as a script says.
 *
 * @module
 */

import type { HeldEntry } from "@tillmesh/kernel";
import { testClock, type TestClock } from "@tillmesh/kernel/testing";
import { createFakeAeat, serveAuthority, type FakeAeat } from "@tillmesh/fiscal-queue/testing";
import { regimeItem } from "../fiscal/location-regime.ts";
import { testTaxpayer } from "../fiscal/test-activation.ts";
import type { FakeReplica } from "./fake-replica.ts";
import { published } from "./priced-shop.ts";
import { startTestService, type TestAnswer, type TestService } from "./test-service.ts";

export interface SpanishShop extends TestService {
  readonly clock: TestClock;
  readonly aeat: FakeAeat;
  readonly baseUrl: string;
  sell(): Promise<TestAnswer>;
  /** Goes on with the same disk. */
  restart(): Promise<SpanishShop>;
  closeAll(): Promise<void>;
}

/** What goes out together is the tests' to say, not a timer's. */
const delivery = "when-asked";
const startMs = Date.parse("2026-11-23T09:00:00Z");
const eur = (minor: number) => ({ minor, currency: "EUR" });

export async function startSpanishShop(): Promise<SpanishShop> {
  const clock = testClock(startMs);
  const aeat = createFakeAeat({ nowMs: () => clock.nowMs() });
  const server = await serveAuthority(aeat.authority, { nowMs: () => clock.nowMs() });
  const shop = await startTestService({
    clock,
    location: { id: "loc_a", name: "Calle Mayor", currency: "EUR" },
    delivery,
  });
  await stock(shop, server.baseUrl);
  return grown(shop, { clock, aeat, server });
}

interface Around {
  readonly clock: TestClock;
  readonly aeat: FakeAeat;
  readonly server: Awaited<ReturnType<typeof serveAuthority>>;
}

function grown(shop: TestService, around: Around): SpanishShop {
  const { clock, aeat, server } = around;
  const { directory, replica } = shop;
  return {
    ...shop,
    clock,
    aeat,
    baseUrl: server.baseUrl,
    sell: () =>
      shop.api.post("/sales", {
        lines: [{ sku: "CAF" }],
        tenders: [{ kind: "cash", amount: eur(200) }],
      }),
    restart: async () => {
      await shop.stop();
      return grown(await startTestService({ clock, directory, replica, delivery }), around);
    },
    closeAll: async () => {
      await shop.stop();
      await server.close();
    },
  };
}

async function stock(shop: TestService, address: string): Promise<void> {
  const { api, replica } = shop;
  await published(api, "taxes", {
    taxes: [{ taxCode: "general", name: "IVA 21 %", ratePercent: "21" }],
  });
  await published(api, "catalogue", {
    products: [{ sku: "CAF", name: "Café", taxCode: "general" }],
  });
  await published(api, "prices", { prices: [{ sku: "CAF", price: eur(150) }] });
  const staff = [{ name: "Maya", role: "manager", pin: "1234" }];
  await published(api, "staff", { staff });
  await announce(replica, address);
  const opened = await api.post("/shifts", { float: eur(0) });
  if (opened.status !== 201) throw new Error(JSON.stringify(opened.body));
}

/** What headquarters says of the location. */
export async function announce(replica: FakeReplica, address: string): Promise<void> {
  const taxpayer = testTaxpayer("es-verifactu", "Corner Café");
  const regime = { regime: "es-verifactu", isTest: true, ...taxpayer, address };
  await replica.publish("fiscal", [regimeItem("*", regime)]);
}

/** All that a device recorded, for another one. */
export function entriesOf({ held }: FakeReplica): readonly HeldEntry[] {
  return [...held];
}
