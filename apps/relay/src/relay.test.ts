import { utf8 } from "@tillmesh/kernel";
import { nodeCrypto } from "@tillmesh/kernel/node";
import {
  channelId,
  refusalCodes,
  storedBytes,
  windowSizeBytes,
  type ChannelName,
  type StoredItem,
} from "@tillmesh/sync-engine/relay-protocol";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  connect,
  nextEnvelope,
  publish,
  read,
  sampleOrganisation,
  startChain,
  startTestRelay,
  store,
  type OrganisationDevice,
  type SampleOrganisation,
  type TestRelay,
  type TestRelayOptions,
} from "./testing/index.ts";

const crypto = nodeCrypto();
let organisation: SampleOrganisation;
let till: OrganisationDevice;
let hq: OrganisationDevice;
const running: TestRelay[] = [];

beforeAll(async () => {
  organisation = await sampleOrganisation();
  till = await organisation.device();
  hq = await organisation.device({ roles: ["hq"] });
});

afterEach(async () => {
  for (const relay of running.splice(0)) await relay.dispose();
});

async function start(options: Partial<TestRelayOptions> = {}): Promise<TestRelay> {
  const relay = await startTestRelay({ trust: [organisation], ...options });
  running.push(relay);
  return relay;
}

function home({ location }: OrganisationDevice = till): ChannelName {
  return `location/${location}` as ChannelName;
}

describe("publishing and reading (SV)", () => {
  test("[SV1] what a till publishes is stored, signed for by the relay, and delivered to HQ", async () => {
    const { url } = await start();
    const from = await connect(url, till);
    const to = await connect(url, hq);
    const reading = await read(to, hq, { channel: home() });
    const { first, next, from: begin, log } = reading.subscribed;
    expect([first, next, begin]).toEqual([0, 0, 0]);
    const chain = startChain(till, home());
    const envelopes = ["a", "b".repeat(10_000), "c"].map((text) => nextEnvelope(chain, utf8(text)));
    for (const envelope of envelopes) publish(from, envelope);
    const items: StoredItem[] = [];
    while (items.length < 3) {
      const stored = await from.next("stored");
      const facts = stored.items.map((item) => ({ ...item, hash: envelopes[item.stream]!.hash }));
      const { relayKey } = from.challenge();
      expect(crypto.verify(relayKey, storedBytes(facts), stored.signature)).toBe(true);
      items.push(...stored.items);
    }
    expect(items.map(({ offset }) => offset)).toEqual([0, 1, 2]);
    expect(items.every((item) => Buffer.compare(item.log, log) === 0)).toBe(true);
    for (const [at, envelope] of envelopes.entries()) {
      expect(await reading.next()).toEqual({ at, bytes: new Uint8Array(envelope.bytes) });
    }
  });

  test("[SV1] a duplicate gets its old place, another envelope there is a fork", async () => {
    const { url } = await start();
    const client = await connect(url, till);
    const chain = startChain(till, home());
    const envelope = nextEnvelope(chain, utf8("a"));
    for (const stream of [0, 1]) {
      publish(client, envelope);
      expect((await client.next("stored")).items).toMatchObject([{ stream, offset: 0 }]);
    }
    publish(client, nextEnvelope({ ...chain, sequence: 0 }, utf8("b")));
    expect(await client.next("refused")).toMatchObject({ number: 2, code: refusalCodes.fork.code });
  });

  test("[SV2] a reader goes on where it stood; one with another past begins at the first", async () => {
    const { url } = await start();
    const client = await connect(url, till);
    const chain = startChain(till, home());
    const places = [];
    const hashes = [];
    for (const text of ["a", "b", "c"]) {
      places.push(await store(client, chain, text));
      hashes.push(chain.previous);
    }
    const log = places[0]!.log;
    const froms = [];
    for (const after of [
      undefined,
      { log, offset: 2, hash: hashes[1]! },
      { log, offset: 3, hash: hashes[2]! },
      { log, offset: 2, hash: hashes[0]! },
      { log: new Uint8Array(16), offset: 2, hash: hashes[1]! },
      { log, offset: 9, hash: hashes[2]! },
    ]) {
      const reader = await connect(url, hq);
      const { subscribed } = await read(reader, hq, {
        channel: home(),
        ...(after ? { after } : {}),
      });
      froms.push(subscribed.from);
    }
    expect(froms).toEqual([0, 2, 3, 0, 0, 0]);
  });

  test("[SV2] HQ lists the channels; a till gets no answer", async () => {
    const { url } = await start();
    const client = await connect(url, till);
    await store(client, startChain(till, home()), "a");
    await store(client, startChain(till, "hq"), "b");
    const reader = await connect(url, hq);
    reader.send({ type: "list", number: 7 });
    const { channels, number } = await reader.next("channels");
    const expected = [home(), "hq" as const].map((name) =>
      channelId(organisation.id, name, crypto),
    );
    expect(number).toBe(7);
    expect(channels.map((id) => Buffer.from(id).toString("hex"))).toEqual(
      expected.map((id) => Buffer.from(id).toString("hex")).toSorted(),
    );
    client.send({ type: "list", number: 8 });
    await store(client, startChain(till, "hq"), "c");
    expect(client.waiting().map(({ type }) => type)).not.toContain("channels");
  });

  test("[SV3] an urgent envelope overtakes a long one on its way out", async () => {
    const { url } = await start();
    const client = await connect(url, till);
    const reader = await connect(url, hq);
    const channel = channelId(organisation.id, home(), crypto);
    reader.send({ type: "subscribe", subscription: 1, channel, lane: 3, after: undefined });
    reader.send({ type: "subscribe", subscription: 2, channel, lane: 0, after: undefined });
    await reader.next("subscribed");
    await reader.next("subscribed");
    const long = nextEnvelope(startChain(till, home(), 3), new Uint8Array(200_000));
    publish(client, long);
    // No credit: of the long one only a little may be under way.
    let taken = (await reader.next("deliver")).data.length;
    publish(client, nextEnvelope(startChain(till, home(), 0), utf8("now")));
    const deliverNext = async (): Promise<number> => {
      const { subscription, data } = await reader.next("deliver");
      taken += data.length;
      return subscription;
    };
    while ((await deliverNext()) !== 2);
    expect(taken).toBeLessThan(20_000);
    while (taken < long.bytes.length) {
      reader.send({ type: "credit", through: taken + windowSizeBytes });
      await deliverNext();
    }
  });

  test("[SV4] a reader that gives no credit gets a window, and no more is read for it", async () => {
    const { url } = await start();
    const client = await connect(url, till);
    const reader = await connect(url, hq);
    const channel = channelId(organisation.id, home(), crypto);
    reader.send({ type: "subscribe", subscription: 1, channel, lane: 1, after: undefined });
    await reader.next("subscribed");
    const chain = startChain(till, home());
    for (let stream = 0; stream < 20; stream += 1) await store(client, chain, "x".repeat(50_000));
    const bytes = reader
      .waiting()
      .reduce((sum, frame) => sum + (frame.type === "deliver" ? frame.data.length : 0), 0);
    expect(bytes).toBeGreaterThan(0);
    expect(bytes).toBeLessThanOrEqual(262_144);
  });
});

describe("its end, and what it shows (SV)", () => {
  test("[SV10] told to stop it answers what was sent, says so, and takes nobody", async () => {
    const { url, relay, http } = await start();
    const client = await connect(url, till);
    const chain = startChain(till, home());
    for (let stream = 0; stream < 50; stream += 1) publish(client, nextEnvelope(chain, utf8("a")));
    await client.next("stored");
    const stopping = relay.stop();
    const { code } = await client.closed;
    expect(code).toBe(4_453);
    await stopping;
    await expect(fetch(`${http}/readyz`)).rejects.toThrow("fetch failed");
    await expect(connect(url, till)).rejects.toThrow("ECONNREFUSED");
  });

  test("[SV11] health, readiness and metrics", async () => {
    const { url, http } = await start();
    const client = await connect(url, till);
    await store(client, startChain(till, home()), "a");
    for (const page of ["healthz", "readyz"]) {
      const answer = await fetch(`${http}/${page}`);
      expect([answer.status, await answer.text()]).toEqual([200, "ok\n"]);
    }
    const text = await (await fetch(`${http}/metrics`)).text();
    for (const line of [
      /^tillmesh_relay_envelopes_stored_total 1$/m,
      /^tillmesh_relay_welcomes_total 1$/m,
      /^tillmesh_relay_connections 1$/m,
      /^tillmesh_relay_append_seconds_count 1$/m,
      /^tillmesh_relay_append_seconds_bucket\{le="\+Inf"\} 1$/m,
      /^tillmesh_relay_store_segments 1$/m,
    ]) {
      expect(text).toMatch(line);
    }
    expect((await fetch(`${http}/other`)).status).toBe(404);
    expect((await fetch(`${http}/metrics`, { method: "POST" })).status).toBe(404);
  });
});
