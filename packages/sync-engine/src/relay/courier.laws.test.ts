import type { BusinessDate, DeviceId, EntryDraft, StaffId } from "@tillmesh/kernel";
import {
  testClock,
  testCrypto,
  testRandom,
  testSigner,
  type TestClock,
} from "@tillmesh/kernel/testing";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeBundle } from "../relay-protocol/bundle.ts";
import { openEnvelope, readEnvelope } from "../relay-protocol/envelope.ts";
import { hashOfSignedText } from "../documents/signed-text.ts";
import { horizonOf } from "../replica/horizon.ts";
import {
  commitOn,
  exchangeSome,
  publishOn,
  restart,
  simNetwork,
  viewOf,
  type SimNetwork,
  type SimNode,
} from "../testing/sim-network.ts";
import { heldBy } from "../testing/sim-app.ts";
import { checkNode, checkReload } from "../testing/sim-checks.ts";
import { finishSeals, smallLimits } from "../testing/sim-replica.ts";
import {
  copyRelay,
  createSimRelay,
  replayIn,
  restoreRelay,
  wipeRelay,
  type SimRelay,
} from "../testing/sim-relay.ts";
import {
  asItIs,
  disconnect,
  healOverRelay,
  restartUplink,
  simKeyOf,
  startUplink,
  uplinkAll,
  uplinkSome,
  type SimUplink,
} from "../testing/sim-uplink.ts";

interface Shop {
  readonly clock: TestClock;
  readonly network: SimNetwork;
  readonly relay: SimRelay;
  /** Of HQ, and of till 1; till 2 has none. */
  readonly uplinks: readonly SimUplink[];
  copy: SimRelay | undefined;
}

function open(seed: number, uplinksCount = 2, partEntriesMax = 6): Shop {
  const clock = testClock(Date.parse("2026-11-22T08:00:00Z"));
  const world = {
    crypto: testCrypto(seed),
    clock,
    limits: smallLimits(partEntriesMax),
    devices: [0, 1, 2].map((index) => ({
      id: `dev_${index}` as DeviceId,
      roles: index === 0 ? (["hq"] as const) : (["till"] as const),
      signer: testSigner(index + 1),
    })),
  };
  const network = simNetwork(world, testRandom(seed));
  const relay = createSimRelay(world.crypto);
  const uplinks = network.nodes
    .slice(0, uplinksCount)
    .map((node) => startUplink(network, node, { relay }));
  return { clock, network, relay, uplinks, copy: undefined };
}

const sale: EntryDraft = {
  kind: "sale",
  businessDate: "2026-11-22" as BusinessDate,
  by: { staff: "staff_1" as StaffId },
  body: {},
};

type Act =
  | {
      readonly type: "commit" | "uplink" | "restart" | "forget" | "disconnect";
      readonly node: number;
    }
  | { readonly type: Happening };

type Happening = "publish" | "lan" | "wait" | "wipe" | "copy" | "restore";

const calm: fc.Arbitrary<Act> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ type: fc.constant("commit" as const), node: fc.nat(2) }) },
  { weight: 8, arbitrary: fc.record({ type: fc.constant("uplink" as const), node: fc.nat(1) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constantFrom("restart" as const, "forget" as const, "disconnect" as const),
      node: fc.nat(1),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constantFrom("publish" as const, "lan" as const, "wait" as const),
    }),
  },
);
const accident: fc.Arbitrary<Act> = fc.record({
  type: fc.constantFrom("wipe" as const, "copy" as const, "restore" as const),
});

async function act(shop: Shop, one: Act): Promise<void> {
  const { network } = shop;
  const uplink = "node" in one ? shop.uplinks[one.node] : undefined;
  const node = "node" in one ? network.nodes[one.node] : undefined;
  if (one.type === "commit") commitOn(network, node!, sale);
  if (one.type === "uplink") await uplinkSome(network, uplink!);
  if (one.type === "restart") {
    restart(network, node!);
    restartUplink(network, uplink!);
  }
  if (one.type === "forget") restartUplink(network, uplink!, { v: 1, lanes: {} });
  if (one.type === "disconnect") disconnect(uplink!);
  if (!("node" in one)) befall(shop, one.type);
}

function befall(shop: Shop, what: Happening): void {
  const { network, relay, clock } = shop;
  const [hq, till, other] = network.nodes as [SimNode, SimNode, SimNode];
  if (what === "publish") {
    publishOn(network, hq, { topic: "prices", items: [{ key: "k", value: 1 }] });
  }
  if (what === "lan") {
    exchangeSome(network, [other, till], 2_000);
    exchangeSome(network, [till, other], 2_000);
  }
  if (what === "wait") clock.advance(3_000);
  if (what === "wipe") wipeRelay(relay);
  if (what === "copy") shop.copy = copyRelay(relay);
  if (what === "restore" && shop.copy) restoreRelay(relay, shop.copy);
}

/** Everybody with everybody: till 2 over the LAN only. */
async function heal(shop: Shop): Promise<void> {
  const [, till, other] = shop.network.nodes as [SimNode, SimNode, SimNode];
  for (const uplink of shop.uplinks) disconnect(uplink);
  for (let round = 0; round < 3; round += 1) {
    for (let more = true; more;) {
      more = exchangeSome(shop.network, [other, till], 100_000);
      more = exchangeSome(shop.network, [till, other], 100_000) || more;
      for (const { state, disk } of [till, other]) finishSeals(state, disk);
    }
    await healOverRelay(shop.uplinks, shop.clock);
  }
}

/** Hashes of all entries that the relay's logs hold. */
async function entriesAt({ relay, network }: Shop): Promise<ReadonlySet<string>> {
  const { crypto } = network.world;
  const hashes = new Set<string>();
  for (const { envelopes } of relay.logs.values()) {
    for (const { bytes } of envelopes) {
      const read = readEnvelope(bytes, crypto);
      if (!read.ok) throw new Error("unreadable");
      const key = simKeyOf(network, `location/loc_sim`, 1);
      const options = { publicKey: new Uint8Array(32), crypto: { ...crypto, verify: () => true } };
      const plain = openEnvelope(read.value, { key, ...options });
      const bundle = plain.ok
        ? await decodeBundle(plain.value, { crypto, compression: asItIs })
        : plain;
      if (!bundle.ok) continue;
      for (const item of bundle.value.items) {
        const texts =
          item.type === "entries" ? item.texts : item.type === "part" ? item.text.split("\n") : [];
        for (const text of texts) hashes.add(hashOfSignedText("entry", text, crypto));
      }
    }
  }
  return hashes;
}

/** Whatever a replica says of how far its entries have got is so. */
async function checkHorizon(shop: Shop): Promise<void> {
  const { nodes } = shop.network;
  const atRelay = await entriesAt(shop);
  const held = nodes.map(({ state }) => new Set(heldBy(state).map(({ hash }) => hash)));
  for (const { state, device } of nodes) {
    for (const { entry, hash } of heldBy(state)) {
      const horizon = horizonOf(state, entry);
      const place = `${device.id} of ${entry.device}/${entry.incarnation}/${entry.sequence}`;
      if (horizon.relay) expect(atRelay.has(hash), `${place}: at the relay`).toBe(true);
      if (horizon.hq) expect(held[0]!.has(hash), `${place}: at HQ`).toBe(true);
      for (const peer of horizon.peers) {
        const index = nodes.findIndex((node) => node.device.id === (peer as DeviceId));
        expect(held[index]!.has(hash), `${place}: at ${peer}`).toBe(true);
      }
    }
  }
}

function checkAgreed({ network, uplinks }: Shop): void {
  const views = network.nodes.map(({ state }) => viewOf(state));
  for (const view of views) expect(JSON.parse(view)).toEqual(JSON.parse(views[0]!));
  for (const node of network.nodes) {
    checkNode(network, node);
    checkReload(network, node);
  }
  for (const { node } of uplinks.slice(1)) {
    for (const { entry } of heldBy(node.state)) {
      if (entry.device !== node.device.id) continue;
      const horizon = horizonOf(node.state, entry);
      expect(horizon, `${entry.sequence}`).toMatchObject({ hq: true });
    }
  }
}

const seed = fc.nat(10_000);

describe("the uplink over a relay that may lose everything (UL)", () => {
  test("[UL1] entries and publications pass through the relay, and each step of the horizon is claimed", async () => {
    const shop = open(1);
    const [hq, till] = shop.network.nodes as [SimNode, SimNode];
    for (let n = 0; n < 20; n += 1) commitOn(shop.network, till, sale);
    publishOn(shop.network, hq, { topic: "prices", items: [{ key: "k", value: 1 }] });
    await heal(shop);
    checkAgreed(shop);
    await checkHorizon(shop);
    for (const { entry } of heldBy(till.state)) {
      if (entry.device !== till.device.id) continue;
      expect(horizonOf(till.state, entry)).toMatchObject({ relay: true, hq: true });
    }
    for (const { state } of shop.network.nodes) expect(state.exceptions).toEqual([]);
  });

  test("[UL2] with envelopes, answers and processes lost all agree in the end, nothing is claimed falsely, and no relay is blamed", async () => {
    await fc.assert(
      fc.asyncProperty(
        seed,
        fc.array(calm, { minLength: 10, maxLength: 60, size: "max" }),
        async (number, acts) => {
          const shop = open(number);
          for (const one of acts) {
            await act(shop, one);
            await checkHorizon(shop);
          }
          await heal(shop);
          checkAgreed(shop);
          await checkHorizon(shop);
          for (const { state } of shop.network.nodes) expect(state.exceptions).toEqual([]);
        },
      ),
      { numRuns: 25 },
    );
  });

  test("[UL3] a relay that was wiped or set back is found out, and what it lost is published again", async () => {
    const any = fc.oneof({ weight: 8, arbitrary: calm }, { weight: 1, arbitrary: accident });
    await fc.assert(
      fc.asyncProperty(
        seed,
        fc.array(any, { minLength: 10, maxLength: 70, size: "max" }),
        async (number, acts) => {
          const shop = open(number);
          for (const one of acts) await act(shop, one);
          await heal(shop);
          checkAgreed(shop);
          await checkHorizon(shop);
        },
      ),
      { numRuns: 25 },
    );
  });

  test("[UL11] a relay that shows an envelope twice, or not at all, is told on; what it shows is taken once", async () => {
    const shop = open(4);
    const [hq, till] = shop.network.nodes as [SimNode, SimNode];
    for (let n = 0; n < 4; n += 1) {
      commitOn(shop.network, till, sale);
      await uplinkAll(shop.uplinks[1]!);
    }
    await uplinkAll(shop.uplinks[0]!);
    replayIn(shop.relay, 0);
    commitOn(shop.network, till, sale);
    await heal(shop);
    checkAgreed(shop);
    const told = hq.state.exceptions.map(({ type }) => type);
    expect(told).toContain("RelayReplay");
    // The next one it keeps to itself.
    commitOn(shop.network, till, sale);
    const log = [...shop.relay.logs.values()].find(({ envelopes }) => envelopes.length > 4);
    const before = log!.envelopes.length;
    await uplinkAll(shop.uplinks[1]!);
    expect(log!.envelopes.splice(before, 1)).toHaveLength(1);
    commitOn(shop.network, till, sale);
    await uplinkAll(shop.uplinks[1]!);
    await uplinkAll(shop.uplinks[0]!);
    expect(hq.state.exceptions.map(({ type }) => type)).toContain("RelayGap");
  });

  test("[UL4] any uplink serves the shop: a till without one reaches HQ through its neighbour", async () => {
    const shop = open(2);
    const [hq, till, other] = shop.network.nodes as [SimNode, SimNode, SimNode];
    for (let n = 0; n < 9; n += 1) commitOn(shop.network, other, sale);
    exchangeSome(shop.network, [other, till], 100_000);
    await uplinkAll(shop.uplinks[1]!);
    await uplinkAll(shop.uplinks[0]!);
    expect(heldBy(hq.state).some(({ entry }) => entry.device === other.device.id)).toBe(false);
    await heal(shop);
    checkAgreed(shop);
  });
});
