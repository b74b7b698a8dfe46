/** Carries over the relay: as sealed parts are, up to a size. */

import type { DeviceId } from "@tillmesh/kernel";
import { testClock, testCrypto, testRandom, testSigner } from "@tillmesh/kernel/testing";
import { beforeEach, describe, expect, test } from "vitest";
import { textHash } from "../documents/sealed-part.ts";
import type { CarryPlace } from "../replica/ports.ts";
import { simNetwork, type SimNetwork } from "../testing/sim-network.ts";
import { createSimRelay, type SimRelay } from "../testing/sim-relay.ts";
import { smallLimits } from "../testing/sim-replica.ts";
import { healOverRelay, startUplink } from "../testing/sim-uplink.ts";
import type { CarryFreight } from "./ports.ts";

const clock = testClock(Date.parse("2026-11-22T08:00:00Z"));
let network: SimNetwork;
let relay: SimRelay;

beforeEach(() => {
  const world = {
    crypto: testCrypto(7),
    clock,
    limits: smallLimits(6),
    devices: [0, 1].map((index) => ({
      id: `dev_${index}` as DeviceId,
      roles: index === 0 ? (["hq"] as const) : (["till"] as const),
      signer: testSigner(index + 1),
    })),
  };
  network = simNetwork(world, testRandom(7));
  relay = createSimRelay(world.crypto);
});

/** A disk with these texts on it; what comes is kept if it is wanted. */
function diskWith(texts: readonly string[], isWanted = true): CarryFreight & { taken: string[] } {
  const { crypto } = network.world;
  const byPlace = new Map(
    texts.map((text): [CarryPlace, string] => {
      const sha256 = textHash(text, crypto);
      return [{ device: "dev_1", incarnation: 1, sha256 }, text];
    }),
  );
  const taken: string[] = [];
  return {
    taken,
    known: () => [...byPlace.keys()],
    read: async (place) => byPlace.get(place),
    take: (place, text) => {
      if (isWanted) taken.push(textHash(text, crypto) === place.sha256 ? text : "another text");
      return isWanted;
    },
  };
}

/** Nobody looks into a carry on its way. */
const carryText = "totals\n".repeat(10_000);
const carryMaxLength = 4_194_304;

async function passed(texts: readonly string[]): Promise<readonly string[]> {
  const [hq, till] = network.nodes;
  const there = diskWith([]);
  const uplinks = [
    startUplink(network, till!, { relay, carries: diskWith(texts) }),
    startUplink(network, hq!, { relay, carries: there }),
  ];
  await healOverRelay(uplinks, clock);
  return there.taken;
}

describe("carries over the relay (UL)", () => {
  test("[UL13] a till's carry comes to whoever wants it, once and to the character", async () => {
    expect(await passed([carryText])).toEqual([carryText]);
  });

  test("[UL13] one beyond 4 MiB stays away and holds up none behind it", async () => {
    const tooLarge = "x".repeat(carryMaxLength + 1);
    expect(await passed([tooLarge, carryText])).toEqual([carryText]);
  });

  test("[UL13] whoever does not want it is asked no second time", async () => {
    const [hq, till] = network.nodes;
    const elsewhere = diskWith([], false);
    const uplinks = [
      startUplink(network, till!, { relay, carries: diskWith([carryText]) }),
      startUplink(network, hq!, { relay, carries: elsewhere }),
    ];
    await healOverRelay(uplinks, clock);
    expect(elsewhere.taken).toEqual([]);
    const carried = [...relay.logs.values()].flatMap(({ envelopes }) => envelopes);
    expect(carried.filter(({ bytes }) => bytes.length > carryText.length)).toHaveLength(1);
  });
});
