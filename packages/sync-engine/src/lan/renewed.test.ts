import { afterAll, beforeAll, expect, test } from "vitest";
import { layCable, type Cable } from "../testing/cable.ts";
import { draftOf, openLanShop, type LanShop } from "../testing/lan-shop.ts";

let shop: LanShop;
let cable: Cable;

beforeAll(async () => {
  shop = await openLanShop({ b: "corner" });
  cable = await layCable(shop.port("a"));
});
afterAll(async () => {
  await shop.stop();
  await cable.close();
  await shop.close();
});

test("[TL6] a device that HQ renewed while it runs dials with its new certificate", async () => {
  const { replica: a } = await shop.start("a", []);
  const { replica: b } = await shop.start("b", [cable.port]);
  const patience = { timeout: 20_000, interval: 50 };
  const isLinked = () => b.status().peers.some(({ state }) => state === "connected");
  await expect.poll(isLinked, patience).toBe(true);
  const renewed = () =>
    b.publications("certificates").flatMap(({ items }) => items.map(({ key }) => key));
  await expect.poll(renewed, patience).toContain(b.device.id);
  cable.pull();
  await expect.poll(isLinked, patience).toBe(false);
  cable.plug();
  await expect.poll(isLinked, patience).toBe(true);
  await b.commit(draftOf(b, "C001"));
  const own = () => a.ledgers().find(({ device }) => device === b.device.id)?.sequence;
  await expect
    .poll(own, patience)
    .toBe(b.ledgers().find(({ device }) => device === b.device.id)?.sequence);
  expect(b.status().peers.map(({ refusal }) => refusal)).toEqual([undefined]);
});
