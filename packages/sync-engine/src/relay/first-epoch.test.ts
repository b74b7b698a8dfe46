/** Under which keys a device begins to publish that does not know what happened while it was away. */

import type { BusinessDate, DeviceId, EntryDraft, StaffId } from "@tillmesh/kernel";
import { testClock, testCrypto, testRandom, testSigner } from "@tillmesh/kernel/testing";
import { beforeEach, describe, expect, test } from "vitest";
import { readEnvelope } from "../relay-protocol/envelope.ts";
import { commitOn, simNetwork, type SimNetwork, type SimNode } from "../testing/sim-network.ts";
import { createSimRelay, type SimRelay } from "../testing/sim-relay.ts";
import { smallLimits } from "../testing/sim-replica.ts";
import { healOverRelay, simKeyOf, startUplink, uplinkAll } from "../testing/sim-uplink.ts";
import { createCourier } from "./courier.ts";
import type { ChannelKeyRing, ControlDesk } from "./ports.ts";
import { restoreCourier, saveCourier } from "./saved.ts";

const clock = testClock(Date.parse("2026-11-22T08:00:00Z"));
let network: SimNetwork;
let relay: SimRelay;
let hq: SimNode;
let rebuilt: SimNode;

beforeEach(() => {
  const world = {
    crypto: testCrypto(5),
    clock,
    limits: smallLimits(6),
    devices: [0, 1].map((index) => ({
      id: `dev_${index}` as DeviceId,
      roles: ["hq"] as const,
      signer: testSigner(index + 1),
    })),
  };
  network = simNetwork(world, testRandom(5));
  relay = createSimRelay(world.crypto);
  [hq, rebuilt] = network.nodes as [SimNode, SimNode];
});

const sale: EntryDraft = {
  kind: "sale",
  businessDate: "2026-11-22" as BusinessDate,
  by: { staff: "staff_1" as StaffId },
  body: {},
};

/** As at the CA's holder: has the keys of all epochs, and hears of a new one in `control` only. */
function ringAt(first: number | undefined): ChannelKeyRing & ControlDesk & { epoch?: number } {
  const ring: ChannelKeyRing & ControlDesk & { epoch?: number } = {
    ...(first !== undefined && { epoch: first }),
    epochOf: () => ring.epoch,
    keyOf: (channel, epoch) => simKeyOf(network, channel, epoch),
    items: () => [],
    take: (item) => {
      if (item.type === "keys") ring.epoch = item.epoch;
    },
  };
  return ring;
}

const secondEpoch: ControlDesk = {
  items: () => [{ channel: "control", item: { type: "keys", epoch: 2, grants: [] } }],
  take: () => undefined,
};

/** Of what a device published, `control` left out. */
function epochsOf(publisher: string): readonly number[] {
  const envelopes = [...relay.logs.values()].flatMap((log) => log.envelopes);
  return envelopes
    .map(({ bytes }) => readEnvelope(bytes, network.world.crypto))
    .flatMap((read) => (read.ok ? [read.value.header] : []))
    .filter((header) => header.publisher === publisher && header.epoch > 0)
    .map(({ epoch }) => epoch);
}

describe("the first key epoch of a run (UL)", () => {
  test("[UL12] a rebuilt HQ publishes nothing before it has read `control`, and then under the newest epoch", async () => {
    const old = startUplink(network, hq, { relay, control: secondEpoch, keys: ringAt(2) });
    await healOverRelay([old], clock);
    const ring = ringAt(1);
    const uplink = startUplink(network, rebuilt, { relay, control: ring, keys: ring });
    commitOn(network, rebuilt, sale);
    for (const lane of uplink.courier.lanes()) {
      expect(await uplink.courier.next(lane)).toBeUndefined();
    }
    await healOverRelay([uplink, old], clock);
    expect(epochsOf(rebuilt.device.id).length).toBeGreaterThan(0);
    expect(new Set(epochsOf(rebuilt.device.id))).toEqual(new Set([2]));
  });

  test("[UL12] a device whose keys were lost reads `control` from its beginning again", async () => {
    const old = startUplink(network, hq, { relay, control: secondEpoch, keys: ringAt(2) });
    const first = ringAt(1);
    const uplink = startUplink(network, rebuilt, { relay, control: first, keys: first });
    await healOverRelay([old, uplink], clock);
    const saved = saveCourier(uplink.courier.state);
    uplink.stop();
    const { ports } = uplink.courier.state;
    for (const [epoch, offset] of [
      [2, 1],
      [undefined, undefined],
    ]) {
      const ring = ringAt(epoch);
      const again = createCourier({ ...ports, keys: ring, control: ring });
      restoreCourier(again.state, saved);
      const control = again.lanes().find(({ channel }) => channel.name === "control")!;
      expect(again.resumeFrom(control)?.offset).toBe(offset);
    }
    const lost = ringAt(undefined);
    const last = startUplink(network, rebuilt, { relay, control: lost, keys: lost });
    restoreCourier(last.courier.state, saved);
    await uplinkAll(last);
    expect(lost.epoch).toBe(2);
  });
});
