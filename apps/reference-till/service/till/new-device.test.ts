import { afterEach, describe, expect, test } from "vitest";
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

function keep(shop: TestService): TestService {
  started.push(shop);
  return shop;
}

const coffee = (quantity: string) => ({ lines: [{ sku: "C1", quantity }], tenders: cash(10_000) });

/** A till that has sold, counted and sold again, and one that was never there before. */
async function openShop() {
  const first = keep(await startSellingService());
  const { api, replica } = first;
  await api.post("/stock/movements", { kind: "receipt", sku: "C1", quantity: "40" });
  const sold = await api.post("/sales", coffee("3"));
  const count = await api.post("/stock/counts", {});
  await api.post(`/stock/counts/${count.body.countId}/lines`, { sku: "C1", counted: "30" });
  await api.post(`/stock/counts/${count.body.countId}/close`, {});
  await api.post("/sales", coffee("2"));
  const carried = replica.held.at(-1)!.entry.sequence;
  await api.post("/sales", coffee("1"));
  const held = [...replica.held];
  const publications = [...replica.said];
  const second = keep(
    await startTestService({
      device: "dev_b",
      code: "BBBB",
      roles: ["till"],
      publications,
      held: [],
    }),
  );
  second.replica.held.push(...held);
  second.replica.carryThrough("dev_a", carried);
  second.replica.deliver([]);
  return { first, second, sale: String(sold.body.saleId), carried };
}

const onHand = async ({ api }: TestService) => {
  const { status, body } = await api.get("/stock/C1");
  return status === 200 ? body.locations[0].onHand : body.code;
};

const within = { timeout: 5_000, interval: 20 };

describe("a new device (CW)", () => {
  test("[CW5] stock is right before the history is there, and what is missing is told", async () => {
    const { first, second, sale, carried } = await openShop();
    await expect.poll(() => onHand(second), within).toBe("27");
    expect(await onHand(first)).toBe("27");
    const status = await second.api.get("/status");
    expect(status.body.history).toEqual({ missingEntries: carried });
    expect(status.body.ledgers).toContainEqual(
      expect.objectContaining({ heldFrom: carried + 1, sequence: carried + 1 }),
    );
    expect((await second.api.get(`/sales/${sale}`)).body.code).toBe("NotKnownHere");
    const early = await second.api.get("/entries?limit=1000");
    expect(early.body.items).toEqual([]);

    second.replica.bringHistory("dev_a");
    await expect
      .poll(async () => (await second.api.get("/status")).body.history, within)
      .toEqual({
        missingEntries: 0,
      });
    expect(await onHand(second)).toBe("27");
    expect((await second.api.get(`/sales/${sale}`)).body.total).toEqual(gbp(870));
    const all = await second.api.get(`/entries?limit=1000&after=${early.body.position}`);
    expect(all.body.items.map(({ sequence }: { sequence: number }) => sequence)).toEqual(
      Array.from({ length: carried + 1 }, (_, index) => index + 1),
    );
  });

  test("[CW5] a count taken from it covers what the carry stands for", async () => {
    const { second, first } = await openShop();
    await expect.poll(() => onHand(second), within).toBe("27");
    const count = await second.api.post("/stock/counts", {});
    await second.api.post(`/stock/counts/${count.body.countId}/lines`, {
      sku: "C1",
      counted: "20",
    });
    expect(await onHand(second)).toBe("20");
    first.replica.deliver(second.replica.held.filter(({ entry }) => entry.device === "dev_b"));
    await expect.poll(() => onHand(first), within).toBe("20");
    second.replica.bringHistory("dev_a");
    await expect
      .poll(async () => (await second.api.get("/status")).body.history, within)
      .toEqual({
        missingEntries: 0,
      });
    expect(await onHand(second)).toBe("20");
  });
});
