import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { describe, test } from "vitest";
import { systemClock } from "@tillmesh/kernel/node";
import {
  streamIdOf,
  veriFactu,
  type SealedDocument,
  type StreamConfig,
  type StreamDelivery,
} from "@tillmesh/fiscal-queue";
import { outboxContract, sealAll } from "@tillmesh/fiscal-queue/testing";
import { createLogger } from "../logger.ts";
import { FakeReplica } from "../testing/fake-replica.ts";
import { openTill } from "../till/till.ts";
import { createSqliteOutbox } from "./sqlite-outbox.ts";
import { testTaxpayer } from "./test-activation.ts";

const config: StreamConfig = {
  regime: "es-verifactu",
  ...testTaxpayer("es-verifactu", "Corner Café"),
  till: "AAAA",
  series: "AAAA-1",
  epoch: 1,
  numbersFrom: 0,
  timeZone: "Europe/Madrid",
  currency: "EUR",
  currencyDigits: 2,
  isTest: true,
  keys: [],
};

function random(sizeBytes: number): Uint8Array {
  return new Uint8Array(sizeBytes);
}

async function documents(): Promise<readonly SealedDocument[]> {
  const tax = { taxCode: "s", category: "S", rateBp: 2100, netMinor: 1000, taxMinor: 210 } as const;
  const line = { lineId: "1", sku: "C1", name: "Coffee", quantityMilli: 1000, ...tax };
  const receipt = {
    kind: "sale",
    currency: "EUR",
    lines: [line],
    taxes: [tax],
    totalMinor: 1210,
    payments: [{ kind: "cash", amountMinor: 1210 }],
  } as const;
  const receipts = Array.from({ length: 6 }, () => receipt);
  return (await sealAll(veriFactu, receipts, { config })).documents;
}

async function scene(initial: StreamDelivery) {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), "tillmesh-outbox-"));
  const clock = systemClock();
  const replica = new FakeReplica({ clock });
  const logger = createLogger({ level: "error", clock, write: () => undefined });
  const open = () => {
    const till = openTill({ replica, directory, clock, random, logger, onEvent: () => undefined });
    const commit = async (record: Parameters<typeof till.fiscal.commit>[0]) =>
      void (await till.fiscal.commit(record));
    return { till, store: createSqliteOutbox({ tables: till.projection, commit, initial }) };
  };
  const opened = open();
  const atMs = clock.nowMs();
  const state = { record: null, event: null, events: 0 };
  await opened.till.fiscal.commit({ type: "opened", config, state, atMs });
  return {
    store: opened.store,
    add: async (document: SealedDocument) =>
      void (await opened.till.fiscal.commit({ type: "sealed", document })),
    reopen: () => {
      opened.till.close();
      return open().store;
    },
  };
}

describe(`an outbox in the till's tables, as any of ${streamIdOf(config)}`, () => {
  outboxContract({ test, scene, documents });
});
