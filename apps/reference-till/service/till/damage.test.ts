import fs from "node:fs";
import { DatabaseSync } from "node:sqlite";
import path from "node:path";
import { describe, expect, test } from "vitest";
import {
  cash,
  startSellingService,
  startTestService,
  type TestService,
} from "../testing/test-service.ts";

const sale = { lines: [{ sku: "C1" }], tenders: cash(300) };

async function eventually(shop: TestService, path_: string): Promise<number> {
  for (let attempts = 0; ; attempts += 1) {
    const { status } = await shop.api.get(path_);
    if (status === 200 || attempts === 100) return status;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe("a damaged projection", () => {
  test("a row that is not what was written is noticed, and all is read again", async () => {
    const shop = await startSellingService();
    const first = await shop.api.post("/sales", sale, "once");
    await shop.api.get("/sales");
    const db = new DatabaseSync(path.join(shop.directory, "projection.sqlite"));
    db.exec("UPDATE entries SET entry = replace(entry, '290', '920')");
    db.close();
    const damaged = await shop.api.get(`/sales/${first.body.saleId}`);
    expect([damaged.status, damaged.body.code]).toEqual([503, "CatchingUp"]);
    expect(await eventually(shop, `/sales/${first.body.saleId}`)).toBe(200);
    const found = await shop.api.get(`/sales/${first.body.saleId}`);
    expect(found.body.total.minor).toBe(290);
    expect((await shop.api.post("/sales", sale, "once")).status).toBe(200);
    await shop.stop();
  });

  test("a flipped byte anywhere in the file never sells twice and never stops the till", async () => {
    const shop = await startSellingService();
    const first = await shop.api.post("/sales", sale, "once");
    await shop.api.get("/sales");
    await shop.stop();
    const file = path.join(shop.directory, "projection.sqlite");
    const whole = fs.readFileSync(file);
    for (let at = 13; at < whole.length; at += 4001) {
      const bytes = Buffer.from(whole);
      bytes[at] = (bytes[at] ?? 0) ^ 0x10;
      for (const suffix of ["-wal", "-shm"]) fs.rmSync(file + suffix, { force: true });
      fs.writeFileSync(file, bytes);
      const again = await startTestService({ replica: shop.replica, directory: shop.directory });
      expect(await eventually(again, "/sales")).toBe(200);
      const repeated = await again.api.post("/sales", sale, "once");
      expect([at, repeated.status, repeated.body.saleId]).toEqual([at, 200, first.body.saleId]);
      await again.stop();
    }
  });
});
