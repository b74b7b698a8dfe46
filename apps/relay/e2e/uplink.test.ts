/** A chain of shops over a real relay, without any LAN between them. */

import { cpSync, rmSync } from "node:fs";
import { defaultLimits } from "@tillmesh/sync-engine/node";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  heldOf,
  lanOf,
  must,
  openChain,
  sell,
  until,
  type Chain,
  type OpenDevice,
} from "./chain.ts";

let chain: Chain;

beforeEach(async () => {
  chain = await openChain();
});

afterEach(async () => {
  await chain.close();
});

function isAtHq({ replica }: OpenDevice): boolean {
  const { entries, relay, hq } = replica.status().horizon;
  return relay === entries && hq === entries;
}

async function openAll(): Promise<readonly [OpenDevice, OpenDevice, OpenDevice]> {
  return [await chain.open("hq"), await chain.open("b"), await chain.open("c")];
}

function own({ replica }: OpenDevice): number {
  return heldOf(replica, replica.device.id);
}

/** HQ has all that the tills have, and each till has what it may have. */
async function untilAgreed([hq, b, c]: readonly [
  OpenDevice,
  OpenDevice,
  OpenDevice,
]): Promise<void> {
  await until("HQ has what the tills sold", () =>
    [b, c].every((till) => heldOf(hq.replica, till.replica.device.id) === own(till)),
  );
  await until(
    "the shop's tills have each other's",
    () => heldOf(b.replica, hq.replica.device.id) === own(hq),
  );
  await until("everything is said to be at HQ", () => [b, c].every(isAtHq));
}

describe("a chain over a relay (UL)", { timeout: 90_000 }, () => {
  test("[UL5] two shops and HQ agree with no LAN between them, and each till has its own shop's only", async () => {
    const all = await openAll();
    const [hq, b, c] = all;
    must(
      await hq.replica.publish("prices", [{ key: "standard/C001/-", value: { priceMinor: 350 } }]),
    );
    for (const one of all) await sell(one, 5);
    await untilAgreed(all);
    await until("prices arrive", () =>
      [b, c].every(({ replica }) => replica.publications("prices").length === 1),
    );
    expect(heldOf(c.replica, b.replica.device.id)).toBe(0);
    expect(heldOf(b.replica, c.replica.device.id)).toBe(0);
    for (const { replica } of all) expect(replica.exceptions()).toEqual([]);
    const status = b.replica.status();
    expect(status.relay).toMatchObject({ state: "connected" });
    expect(status.relay?.lastError).toBeUndefined();
    expect(
      b.replica.horizonOf({ device: b.replica.device.id, incarnation: 1, sequence: 3 }),
    ).toEqual({
      device: true,
      peers: [],
      relay: true,
      hq: true,
    });
  });

  test("[UL6] kill -9 of the relay under load loses nothing that was answered", async () => {
    const all = await openAll();
    const [, b, c] = all;
    for (let round = 0; round < 4; round += 1) {
      await Promise.all([sell(b, 20), sell(c, 20)]);
      await chain.relay.kill();
      await sell(b, 3);
      await chain.relay.start();
      await until("the link is back", () => b.replica.status().relay?.state === "connected");
    }
    await untilAgreed(all);
    for (const { replica } of all) expect(replica.exceptions()).toEqual([]);
  });

  test("[UL7] a relay that lost its disk is found out and filled again, by whoever has what it lost", async () => {
    const all = await openAll();
    const [hq, b, c] = all;
    for (const one of [b, c]) await sell(one, 10);
    await untilAgreed(all);
    // What till c sold is at HQ and on its own disk; c is away.
    await c.close();
    await chain.relay.kill();
    rmSync(chain.relay.directory, { recursive: true });
    await chain.relay.start();
    await until(
      "b says that the relay lost it, and fills it",
      () => isAtHq(b) && b.replica.exceptions().length > 0,
    );
    await sell(b, 1);
    await until(
      "HQ",
      () => heldOf(hq.replica, b.replica.device.id) === heldOf(b.replica, b.replica.device.id),
    );
    expect(b.replica.exceptions().map(({ type }) => type)).toContain("RelayChanged");
    const again = await chain.open("c");
    await sell(again, 1);
    await untilAgreed([hq, b, again]);
  });

  test("[UL8] a relay restored from an old copy is found out, and what the copy lacks is published again", async () => {
    const all = await openAll();
    const [hq, b, c] = all;
    await sell(b, 6);
    await untilAgreed(all);
    const { directory } = chain.relay;
    await chain.relay.stop();
    cpSync(directory, `${directory}-copy`, { recursive: true });
    await chain.relay.start();
    await sell(b, 6);
    await sell(c, 6);
    await untilAgreed(all);
    await chain.relay.kill();
    rmSync(directory, { recursive: true });
    cpSync(`${directory}-copy`, directory, { recursive: true });
    await chain.relay.start();
    await until("b is told", () => b.replica.exceptions().some(({ type }) => type === "RelayLost"));
    await sell(b, 1);
    await untilAgreed(all);
    // Somebody who was never there reads all of it from the relay alone.
    await hq.close();
    for (const one of [b, c])
      await until(
        one.name,
        () => one.replica.status().horizon.relay === one.replica.status().horizon.entries,
      );
  });

  test("[UL9] a till without an uplink is served by its neighbour: relay and HQ show in its horizon", async () => {
    const [first, second] = await lanOf(2);
    const hq = await chain.open("hq");
    const b = await chain.open("b", { lan: first!, hasUplink: false });
    const d = await chain.open("d", { lan: second! });
    await sell(b, 4);
    await until("it is at the neighbour, at the relay and at HQ, and b knows", () => {
      const { entries, relay, hq: atHq, peers } = b.replica.status().horizon;
      return relay === entries && atHq === entries && peers === entries;
    });
    expect(heldOf(hq.replica, b.replica.device.id)).toBe(heldOf(b.replica, b.replica.device.id));
    const { id } = b.replica.device;
    expect(b.replica.horizonOf({ device: id, incarnation: 1, sequence: 3 })).toEqual({
      device: true,
      peers: [d.replica.device.id],
      relay: true,
      hq: true,
    });
    for (const { replica } of [hq, b, d]) expect(replica.exceptions()).toEqual([]);
  });

  test("[RL2] HQ lets the relay forget what has been history for a week; whoever comes later has all of it", async () => {
    const limits = { ...defaultLimits, partEntriesMax: 20 };
    const hq = await chain.open("hq", { limits });
    const b = await chain.open("b", { limits });
    for (let n = 0; n < 10; n += 1) {
      await sell(b, 5);
      await until("HQ has it", () => isAtHq(b));
    }
    const history = () =>
      hq.replica.status().relay?.channels.find(({ lane }) => lane === 3)?.readOffset;
    await until("its sealed parts are history", () => (history() ?? 0) >= 2);
    const isReleased = () => chain.relay.lines.some((line) => line.includes('"release"'));
    expect(isReleased()).toBe(false);
    chain.advance(8 * 86_400_000);
    await until("HQ releases", isReleased, 25_000);
    const d = await chain.open("d", { limits });
    await until("d has all", () => heldOf(d.replica, b.replica.device.id) === own(b));
    await sell(b, 1);
    await until("and what comes", () => heldOf(d.replica, b.replica.device.id) === own(b));
    for (const { replica } of [hq, b, d]) expect(replica.exceptions()).toEqual([]);
  });

  test("[UL10] a device back after ninety days catches up, sealed parts included", async () => {
    const hq = await chain.open("hq");
    const b = await chain.open("b", { hasUplink: false });
    await sell(b, 1_150);
    await b.close();
    chain.advance(90 * 86_400_000);
    const back = await chain.open("b");
    await until(
      "HQ has all",
      () =>
        heldOf(hq.replica, back.replica.device.id) === heldOf(back.replica, back.replica.device.id),
      60_000,
    );
    await until("and says so", () => isAtHq(back), 30_000);
    expect(hq.replica.exceptions()).toEqual([]);
    const report = await hq.replica.verify();
    expect(report.differences).toEqual([]);
  });

  test("[UL14] the switches cut LAN and uplink of a running till each for itself, and what it sold meanwhile arrives", async () => {
    const [first, second] = await lanOf(2);
    const hq = await chain.open("hq");
    const b = await chain.open("b", { lan: first! });
    const d = await chain.open("d", { lan: second!, hasUplink: false });
    const [atHq, atNeighbour] = [hq, d].map(
      ({ replica }) =>
        () =>
          heldOf(replica, b.replica.device.id),
    ) as [() => number, () => number];
    const isLinked = (): boolean =>
      b.replica.status().peers.some(({ state }) => state === "connected");
    await until("all have all", () => isLinked() && atHq() === own(b) && atNeighbour() === own(b));

    b.replica.setLinks({ uplink: false });
    expect(b.replica.status()).toMatchObject({
      relay: { state: "off" },
      links: { lan: true, uplink: false },
    });
    const before = own(b);
    await sell(b, 3);
    await until("the neighbour has it", () => atNeighbour() === own(b));
    expect(atHq()).toBe(before);

    b.replica.setLinks({ lan: false });
    await until("the LAN is cut", () => !isLinked());
    const unlinked = own(b);
    await sell(b, 3);
    b.replica.setLinks({ uplink: true });
    await until("HQ has all", () => atHq() === own(b));
    expect(atNeighbour()).toBe(unlinked);

    b.replica.setLinks({ lan: true });
    await until("the neighbour has all", () => atNeighbour() === own(b), 30_000);
    expect(b.replica.status().links).toEqual({ lan: true, uplink: true });
    for (const { replica } of [hq, b, d]) expect(replica.exceptions()).toEqual([]);
  });
});
