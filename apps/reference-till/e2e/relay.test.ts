/**
 * Headquarters and a shop that meet at a relay and nowhere else.
 *
 * The tests tell one story from top to bottom; each goes on where the one before ended.
 *
 * @module
 */

import path from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { createAnswerSchemas, type AnswerSchemas, type OpenApi } from "./harness/answer-schemas.ts";
import {
  cash,
  gbp,
  type Device as Known,
  type Horizon,
  type Page,
  type Price,
  type Quote,
  type Sale,
  type Status,
} from "./harness/answers.ts";
import { must, type Answer } from "./harness/api.ts";
import { catalogueCsv, priceMap, taxesCsv } from "./harness/corner-shop.ts";
import { followEvents } from "./harness/event-stream.ts";
import { eventually } from "./harness/eventually.ts";
import { tellOnFailure } from "./harness/failure-log.ts";
import { makeFolder, writeText } from "./harness/folders.ts";
import { tillmesh, tillmeshDone } from "./harness/programs.ts";
import { relayPlace, serveRelay, type RelayPlace, type ServingRelay } from "./harness/relay.ts";
import { serve, type Device, type Serving } from "./harness/serving.ts";
import { equipped, foundShop, joinShop } from "./harness/shop.ts";

vi.setConfig({ testTimeout: 120_000 });

const folder = makeFolder("relay");
const devices: Record<string, Device> = {};
const tills: Record<string, Serving> = {};
let place: RelayPlace;
let relay: ServingRelay;
let schemas: AnswerSchemas | undefined;

beforeAll(async () => {
  const taxes = writeText(folder, "taxes.csv", taxesCsv);
  const catalogue = writeText(folder, "catalogue.csv", catalogueCsv);
  const hq = await foundShop(folder, { location: "Office", taxes, catalogue, map: priceMap });
  devices["hq"] = hq;
  devices["one"] = await joinShop(hq, { folder, name: "One", location: "High Street" });
  devices["two"] = await joinShop(hq, { folder, name: "Two", location: "High Street" });
  const ca = await tillmeshDone("org", "ca", "--data", hq.directory);
  place = await relayPlace(folder, writeText(folder, "org-ca.pem", ca));
  relay = await serveRelay(place);
  for (const name of ["hq", "one", "two"]) await open(name);
  schemas = createAnswerSchemas(must(await api("hq").get<OpenApi>("/openapi.json"), 200));
  for (const name of ["one", "two"]) {
    await untilPriced(name);
    must(await api(name).post("/shifts", { float: gbp(0) }), 201);
  }
}, 180_000);

beforeEach(tellOnFailure);

afterAll(async () => {
  await Promise.all(Object.values(tills).map((till) => till.stop()));
  await relay?.stop();
}, 90_000);

describe("through the relay alone", () => {
  test("a sale gets from its till to the relay, to the other till and to headquarters", async () => {
    const { port } = api("one");
    const events = await followEvents({ port, token: devices["one"]!.token });
    const sale = await sell("one");
    expect(sale.horizon).toEqual({ device: true, peers: [], relay: false, hq: false });
    const horizon = await until("one", sale, (now) => now.relay && now.hq && now.peers.length > 0);
    expect(horizon.peers.map(({ name }) => name)).toEqual(["Two"]);
    await events.find("a horizon advanced", ({ type }) => type === "horizon");
    events.close();
    for (const name of ["two", "hq"]) {
      const there = must(await api(name).get<Sale>(`/sales/${sale.saleId}`), 200);
      expect({ ...there, horizon: 0, refunds: 0 }).toMatchObject({ ...sale, horizon: 0 });
    }
  });

  test("the status says where it stands, per channel and lane", async () => {
    const status = await quiet("one");
    expect(status.relay).toMatchObject({ state: "connected", lastError: null });
    expect(status.relay?.pending.map(({ lane }) => lane)).toEqual([0, 1, 2, 3]);
    const sales = status.relay?.channels.find(({ channel, lane }) => {
      return channel.startsWith("location/") && lane === 1;
    });
    expect(sales?.storedOffset).toBeGreaterThan(0);
    const { entries, relay: atRelay, hq, peers, onlyHere } = status.horizon;
    expect({ atRelay, hq, peers, onlyHere }).toEqual({
      atRelay: entries,
      hq: entries,
      peers: entries,
      onlyHere: 0,
    });
  });

  test("a promotion of headquarters changes what a till charges", async () => {
    const lines = [{ sku: "SNK", quantity: "3" }];
    const totalOf = async (name: string) =>
      must(await api(name).post<Quote>("/quotes", { lines }), 200).total.minor;
    expect(await totalOf("one")).toBe(315);
    const rule = { kind: "x-for-y", items: { skus: ["SNK"] }, quantity: 3, payFor: 2 };
    const promotions = [{ id: "three-for-two", name: "3 snacks for 2", rule }];
    must(await api("hq").post("/hq/publications/promotions", { promotions }), 201);
    await eventually("the promotion at a till", async () => {
      return (await totalOf("one")) === 210 ? true : undefined;
    });
  });

  test("a till that cuts its uplink sells on, alone; mended, nothing is missing", async () => {
    expect(must(await api("one").post("/links", { uplink: false }), 200)).toMatchObject({
      uplink: false,
    });
    await eventually("the uplink is off", async () => {
      const { relay: link } = await statusOf("one");
      return link?.state === "off" ? true : undefined;
    });
    const sale = await sell("one");
    const other = await sell("two");
    await until("two", other, ({ hq }) => hq);
    expect(await api("two").get(`/sales/${sale.saleId}`)).toMatchObject({ status: 404 });
    expect((await horizonOf("one", sale)).relay).toBe(false);
    must(await api("one").post("/links", { uplink: true }), 200);
    await until("one", sale, (now) => now.relay && now.hq);
    await has("one", other);
  });

  test("killed and started again, the relay has what it answered, and the rest follows", async () => {
    const before = await sell("one");
    await until("one", before, (now) => now.relay);
    await relay.kill();
    const during = await sell("one");
    await eventually("it is told that it waits", async () => {
      const { relay: link } = await statusOf("one");
      const waiting = link?.pending.find(({ lane }) => lane === 1)?.envelopes ?? 0;
      return link?.state !== "connected" && waiting > 0 ? true : undefined;
    });
    expect((await horizonOf("one", during)).relay).toBe(false);
    relay = await serveRelay(place);
    await until("one", during, (now) => now.relay && now.hq);
    for (const sale of [before, during]) await has("two", sale);
  });

  test("a relay's pages are for whoever watches it", async () => {
    const [metrics, health, ready] = await Promise.all(
      ["/metrics", "/healthz", "/readyz"].map((page) => relay.page(page)),
    );
    expect([metrics?.status, health?.status, ready?.status]).toEqual([200, 200, 200]);
    expect(metrics?.text).toMatch(/^# (?:HELP|TYPE) /m);
    for (const secret of ["High Street", "Corner Shops", "Coffee"]) {
      expect(metrics?.text).not.toContain(secret);
    }
  });
});

describe("who belongs", () => {
  test("a device joins by a text, waits, is let in, and has prices", async () => {
    const hq = devices["hq"]!.directory;
    const named = ["--device", "Three", "--role", "till", "--location", "High Street"];
    const text = await tillmeshDone("invite", "--data", hq, ...named, "--text");
    expect(text.trim()).not.toContain("\n");
    const directory = path.join(folder, "three");
    await tillmeshDone("join", "--data", directory, "--text", text.trim());
    devices["three"] = await equipped(directory);
    await open("three");
    const pending = await eventually("Three asks to join", async () => {
      const found = await listed("Three");
      return found?.state === "pending" ? found : undefined;
    });
    expect((await api("three").get("/prices/COF")).status).toBe(404);
    must(await api("hq").post(`/devices/${pending.id}/approve`, {}), 200);
    await untilPriced("three");
    expect((await listed("Three"))?.state).toBe("active");
  });

  test("a revoked till is cut off, sells on and says why; what it made before stays", async () => {
    const before = await sell("two");
    await until("two", before, ({ hq }) => hq);
    const { directory } = devices["hq"]!;
    const { code, stderr } = await tillmesh("revoke", "--data", directory, "--device", "Two");
    expect(code, stderr).toBe(0);
    await eventually("Two knows, and the relay has cut it off", async () => {
      const { enrolment, relay: link } = await statusOf("two");
      return enrolment.state === "revoked" && link?.state === "revoked" ? true : undefined;
    });
    const after = await sell("two");
    const other = await sell("one");
    await until("one", other, ({ hq }) => hq);
    expect((await horizonOf("two", after)).relay).toBe(false);
    expect(await api("hq").get(`/sales/${after.saleId}`)).toMatchObject({ status: 404 });
    must(await api("hq").get(`/sales/${before.saleId}`), 200);
    expect((await listed("Two"))?.state).toBe("revoked");
    const again = await api("hq").post(`/devices/${(await listed("Two"))?.id}/revoke`, {});
    expect(again.status).toBe(200);
    must(await api("hq").post(`/devices/${(await listed("Two"))?.id}/admit`, {}), 200);
    const one = (await listed("One"))?.id;
    expect(await api("hq").post(`/devices/${one}/admit`, {})).toMatchObject({ status: 422 });
  });

  test("a device that meets nobody is renewed by files", async () => {
    const [one, hq] = [devices["one"]!.directory, devices["hq"]!.directory];
    expect((await tills["one"]!.stop()).code).toBe(0);
    const request = await tillmeshDone("renew", "request", "--data", one);
    const file = writeText(folder, "request", request);
    const renewal = await tillmeshDone("renew", "issue", "--data", hq, "--request", file);
    const answer = writeText(folder, "renewal", renewal);
    const two = devices["two"]!.directory;
    const foreign = await tillmesh("renew", "install", "--data", two, "--renewal", answer);
    expect(foreign.code).not.toBe(0);
    await tillmeshDone("renew", "install", "--data", one, "--renewal", answer);
    const again = await tillmesh("renew", "install", "--data", one, "--renewal", answer);
    expect(again.stderr).toMatch(/already/);
    await open("one");
    await until("one", await sell("one"), (now) => now.hq);
  });
});

describe("in the end", () => {
  test("every answer fits the description", () => {
    expect(schemas?.faults).toEqual([]);
  });

  test("verify finds nothing on any of them", async () => {
    for (const till of Object.values(tills)) expect((await till.stop()).code).toBe(0);
    for (const name of Object.keys(tills)) {
      delete tills[name];
      const { directory } = devices[name]!;
      const { code, stdout, stderr } = await tillmesh("verify", "--data", directory, "--json");
      expect(code, stdout + stderr).toBe(0);
    }
  });
});

function onAnswer(answer: Answer): void {
  schemas?.check(answer);
}

async function open(name: string): Promise<void> {
  tills[name] = await serve(devices[name]!, { relay: place.port, onAnswer });
}

function api(name: string): Serving["api"] {
  return tills[name]!.api;
}

async function sell(name: string): Promise<Sale> {
  const body = { lines: [{ sku: "COF", quantity: "1" }], tenders: cash(290) };
  return must(await api(name).post<Sale>("/sales", body), 201);
}

async function statusOf(name: string): Promise<Status> {
  return must(await api(name).get<Status>("/status"), 200);
}

async function horizonOf(name: string, { saleId }: Sale): Promise<Horizon> {
  return must(await api(name).get<Sale>(`/sales/${saleId}`), 200).horizon;
}

/** A step is never taken back. */
async function until(
  name: string,
  sale: Sale,
  isThere: (horizon: Horizon) => boolean,
): Promise<Horizon> {
  return eventually(`how far ${name}'s sale has got`, async () => {
    const horizon = await horizonOf(name, sale);
    return isThere(horizon) ? horizon : undefined;
  });
}

async function has(name: string, { saleId }: Sale): Promise<void> {
  await eventually(`the sale on ${name}`, async () => {
    const { status } = await api(name).get(`/sales/${saleId}`);
    return status === 200 ? true : undefined;
  });
}

/** The status when all that the till has is everywhere. */
function quiet(name: string): Promise<Status> {
  return eventually(`nothing of ${name} waits`, async () => {
    const status = await statusOf(name);
    const { entries, relay: atRelay, hq, peers } = status.horizon;
    return [atRelay, hq, peers].every((count) => count === entries) ? status : undefined;
  });
}

async function untilPriced(name: string): Promise<void> {
  await eventually(`prices on ${name}`, async () => {
    const { status } = await api(name).get<Price>("/prices/COF");
    return status === 200 ? true : undefined;
  });
}

async function listed(name: string): Promise<Known | undefined> {
  const { items } = must(await api("hq").get<Page<Known>>("/devices"), 200);
  return items.find((device) => device.name === name);
}
