/** A genuine device of another location that asks for more than it may have. */

import { cbor } from "@automerge/automerge-repo";
import { base64url } from "@tillmesh/kernel";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { documentIdOf } from "../node/repo-link.ts";
import { dial, keyOfName, linkToVictim, tlsOf, type HostileLink } from "../testing/hostile-peer.ts";
import {
  businessAsUsual,
  nextAttack,
  openBusyHostileShop,
  viewOf,
  type HostileShop,
} from "../testing/hostile-shop.ts";
import { until } from "../testing/until.ts";

let shop: HostileShop;

beforeAll(async () => {
  shop = await openBusyHostileShop();
});
beforeEach(() => nextAttack(shop));
afterAll(async () => {
  shop.reset();
  await shop.close();
});

const textOf = ({ messages }: HostileLink) => JSON.stringify(messages);

/** Answered in order: when this is, everything before it was dealt with. */
async function untilAnswered(link: HostileLink): Promise<void> {
  const sha256 = "0".repeat(64);
  const device = shop.elsewhere.device.id;
  link.say({ type: "want-part", device, incarnation: 1, part: 1, sha256, offset: 0 });
  await until("an answer", () => textOf(link).includes(sha256));
}

describe("a device of another location (ET)", () => {
  test("[ET6] it is told of publications, of those who publish, and of nothing else", async () => {
    const link = await linkToVictim(shop, shop.elsewhere);
    expect(textOf(link)).toContain("publications/prices/1");
    expect(textOf(link)).not.toContain("ledger/");
    expect(textOf(link)).not.toContain(shop.honest.device.id);
    const summary = link.messages.find(({ type }) => type === "summary") as unknown as {
      summary: { ledgers: readonly object[] };
    };
    expect(summary.summary.ledgers).toEqual([]);
  });

  test("[ET6] what it asks for is not here", async () => {
    const link = await linkToVictim(shop, shop.elsewhere);
    for (const { device, incarnation } of shop.victim.ledgers()) {
      link.say({ type: "want", document: `ledger/${device}/${incarnation}/1`, heads: [] });
    }
    link.say({ type: "want", document: "publications/prices/1", heads: [] });
    await until("prices", () => textOf(link).includes('"changes"'));
    await untilAnswered(link);
    const documents = link.messages.flatMap((message) => {
      return message.type === "changes" ? [(message as { document?: string }).document] : [];
    });
    expect(documents).toEqual(["publications/prices/1"]);
  });

  test("[ET6] a genuine change of a ledger that it may not have is not taken from it", async () => {
    const before = viewOf(shop.victim);
    const ours = await linkToVictim(shop);
    const name = `ledger/${shop.honest.device.id}/${shop.honest.incarnation}/1`;
    ours.say({ type: "want", document: name, heads: [] });
    await until("changes", () => ours.messages.some(({ type }) => type === "changes"));
    const genuine = ours.messages.find(({ type }) => type === "changes")!;
    const link = await linkToVictim(shop, shop.elsewhere);
    link.say(genuine);
    link.say({ type: "changes", document: name, changes: [base64url(new Uint8Array(90))] });
    await untilAnswered(link);
    expect(link.isClosed()).toBe(false);
    expect(viewOf(shop.victim)).toBe(before);
  });

  test("[ET6] over the live sync it gets no document either", async () => {
    const link = await linkToVictim(shop, shop.elsewhere);
    const raw = await dial(shop, link.sync, tlsOf(shop.elsewhere));
    const frames: { type: string; documentId?: string }[] = [];
    raw.socket.on("message", (data: Buffer) => frames.push(cbor.decode(new Uint8Array(data))));
    const senderId = shop.elsewhere.device.id;
    raw.socket.send(cbor.encode({ type: "join", senderId, supportedProtocolVersions: ["1"] }));
    const id = (name: string) => documentIdOf(keyOfName(shop, name));
    const ledger = id(`ledger/${shop.victim.device.id}/${shop.victim.incarnation}/1`);
    // An empty sync message: "I have nothing, tell me".
    const data = Uint8Array.from([0x42, 0, 0, 1, 0, 0, 0]);
    for (const documentId of [ledger, id("publications/prices/1")]) {
      const targetId = shop.victim.device.id;
      raw.socket.send(cbor.encode({ type: "request", senderId, targetId, documentId, data }));
    }
    await until("prices", () =>
      frames.some(({ documentId }) => documentId === id("publications/prices/1")),
    );
    await businessAsUsual(shop);
    const about = frames.filter(({ documentId }) => documentId === ledger);
    expect(about.filter(({ type }) => type !== "doc-unavailable")).toEqual([]);
  });
});
