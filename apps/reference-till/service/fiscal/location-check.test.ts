import { expect, test } from "vitest";
import { checkLocation } from "./location-check.ts";
import { regimeIds } from "./regimes.ts";
import { testTaxpayer } from "./test-activation.ts";

const places: Readonly<Record<string, readonly [currency: string, timeZone: string]>> = {
  none: ["GBP", "Europe/London"],
  "at-rksv": ["EUR", "Europe/Vienna"],
  "es-verifactu": ["EUR", "Europe/Madrid"],
  "es-no-verifactu": ["EUR", "Europe/Madrid"],
  "sa-zatca": ["SAR", "Asia/Riyadh"],
  "no-saft": ["NOK", "Europe/Oslo"],
};

test.each(regimeIds)("%s opens with a taxpayer and keys that are made on the spot", (regime) => {
  const [currency = "", timeZone = ""] = places[regime] ?? [];
  const said = { regime, isTest: true, ...testTaxpayer(regime, "Corner Café") };
  expect(checkLocation(said, { currency, timeZone, nowMs: Date.UTC(2026, 10, 22) })).toMatchObject({
    ok: true,
  });
});

test("another currency than the regime's is refused with what is wrong", () => {
  const said = { regime: "at-rksv", isTest: true, ...testTaxpayer("at-rksv", "Corner Café") };
  const place = { currency: "GBP", timeZone: "Europe/London", nowMs: Date.UTC(2026, 10, 22) };
  expect(checkLocation(said, place)).toMatchObject({
    error: { type: "FiscalSettings", faults: [{ pointer: "/currency" }] },
  });
});
