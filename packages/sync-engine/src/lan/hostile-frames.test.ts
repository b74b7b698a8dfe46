/** Frames that no honest peer sends, against a replica on real sockets. */

import { randomBytes } from "node:crypto";
import { cbor } from "@automerge/automerge-repo";
import { base64url, canonicalJson, type Json } from "@tillmesh/kernel";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { documentIdOf } from "../node/repo-link.ts";
import {
  dial,
  helloOf,
  keyOfName,
  linkIdOf,
  linkToVictim,
  signedByHostile,
  tlsOf,
} from "../testing/hostile-peer.ts";
import {
  businessAsUsual,
  nextAttack,
  openBusyHostileShop,
  type HostileShop,
} from "../testing/hostile-shop.ts";
import { until } from "../testing/until.ts";
import { frameMaxSizeBytes } from "./exchange-message.ts";

let shop: HostileShop;

beforeAll(async () => {
  shop = await openBusyHostileShop();
});

beforeEach(() => nextAttack(shop));

afterAll(async () => {
  shop.reset();
  await shop.close();
});

const reasons = () =>
  shop.events.filter(({ event }) => event === "peer-refused").map(({ reason }) => String(reason));

describe("frames of the live sync (SA)", () => {
  const frames: Readonly<Record<string, () => Uint8Array | string>> = {
    "a null": () => Uint8Array.of(0xf6),
    nothing: () => new Uint8Array(0),
    "a text": () => "hello",
    "a number": () => cbor.encode(7),
    "a list": () => cbor.encode([1, 2]),
    "no sender": () => cbor.encode({ type: "join" }),
    "a huge list that is not there": () => Uint8Array.of(0x9a, 0x7f, 0xff, 0xff, 0xff),
    "lists in lists": () => new Uint8Array(100_000).fill(0x81),
    noise: () => randomBytes(1_000),
    "an unknown type": () =>
      cbor.encode({ type: "self-destruct", senderId: shop.hostile.device.id }),
    "somebody who never said hello": () =>
      cbor.encode({ type: "join", senderId: "dev_stranger", supportedProtocolVersions: ["1"] }),
  };

  test.each(Object.keys(frames))("[SA1] %s ends the connection and nothing else", async (name) => {
    const raw = await dial(shop, (await linkToVictim(shop)).sync);
    raw.socket.send(frames[name]!());
    await until("closed", () => raw.isClosed());
    expect(reasons()).toEqual(["malformed sync frame"]);
    await businessAsUsual(shop);
  });

  const messages: Readonly<Record<string, object>> = {
    "a document that is no document": { type: "sync", documentId: "€".repeat(200) },
    "no document": { type: "sync" },
    "data that is no sync message": { type: "sync", data: new Uint8Array(100).fill(7) },
    "data that is no bytes": { type: "sync", data: "hello" },
    "another sender": { type: "sync", senderId: "dev_other" },
    gossip: { type: "remote-heads-changed", newHeads: 7 },
    "an ephemeral message": { type: "ephemeral", count: "x", sessionId: 1, data: null },
    "no document unavailable": { type: "doc-unavailable", documentId: 7 },
  };

  test.each(Object.keys(messages))("[SA2] after a join, %s harms nobody", async (name) => {
    const raw = await dial(shop, (await linkToVictim(shop)).sync);
    const senderId = shop.hostile.device.id as string;
    raw.socket.send(cbor.encode({ type: "join", senderId, supportedProtocolVersions: ["1"] }));
    raw.socket.send(
      cbor.encode({
        senderId,
        targetId: shop.victim.device.id,
        documentId: documentIdOf(keyOfName(shop, "publications/prices/1")),
        data: new Uint8Array(0),
        ...messages[name],
      }),
    );
    await businessAsUsual(shop);
  });

  test.each(["valueOf", "__proto__", "toString", 7, null, { a: 1 }, "x".repeat(100_000)])(
    "[SA5] what a peer says of itself in its join reaches nobody: storage %j",
    async (storageId) => {
      const raw = await dial(shop, (await linkToVictim(shop)).sync);
      const types: string[] = [];
      raw.socket.on("message", (data: Buffer) => {
        types.push(cbor.decode<{ type: string }>(new Uint8Array(data)).type);
      });
      const senderId = shop.hostile.device.id;
      const documentId = documentIdOf(keyOfName(shop, "publications/prices/1"));
      const data = Uint8Array.of(0x42, 0, 0, 1, 0, 0, 0);
      const join = { type: "join", senderId, supportedProtocolVersions: ["1"] };
      raw.socket.send(cbor.encode({ ...join, peerMetadata: { storageId, isEphemeral: false } }));
      raw.socket.send(cbor.encode({ type: "request", senderId, targetId: "x", documentId, data }));
      await until("an answer", () => types.includes("sync"));
      await businessAsUsual(shop);
    },
  );

  test("[SA3] a frame beyond the bound ends the connection", async () => {
    const raw = await dial(shop, (await linkToVictim(shop)).sync);
    raw.socket.send(new Uint8Array(frameMaxSizeBytes + 1));
    await until("closed", () => raw.isClosed());
    await businessAsUsual(shop);
  });

  test("[SA4] there is no live sync but in the name of a link's own device", async () => {
    const unproved = await dial(shop, "/exchange");
    const theirs = await linkIdOf(unproved);
    const other = await linkToVictim(shop, shop.elsewhere);
    await expect(dial(shop, other.sync)).rejects.toThrow();
    for (const path of ["/sync", "/sync/", "/sync/undefined", `/sync/${theirs}`, "/else"]) {
      await expect(dial(shop, path)).rejects.toThrow();
    }
    const raw = await dial(shop, (await linkToVictim(shop)).sync);
    const senderId = shop.honest.device.id;
    raw.socket.send(cbor.encode({ type: "join", senderId, supportedProtocolVersions: ["1"] }));
    await until("closed", () => raw.isClosed());
    expect(shop.events.some(({ peer }) => peer === shop.honest.device.id)).toBe(false);
    await businessAsUsual(shop);
  });
});

describe("messages of the exchange (EL)", () => {
  const frames: Readonly<Record<string, () => string | Uint8Array>> = {
    bytes: () => Uint8Array.of(1, 2, 3),
    "no JSON": () => "{",
    "a fraction": () => `{"type":"hello","v":1.5}`,
    "no object": () => "[]",
    "another version of hello": () => JSON.stringify({ ...helloOf(shop), v: 2 }),
    "no certificates": () => JSON.stringify({ ...helloOf(shop), certificates: [] }),
    "garbage for certificates": () =>
      JSON.stringify({ ...helloOf(shop), certificates: ["€".repeat(99)] }),
    "another device's name": () =>
      JSON.stringify({ ...helloOf(shop), device: shop.victim.device.id }),
    "a link's name that is none": () => JSON.stringify({ ...helloOf(shop), link: "" }),
    "a question before hello": () =>
      JSON.stringify({ type: "want", document: "publications/prices/1", heads: [] }),
  };

  test.each(Object.keys(frames))("[EL1] %s ends the connection and nothing else", async (name) => {
    const raw = await dial(shop, "/exchange");
    raw.socket.send(frames[name]!());
    await until("closed", () => raw.isClosed());
    await businessAsUsual(shop);
  });

  const messages: Readonly<Record<string, () => object>> = {
    "a second hello": () => helloOf(shop),
    "a summary that another device signed": () => ({
      ...summary([]),
      summary: { device: shop.victim.device.id, ledgers: [], documents: [] },
    }),
    "a change that is none": () => ({
      type: "changes",
      document: "publications/prices/1",
      changes: [base64url(randomBytes(300))],
    }),
    "a change that is no base64": () => ({
      type: "changes",
      document: "publications/prices/1",
      changes: ["!"],
    }),
    "changes of no document": () => ({ type: "changes", document: "prices", changes: [] }),
  };

  test.each(Object.keys(messages))("[EL2] after hello, %s ends the connection", async (name) => {
    const raw = await linkToVictim(shop);
    raw.say(messages[name]!());
    await until("closed", () => raw.isClosed());
    expect(reasons()).toHaveLength(1);
    await businessAsUsual(shop);
  });

  test("[EL3] messages of later versions, and pieces that nobody asked for, are passed over", async () => {
    const raw = await linkToVictim(shop);
    const sha256 = "0".repeat(64);
    raw.say({ type: "later", anything: true });
    raw.say({ type: "part", sha256, offset: 0, size: 7, data: "AAAA" });
    raw.say({ type: "want", document: "publications/nothing/1", heads: [] });
    raw.say({ type: "want-part", device: "dev_x", incarnation: 1, part: 1, sha256, offset: 0 });
    await until("a part", () => raw.messages.some(({ type }) => type === "part"));
    expect(raw.messages).toContainEqual({ type: "part", sha256, offset: 0, size: -1, data: "" });
    expect(raw.isClosed()).toBe(false);
  });

  test("[EL4] a frame beyond the bound ends the connection", async () => {
    const raw = await dial(shop, "/exchange");
    raw.socket.send("x".repeat(frameMaxSizeBytes + 1));
    await until("closed", () => raw.isClosed());
  });

  test("[EL5] whoever does not say hello is let go", async () => {
    const raw = await dial(shop, "/exchange");
    await until("closed", () => raw.isClosed());
  });

  test("[EL6] documents that a peer only names are not made", async () => {
    const raw = await linkToVictim(shop);
    const documents = Array.from({ length: 5_000 }, (_, index) => ({
      name: `publications/t${index}/1`,
      heads: ["0".repeat(64)],
    }));
    raw.say(summary(documents));
    raw.say({
      type: "want-part",
      device: "x",
      incarnation: 1,
      part: 1,
      sha256: "0".repeat(64),
      offset: 0,
    });
    await until("a part", () => raw.messages.some(({ type }) => type === "part"));
    raw.socket.terminate();
    await shop.victim.publish("fresh", [{ key: "k", value: 1 }]);
    await until("it arrives", () => shop.honest.publications("fresh").length === 1);
    const fresh = await linkToVictim(shop);
    const told = fresh.messages.find(({ type }) => type === "summary") as unknown as {
      summary: { documents: readonly unknown[] };
    };
    expect(told.summary.documents.length).toBeLessThan(10);
  });

  test("[EL8] whoever asks for what it has already is told that there is nothing more", async () => {
    const raw = await linkToVictim(shop);
    const told = raw.messages.find(({ type }) => type === "summary") as unknown as Told;
    const [document] = told.summary.documents;
    raw.say({ type: "want", document: document!.name, heads: document!.heads });
    await until("an answer", () => raw.messages.some(({ type }) => type === "changes"));
    expect(raw.messages).toContainEqual({ type: "changes", document: document!.name, changes: [] });
  });

  test("[EL9] what a peer said that it has is asked for until it is here", async () => {
    const raw = await linkToVictim(shop);
    const document = "publications/certificates/1";
    raw.say(summary([{ name: document, heads: ["1".repeat(64)] }]));
    const wants = () => raw.messages.filter(({ type }) => type === "want");
    await until("it is asked for", () => wants().length === 1);
    raw.say({ type: "changes", document, changes: [] });
    await until("it is asked for again", () => wants().length > 2);
    expect(wants()).toContainEqual(expect.objectContaining({ document }));
  });

  test("[EL7] a page in a browser cannot connect", async () => {
    const socket = new WebSocket(`wss://127.0.0.1:${shop.port}/exchange`, {
      ...tlsOf(shop.hostile),
      headers: { origin: "http://localhost:3000" },
    });
    const failed = await new Promise((resolve) => {
      socket.once("error", () => resolve(true));
      socket.once("open", () => resolve(false));
    });
    expect(failed).toBe(true);
  });
});

interface Told {
  readonly summary: {
    readonly documents: readonly { readonly name: string; readonly heads: readonly string[] }[];
  };
}

function summary(documents: readonly object[]): object {
  const content = { device: shop.hostile.device.id, ledgers: [], documents } as Json;
  const signature = signedByHostile(shop, `tillmesh/summary/1\n${canonicalJson(content)}`);
  return { type: "summary", summary: content, signature };
}
