import { expect, test } from "vitest";
import { cash, gbp, startSellingService, startTestService } from "../testing/test-service.ts";

test("an entry that is too large and one that is malformed are told apart", async () => {
  const shop = await startSellingService();
  const sale = { lines: [{ sku: "C1" }], tenders: cash(290) };
  shop.replica.refusal = { type: "TooLarge", what: "text", limit: 1 };
  const large = await shop.api.post("/sales", sale);
  shop.replica.refusal = { type: "Malformed", member: "movements" };
  const malformed = await shop.api.post("/sales", sale);
  expect([large.status, large.body.code]).toEqual([422, "EntryTooLarge"]);
  expect([malformed.status, malformed.body.code]).toEqual([422, "EntryMalformed"]);
  expect(malformed.body.detail).toContain("movements");
  await shop.stop();
});

test("a device that is no till says so before it asks who is there", async () => {
  const hq = await startTestService({ roles: ["hq"] });
  const { status, body } = await hq.api.post("/shifts", { float: gbp(0) });
  expect([status, body.code]).toEqual([403, "NotTill"]);
  await hq.stop();
});
