import { describe, expect, test } from "vitest";
import {
  cash,
  startSellingService,
  startTestService,
  type TestService,
} from "../testing/test-service.ts";

interface Event {
  readonly id: string;
  readonly type: string;
  readonly data: { readonly kind?: string; readonly sequence?: number };
}

/** Follows until `count` events came, or forever. */
async function follow(
  shop: TestService,
  count: number,
  lastEventId?: string,
): Promise<readonly Event[]> {
  const abort = new AbortController();
  const response = await fetch(`${shop.url}/api/v1/events`, {
    headers: {
      authorization: `Bearer ${shop.api.token}`,
      ...(lastEventId === undefined ? {} : { "last-event-id": lastEventId }),
    },
    signal: abort.signal,
  });
  expect(response.headers.get("content-type")).toContain("text/event-stream");
  const events: Event[] = [];
  let text = "";
  for await (const chunk of response.body ?? []) {
    text += new TextDecoder().decode(chunk as Uint8Array);
    const frames = text.split("\n\n");
    text = frames.pop() ?? "";
    for (const frame of frames) {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, "m").exec(frame)?.[1] ?? "";
      if (field("event") !== "") {
        events.push({
          id: field("id"),
          type: field("event"),
          data: JSON.parse(field("data")) as object,
        });
      }
    }
    if (events.length >= count) break;
  }
  abort.abort();
  return events;
}

const sell = (shop: TestService) =>
  shop.api.post("/sales", { lines: [{ sku: "C1" }], tenders: cash(300) });

/** What was recorded before the test has been told. */
async function startToldService(): Promise<TestService> {
  const shop = await startSellingService();
  await shop.api.get("/sales");
  return shop;
}

const types = (events: readonly Event[]) => events.map(({ type, data }) => data.kind ?? type);

describe("events", () => {
  test("a sale is told to those who follow, with what it touched", async () => {
    const shop = await startToldService();
    const following = follow(shop, 3);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await sell(shop);
    const [hello, sale, oversell] = await following;
    expect(hello?.type).toBe("hello");
    expect(sale).toMatchObject({ type: "entry", data: { kind: "sale", own: true, skus: ["C1"] } });
    expect(oversell).toMatchObject({ type: "exception", data: { type: "OversellRaised" } });
    await shop.stop();
  });

  test("with Last-Event-ID nothing is missed and nothing comes twice", async () => {
    const shop = await startToldService();
    const [hello] = await follow(shop, 1);
    for (let i = 0; i < 5; i += 1) await sell(shop);
    await shop.api.get("/sales");
    const missed = await follow(shop, 6, hello?.id);
    const entries = missed.filter(({ type }) => type === "entry");
    expect(types(entries)).toEqual(["sale", "sale", "sale", "sale", "sale"]);
    const rest = await follow(shop, 3, entries[1]?.id);
    expect(rest.filter(({ type }) => type === "entry").map(({ data }) => data.sequence)).toEqual(
      entries.slice(2).map(({ data }) => data.sequence),
    );
    await shop.stop();
  });

  test("after a restart entries are told again, and refresh stands for the rest", async () => {
    const shop = await startToldService();
    const [hello] = await follow(shop, 1);
    await sell(shop);
    await shop.api.get("/sales");
    await shop.stop();
    const restarted = await startTestService({ replica: shop.replica, directory: shop.directory });
    const events = await follow(restarted, 2, hello?.id);
    expect(types(events)).toEqual(["sale", "refresh"]);
    await restarted.stop();
  });

  test("an id of another projection, or nonsense: reset", async () => {
    const shop = await startToldService();
    for (const id of ["AAAA.1.BBBB.1", "nonsense", "1.2.3.4.5"]) {
      expect(types(await follow(shop, 1, id))).toEqual(["reset"]);
    }
    await shop.stop();
  });

  test("more clients than the bound are refused, and a stop ends all", async () => {
    const shop = await startSellingService();
    const headers = { authorization: `Bearer ${shop.api.token}` };
    const clients = await Promise.all(
      Array.from({ length: 65 }, () => fetch(`${shop.url}/api/v1/events`, { headers })),
    );
    expect(clients.filter(({ status }) => status === 200).length).toBe(64);
    expect(clients.filter(({ status }) => status === 503).length).toBe(1);
    const ended = Promise.all(clients.map((client) => client.text()));
    await shop.stop();
    expect((await ended).length).toBe(65);
  });
});
