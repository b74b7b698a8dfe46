/** Too much of everything, against a replica with small bounds on real sockets. */

import { connect as connectInClear } from "node:net";
import { cbor } from "@automerge/automerge-repo";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { dial, linkToVictim } from "../testing/hostile-peer.ts";
import {
  businessAsUsual,
  nextAttack,
  openBusyHostileShop,
  type HostileShop,
} from "../testing/hostile-shop.ts";
import { until } from "../testing/until.ts";
import { defaultLanLimits } from "./limits.ts";

let shop: HostileShop;

beforeAll(async () => {
  shop = await openBusyHostileShop({
    limits: {
      ...defaultLanLimits,
      frames: { burst: 300, perSecond: 100 },
      bytes: { burst: 4_000_000, perSecond: 100_000 },
      connectionsPerAddressMax: 20,
      handshakesPerAddress: { burst: 150, perSecond: 20 },
    },
  });
});
beforeEach(() => nextAttack(shop));
afterAll(async () => {
  shop.reset();
  await shop.close();
});

const reasons = (event: string) =>
  shop.events.filter((one) => one.event === event).map(({ reason }) => String(reason));

describe("floods (FD)", () => {
  test("[FD5] small frames without end", async () => {
    const link = await linkToVictim(shop);
    for (let n = 0; n < 1_000; n += 1) link.say({ type: "later", n });
    await until("closed", () => link.isClosed());
    expect(link.closedFor()).toBe("flood");
    expect(reasons("peer-refused")).toEqual(["flood"]);
    await businessAsUsual(shop);
  });

  test("[FD5] large frames without end", async () => {
    const link = await linkToVictim(shop);
    const text = "x".repeat(1_000_000);
    for (let n = 0; n < 8; n += 1) link.say({ type: "later", text });
    await until("closed", () => link.isClosed());
    expect(reasons("peer-refused")).toEqual(["flood"]);
    await businessAsUsual(shop);
  });

  test("[FD5] frames of the live sync without end", async () => {
    const raw = await dial(shop, (await linkToVictim(shop)).sync);
    const senderId = shop.hostile.device.id;
    raw.socket.send(cbor.encode({ type: "join", senderId, supportedProtocolVersions: ["1"] }));
    for (let n = 0; n < 1_000; n += 1) {
      raw.socket.send(cbor.encode({ type: "ephemeral", senderId, n }));
    }
    await until("closed", () => raw.isClosed());
    expect(raw.closedFor()).toBe("flood");
    expect(reasons("peer-refused")).toEqual(["flood"]);
    await businessAsUsual(shop);
  });

  test("[FD5] questions whose answers nobody reads", async () => {
    const link = await linkToVictim(shop);
    link.socket.pause();
    const want = { type: "want", document: "publications/prices/1", heads: [] };
    for (let n = 0; n < 280; n += 1) link.say(want);
    link.socket.resume();
    await businessAsUsual(shop);
  });

  test("[FD5] connections that only sit there, and more than may", async () => {
    const sockets = Array.from({ length: 200 }, () => {
      const socket = connectInClear(shop.port, "127.0.0.1");
      socket.on("error", () => undefined);
      return socket;
    });
    await until("turned away", () =>
      reasons("connection-refused").includes("too many connections"),
    );
    expect(reasons("connection-refused").length).toBeLessThan(60);
    await businessAsUsual(shop);
    // Those that were let in are let go when they say nothing.
    await until("let go", () => sockets.every(({ readyState }) => readyState === "closed"), 10_000);
    await businessAsUsual(shop);
  }, 25_000);
});
