/** Renewal and revocation over the shop's network, on real sockets. */

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { must, sale } from "../testing/crash-life.ts";
import { openLanShop, type LanShop, type Started } from "../testing/lan-shop.ts";

let shop: LanShop;
let hq: Started;
let till: Started;

beforeEach(async () => {
  shop = await openLanShop({ b: "corner" });
  hq = await shop.start("a", []);
  till = await shop.start("b", [shop.port("a")]);
});

afterEach(() => shop.close());

const isLinked = ({ replica }: Started, to: Started) =>
  replica
    .status()
    .peers.some(({ device, state }) => device === to.replica.device.id && state === "connected");
const within = { timeout: 20_000, interval: 50 };

describe("over the shop's network", () => {
  test("[NW1] a till that joined by a file is renewed, and its next links are by the new certificate", async () => {
    await expect.poll(() => till.parts.identity.chain.length, within).toBe(1);
    await hq.replica.close();
    await expect.poll(() => isLinked(till, hq), within).toBe(false);
    // Beyond the end of the invitation's certificate.
    shop.advance(60 * 86_400_000);
    hq = await shop.start("a", [shop.port("b")]);
    await expect.poll(() => isLinked(till, hq) && isLinked(hq, till), within).toBe(true);
    const recorded = must(await till.replica.commit(sale(till.replica, "1")));
    const { sequence, incarnation } = recorded.entry;
    const place = { device: till.replica.device.id, incarnation, after: sequence - 1, limit: 1 };
    await expect.poll(() => hq.replica.entries(place).length, within).toBe(1);
  });

  test("[RV6] a revoked till is let go of, is told why, and goes on selling", async () => {
    await expect.poll(() => isLinked(hq, till), within).toBe(true);
    await expect.poll(() => hq.replica.devices().length, within).toBe(2);
    must(await hq.replica.revoke(till.replica.device.id, "stolen"));
    await expect.poll(() => till.replica.status().revoked !== undefined, within).toBe(true);
    await expect.poll(() => isLinked(hq, till), within).toBe(false);
    must(await till.replica.commit(sale(till.replica, "1")));
    expect(till.replica.status().state).toBe("ready");
    expect(hq.replica.devices()).toContainEqual(
      expect.objectContaining({ state: "revoked", reason: "stolen" }),
    );
  });
});
