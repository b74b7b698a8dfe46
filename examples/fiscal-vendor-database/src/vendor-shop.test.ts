import { createSecretKey } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import {
  deliverStep,
  emptyHead,
  fiscalTimeAt,
  headAfter,
  streamIdOf,
  type SealedDocument,
} from "@tillmesh/fiscal-queue";
import { createSoftwareSigner } from "@tillmesh/fiscal-queue/node";
import {
  createScriptedAuthority,
  createTinyRegime,
  outboxContract,
  plainReceipt,
  sealAll,
  tinyAuthority,
  tinyConfig,
} from "@tillmesh/fiscal-queue/testing";
import type { DatabaseSync } from "node:sqlite";
import { afterAll, describe, expect, test } from "vitest";
import { openDatabase } from "./schema.ts";
import { addToOutbox, createSqliteOutbox } from "./sqlite-outbox.ts";
import { createVendorShop, openStream, readHead } from "./vendor-shop.ts";

const directory = fs.mkdtempSync(path.join(os.tmpdir(), "tillmesh-vendor-"));
let files = 0;
afterAll(() => fs.rmSync(directory, { recursive: true }));

const regime = createTinyRegime();
const config = tinyConfig();
const stream = streamIdOf(config);
const signer = createSoftwareSigner({ K1: createSecretKey(Buffer.from("tiny")) });
const fromMs = Date.parse("2026-11-22T11:00:00Z");

/** No jitter: waits end at once. */
function random(sizeBytes: number): Uint8Array {
  return new Uint8Array(sizeBytes);
}

function fileName(): string {
  files += 1;
  return path.join(directory, `shop-${files}.db`);
}

function shopOn(database: DatabaseSync) {
  let nowMs = fromMs;
  const tick = () => (nowMs += 1000);
  return createVendorShop({ database, regime, config, signer, nowMs: tick });
}

function documentsIn(database: DatabaseSync): readonly SealedDocument[] {
  const rows = database.prepare("SELECT document FROM fiscal_documents ORDER BY sequence").all();
  return rows.map((row) => JSON.parse(String(row["document"])) as SealedDocument);
}

function expectWhole(database: DatabaseSync): void {
  const documents = documentsIn(database);
  const replayed = documents.reduce(
    (head, one) => headAfter(one, head),
    emptyHead(config, { total: 0 }),
  );
  expect(readHead(database, config)).toEqual(replayed);
  const orders = database
    .prepare("SELECT receipt_number FROM orders ORDER BY receipt_number")
    .all();
  expect(orders.map((row) => row["receipt_number"])).toEqual(documents.map(({ number }) => number));
}

describe("a vendor's own database", () => {
  test("[FSE8] order, document, outbox and head are written together", async () => {
    const database = openDatabase(fileName());
    openStream(database, regime, config);
    const shop = shopOn(database);
    const sold = await Promise.all(
      ["a", "b", "c"].map((id, at) => shop.sell({ id, receipt: plainReceipt(100 + at) })),
    );
    expect(sold.map(({ type }) => type)).toEqual(["sold", "sold", "sold"]);
    expectWhole(database);
    database.close();
  });

  test("[FSE8] an order that fails takes no number and no place in the chain, over restarts too", async () => {
    const file = fileName();
    const database = openDatabase(file);
    openStream(database, regime, config);
    const shop = shopOn(database);
    await shop.sell({ id: "a", receipt: plainReceipt(100) });
    // The vendor's own rule: an id is there once.
    await expect(shop.sell({ id: "a", receipt: plainReceipt(200) })).rejects.toThrow("UNIQUE");
    const refused = await shop.sell({ id: "x", receipt: plainReceipt(1, { totalMinor: 2 }) });
    expect(refused).toMatchObject({ type: "refused", refusal: { type: "Faulty" } });
    expectWhole(database);
    database.close();
    const again = openDatabase(file);
    const answer = await shopOn(again).sell({ id: "b", receipt: plainReceipt(300) });
    expect(answer).toMatchObject({ document: { number: "B1-1-000002", sequence: 2 } });
    expectWhole(again);
    again.close();
  });

  test("[FSE8] a second writer is refused, and a stream that was never opened seals nothing", async () => {
    const database = openDatabase(fileName());
    await expect(shopOn(database).sell({ id: "a", receipt: plainReceipt(1) })).rejects.toThrow(
      "never opened",
    );
    openStream(database, regime, config);
    const [one, two] = [shopOn(database), shopOn(database)];
    const results = await Promise.allSettled([
      one.sell({ id: "a", receipt: plainReceipt(100) }),
      two.sell({ id: "b", receipt: plainReceipt(200) }),
    ]);
    expect(results.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    expectWhole(database);
    database.close();
  });

  test("[FSE8] what was sealed is delivered from the same tables", async () => {
    const database = openDatabase(fileName());
    openStream(database, regime, config);
    const shop = shopOn(database);
    for (const id of ["a", "b", "c"]) await shop.sell({ id, receipt: plainReceipt(100) });
    const authority = createScriptedAuthority(tinyAuthority());
    authority.script({ type: "drop-reply" });
    const { delivery } = regime;
    if (delivery === undefined) throw new Error("delivers");
    let nowMs = fromMs + 60_000;
    for (let step = 0; step < 9; step += 1) {
      const { transport } = authority;
      const now = () => fiscalTimeAt(nowMs, config.timeZone);
      await deliverStep({ config, delivery, store: shop.outbox, transport, now, random });
      nowMs += 1000;
    }
    const page = await shop.outbox.page(stream, { limit: 9, nowMs });
    expect(page.waitingCount).toBe(0);
    expect(authority.books.accepted()).toHaveLength(3);
    database.close();
  });
});

describe("the outbox on its tables", () => {
  outboxContract({
    test: (title, body) => {
      test(title, body);
    },
    scene: (initial) => {
      const file = fileName();
      const database = openDatabase(file);
      return {
        store: createSqliteOutbox(database, initial),
        add: (document) => addToOutbox(database, document),
        reopen: () => {
          database.close();
          return createSqliteOutbox(openDatabase(file), initial);
        },
      };
    },
    documents: async () => {
      const receipts = Array.from({ length: 6 }, (_, at) => plainReceipt(100 + at));
      return (await sealAll(regime, receipts, { config, signer })).documents;
    },
  });
});
