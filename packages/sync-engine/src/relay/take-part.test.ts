/** A sealed part that came in an envelope, beside a till that sells. */

import type { BusinessDate, DeviceId, EntryDraft, StaffId } from "@tillmesh/kernel";
import { testClock, testCrypto, testRandom, testSigner } from "@tillmesh/kernel/testing";
import { beforeEach, describe, expect, test } from "vitest";
import { commitOn, simNetwork, type SimNetwork, type SimNode } from "../testing/sim-network.ts";
import { createSimRelay, envelopeAt, subscribeTo, type SimRelay } from "../testing/sim-relay.ts";
import { finishSeals, smallLimits } from "../testing/sim-replica.ts";
import { healOverRelay, startUplink } from "../testing/sim-uplink.ts";
import type { ChannelLane } from "./channels.ts";
import { createCourier, type Courier } from "./courier.ts";

const clock = testClock(Date.parse("2026-11-22T08:00:00Z"));
let network: SimNetwork;
let relay: SimRelay;
let hq: SimNode;
let till: SimNode;

beforeEach(async () => {
  const world = {
    crypto: testCrypto(9),
    clock,
    limits: { ...smallLimits(6), partTextMax: 2_000_000 },
    devices: [0, 1].map((index) => ({
      id: `dev_${index}` as DeviceId,
      roles: index === 0 ? (["hq"] as const) : (["till"] as const),
      signer: testSigner(index + 1),
    })),
  };
  network = simNetwork(world, testRandom(9));
  relay = createSimRelay(world.crypto);
  [hq, till] = network.nodes as [SimNode, SimNode];
  for (let n = 0; n < 7; n += 1) commitOn(network, till, largeSale);
  finishSeals(till.state, till.disk);
  await healOverRelay([startUplink(network, till, { relay })], clock);
});

const largeSale: EntryDraft = {
  kind: "sale",
  businessDate: "2026-11-22" as BusinessDate,
  by: { staff: "staff_1" as StaffId },
  body: { note: "x".repeat(60_000) },
};

/** At HQ, which has read nothing yet. */
function readerOf(onTurn: () => void): { readonly courier: Courier; readonly lane: ChannelLane } {
  const { ports } = startUplink(network, hq, { relay }).courier.state;
  const nextTurn = async (): Promise<void> => onTurn();
  const courier = createCourier({ ...ports, nextTurn });
  const lane = courier.lanes().find((one) => one.lane === 3)!;
  const place = { channel: lane.channel.id, lane: 3 };
  courier.subscribed(lane, subscribeTo(relay, place, undefined));
  return { courier, lane };
}

async function takeFirst(courier: Courier, lane: ChannelLane): Promise<void> {
  const bytes = envelopeAt(relay, { channel: lane.channel.id, lane: 3 }, 0)!;
  expect(await courier.take(lane, { offset: 0, bytes })).toMatchObject({ ok: true });
}

const sealingAt = ({ state }: SimNode) => state.sealing.map(({ part }) => part.name.part);

describe("sealed parts over the relay (UL)", () => {
  test("[UL15] a part is read a little in each turn, so that a sale need not wait for all of it", async () => {
    const heldInTurn: (readonly number[])[] = [];
    const { courier, lane } = readerOf(() => heldInTurn.push(sealingAt(hq)));
    await takeFirst(courier, lane);
    expect(heldInTurn).toEqual([[], [], []]);
    expect(sealingAt(hq)).toEqual([1]);
  });

  test("[UL15] one that somebody else brought while it was read is taken once", async () => {
    let other: Promise<void> | undefined;
    const second = readerOf(() => undefined);
    const { courier, lane } = readerOf(() => {
      other ??= takeFirst(second.courier, second.lane);
    });
    await takeFirst(courier, lane);
    await other;
    expect(sealingAt(hq)).toEqual([1]);
    expect(hq.state.exceptions).toEqual([]);
  });
});
