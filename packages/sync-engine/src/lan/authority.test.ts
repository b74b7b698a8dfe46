/** A device that turned bad, with stock automerge-repo, against a replica on real sockets. */

import { ImmutableString } from "@automerge/automerge";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { linkToVictim, sayHello, stockPeer, type OpenShelf } from "../testing/hostile-peer.ts";
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

/** Refused and told, whether or not the connection was worth ending for it. */
function untilRefused(): Promise<void> {
  return until("a refusal is logged", () =>
    shop.events.some(
      ({ event, type }) =>
        event === "peer-refused" || (event === "exception" && type === "RefusedChange"),
    ),
  );
}

function nameOf(document: string): string {
  if (document === "prices") return "publications/prices/1";
  const { device, incarnation } = document === "own" ? shop.victim : shop.honest;
  return `ledger/${device.id}/${incarnation}/1`;
}

describe("authority over the LAN (AG)", () => {
  const attacks: Readonly<Record<string, readonly [string, (doc: OpenShelf) => void]>> = {
    "changes a publication": [
      "prices",
      ({ publications }) => {
        const [id] = Object.keys(publications);
        publications[id!] = new ImmutableString(
          String(publications[id!]).replace(/"priceMinor":\d+/, `"priceMinor":1`),
        );
      },
    ],
    "removes a publication": [
      "prices",
      ({ publications }) => void delete publications[Object.keys(publications)[0]!],
    ],
    "adds a publication": [
      "prices",
      ({ publications }) => void (publications["pub_mine"] = new ImmutableString("{}")),
    ],
    "repeats a publication under another id": [
      "prices",
      ({ publications }) =>
        void (publications["pub_copy"] = new ImmutableString(
          String(Object.values(publications)[0]),
        )),
    ],
    "appends to the victim's ledger": [
      "own",
      ({ entries }) => void entries.push(new ImmutableString("a sale")),
    ],
    "appends to a third device's ledger": [
      "third",
      ({ entries }) => void entries.push(new ImmutableString(String(entries.at(-1)))),
    ],
    "removes an entry of a third device": ["third", ({ entries }) => void entries.splice(1, 1)],
    "changes an entry": ["own", ({ entries }) => void (entries[1] = new ImmutableString("{}"))],
    "removes all counters": [
      "own",
      ({ stock }) => Object.keys(stock).forEach((k) => delete stock[k]),
    ],
    "adds a text of a megabyte": [
      "own",
      (doc) => void ((doc as unknown as Record<string, string>)["x"] = "x".repeat(1_000_000)),
    ],
  };

  test.each(Object.keys(attacks))(
    "[AG1] a device that %s changes nothing anywhere",
    async (name) => {
      const [document, tamper] = attacks[name]!;
      const before = viewOf(shop.victim);
      const handle = await stockPeer(shop, nameOf(document));
      handle.change(tamper);
      await untilRefused();
      expect(viewOf(shop.victim)).toBe(before);
      expect(viewOf(shop.honest)).toBe(before);
      expect(shop.victim.exceptions()).toContainEqual(
        expect.objectContaining({ type: "RefusedChange", peer: shop.hostile.device.id }),
      );
      await businessAsUsual(shop);
    },
  );

  test("[AG2] a price edited fifty times is not edited at all", async () => {
    const before = viewOf(shop.victim);
    const handle = await stockPeer(shop, "publications/prices/1");
    for (let n = 0; n < 50; n += 1) {
      handle.change(({ publications }) => {
        const id = Object.keys(publications)[0]!;
        publications[id] = new ImmutableString(`{"publication":{"n":${n}},"signature":"x"}`);
      });
    }
    await untilRefused();
    expect(viewOf(shop.victim)).toBe(before);
    await businessAsUsual(shop);
  });

  test("[AG3] who broke the rules is kept out for a minute; the others are not", async () => {
    const handle = await stockPeer(shop, "publications/prices/1");
    handle.change((doc) => void (doc.format = 2));
    await until("refused", () => shop.events.some(({ event }) => event === "peer-refused"));
    const again = await sayHello(shop);
    await until("closed", () => again.isClosed());
    const linked = shop.victim.status().peers.flatMap(({ device }) => device ?? []);
    expect(linked).toEqual([shop.honest.device.id]);
    shop.advance(61_000);
    await linkToVictim(shop);
  });
});
