import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  cash,
  gbp,
  startSellingService,
  startTestService,
  type TestService,
} from "../testing/test-service.ts";
import { listing } from "../testing/fake-replica.ts";

let shop: TestService;
beforeAll(async () => {
  shop = await startSellingService();
});
afterAll(() => shop.stop());

const sell = async () =>
  (await shop.api.post("/sales", { lines: [{ sku: "C1" }], tenders: cash(290) })).body;

describe("horizon", () => {
  test("a sale that was just made is on this device, and says who has it since", async () => {
    const sale = await sell();
    const here = { device: true, peers: [], relay: false, hq: true };
    expect(sale.horizon).toEqual(here);
    const read = async () => (await shop.api.get(`/sales/${sale.saleId}`)).body.horizon;
    expect(await read()).toEqual(here);
    const { sequence } = sale.entry;
    shop.replica.acknowledge([sequence], { peers: ["dev_b"] });
    expect((await read()).peers).toEqual([{ id: "dev_b", name: "dev_b" }]);
    shop.replica.acknowledge([sequence], { relay: true });
    expect((await read()).relay).toBe(true);
    const [listed] = (await shop.api.get("/sales?limit=1")).body.items;
    expect(listed.horizon).toEqual(await read());
  });

  test("of a till it is at headquarters when headquarters has said so", async () => {
    const till = await startTestService({
      device: "dev_b",
      roles: ["till"],
      publications: shop.replica.said,
    });
    await till.api.post("/shifts", { float: gbp(0) });
    const body = { lines: [{ sku: "C1" }], tenders: cash(290) };
    const sale = (await till.api.post("/sales", body)).body;
    expect(sale.horizon.hq).toBe(false);
    till.replica.acknowledge([sale.entry.sequence], { hq: true });
    expect((await till.api.get(`/sales/${sale.saleId}`)).body.horizon.hq).toBe(true);
    await till.stop();
  });

  test("asked again with its key, a sale answers as it did first", async () => {
    const body = { lines: [{ sku: "C1" }], tenders: cash(290) };
    const first = await shop.api.post("/sales", body, "twice");
    shop.replica.acknowledge([first.body.entry.sequence], { relay: true });
    const again = await shop.api.post("/sales", body, "twice");
    expect([again.status, again.body]).toEqual([200, first.body]);
  });

  test("the status counts how far this device's entries have got", async () => {
    const before = (await shop.api.get("/status")).body;
    const sale = await sell();
    const sold = (await shop.api.get("/status")).body;
    expect(sold.horizon.entries).toBe(before.horizon.entries + 1);
    expect(sold.horizon.onlyHere).toBe(before.horizon.onlyHere + 1);
    expect(sold.onlyHere.entries).toBe(sold.horizon.onlyHere);
    shop.replica.acknowledge([sale.entry.sequence], { relay: true });
    const stored = (await shop.api.get("/status")).body.horizon;
    expect(stored.relay).toBe(sold.horizon.relay + 1);
    expect(stored.onlyHere).toBe(sold.horizon.onlyHere - 1);
  });

  test("whoever follows is told that a horizon advanced: once for many", async () => {
    const response = await fetch(`${shop.url}/api/v1/events`, {
      headers: { authorization: `Bearer ${shop.api.token}` },
    });
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    for (const sequence of [1, 2, 3]) shop.replica.acknowledge([sequence], { peers: ["dev_b"] });
    const counts = (await shop.api.get("/status")).body.horizon;
    const told = `event: horizon\ndata: ${JSON.stringify(counts)}\n\n`;
    let text = "";
    while (!text.includes(told)) text += (await reader.read()).value ?? "";
    await reader.cancel();
    // One that was still to be told from before may come first.
    expect(text.match(/event: horizon/g)!.length).toBeLessThan(3);
  });
});

describe("relay and links", () => {
  test("a device without a relay says so", async () => {
    expect((await shop.api.get("/status")).body).toMatchObject({
      relay: null,
      links: { lan: true, uplink: true },
    });
  });

  test("relay: state, offsets per channel and lane, what is pending per lane", async () => {
    const channel = {
      storedOffset: 4096,
      readOffset: 4000,
      pendingEnvelopes: 2,
      pendingBytes: 900,
    };
    shop.replica.relay = {
      url: "wss://relay.example/v1",
      state: "connecting",
      lastError: { code: "ECONNREFUSED", detail: "nobody listens", atMs: 0 },
      sentBytes: 1,
      receivedBytes: 2,
      channels: [
        { channel: "location/loc_a", lane: 1, ...channel },
        { channel: "org", lane: 0, ...channel, pendingEnvelopes: 0, pendingBytes: 0 },
        { channel: "hq", lane: 1, ...channel, silentSinceMs: 1000 },
      ],
    };
    const { relay } = (await shop.api.get("/status")).body;
    expect(relay).toMatchObject({
      state: "connecting",
      lastError: { code: "ECONNREFUSED", at: "1970-01-01T00:00:00.000Z" },
      sentBytes: 1,
      receivedBytes: 2,
    });
    expect(relay.pending).toEqual([
      { lane: 0, envelopes: 0, bytes: 0 },
      { lane: 1, envelopes: 4, bytes: 1800 },
      { lane: 2, envelopes: 0, bytes: 0 },
      { lane: 3, envelopes: 0, bytes: 0 },
    ]);
    expect(relay.channels[0]).toMatchObject({ title: "High Street", lane: 1, storedOffset: 4096 });
    expect(relay.channels[2].silentSince).toBe("1970-01-01T00:00:01.000Z");
  });

  test("the switches cut and mend, for those who may", async () => {
    const cut = await shop.api.post("/links", { uplink: false });
    expect([cut.status, cut.body]).toEqual([200, { lan: true, uplink: false }]);
    expect((await shop.api.get("/status")).body.links).toEqual({ lan: true, uplink: false });
    expect((await shop.api.post("/links", { uplink: true })).body.uplink).toBe(true);
    const cashier = shop.as(["read", "sell"]);
    expect((await cashier.post("/links", { lan: false })).status).toBe(403);
    expect((await shop.api.get("/status")).body.links.lan).toBe(true);
  });
});

describe("devices", () => {
  const other = listing({
    id: "dev_b",
    name: "Till 2",
    roles: ["till"],
    location: "loc_a",
    state: "pending",
  });

  test("are listed, approved and revoked at headquarters", async () => {
    shop.replica.others = [other];
    const list = async () => (await shop.api.get("/devices")).body.items;
    expect(await list()).toMatchObject([
      { id: "dev_a", isThis: true, state: "active", location: { name: "High Street" } },
      {
        id: "dev_b",
        isThis: false,
        state: "pending",
        check: "9X0Q4-7K2MA",
        connectsUntil: "2096-10-02T07:06:40.000Z",
        newest: null,
      },
    ]);
    const approved = await shop.api.post("/devices/dev_b/approve");
    expect([approved.status, approved.body.state]).toEqual([200, "active"]);
    const revoked = await shop.api.post("/devices/dev_b/revoke", { reason: "stolen" }, "once");
    expect([revoked.status, revoked.body.state]).toEqual([200, "revoked"]);
    expect(
      (await shop.api.post("/devices/dev_b/revoke", { reason: "stolen" }, "once")).status,
    ).toBe(200);
    expect((await list())[1]).toMatchObject({ state: "revoked", reason: "stolen" });
    expect((await shop.api.post("/devices/dev_b/admit")).status).toBe(200);
  });

  test("one that nobody knows, and this device itself, are not revoked", async () => {
    expect((await shop.api.post("/devices/dev_z/revoke")).body.code).toBe("NotKnownHere");
    const own = await shop.api.post("/devices/dev_a/revoke");
    expect([own.status, own.body.code]).toEqual([422, "DecisionFailed"]);
  });

  test("a till decides nothing, nor does a member of staff without the right", async () => {
    const till = await startTestService({ device: "dev_c", code: "CCCC", roles: ["till"] });
    till.replica.others = [other];
    for (const call of ["/devices/dev_b/revoke", "/devices/dev_b/approve"]) {
      expect((await till.api.post(call)).body.code).toBe("NotHq");
      expect((await shop.as(["read", "publish"]).post(call)).body.code).toBe("Forbidden");
    }
    const invitation = { name: "Till 9", role: "till", location: "High Street" };
    expect((await till.api.post("/invitations", invitation)).body.code).toBe("NotHq");
    expect((await shop.as(["read"]).post("/invitations", invitation)).status).toBe(403);
    expect((await shop.as(["read"]).get("/devices")).status).toBe(403);
    await till.stop();
  });
});
