/** What it costs that a link opens anew, in bytes on the cable. */

import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Replica } from "../node/replica.ts";
import { defaultLimits } from "../replica/limits.ts";
import { layCable, type Cable } from "../testing/cable.ts";
import { until } from "../testing/until.ts";
import {
  draftOf,
  ledgersOf,
  openLanShop,
  type LanShop,
  type Started,
} from "../testing/lan-shop.ts";

let shop: LanShop;
let cable: Cable;

beforeAll(async () => {
  shop = await openLanShop({ b: "corner" });
});
afterEach(async () => {
  await shop.stop();
  await cable.close();
});
afterAll(() => shop.close());

/** Small parts and epochs, so that there soon are many. */
const limits = { ...defaultLimits, partEntriesMax: 20, setPublicationsMax: 5 };

const topics = ["prices", "catalogue", "staff"];

async function pair(): Promise<readonly [Replica, Replica]> {
  cable = await layCable(shop.port("a"));
  const a = await shop.start("a", [], { limits });
  const b = await shop.start("b", [cable.port], { limits });
  const isSealed = () => [a, b].every(({ parts }) => openParts(parts) === 2);
  untilSealed = () => until("all but the newest parts are sealed", isSealed, 30_000);
  await agreement(a.replica, b.replica);
  return [a.replica, b.replica];
}

let untilSealed: () => Promise<void>;

function openParts({ state }: Started["parts"]): number {
  return [...state.documents.values()].filter(({ kind }) => kind === "ledger").length;
}

async function agreement(a: Replica, b: Replica): Promise<void> {
  const isSame = () =>
    ledgersOf(a) === ledgersOf(b) &&
    topics.every((topic) => a.publications(topic).length === b.publications(topic).length);
  await until("agreement", isSame, 30_000);
  await until(
    "knowing it",
    () => [a, b].every((one) => one.status().onlyHere.entries === 0),
    30_000,
  );
}

const isLinked = (one: Replica) =>
  one
    .status()
    .peers.some(
      ({ state, lastExchangeAtMs }) => state === "connected" && lastExchangeAtMs !== undefined,
    );

/** The cable is pulled and plugged in again; answers with the bytes until all is quiet. */
async function reconnectBytes(a: Replica, b: Replica): Promise<number> {
  cable.pull();
  await until("apart", () => a.status().peers.every(({ state }) => state !== "connected"));
  cable.reset();
  cable.plug();
  await until("linked", () => isLinked(a) && isLinked(b) && cable.open() === 2, 30_000);
  let before = -1;
  let quiet = 0;
  // Quiet for half a second; the heartbeat is much longer.
  await until("quiet", () => {
    const bytes = cable.bytes();
    quiet = bytes === before ? quiet + 1 : 0;
    before = bytes;
    return quiet > 25;
  });
  return cable.bytes();
}

describe("reconnecting (DG)", () => {
  test("[DG2] an idle reconnect costs the same however many parts were sealed and epochs filled", async () => {
    const [a, b] = await pair();
    for (let n = 0; n < 5; n += 1) await a.commit(draftOf(a, "C001"));
    for (const topic of topics) await a.publish(topic, [{ key: "k", value: 0 }]);
    await agreement(a, b);
    const first = await reconnectBytes(a, b);
    for (let n = 0; n < 400; n += 1) {
      await a.commit(draftOf(a, `S${n}`));
      await b.commit(draftOf(b, `S${n}`));
    }
    for (let n = 0; n < 40; n += 1) {
      for (const topic of topics) await a.publish(topic, [{ key: "k", value: n }]);
    }
    await agreement(a, b);
    await untilSealed();
    expect(a.ledgers().every(({ part }) => part > 15)).toBe(true);
    const later = await reconnectBytes(a, b);
    // Handshakes, hello, digest and the open parts: no more than before but for the noise of one open part's filter.
    expect(first).toBeLessThan(24_000);
    expect(later).toBeLessThan(first + 3_000);
  }, 90_000);

  test("[DG3] what changed while apart is told, and what did not is not", async () => {
    const [a, b] = await pair();
    await agreement(a, b);
    const idle = await reconnectBytes(a, b);
    cable.pull();
    await a.commit(draftOf(a, "C001"));
    await b.commit(draftOf(b, "C001"));
    cable.reset();
    cable.plug();
    await agreement(a, b);
    const sold = cable.bytes();
    // Far less than the names of 120 publications' epochs would be.
    expect(sold).toBeLessThan(idle + 8_000);
    cable.pull();
    await a.publish("prices", [{ key: "k", value: 1_000 }]);
    cable.plug();
    await agreement(a, b);
  }, 60_000);
});
