import { expect, test } from "vitest";
import { err, type EntryDraft } from "@tillmesh/kernel";
import { testClock } from "@tillmesh/kernel/testing";
import { startAustrianShop, type AustrianShop } from "../testing/austrian-shop.ts";
import type { FakeReplica } from "../testing/fake-replica.ts";
import { verifyTill } from "../till/verify.ts";

/** The disk takes everything but its `at`-th entry from now on; that one comes to nothing. */
function failOnce(replica: FakeReplica, at: number): () => boolean {
  const commit = replica.commit.bind(replica);
  let count = 0;
  Object.assign(replica, {
    commit: (draft: EntryDraft) => {
      count += 1;
      return count === at ? Promise.resolve(err({ type: "Full" })) : commit(draft);
    },
  });
  return () => count >= at;
}

const eur = (minor: number) => ({ minor, currency: "EUR" });

/** What a till does from its first shift to a Z on the last day of a month, by request and key. */
const requests = [
  ["/shifts", { float: eur(0) }],
  ["/sales", { lines: [{ sku: "MEL" }], tenders: [{ kind: "cash", amount: eur(480) }] }],
  ["/shifts/close", { counted: eur(480) }],
  ["/days/close", {}],
] as const;

async function workThrough(shop: AustrianShop): Promise<AustrianShop> {
  let at = shop;
  for (const [path, body] of requests) {
    const key = `once-${path}`;
    const first = await at.api.post(path, body, key);
    if (first.status < 300) continue;
    expect(first.status).toBe(503);
    at = await at.restart();
    const again = await at.api.post(path, body, key);
    expect([200, 201], JSON.stringify(again.body)).toContain(again.status);
  }
  return at;
}

test("cut off before any of its entries it goes on after a restart: no gap, nothing twice", async () => {
  const kinds = new Set<string>();
  for (let at = 1, isReached = true; isReached; at += 1) {
    const clock = testClock(Date.parse("2026-11-30T09:00:00Z"));
    const made = await startAustrianShop(clock);
    const wasReached = failOnce(made.replica, at);
    const shop = await workThrough(made);
    isReached = wasReached();
    const { replica, service } = shop;
    kinds.add(replica.held.map(({ entry }) => entry.kind).join(" "));
    const { stream } = service.till.fiscal.state;
    expect(stream?.head).toMatchObject({ sequence: 3, lastNumber: 1 });
    expect((await verifyTill(service.till)).differences, `cut off at ${at}`).toEqual([]);
    await shop.stop();
  }
  // Wherever it was cut off, the ledger is the same in the end: opened, start, shift, sale, shift, month, Z.
  expect([...kinds]).toEqual(["fiscal fiscal shift-opened sale shift-closed fiscal z"]);
}, 60_000);
