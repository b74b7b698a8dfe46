/** Everything a relay stores and sends, searched for what it must not know. */

import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { heldOf, must, names, openChain, saleOf, until, type Chain } from "./chain.ts";
import { layWireTap, spellingsFound, type WireTap } from "./wire-tap.ts";

let chain: Chain;
let tap: WireTap;

beforeEach(async () => {
  chain = await openChain();
  tap = await layWireTap(chain.relay.url);
});

afterEach(async () => {
  await chain.close();
  await tap.close();
});

/** What is said in sales and prices, and who is who. */
const words = [
  "SKU-PERIWINKLE-042",
  "Flat White Extraordinaire",
  "123457",
  "RCPT-00871-XQ",
  "standard/C001/-",
  "priceMinor",
  "7654321",
  ...Object.values(names),
];

function filesBelow(directory: string): readonly string[] {
  return readdirSync(directory).flatMap((name) => {
    const path = join(directory, name);
    return statSync(path).isDirectory() ? filesBelow(path) : [path];
  });
}

/** Secrets of the devices: private keys, channel keys, the master. */
function secrets(root: string): readonly Buffer[] {
  const found: Buffer[] = [];
  for (const device of ["hq", "b", "c"]) {
    for (const path of filesBelow(join(root, device, "identity"))) {
      const text = readFileSync(path, "utf8");
      for (const [, base64] of text.matchAll(/-----BEGIN PRIVATE KEY-----\n([\s\S]*?)-----END/g)) {
        found.push(Buffer.from(base64 ?? "", "base64").subarray(-32));
      }
      for (const [, key] of text.matchAll(/"([A-Za-z0-9_-]{43})"/g)) {
        if (path.includes("channel")) found.push(Buffer.from(key ?? "", "base64url"));
      }
    }
  }
  return found;
}

describe("what a relay gets to see (BL)", { timeout: 90_000 }, () => {
  test("[BL1] no SKU, name, price, receipt number, or key stands in any byte that it stores or sends", async () => {
    const relay = { url: tap.url };
    const hq = await chain.open("hq", { relay });
    const b = await chain.open("b", { relay });
    const c = await chain.open("c", { relay });
    must(
      await hq.replica.publish("prices", [
        { key: "standard/C001/-", value: { priceMinor: 7_654_321 } },
      ]),
    );
    for (const { replica } of [hq, b, c]) {
      for (let n = 0; n < 8; n += 1) must(await replica.commit(saleOf(replica)));
    }
    // A whole part, so that sealed history passes too.
    for (let n = 0; n < 1_010; n += 1) must(await b.replica.commit(saleOf(b.replica)));
    await until(
      "HQ has all, parts included",
      () => {
        const { relay: atRelay, hq: atHq, entries } = b.replica.status().horizon;
        const sent = b.replica.status().relay?.channels.find(({ lane }) => lane === 3);
        return atRelay === entries && atHq === entries && (sent?.storedOffset ?? 0) > 0;
      },
      60_000,
    );
    await until("prices are everywhere", () =>
      [b, c].every(({ replica }) => replica.publications("prices").length === 1),
    );
    expect(heldOf(hq.replica, c.replica.device.id)).toBeGreaterThan(8);
    for (const one of [hq, b, c]) await one.close();
    await chain.relay.stop();

    const stored = filesBelow(chain.relay.directory).map((path) => readFileSync(path));
    const sent = Buffer.concat(tap.messages);
    expect(sent.length).toBeGreaterThan(100_000);
    // The search itself finds what is there.
    expect(spellingsFound(sent, hq.replica.organisation.id)).toContain("raw");
    const keys = secrets(chain.root);
    expect(keys.length).toBeGreaterThan(6);
    for (const hay of [sent, ...stored]) {
      for (const word of words) expect(spellingsFound(hay, word), word).toEqual([]);
      for (const key of keys) expect(spellingsFound(hay, key), "a key").toEqual([]);
    }
  });
});
