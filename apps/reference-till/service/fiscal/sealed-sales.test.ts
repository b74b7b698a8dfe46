import { afterEach, describe, expect, test } from "vitest";
import { verifyTill } from "../till/verify.ts";
import {
  cash,
  gbp,
  startTestService,
  stockShop,
  type TestService,
} from "../testing/test-service.ts";
import { regimeItem } from "./location-regime.ts";

let shop: TestService;

async function startSealing(): Promise<TestService> {
  const made = await startTestService();
  await stockShop(made.api);
  const regime = { regime: "none", taxpayer: "", isTest: false, settings: {} };
  await made.replica.publish("fiscal", [regimeItem("*", regime)]);
  await made.api.post("/shifts", { float: gbp(10_000) });
  return made;
}

afterEach(() => shop.stop());

const coffee = { lines: [{ sku: "C1" }], tenders: cash(500) };

describe("sales under a fiscal regime", () => {
  test("the stream is opened before the first shift, and each sale bears its place in the chain", async () => {
    shop = await startSealing();
    const kinds = shop.replica.held.map(({ entry }) => entry.kind);
    expect(kinds).toEqual(["fiscal", "shift-opened"]);
    const first = await shop.api.post("/sales", coffee);
    const second = await shop.api.post("/sales", coffee);
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(first.body.fiscal).toMatchObject({
      regime: "none",
      number: first.body.receiptNumber,
      sequence: 1,
      isTest: false,
      isDegraded: false,
    });
    expect(second.body.fiscal.sequence).toBe(2);
    const again = await shop.api.get(`/sales/${first.body.saleId}`);
    expect(again.body.fiscal).toEqual(first.body.fiscal);
  });

  test("requests at once are sealed one after the other, each once", async () => {
    shop = await startSealing();
    const keys = Array.from({ length: 20 }, (_, i) => `at-once-${i % 10}`);
    const answers = await Promise.all(keys.map((key) => shop.api.post("/sales", coffee, key)));
    const numbers = new Set(answers.map(({ body }) => body.fiscal.number));
    expect(numbers.size).toBe(10);
    expect(new Set(answers.map(({ body }) => body.fiscal.sequence)).size).toBe(10);
    const { stream } = shop.service.till.fiscal.state;
    expect(stream?.head).toMatchObject({ sequence: 10, lastNumber: 10 });
    expect((await verifyTill(shop.service.till)).differences).toEqual([]);
  });
});
