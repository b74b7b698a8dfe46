import { afterEach, expect, test } from "vitest";
import { startSpanishShop, type SpanishShop } from "../testing/spanish-shop.ts";

let shop: SpanishShop;

afterEach(() => shop.closeAll());

test("a head that the ledger makes goes on after a restart", async () => {
  shop = await startSpanishShop();
  await shop.sell();
  shop = await shop.restart();
  await shop.service.delivery.deliver();
  const { body } = await shop.sell();
  expect(body.fiscal.sequence).toBe(2);
  expect((await shop.api.get("/fiscal")).body.stopped).toBeNull();
});

test("a head that the ledger does not make stops sealing, and says so", async () => {
  shop = await startSpanishShop();
  await shop.sell();
  await shop.sell();
  shop.service.till.projection.sync();
  // Whatever changed what is remembered: the ledger is what counts.
  const { held } = shop.replica;
  const last = held.findLastIndex(({ entry }) => entry.kind === "sale");
  const sale = held[last];
  if (sale === undefined) throw new Error("nothing was sold");
  const body = structuredClone(sale.entry.body) as { fiscal: { hash: string } };
  body.fiscal.hash = "00".repeat(32);
  held[last] = { ...sale, entry: { ...sale.entry, body } };
  shop = await shop.restart();
  await shop.service.delivery.deliver();
  await expect.poll(async () => (await shop.api.get("/fiscal")).body.stopped).not.toBeNull();
  expect(await shop.sell()).toMatchObject({ status: 409, body: { code: "FiscalStopped" } });
});
