/** An enrolled till that turned bad, with the channel's keys in hand, against its shop. */

import type {
  BusinessDate,
  DeviceId,
  Entry,
  EntryDraft,
  LocationId,
  StaffId,
} from "@tillmesh/kernel";
import { testClock, testCrypto, testRandom, testSigner } from "@tillmesh/kernel/testing";
import { beforeEach, describe, expect, test } from "vitest";
import { signFact } from "../documents/signed-text.ts";
import { encodeBundle, type SeenPosition } from "../relay-protocol/bundle.ts";
import type { BundleItem } from "../relay-protocol/bundle-item.ts";
import { channelId, type ChannelName } from "../relay-protocol/channel.ts";
import { sealEnvelope } from "../relay-protocol/envelope.ts";
import type { Lane } from "../relay-protocol/frame.ts";
import { horizonOf } from "../replica/horizon.ts";
import { heldBy } from "../testing/sim-app.ts";
import {
  commitOn,
  exchangeSome,
  simNetwork,
  viewOf,
  type SimNetwork,
  type SimNode,
} from "../testing/sim-network.ts";
import { createSimRelay, publishTo, type SimRelay } from "../testing/sim-relay.ts";
import { smallLimits } from "../testing/sim-replica.ts";
import {
  asItIs,
  healOverRelay,
  simKeyOf,
  startUplink,
  uplinkAll,
  type SimUplink,
} from "../testing/sim-uplink.ts";
import { signHeld } from "./held.ts";

const clock = testClock(Date.parse("2026-11-22T08:00:00Z"));
let network: SimNetwork;
let relay: SimRelay;
let uplinks: readonly SimUplink[];
let hq: SimNode;
let till: SimNode;
let rogue: SimNode;
/** A till without an uplink. */
let neighbour: SimNode;
let sequence: number;

beforeEach(async () => {
  const world = {
    crypto: testCrypto(5),
    clock,
    limits: smallLimits(6),
    devices: [0, 1, 2, 3].map((index) => ({
      id: `dev_${index}` as DeviceId,
      roles: index === 0 ? (["hq"] as const) : (["till"] as const),
      signer: testSigner(index + 1),
    })),
  };
  network = simNetwork(world, testRandom(5));
  relay = createSimRelay(world.crypto);
  [hq, till, rogue, neighbour] = network.nodes as [SimNode, SimNode, SimNode, SimNode];
  uplinks = [hq, till].map((node) => startUplink(network, node, { relay }));
  sequence = 0;
  for (let n = 0; n < 9; n += 1) commitOn(network, till, sale);
  await healOverRelay(uplinks, clock);
});

const shop: ChannelName = `location/${"loc_sim" as LocationId}`;
const sale: EntryDraft = {
  kind: "sale",
  businessDate: "2026-11-22" as BusinessDate,
  by: { staff: "staff_1" as StaffId },
  body: {},
};

/** The rogue's genuine envelope, with whatever it likes inside. */
async function send(
  items: readonly BundleItem[],
  { channel = shop, lane = 1, seen = [] }: SendOptions = {},
): Promise<void> {
  const { crypto } = network.world;
  const plaintext = await encodeBundle({ seen, items }, { crypto, compression: asItIs }, "live");
  sequence += 1;
  const envelope = sealEnvelope(
    {
      version: 1,
      channel: channelId("org_sim", channel, crypto),
      lane,
      publisher: rogue.device.id,
      run: crypto.randomBytes(8),
      sequence: 1,
      previous: new Uint8Array(32),
      epoch: 1,
      nonce: crypto.randomBytes(24),
    },
    plaintext,
    { key: simKeyOf(network, channel, 1), signer: rogue.device.signer, crypto },
  );
  publishTo(relay, envelope.bytes);
}

interface SendOptions {
  readonly channel?: ChannelName;
  readonly lane?: Lane;
  readonly seen?: readonly SeenPosition[];
}

/** Texts of the till's open part, and the entry that its ledger ends in. */
function tillsTexts(): {
  readonly document: string;
  readonly texts: readonly string[];
  readonly last: Entry;
  readonly hash: string;
} {
  const { part } = till.state.own!;
  const last = part.nodes.at(-1)!.signed;
  return {
    document: `ledger/dev_1/1/${part.name.part}`,
    texts: part.nodes.map(({ signed }) => signed.text),
    last: last.fact,
    hash: last.hash,
  };
}

/** The honest go on, agree, and know it; nothing of what they had is another. */
async function expectUnharmed(before: ReadonlySet<string>): Promise<void> {
  commitOn(network, till, sale);
  await healOverRelay(uplinks, clock);
  const ofTill = ({ state }: SimNode) =>
    heldBy(state).filter(({ entry }) => entry.device === till.device.id);
  expect(ofTill(hq).map(({ hash, flags }) => [hash, ...flags])).toEqual(
    ofTill(till).map(({ hash, flags }) => [hash, ...flags]),
  );
  for (const hash of before) expect(ofTill(hq).some((one) => one.hash === hash)).toBe(true);
  expect(ofTill(hq).every(({ flags }) => flags.length === 0)).toBe(true);
  for (const { entry } of ofTill(till)) {
    expect(horizonOf(till.state, entry), `${entry.sequence}`).toMatchObject({
      relay: true,
      hq: true,
    });
  }
}

const hashesOfTill = (): ReadonlySet<string> =>
  new Set(
    heldBy(till.state)
      .filter(({ entry }) => entry.device === till.device.id)
      .map(({ hash }) => hash),
  );

describe("a rogue till over the relay (RG)", () => {
  test("[RG1] an entry in another's ledger, genuine in form, is refused and told", async () => {
    const { document, texts, last, hash } = tillsTexts();
    const forged = { ...last, sequence: last.sequence + 1, previous: hash };
    const { text } = signFact("entry", forged, {
      signer: rogue.device.signer,
      crypto: network.world.crypto,
    });
    const before = hashesOfTill();
    await send([{ type: "entries", document, texts: [...texts, text] }]);
    await expectUnharmed(before);
    expect(hq.state.exceptions).toMatchObject([
      { type: "RefusedChange", peer: "dev_2", reason: "BadSignature" },
    ]);
  });

  test("[RG2] a genuine fact under a spoilt signature neither counts nor keeps the genuine one away", async () => {
    for (let n = 0; n < 3; n += 1) commitOn(network, neighbour, sale);
    exchangeSome(network, [neighbour, till], 100_000);
    const { part } = neighbour.state.own!;
    const texts = part.nodes.map(({ signed }) => signed.text);
    const spoilt = texts.map((text) => text.replace(/"signature":"..../, '"signature":"AAAA'));
    const before = hashesOfTill();
    await send([{ type: "entries", document: "ledger/dev_3/1/1", texts: spoilt }]);
    await expectUnharmed(before);
    const ofNeighbour = heldBy(hq.state).filter(
      ({ entry }) => entry.device === neighbour.device.id,
    );
    expect(ofNeighbour).toHaveLength(texts.length);
  });

  test("[RG3] a cut part of another's ledger makes no fork of it", async () => {
    const sealed = [...till.state.ledgers.get("dev_1/1")!.sealed.values()][0]!;
    const lines = till.state.ports.sealed.read(sealed)!.split("\n").slice(0, -1);
    const text = lines.join("\n");
    const sha256 = Buffer.from(
      network.world.crypto.sha256(new TextEncoder().encode(text)),
    ).toString("hex");
    const before = hashesOfTill();
    const place = { device: "dev_1", incarnation: 1, part: 1, sha256, firstSequence: 1 };
    await send([{ type: "part", ...place, lastSequence: lines.length, text }], { lane: 3 });
    await expectUnharmed(before);
  });

  test("[RG4] what HQ alone may say changes nothing: publications, its word on what it holds, keys", async () => {
    const before = hashesOfTill();
    const view = viewOf(hq.state);
    const forged = signHeld(rogue.state, [
      { device: "dev_1", incarnation: 1, sequence: 99, hash: "a".repeat(64) },
    ]);
    const word = { ...forged, summary: { ...forged.summary, device: "dev_0" } };
    await send([
      word,
      { type: "keys", epoch: 9, grants: [{ device: "dev_1", covers: "", box: "AA" }] },
    ]);
    await send([{ type: "publications", document: "publications/prices/1", texts: ["{}"] }]);
    for (const channel of ["org", "control"] as const) {
      await send([{ type: "certificate", chain: ["dev_2"] }], { channel, lane: 0 });
    }
    await healOverRelay(uplinks, clock);
    expect(viewOf(hq.state)).toBe(view);
    await expectUnharmed(before);
    const told = hq.state.exceptions.map((one) =>
      "facts" in one ? { type: one.type, ...one.facts } : one,
    );
    expect(told).toContainEqual(
      expect.objectContaining({
        type: "RelayUnreadable",
        publisher: "dev_2",
        reason: "NotEntitled",
      }),
    );
  });

  test("[RG5] wishes without end are heard now and then only", async () => {
    const before = hashesOfTill();
    const stored = [...relay.logs.values()].reduce(
      (sum, { envelopes }) => sum + envelopes.length,
      0,
    );
    for (let n = 0; n < 50; n += 1) {
      await send([
        { type: "want", what: [{ what: "ledger", device: "dev_1", incarnation: 1, after: 0 }] },
      ]);
    }
    for (let round = 0; round < 8; round += 1) {
      for (const uplink of uplinks) await uplinkAll(uplink);
      clock.advance(1_000);
    }
    const after = [...relay.logs.values()].reduce(
      (sum, { envelopes }) => sum + envelopes.length,
      0,
    );
    expect(after - stored - 50).toBeLessThan(6);
    await expectUnharmed(before);
  });

  test("[RG6] whom it accuses of an omission is told with its name; bytes that say nothing are passed over", async () => {
    const before = hashesOfTill();
    const seen = [{ publisher: "dev_1", run: "AAAAAAAAAAA", lane: 1, sequence: 7 }];
    await send([{ type: "unknown", item: { type: "later", x: 1 } }], { seen });
    await expectUnharmed(before);
    expect(hq.state.exceptions).toContainEqual(
      expect.objectContaining({
        type: "RelayOmission",
        facts: { publisher: "dev_1", sequence: 7, by: "dev_2" },
      }),
    );
  });

  test("[RG7] its own endless ledger is its own affair", async () => {
    const before = hashesOfTill();
    for (let n = 0; n < 40; n += 1) commitOn(network, rogue, sale);
    const own = startUplink(network, rogue, { relay });
    await healOverRelay([...uplinks, own], clock);
    await expectUnharmed(before);
  });
});
