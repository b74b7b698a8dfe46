import { base64url } from "@tillmesh/kernel";
import { nodeCrypto } from "@tillmesh/kernel/node";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Replica } from "../node/replica.ts";
import { layCable, type Cable } from "../testing/cable.ts";
import { defaultLanLimits } from "./limits.ts";
import { draftOf, ledgersOf, openLanShop, type LanShop } from "../testing/lan-shop.ts";
import { until } from "../testing/until.ts";

let shop: LanShop;
const cables: Cable[] = [];

beforeAll(async () => {
  shop = await openLanShop({ b: "corner", c: "corner", d: "corner", w: "away", v: "away" });
});
afterEach(async () => {
  await shop.stop();
  for (const cable of cables.splice(0)) await cable.close();
});
afterAll(() => shop.close());

const start = async (name: string, peers: readonly string[]): Promise<Replica> =>
  (
    await shop.start(
      name,
      peers.map((peer) => shop.port(peer)),
    )
  ).replica;

async function agree(...replicas: readonly Replica[]): Promise<void> {
  await expect
    .poll(() => new Set(replicas.map(ledgersOf)).size, { timeout: 20_000, interval: 50 })
    .toBe(1);
}

async function cableTo(name: string): Promise<Cable> {
  const cable = await layCable(shop.port(name));
  cables.push(cable);
  return cable;
}

/** Almost as long as an entry may be, and of a kind that does not shrink. */
const text = () => base64url(nodeCrypto().randomBytes(45_000));

describe("LAN (LA)", () => {
  test("[LA1] two tills that dial each other agree, and know what the other holds", async () => {
    const a = await start("a", ["b"]);
    const b = await start("b", ["a"]);
    await a.publish("prices", [{ key: "k", value: 1 }]);
    for (let n = 0; n < 20; n += 1) await a.commit(draftOf(a, "C001"));
    for (let n = 0; n < 5; n += 1) await b.commit(draftOf(b, "C001"));
    await agree(a, b);
    expect(a.ledgers()).toHaveLength(2);
    await expect.poll(() => b.publications("prices").length).toBe(1);
    await expect.poll(() => a.status().onlyHere.entries, { timeout: 10_000 }).toBe(0);
    await expect.poll(() => b.status().onlyHere.entries, { timeout: 10_000 }).toBe(0);
  });

  test("[LA2] a till that was away across sealed parts catches up, also on a third till's ledger", async () => {
    const a = await start("a", ["b"]);
    for (let n = 0; n < 1_200; n += 1) await a.commit(draftOf(a, `S${n % 90}`));
    await expect.poll(() => a.ledgers()[0]!.part, { timeout: 10_000 }).toBe(2);
    const b = await start("b", ["a"]);
    const c = await start("c", ["b"]);
    await c.commit(draftOf(c, "C001"));
    await agree(a, b, c);
    expect(a.ledgers()).toHaveLength(3);
  }, 60_000);

  test("[LA4] a part of two megabytes arrives through frames of one, open and sealed", async () => {
    const a = await start("a", []);
    const { part: before } = a.ledgers().find(({ device }) => device === a.device.id)!;
    for (let n = 0; n < 33; n += 1) await a.commit(draftOf(a, "C001", { text: text() }));
    const b = await start("b", ["a"]);
    await agree(a, b);
    for (let n = 0; n < 36; n += 1) await a.commit(draftOf(a, "C001", { text: text() }));
    await agree(a, b);
    const own = a.ledgers().find(({ device }) => device === a.device.id)!;
    expect(own.part).toBeGreaterThan(before);
    const d = await start("d", ["b"]);
    await agree(a, b, d);
    expect(b.exceptions().filter(({ type }) => type === "PeerRefused")).toEqual([]);
  }, 60_000);

  test("[LA5] what the live sync loses is asked for: frames between two tills may be cut anywhere", async () => {
    const a = await start("a", []);
    const cable = await cableTo("a");
    const { replica: b } = await shop.start("b", [cable.port]);
    for (let round = 0; round < 6; round += 1) {
      for (let n = 0; n < 30; n += 1) {
        await a.commit(draftOf(a, `S${n}`));
        await b.commit(draftOf(b, `S${n}`));
      }
      cable.pull();
      cable.plug();
    }
    await agree(a, b);
  }, 60_000);

  test("[LA7] what does not fit into a frame of the live sync is asked for, on the same link", async () => {
    const a = await shop.start("a", []);
    const cable = await cableTo("a");
    const { replica: b } = await shop.start("b", [cable.port]);
    await a.replica.commit(draftOf(a.replica, "C001"));
    await agree(a.replica, b);
    await until("the live sync", () => a.parts.link.repo.peers.length === 1);
    cable.pull();
    await until("apart", () => a.parts.link.repo.peers.length === 0);
    // All at once and in one document that both have: automerge-repo makes one message of it.
    for (let n = 0; n < 30; n += 1)
      await a.replica.commit(draftOf(a.replica, "C001", { text: text() }));
    a.events.length = 0;
    cable.plug();
    await agree(a.replica, b);
    expect(a.events.filter(({ event }) => event === "peer-linked")).toHaveLength(1);
    expect(a.events.filter(({ level }) => level !== "info")).toEqual([]);
  }, 60_000);

  test("[LA6] a link on which nothing comes any more is given up, and another takes its place", async () => {
    const limits = { ...defaultLanLimits, heartbeatMs: 500, silentMs: 1_800 };
    const { replica: a } = await shop.start("a", [], { lan: { limits } });
    const cable = await cableTo("a");
    const { replica: b } = await shop.start("b", [cable.port], { lan: { limits } });
    const isLinked = () => b.status().peers.some(({ lastExchangeAtMs }) => lastExchangeAtMs);
    await until("linked", () => isLinked() && cable.open() === 2);
    await agree(a, b);
    cable.freeze();
    await b.commit(draftOf(b, "C001"));
    await a.commit(draftOf(a, "C001"));
    await agree(a, b);
  }, 60_000);
});

/** The devices whose ledgers are here. */
const known = (replica: Replica) => new Set(replica.ledgers().map((one) => one.device as string));
const ids = (...replicas: readonly Replica[]) =>
  new Set(replicas.map(({ device }) => device.id as string));

describe("entitlement over the LAN (ET)", () => {
  test("[ET5] a device of another location gets publications; HQ gets all and hands on only what each may have", async () => {
    const a = await start("a", ["b", "w"]);
    const b = await start("b", ["a", "w"]);
    const w = await start("w", ["a", "b"]);
    const v = await start("v", ["a", "w"]);
    await a.publish("prices", [{ key: "standard/C001/-", value: 1 }]);
    for (const replica of [a, b, w, v]) await replica.commit(draftOf(replica, "C001"));
    await expect.poll(() => known(v), { timeout: 20_000 }).toEqual(ids(w, v));
    await expect.poll(() => known(w), { timeout: 20_000 }).toEqual(ids(w, v));
    const isAllKnown = () => [...ids(b, w, v)].every((id) => known(a).has(id));
    await expect.poll(isAllKnown, { timeout: 20_000 }).toBe(true);
    await expect
      .poll(() => [w, v, b].map((one) => one.publications("prices").length > 0))
      .toEqual([true, true, true]);
    // The link between b and w is there, and nothing but publications goes over it.
    await expect
      .poll(() => b.status().peers.some(({ device }) => device === w.device.id), {
        timeout: 20_000,
      })
      .toBe(true);
    await b.commit(draftOf(b, "C002"));
    await expect.poll(() => b.status().onlyHere.entries, { timeout: 10_000 }).toBe(0);
    expect(known(w)).toEqual(ids(w, v));
    expect(known(b).has(w.device.id)).toBe(false);
  }, 60_000);
});
