import { utf8 } from "@tillmesh/kernel";
import { nodeCrypto } from "@tillmesh/kernel/node";
import {
  channelId,
  refusalCodes,
  refusedWhat,
  signStatement,
  type ChannelName,
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
  say,
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

function from(address: string) {
  return { headers: { "x-forwarded-for": `1.2.3.4, ${address}` } };
}

describe("limits (SV)", () => {
  test("[SV5] beyond its quota a device is refused, and what it held stays", async () => {
    const { url, store: logs } = await start({ quotas: { deviceBytes: 3_000 } });
    const client = await connect(url, till);
    const chain = startChain(till, home());
    await store(client, chain, "x".repeat(2_000));
    publish(client, nextEnvelope(chain, utf8("y".repeat(2_000))));
    expect(await client.next("refused")).toMatchObject({
      number: 1,
      what: refusedWhat.publish,
      code: refusalCodes.deviceQuota.code,
    });
    const usage = await logs.usage(organisation.id);
    expect(usage.ok && usage.value.envelopes).toBe(1);
  });

  test("[SV5] an organisation beyond its quota is refused, whichever device", async () => {
    const { url } = await start({ quotas: { organisationBytes: 3_000 } });
    const client = await connect(url, till);
    await store(client, startChain(till, home()), "x".repeat(2_000));
    const other = await connect(url, hq);
    publish(other, nextEnvelope(startChain(hq, "org"), utf8("y".repeat(2_000))));
    expect(await other.next("refused")).toMatchObject({
      code: refusalCodes.organisationQuota.code,
    });
  });

  test("[SV6] more than its credit, more frames than allowed: closed", async () => {
    const { url } = await start({ limits: { framesPerSecond: 10, windowBytes: 8_192 } });
    const greedy = await connect(url, till);
    publish(greedy, nextEnvelope(startChain(till, home()), new Uint8Array(20_000)));
    expect((await greedy.closed).code).toBe(4_400);
    const flood = await connect(url, till);
    for (let number = 0; number < 200; number += 1) flood.send({ type: "list", number });
    expect((await flood.closed).code).toBe(4_429);
  });

  test("[SV6] connections per address and per organisation, handshakes per second", async () => {
    const { url } = await start({ limits: { connectionsPerAddressMax: 2 } });
    await connect(url, till);
    await connect(url, hq);
    await expect(connect(url, till)).rejects.toThrow("429");
    const second = await start({ limits: { connectionsPerOrganisationMax: 1 } });
    await connect(second.url, till);
    const late = connect(second.url, hq);
    await expect(late).rejects.toThrow("4429");
    const third = await start({ limits: { handshakesPerSecond: 1 } });
    await connect(third.url, till);
    await connect(third.url, till);
    await expect(connect(third.url, till)).rejects.toThrow("429");
  });

  test("[SV6] behind a proxy that is trusted, addresses are what it says", async () => {
    const limits = { connectionsPerAddressMax: 1 };
    const { url } = await start({ limits, proxies: ["127.0.0.1"] });
    await connect(url, till, from("10.0.0.1"));
    await connect(url, hq, from("10.0.0.2"));
    await expect(connect(url, hq, from("10.0.0.2"))).rejects.toThrow("429");
    const direct = await start({ limits });
    await connect(direct.url, till, from("10.0.0.1"));
    await expect(connect(direct.url, hq, from("10.0.0.2"))).rejects.toThrow("429");
  });

  test("[SV6] an envelope that never ends costs what was sent of it, and the largest goes first", async () => {
    const { url, http } = await start({ limits: { assemblingMaxBytes: 40_000 } });
    const patient = await connect(url, hq);
    const greedy = await connect(url, till);
    patient.send({
      type: "publish",
      stream: 0,
      offset: 0,
      size: 4_000_000,
      data: new Uint8Array(100),
    });
    for (let offset = 0; offset < 45_056; offset += 4_096) {
      greedy.send({
        type: "publish",
        stream: 0,
        offset,
        size: 4_000_000,
        data: new Uint8Array(4_096),
      });
    }
    expect((await greedy.closed).code).toBe(4_408);
    const metrics = await (await fetch(`${http}/metrics`)).text();
    expect(metrics).toMatch(/^tillmesh_relay_assembling_bytes 100$/m);
  });

  test("[SV7] a newer connection of the same device replaces the older", async () => {
    const { url } = await start();
    const older = await connect(url, till);
    const newer = await connect(url, till);
    expect((await older.closed).code).toBe(4_409);
    await store(newer, startChain(till, home()), "a");
  });
  test("[SV6] a device that publishes faster than allowed gets its credit later", async () => {
    const limits = { publishBytesPerSecond: 20_000, windowBytes: 8_192 };
    const { url } = await start({ limits });
    const client = await connect(url, till);
    const chain = startChain(till, home());
    const startedMs = performance.now();
    for (let through = 8_192, sent = 0; sent < 32_000; sent += 4_000) {
      while (through < sent + 4_200) ({ through } = await client.next("credit"));
      await store(client, chain, "x".repeat(3_800));
    }
    // 20,000 at once, the rest at 20,000 a second.
    expect(performance.now() - startedMs).toBeGreaterThan(200);
  });

  test("[RX5] a peer that is silent, even to pings, is closed", async () => {
    const { url } = await start({ limits: { pingMs: 50, silenceMaxMs: 200 } });
    const alive = await connect(url, till);
    const silent = await connect(url, hq, { autoPong: false });
    await silent.closed;
    expect(alive.socket.readyState).toBe(alive.socket.OPEN);
    await store(alive, startChain(till, home()), "a");
  });
});

describe("statements (SV)", () => {
  test("[SV8] a revocation cuts the device off at once and keeps it out, with the statement", async () => {
    const { url } = await start();
    const lost = await organisation.device();
    const cut = await connect(url, lost);
    const chief = await connect(url, hq);
    const body = { type: "revocation", organisation: organisation.id, device: lost.id } as const;
    await say(chief, body, hq);
    const { code, bye } = await cut.closed;
    expect(code).toBe(4_403);
    expect(bye?.statement.length).toBeGreaterThan(100);
    await expect(connect(url, lost)).rejects.toThrow("4403");
  });

  test("[SV8] only HQ's word counts, of the same organisation, and not after it was revoked", async () => {
    const { url } = await start();
    const other = await sampleOrganisation();
    const stranger = await other.device({ roles: ["hq"] });
    const gone = await organisation.device({ roles: ["hq"] });
    const client = await connect(url, till);
    await say(client, { type: "revocation", organisation: organisation.id, device: gone.id }, hq);
    const body = { type: "revocation", organisation: organisation.id, device: hq.id } as const;
    for (const [number, { signer, certificates }] of [till, stranger, gone].entries()) {
      client.send({
        type: "statement",
        number,
        bytes: signStatement(body, { signer, certificates }),
      });
      expect(await client.next("refused")).toMatchObject({
        number,
        what: refusedWhat.statement,
        code: refusalCodes.forbidden.code,
      });
    }
    const forged = signStatement(body, { signer: till.signer, certificates: hq.certificates });
    client.send({ type: "statement", number: 9, bytes: forged });
    expect(await client.next("refused")).toMatchObject({ number: 9 });
    await connect(url, hq);
  });

  test("[SV9] a release lets go of log; whoever stands behind it begins at the first", async () => {
    const { url } = await start();
    const client = await connect(url, till);
    const chain = startChain(till, home());
    const place = await store(client, chain, "a");
    for (const text of ["b", "c"]) await store(client, chain, text);
    const chief = await connect(url, hq);
    const channel = channelId(organisation.id, home(), crypto);
    const { log } = place;
    await say(
      chief,
      {
        type: "release",
        organisation: organisation.id,
        channel,
        lane: 1,
        log,
        offset: 2,
      },
      hq,
    );
    const { subscribed, next } = await read(chief, hq, { channel: home() });
    expect([subscribed.first, subscribed.next, subscribed.from]).toEqual([2, 3, 2]);
    expect((await next()).at).toBe(2);
  });
});
