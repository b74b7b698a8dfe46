/**
 * The contract, as a program elsewhere and a person at the command line meet it.
 *
 * Two devices in two places serve throughout; the cases are tables in `contract/`, run in order.
 *
 * @module
 */

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { commandCases, importCases, restartCases } from "./contract/devices.ts";
import { statusCases } from "./contract/fiscal-status.ts";
import { refundCases } from "./contract/giving-back.ts";
import { accessCases, boundCases, idempotencyCases } from "./contract/guard.ts";
import { auditCases, publicationCases } from "./contract/headquarters.ts";
import { linkCases } from "./contract/links.ts";
import type { Cases, Pair } from "./contract/pair.ts";
import { pricingCases } from "./contract/pricing.ts";
import { badSaleCases, quoteCases, saleCases } from "./contract/selling.ts";
import { closingCases, openingCases } from "./contract/shift.ts";
import { countCases, stockCases } from "./contract/stock.ts";
import { must, type Answer } from "./harness/api.ts";
import { createAnswerSchemas, type AnswerSchemas, type OpenApi } from "./harness/answer-schemas.ts";
import { catalogueCsv, priceMap, taxesCsv } from "./harness/corner-shop.ts";
import { eventually } from "./harness/eventually.ts";
import { tellingOnFailure, tellOnFailure } from "./harness/failure-log.ts";
import { makeFolder, writeText } from "./harness/folders.ts";
import { serve, untilConnected, type Serving } from "./harness/serving.ts";
import { foundShop, joinShop } from "./harness/shop.ts";

let pair: Pair;

beforeAll(async () => {
  pair = await tellingOnFailure(openPair);
}, 120_000);

beforeEach(tellOnFailure);

afterAll(async () => {
  await Promise.all((pair?.tills ?? []).map((till) => till.stop()));
}, 60_000);

cases("before the first sale", openingCases);
cases("quotes", quoteCases);
cases("sales", saleCases);
cases("bad sales", badSaleCases);
cases("refunds and reversals", refundCases);
cases("asking twice", idempotencyCases);
cases("stock", stockCases);
cases("links and devices", linkCases);
cases("publications", publicationCases);
cases("fiscal status", statusCases);
cases("entries, events, description", auditCases);
cases("access", accessCases);
cases("bounds", boundCases);
cases("commands", commandCases);
cases("imports", importCases);
cases("counts", countCases);
cases("after the last sale", closingCases);
cases("promotions, discounts, tenders", pricingCases);

describe("the description", () => {
  test("every answer of these tests fits it", () => {
    expect(pair.schemas.faults).toEqual([]);
  });

  test("these tests had a good answer from every call it describes", () => {
    const unheard = pair.schemas.calls.filter((call) => !pair.schemas.answered.has(call));
    // Read as a stream, what only the till's own pages ask for, and what relay.test.ts tries.
    const elsewhere = new Set([
      "GET /events",
      "DELETE /sessions",
      "GET /shifts/current",
      "GET /sessions/current",
      "POST /links",
      "POST /devices/{id}/admit",
      "POST /devices/{id}/approve",
      "POST /devices/{id}/revoke",
      // What goes to an authority, and exports: fiscal.test.ts and the service's own tests.
      "GET /fiscal/exports/{kind}",
      "POST /sales/{id}/invoice",
      "POST /fiscal/documents/{sequence}/release",
      "POST /fiscal/documents/{sequence}/correct",
      "POST /fiscal/hand-overs",
    ]);
    expect(unheard.filter((call) => !elsewhere.has(call))).toEqual([]);
  });
});

cases("stopped and started", restartCases);

function cases(title: string, table: Cases): void {
  describe(title, () => {
    for (const [name, run] of Object.entries(table))
      test(name, { timeout: 60_000 }, () => run(pair));
  });
}

async function openPair(): Promise<Pair> {
  const folder = makeFolder("contract");
  const taxes = writeText(folder, "taxes.csv", taxesCsv);
  const catalogue = writeText(folder, "catalogue.csv", catalogueCsv);
  const first = await foundShop(folder, { taxes, catalogue, map: priceMap });
  const second = await joinShop(first, { folder, name: "Till 2", location: "Harbour" });
  let schemas: AnswerSchemas | undefined;
  const onAnswer = (answer: Answer) => schemas?.check(answer);
  const start = (device: typeof second, peer: number): Promise<Serving> =>
    serve(device, { peers: [peer], onAnswer });
  const tills = await Promise.all([start(first, second.lanPort), start(second, first.lanPort)]);
  await Promise.all(tills.map((till) => untilConnected(till)));
  const openApi = must(await tills[0].api.get<OpenApi>("/openapi.json"), 200);
  schemas = createAnswerSchemas(openApi);
  await eventually("the catalogue at the Harbour", async () => {
    const { status } = await tills[1].api.get("/prices/MUG");
    return status === 200 ? true : undefined;
  });
  return { folder, first, second, tills, openApi, schemas };
}
