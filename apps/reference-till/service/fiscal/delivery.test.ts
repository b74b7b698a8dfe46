import { afterEach, describe, expect, test } from "vitest";
import { FakeReplica } from "../testing/fake-replica.ts";
import {
  announce,
  entriesOf,
  startSpanishShop,
  type SpanishShop,
} from "../testing/spanish-shop.ts";
import { startTestService } from "../testing/test-service.ts";
import { verifyTill } from "../till/verify.ts";

let shop: SpanishShop;

afterEach(() => shop.closeAll());

const minuteMs = 61_000;

async function sold(count: number): Promise<readonly string[]> {
  const numbers: string[] = [];
  for (let i = 0; i < count; i += 1) {
    const { status, body } = await shop.sell();
    expect(status, JSON.stringify(body)).toBe(201);
    numbers.push(body.fiscal.number);
  }
  return numbers;
}

function acceptedNumbers(): readonly string[] {
  return shop.aeat.accepted().map(({ invoice }) => invoice);
}

async function delivery() {
  return (await shop.api.get("/fiscal")).body.delivery;
}

/** The authority waits a minute between submissions; so does the till. */
async function deliverLater(): Promise<void> {
  shop.clock.advance(minuteMs);
  await shop.service.delivery.deliver();
}

describe("delivery of sealed receipts", () => {
  test("every receipt is accepted once, and the ledger knows it", async () => {
    shop = await startSpanishShop();
    const numbers = await sold(3);
    await shop.service.delivery.deliver();
    await deliverLater();
    expect(acceptedNumbers()).toHaveLength(3);
    for (const [index, number] of numbers.entries())
      expect(acceptedNumbers()[index]).toContain(number);
    expect(await delivery()).toMatchObject({ waiting: 0, inflight: 0, accepted: 3 });
    const listed = await shop.api.get("/fiscal/documents?state=accepted");
    expect(listed.body.items.map(({ number }: { number: string }) => number)).toEqual(numbers);
  });

  test("stored and not answered: looked up, and never a second record", async () => {
    shop = await startSpanishShop();
    shop.aeat.authority.script({ type: "drop-reply" });
    await sold(2);
    await shop.service.delivery.deliver();
    expect(await delivery()).toMatchObject({ accepted: 0, waiting: 2 });
    for (let i = 0; i < 4; i += 1) await deliverLater();
    expect(await delivery()).toMatchObject({ accepted: 2, waiting: 0 });
    expect(acceptedNumbers()).toHaveLength(2);
  });

  test("what waits, and how long to wait, is kept over a restart", async () => {
    shop = await startSpanishShop();
    await sold(1);
    await shop.service.delivery.deliver();
    await sold(2);
    shop = await shop.restart();
    expect((await delivery()).waiting).toBe(2);
    await shop.service.delivery.deliver();
    expect(shop.aeat.earlyCount()).toBe(0);
    await deliverLater();
    expect(acceptedNumbers()).toHaveLength(3);
    expect(shop.aeat.earlyCount()).toBe(0);
  });

  test("three days without an authority: sold all the same, then delivered late and whole", async () => {
    shop = await startSpanishShop();
    shop.aeat.authority.always({ type: "down" });
    for (let day = 0; day < 3; day += 1) {
      await sold(2);
      await shop.service.delivery.deliver();
      shop.clock.advance(86_400_000);
    }
    expect(await delivery()).toMatchObject({ waiting: 6, accepted: 0 });
    shop.aeat.authority.always(undefined);
    for (let i = 0; i < 4; i += 1) {
      shop.clock.advance(20 * 60_000);
      await shop.service.delivery.deliver();
    }
    expect(await delivery()).toMatchObject({ waiting: 0, accepted: 6 });
    expect(shop.aeat.authority.received().at(-1)?.body).toContain("Incidencia");
  });

  test("one that is rejected is shown with its reason and does not block the rest", async () => {
    shop = await startSpanishShop();
    shop.aeat.authority.script({ type: "reject-one", index: 0, code: "1100", detail: "wrong" });
    await sold(3);
    await shop.service.delivery.deliver();
    await deliverLater();
    expect(await delivery()).toMatchObject({ rejected: 1, accepted: 2 });
    const { body } = await shop.api.get("/fiscal/documents?state=rejected");
    expect(body.items).toMatchObject([{ code: "1100", state: "rejected" }]);
    const [{ sequence }] = body.items;
    const released = await shop.api.post(`/fiscal/documents/${sequence}/release`);
    expect(released.body).toMatchObject({ sequence, state: "queued" });
    for (let i = 0; i < 3; i += 1) await deliverLater();
    expect(acceptedNumbers()).toHaveLength(3);
  });

  test("one that is rejected is put right by a new document, once", async () => {
    shop = await startSpanishShop();
    shop.aeat.authority.script({ type: "reject-one", index: 1, code: "1100", detail: "wrong" });
    const [, second] = await sold(3);
    await shop.service.delivery.deliver();
    await deliverLater();
    const { body } = await shop.api.get("/fiscal/documents?state=rejected");
    const [{ sequence }] = body.items;
    const corrected = await shop.api.post(`/fiscal/documents/${sequence}/correct`);
    expect(corrected).toMatchObject({ status: 201, body: { kind: "correction", number: second } });
    const again = await shop.api.post(`/fiscal/documents/${sequence}/correct`);
    expect(again).toMatchObject({ status: 409, body: { code: "FiscalNotCorrectable" } });
    for (let i = 0; i < 3; i += 1) await deliverLater();
    expect(await delivery()).toMatchObject({ accepted: 3, corrected: 1, rejected: 0, waiting: 0 });
    expect((await sold(1))[0]).toContain("000004");
    expect((await verifyTill(shop.service.till)).differences).toEqual([]);
  });

  test("headquarters sends for a till that does not come back, and both have sent it once", async () => {
    shop = await startSpanishShop();
    shop.aeat.authority.always({ type: "down" });
    await sold(3);
    await shop.service.delivery.deliver();
    shop.aeat.authority.always(undefined);
    const { clock } = shop;
    const replica = new FakeReplica({ clock, device: "dev_b", code: "BBBB" });
    await announce(replica, shop.baseUrl);
    replica.deliver(entriesOf(shop.replica));
    const hq = await startTestService({ clock, replica, delivery: "when-asked" });
    const taken = await hq.api.post("/fiscal/hand-overs", { device: "dev_a" });
    expect(taken).toMatchObject({ status: 201, body: { items: [{ fromSequence: 1, number: 1 }] } });
    clock.advance(20 * 60_000);
    await hq.service.delivery.deliver();
    expect(acceptedNumbers()).toHaveLength(3);
    expect((await hq.api.get("/fiscal")).body.delivery).toMatchObject({ accepted: 3, waiting: 0 });
    // The till was not dead after all: what it sends once more is what the authority has.
    await shop.service.delivery.deliver();
    for (let i = 0; i < 3; i += 1) await deliverLater();
    expect(acceptedNumbers()).toHaveLength(3);
    expect(await delivery()).toMatchObject({ accepted: 3, waiting: 0 });
    await hq.stop();
  });
});
