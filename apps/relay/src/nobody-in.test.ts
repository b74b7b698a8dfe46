import { utf8 } from "@tillmesh/kernel";
import { nodeCrypto } from "@tillmesh/kernel/node";
import {
  channelId,
  encodeClientFrame,
  proofBytes,
  refusalCodes,
  type ChannelName,
} from "@tillmesh/sync-engine/relay-protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  connect,
  dial,
  helloOf,
  nextEnvelope,
  publish,
  sampleOrganisation,
  say,
  startChain,
  startTestRelay,
  store,
  type OrganisationDevice,
  type RelayClient,
  type SampleOrganisation,
  type TestRelay,
} from "./testing/index.ts";

const crypto = nodeCrypto();
let organisation: SampleOrganisation;
let till: OrganisationDevice;
let hq: OrganisationDevice;
let relay: TestRelay;

beforeAll(async () => {
  organisation = await sampleOrganisation();
  till = await organisation.device();
  hq = await organisation.device({ roles: ["hq"] });
  relay = await startTestRelay({ trust: [organisation], limits: { handshakeMaxMs: 300 } });
});

afterAll(async () => {
  await relay.dispose();
});

function home({ location }: OrganisationDevice = till): ChannelName {
  return `location/${location}` as ChannelName;
}

/** What frames came before the connection was closed. */
async function told(client: RelayClient): Promise<readonly string[]> {
  const { code } = await client.closed;
  return [...client.waiting().map(({ type }) => type), `${code}`];
}

async function held(): Promise<number> {
  const usage = await relay.store.usage(organisation.id);
  return usage.ok ? usage.value.envelopes : -1;
}

test("[SV20] before welcome nothing is taken: whatever comes closes the connection", async () => {
  const before = await held();
  const envelope = nextEnvelope(startChain(till, home()), utf8("a"));
  const data = envelope.bytes;
  const frames = [
    encodeClientFrame({ type: "publish", stream: 0, offset: 0, size: data.length, data }),
    encodeClientFrame({ type: "list", number: 1 }),
    encodeClientFrame({ type: "proof", signature: new Uint8Array(64) }),
    Uint8Array.of(99),
  ];
  for (const frame of frames) {
    const client = await dial(relay.url);
    client.sendRaw(frame);
    expect(await told(client)).toEqual(["bye", "4400"]);
  }
  const impatient = await dial(relay.url);
  impatient.sendRaw(helloOf(till));
  for (const frame of frames.slice(0, 1)) impatient.sendRaw(frame);
  expect(await told(impatient)).toEqual(["challenge", "bye", "4400"]);
  expect(await held()).toBe(before);
});

test("[SV20] whoever says nothing is closed after a while", async () => {
  const silent = await dial(relay.url);
  const half = await dial(relay.url);
  half.sendRaw(helloOf(till));
  expect(await told(silent)).toEqual(["bye", "4401"]);
  expect(await told(half)).toEqual(["challenge", "bye", "4401"]);
});

test("[SV21] another organisation, another CA, expired, not yet valid, forged: not let in", async () => {
  const other = await sampleOrganisation();
  const dayMs = 86_400_000;
  const strangers = [
    await other.device(),
    // Our organisation's id with their certificate.
    { ...(await other.device()), organisation: organisation.id },
    await organisation.device({ issuedMs: Date.now() - 100 * dayMs, validDays: 10 }),
    await organisation.device({ issuedMs: Date.now() + 100 * dayMs }),
    // Somebody's certificate without the key.
    { ...till, signer: (await organisation.device()).signer },
    { ...till, certificates: [] },
    { ...till, certificates: [...till.certificates, ...till.certificates] },
    { ...till, certificates: [crypto.randomBytes(600)] },
  ];
  for (const stranger of strangers) {
    await expect(connect(relay.url, stranger)).rejects.toThrow("4401");
  }
});

test("[SV22] a proof is for one connection: replayed, or for another challenge, it is worth nothing", async () => {
  const honest = await dial(relay.url);
  const hello = helloOf(till);
  honest.sendRaw(hello);
  await honest.next("challenge");
  const first = { hello, challenge: honest.challenge().bytes };
  const proof = encodeClientFrame({
    type: "proof",
    signature: till.signer.sign(proofBytes(first, crypto)),
  });
  const replay = await dial(relay.url);
  replay.sendRaw(hello);
  await replay.next("challenge");
  replay.sendRaw(proof);
  expect((await replay.closed).code).toBe(4_401);
  honest.sendRaw(proof);
  await honest.next("welcome");
  await honest.close();
});

test("[SV23] a version that the relay does not speak is told so, and nothing is talked down", async () => {
  for (const version of [0, 2, 255]) {
    const client = await dial(relay.url);
    client.sendRaw(helloOf(till).with(1, version));
    expect(await told(client)).toEqual(["bye", "4405"]);
  }
  // The version stands in what both sign: changed on the way, the proof is wrong.
  const client = await dial(relay.url);
  const hello = helloOf(till);
  client.sendRaw(hello);
  await client.next("challenge");
  const first = { hello: hello.with(1, 2), challenge: client.challenge().bytes };
  client.send({ type: "proof", signature: till.signer.sign(proofBytes(first, crypto)) });
  expect((await client.closed).code).toBe(4_401);
});

test("[SV24] a till reads org, control and its location, writes hq and its location, and nothing else", async () => {
  const elsewhere = await organisation.device({ location: "loc_elsewhere" });
  const client = await connect(relay.url, till);
  const before = await held();
  const names = ["org", "control", "hq", home(), home(elsewhere)] as const;
  for (const [subscription, name] of names.entries()) {
    const channel = channelId(organisation.id, name, crypto);
    client.send({ type: "subscribe", subscription, channel, lane: 1, after: undefined });
  }
  const taken = [];
  for (let left = 3; left > 0; left -= 1)
    taken.push((await client.next("subscribed")).subscription);
  expect(taken.toSorted((a, b) => a - b)).toEqual([0, 1, 3]);
  for (const number of [2, 4]) {
    const code = refusalCodes.forbidden.code;
    expect(await client.next("refused")).toMatchObject({ number, code });
  }
  await client.close();
  const writer = await connect(relay.url, till);
  for (const name of ["org", "control", home(elsewhere)] as const) {
    publish(writer, nextEnvelope(startChain(till, name), utf8("a")));
    expect(await writer.next("refused")).toMatchObject({ code: refusalCodes.forbidden.code });
  }
  expect(await held()).toBe(before);
  await store(writer, startChain(till, "hq"), "a");
  await store(writer, startChain(till, home()), "a");
  expect(await held()).toBe(before + 2);
  await writer.close();
});

test("[SV25] nobody publishes under another's name", async () => {
  const before = await held();
  const other = await organisation.device();
  const client = await connect(relay.url, till);
  publish(client, nextEnvelope(startChain(other, home()), utf8("a")));
  expect(await client.next("refused")).toMatchObject({ code: refusalCodes.forbidden.code });
  expect(await held()).toBe(before);
  await client.close();
});

test("[SV26] a revoked device gets the statement and nothing else, however it comes", async () => {
  const lost = await organisation.device();
  const chief = await connect(relay.url, hq);
  await say(chief, { type: "revocation", organisation: organisation.id, device: lost.id }, hq);
  await chief.close();
  // Also with a certificate that was issued later: the id is revoked.
  const again = await organisation.device({ id: lost.id });
  for (const device of [lost, again]) {
    await expect(connect(relay.url, device)).rejects.toThrow("4403");
  }
});

test("[SV27] frames that are none, too large or text close the connection, and only that", async () => {
  const witness = await connect(relay.url, hq);
  const bad: ((client: RelayClient) => void)[] = [
    (client) => client.socket.send("text"),
    (client) => client.sendRaw(new Uint8Array(0)),
    (client) => client.sendRaw(new Uint8Array(16_385)),
    (client) => client.sendRaw(Uint8Array.of(3, 255)),
    (client) => client.send({ type: "credit", through: 10_000_000 }),
    (client) => client.sendRaw(helloOf(till)),
    (client) =>
      client.send({ type: "publish", stream: 0, offset: 5, size: 10, data: new Uint8Array(1) }),
  ];
  const codes = [];
  for (const send of bad) {
    const client = await connect(relay.url, till);
    send(client);
    codes.push((await client.closed).code);
  }
  expect(codes).toEqual([4_400, 4_400, 1_009, 4_400, 4_400, 4_400, 4_400]);
  // A type that is not known yet is passed over.
  witness.sendRaw(Uint8Array.of(60, 1, 2, 3));
  await store(witness, startChain(hq, "org"), "still here");
  await witness.close();
});
