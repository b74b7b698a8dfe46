import { afterEach, expect, test } from "vitest";
import { isSaftSchemaAbsent, saftFaults } from "@tillmesh/fiscal-queue/testing";
import { startRegimeShop, type RegimeShop } from "../testing/regime-shop.ts";
import { testApi } from "../testing/test-service.ts";
import { exportFiscal } from "./export.ts";

let shop: RegimeShop;

afterEach(() => shop.stop());

const isAbsent = isSaftSchemaAbsent(1);

async function exported(): Promise<string> {
  const found = exportFiscal(shop.service.till, { kind: "saft-cr" });
  if (!found.ok) throw new Error(found.error.type);
  let xml = "";
  for await (const piece of found.value.pieces) xml += piece;
  return xml;
}

/** All that a Norwegian till notes, sells and closes. */
async function aDay(): Promise<void> {
  shop = await startRegimeShop("no-saft");
  const { body } = await shop.api.post("/sessions", { pin: "1234" });
  const maya = testApi(shop.url, body.token);
  await maya.post("/shifts", { float: shop.money(50_000) });
  const sold = await shop.sell();
  await maya.post("/drawer", { reason: "change & <coins>" });
  await maya.post("/cash", { kind: "out", amount: shop.money(500), reason: "milk" });
  await shop.api.post(`/sales/${sold.body.saleId}/copies`);
  await shop.api.post("/reports/x");
  await shop.api.post("/shifts/close", { counted: shop.money(49_790) });
  expect((await shop.api.post("/days/close")).status).toBe(200);
}

test("SAF-T names staff and articles that the documents only number", async () => {
  await aDay();
  const xml = await exported();
  expect(xml).toContain("<surName>Maya</surName>");
  expect(xml).toContain("<artDesc>Coffee</artDesc>");
  expect(xml).toContain("<reportOpeningChangeFloat>500.00<");
});

test.skipIf(isAbsent)("SAF-T of a till's own day is valid by the official schema", async () => {
  await aDay();
  expect(await saftFaults(await exported())).toEqual([]);
});
