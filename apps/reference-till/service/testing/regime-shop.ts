/**
 * A shop under any of the regimes, with test keys made on the spot, whose signer can be taken away and whose clock can lie.
 *
 * @module
 */

import fs from "node:fs";
import path from "node:path";
import type { FiscalRecord, SealedDocument } from "@tillmesh/fiscal-queue";
import { testClock, type TestClock } from "@tillmesh/kernel/testing";
import { regimeItem } from "../fiscal/location-regime.ts";
import { testTaxpayer } from "../fiscal/test-activation.ts";
import { published } from "./priced-shop.ts";
import { startTestService, type TestAnswer, type TestService } from "./test-service.ts";

export interface RegimeShop extends TestService {
  readonly clock: TestClock;
  readonly money: (minor: number) => { readonly minor: number; readonly currency: string };
  /** One coffee of 2.90, in cash. */
  sell(): Promise<TestAnswer>;
  /** Goes on with the same disk; `isSignerOut`: without its private keys. */
  restart(more?: { readonly isSignerOut?: boolean }): Promise<RegimeShop>;
  /** What the regime itself had sealed, beside receipts. */
  ownDocuments(): readonly SealedDocument[];
}

export type RegimeName =
  | "none"
  | "at-rksv"
  | "es-verifactu"
  | "es-no-verifactu"
  | "sa-zatca"
  | "no-saft";

interface Country {
  readonly currency: string;
  readonly timeZone: string;
  readonly standard: string;
  readonly reduced: string;
}

export const countries: Readonly<Record<RegimeName, Country>> = {
  none: { currency: "GBP", timeZone: "Europe/London", standard: "20", reduced: "5" },
  "at-rksv": { currency: "EUR", timeZone: "Europe/Vienna", standard: "20", reduced: "10" },
  "es-verifactu": { currency: "EUR", timeZone: "Europe/Madrid", standard: "21", reduced: "10" },
  "es-no-verifactu": {
    currency: "EUR",
    timeZone: "Europe/Madrid",
    standard: "21",
    reduced: "10",
  },
  "sa-zatca": { currency: "SAR", timeZone: "Asia/Riyadh", standard: "15", reduced: "15" },
  "no-saft": { currency: "NOK", timeZone: "Europe/Oslo", standard: "25", reduced: "15" },
};

/** No shift is open yet. */
export async function startRegimeShop(
  regime: RegimeName,
  startsAt = "2026-11-23T09:00:00Z",
): Promise<RegimeShop> {
  const clock = testClock(Date.parse(startsAt));
  const { currency, timeZone } = countries[regime];
  const location = { id: "loc_a", name: "High Street", currency, timeZone };
  const shop = await startTestService({ clock, location });
  await stock(shop, regime);
  const isTest = regime !== "none";
  const said = { regime, isTest, ...testTaxpayer(regime, "Corner Café") };
  await shop.replica.publish("fiscal", [regimeItem("*", said)]);
  return grown(shop, regime, clock);
}

function grown(shop: TestService, regime: RegimeName, clock: TestClock): RegimeShop {
  const { directory, replica } = shop;
  const money = (minor: number) => ({ minor, currency: countries[regime].currency });
  return {
    ...shop,
    clock,
    money,
    sell: () => {
      const tenders = [{ kind: "cash", amount: money(300) }];
      return shop.api.post("/sales", { lines: [{ sku: "COF" }], tenders });
    },
    restart: async ({ isSignerOut = false } = {}) => {
      await shop.stop();
      moveKeys(directory, isSignerOut);
      return grown(await startTestService({ clock, directory, replica }), regime, clock);
    },
    ownDocuments: () =>
      replica.held.flatMap(({ entry }) => {
        const record = entry.body as unknown as FiscalRecord;
        const isDocument = entry.kind === "fiscal" && record.type === "sealed";
        return isDocument ? [record.document] : [];
      }),
  };
}

async function stock({ api }: TestService, regime: RegimeName): Promise<void> {
  const { currency, standard, reduced } = countries[regime];
  await published(api, "taxes", {
    taxes: [
      { taxCode: "standard", name: "Standard", ratePercent: standard },
      { taxCode: "reduced", name: "Reduced", ratePercent: reduced },
      { taxCode: "zero", name: "Zero", ratePercent: "0" },
    ],
  });
  await published(api, "catalogue", {
    products: [{ sku: "COF", name: "Coffee", taxCode: "standard" }],
  });
  await published(api, "prices", { prices: [{ sku: "COF", price: { minor: 290, currency } }] });
  await published(api, "staff", { staff: [{ name: "Maya", role: "manager", pin: "1234" }] });
}

/** A signer that is gone has its files gone; what it signed before stays signed. */
function moveKeys(directory: string, isOut: boolean): void {
  const root = path.join(directory, "fiscal");
  for (const folder of fs.existsSync(root) ? fs.readdirSync(root) : []) {
    const home = path.join(root, folder);
    const names = fs.statSync(home).isDirectory() ? fs.readdirSync(home) : [];
    for (const name of names) {
      const [from, to] = isOut ? ["key-", "gone-"] : ["gone-", "key-"];
      if (!name.startsWith(from)) continue;
      fs.renameSync(path.join(home, name), path.join(home, to + name.slice(from.length)));
    }
  }
}
