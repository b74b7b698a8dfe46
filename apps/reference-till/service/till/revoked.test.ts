import type { HeldEntry } from "@tillmesh/kernel";
import { afterEach, describe, expect, test } from "vitest";
import { FakeReplica } from "../testing/fake-replica.ts";
import {
  cash,
  gbp,
  startSellingService,
  startTestService,
  type TestService,
} from "../testing/test-service.ts";

const started: TestService[] = [];
afterEach(async () => {
  for (const shop of started.splice(0)) await shop.stop();
});

/** Headquarters, with two sales of a till that it holds. */
async function openShops() {
  const hq = await startSellingService();
  const till = await startTestService({
    device: "dev_b",
    code: "BBBB",
    roles: ["till"],
    publications: hq.replica.said,
  });
  started.push(hq, till);
  await till.api.post("/shifts", { float: gbp(0) });
  for (let sales = 0; sales < 2; sales += 1)
    await till.api.post("/sales", { lines: [{ sku: "C1" }], tenders: cash(290) });
  hq.replica.deliver(till.replica.held);
  return { hq, till };
}

const onHand = async ({ api }: TestService) =>
  (await api.get("/stock/C1")).body.locations[0].onHand;

const lastRevoked = (held: readonly HeldEntry[]) =>
  held.map((one) => (one === held.at(-1) ? { ...one, flags: ["revoked" as const] } : one));

describe("a revocation", () => {
  test("takes out what the device recorded after its end, and an admission brings it back", async () => {
    const { hq } = await openShops();
    expect(await onHand(hq)).toBe("-2");
    const { held } = hq.replica;
    const before = [...held];
    hq.replica.change("1", lastRevoked(before), "dev_b");
    await expect.poll(() => onHand(hq), { interval: 10 }).toBe("-1");
    const { items } = (await hq.api.get("/exceptions")).body;
    expect(items.map(({ type }: { type: string }) => type)).toContain("EntryRevoked");
    hq.replica.change("2", before, "dev_b");
    await expect.poll(() => onHand(hq), { interval: 10 }).toBe("-2");
  });

  test("that changes nothing leaves what was read as it is", async () => {
    const { hq } = await openShops();
    const epochOf = () => hq.service.till.projection.epoch;
    const epoch = epochOf();
    hq.replica.change("1", [...hq.replica.held], "dev_b");
    await expect
      .poll(
        () =>
          hq.service.till.projection.sql("SELECT value FROM meta WHERE name = 'revision'").get(),
        { interval: 10 },
      )
      .toEqual({ value: "1" });
    expect(epochOf()).toBe(epoch);
  });

  test("that came while the service was off is met at the start", async () => {
    const { hq } = await openShops();
    await hq.stop();
    started.splice(started.indexOf(hq), 1);
    const replica = new FakeReplica({
      clock: { nowMs: () => Date.now() },
      held: lastRevoked(hq.replica.held),
      publications: hq.replica.said,
    });
    replica.past = "1";
    const again = await startTestService({ replica, directory: hq.directory });
    started.push(again);
    await expect.poll(() => onHand(again), { interval: 10 }).toBe("-1");
  });
});
