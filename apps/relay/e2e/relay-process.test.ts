import fs from "node:fs";
import path from "node:path";
import { utf8 } from "@tillmesh/kernel";
import {
  connect,
  nextEnvelope,
  publish,
  read,
  sampleOrganisation,
  startChain,
  store,
  type OrganisationDevice,
  type RelayClient,
  type SampleOrganisation,
} from "@tillmesh/relay/testing";
import {
  channelId,
  type ChannelName,
  type LogPosition,
} from "@tillmesh/sync-engine/relay-protocol";
import { nodeCrypto } from "@tillmesh/kernel/node";
import { beforeAll, expect, test } from "vitest";
import { relayPlace, runRelayProcess, startRelayProcess } from "./relay-process.ts";

const crypto = nodeCrypto();
let organisation: SampleOrganisation;
let till: OrganisationDevice;
let hq: OrganisationDevice;

beforeAll(async () => {
  organisation = await sampleOrganisation();
  till = await organisation.device();
  hq = await organisation.device({ roles: ["hq"] });
});

function home(): ChannelName {
  return `location/${till.location}` as ChannelName;
}

/** Publishes on and on until the relay is gone; what was answered goes to `stored`, by offset. */
async function load(client: RelayClient, stored: Map<number, Uint8Array>): Promise<number> {
  const chain = startChain(till, home());
  const sent = new Map<number, Uint8Array>();
  let answered = 0;
  let sentBytes = 0;
  let grantedBytes = 262_144;
  const open = { isGone: false };
  void client.closed.then(() => (open.isGone = true));
  while (!open.isGone) {
    for (let waiting = sent.size - answered; waiting < 200; waiting += 1) {
      const envelope = nextEnvelope(chain, utf8("x".repeat(300)));
      if (sentBytes + envelope.bytes.length > grantedBytes) {
        chain.sequence -= 1;
        break;
      }
      sentBytes += envelope.bytes.length;
      sent.set(publish(client, envelope), envelope.bytes);
    }
    const answer = await client.next("stored").catch(() => undefined);
    if (answer === undefined) break;
    answered += answer.items.length;
    for (const { stream, offset } of answer.items) {
      stored.set(offset, sent.get(stream) ?? new Uint8Array());
    }
    for (const frame of client.waiting()) {
      if (frame.type === "credit") grantedBytes = Math.max(grantedBytes, frame.through);
    }
  }
  return sent.size;
}

/** Everything HQ can read. */
async function readBack(url: string, count: number): Promise<ReadonlyMap<number, Uint8Array>> {
  const reader = await connect(url, hq);
  const { next, subscribed } = await read(reader, hq, { channel: home() });
  const found = new Map<number, Uint8Array>();
  expect(subscribed.next).toBeGreaterThanOrEqual(count);
  while (found.size < subscribed.next) {
    const { at, bytes } = await next();
    found.set(at, bytes);
  }
  await reader.close();
  return found;
}

test("[RX1] kill -9 under load: what was answered is there", async () => {
  const place = relayPlace(organisation);
  const stored = new Map<number, Uint8Array>();
  let key = "";
  for (const killAfter of [200, 700, 1_500]) {
    const relay = await startRelayProcess(place.args);
    const client = await connect(relay.url, till);
    const relayKey = Buffer.from(client.challenge().relayKey).toString("hex");
    key ||= relayKey;
    expect(relayKey).toBe(key);
    const wanted = stored.size + killAfter;
    const loading = load(client, stored);
    while (stored.size < wanted) await new Promise((resolve) => setImmediate(resolve));
    await relay.end("SIGKILL");
    expect(await loading).toBeGreaterThan(killAfter);
  }
  const relay = await startRelayProcess(place.args);
  const found = await readBack(relay.url, stored.size);
  for (const [offset, bytes] of stored) {
    expect(Buffer.compare(found.get(offset) ?? new Uint8Array(), bytes)).toBe(0);
  }
  expect((await relay.end("SIGTERM")).code).toBe(0);
  place.remove();
}, 90_000);

test("[RX2] SIGTERM under load: what was sent is answered, bye draining, exit code 0", async () => {
  const place = relayPlace(organisation);
  const relay = await startRelayProcess(place.args);
  const client = await connect(relay.url, till);
  const stored = new Map<number, Uint8Array>();
  const loading = load(client, stored);
  while (stored.size < 300) await new Promise((resolve) => setImmediate(resolve));
  const ending = await relay.end("SIGTERM");
  await loading;
  expect(ending.code).toBe(0);
  expect((await client.closed).code).toBe(4_453);
  const again = await startRelayProcess(place.args);
  expect((await readBack(again.url, stored.size)).size).toBeGreaterThanOrEqual(stored.size);
  await again.end("SIGTERM");
  place.remove();
}, 60_000);

test("[RX3] one relay per directory; what is wrong is told in a sentence", async () => {
  const place = relayPlace(organisation);
  const relay = await startRelayProcess(place.args);
  const second = await runRelayProcess(place.args);
  expect([second.code, second.stderr]).toEqual([1, expect.stringContaining("Locked")]);
  const taken = relayPlace(organisation);
  const onPort = taken.args.map((arg, at) =>
    taken.args[at - 1] === "--port" ? `${relay.port}` : arg,
  );
  const third = await runRelayProcess(onPort);
  expect([third.code, third.stderr]).toEqual([1, expect.stringContaining("EADDRINUSE")]);
  await relay.end("SIGTERM");
  const files = fs.readdirSync(path.join(place.data, "logs"));
  const segment = files.find((one) => one.endsWith(".log")) ?? "";
  fs.writeFileSync(path.join(place.data, "logs", segment), "nonsense");
  const damaged = await runRelayProcess(place.args);
  expect([damaged.code, damaged.stderr]).toEqual([1, expect.stringContaining("SegmentDamaged")]);
  fs.writeFileSync(path.join(place.directory, "ca.pem"), "nonsense");
  expect((await runRelayProcess(place.args)).code).toBe(1);
  expect((await runRelayProcess(["serve", "--port", "0"])).code).toBe(2);
  expect((await runRelayProcess([...place.args, "--nonsense"])).code).toBe(2);
  taken.remove();
  place.remove();
}, 60_000);

test("[RX3] the key is for this user only", async () => {
  const place = relayPlace(organisation);
  const relay = await startRelayProcess(place.args);
  const { mode } = fs.statSync(path.join(place.data, "relay-key.pem"));
  expect((mode & 0o777).toString(8)).toBe("600");
  await relay.end("SIGTERM");
  place.remove();
});

test("[RX4] a wiped disk is another log and key; an old copy is found out by the hash", async () => {
  const place = relayPlace(organisation);
  let relay = await startRelayProcess(place.args);
  const chain = startChain(till, home());
  const first = await connect(relay.url, till);
  await store(first, chain, "1");
  await relay.end("SIGTERM");
  const copy = path.join(place.directory, "copy");
  fs.cpSync(place.data, copy, { recursive: true });
  relay = await startRelayProcess(place.args);
  const second = await connect(relay.url, till);
  await store(second, chain, "2");
  const { log, offset } = await store(second, chain, "3");
  const after: LogPosition = { log, offset: offset + 1, hash: chain.previous };
  expect(await startsAt(relay.url, after)).toBe(3);
  await relay.end("SIGTERM");

  fs.rmSync(place.data, { recursive: true });
  fs.cpSync(copy, place.data, { recursive: true });
  relay = await startRelayProcess(place.args);
  expect(await startsAt(relay.url, after)).toBe(0);
  const other = startChain(till, home());
  const third = await connect(relay.url, till);
  for (const text of ["4", "5", "6"]) await store(third, other, text);
  // The log has grown beyond the position, with another past.
  expect(await startsAt(relay.url, after)).toBe(0);
  const key = Buffer.from(third.challenge().relayKey).toString("hex");
  await relay.end("SIGTERM");

  fs.rmSync(place.data, { recursive: true });
  relay = await startRelayProcess(place.args);
  const fourth = await connect(relay.url, till);
  const { log: newLog } = await store(fourth, startChain(till, home()), "7");
  expect(Buffer.compare(newLog, log)).not.toBe(0);
  expect(Buffer.from(fourth.challenge().relayKey).toString("hex")).not.toBe(key);
  await relay.end("SIGTERM");
  place.remove();
}, 90_000);

async function startsAt(url: string, after: LogPosition): Promise<number> {
  const reader = await connect(url, hq);
  const { subscribed } = await read(reader, hq, { channel: home(), after });
  await reader.close();
  return subscribed.from;
}

test("[RX5] 40 readers that take nothing, and 40 MB for them: memory stays bounded", async () => {
  const place = relayPlace(organisation);
  const relay = await startRelayProcess(place.args);
  const slow = [];
  for (let index = 0; index < 40; index += 1) {
    const device = await organisation.device();
    const reader = await connect(relay.url, device);
    // Not even the socket is read.
    reader.socket.pause();
    const channel = channelId(organisation.id, home(), crypto);
    reader.send({ type: "subscribe", subscription: 1, channel, lane: 1, after: undefined });
    slow.push(reader);
  }
  const before = await residentBytes(relay.http);
  const chain = startChain(till, home());
  const client = await connect(relay.url, till);
  for (let index = 0; index < 400; index += 1) await store(client, chain, "x".repeat(100_000));
  const after = await residentBytes(relay.http);
  // 16 MiB of newest envelopes, and per reader a window and what one read gave.
  expect(after - before).toBeLessThan(120_000_000);
  for (const { socket } of slow) socket.terminate();
  await relay.end("SIGTERM");
  place.remove();
}, 60_000);

test("[RX6] the process does not load Automerge", async () => {
  const place = relayPlace(organisation);
  const hook =
    "import { registerHooks } from 'node:module';" +
    "registerHooks({ load: (url, context, next) => {" +
    "process.stderr.write(`loads ${url}\\n`); return next(url, context); } });";
  const relay = await startRelayProcess(place.args, [
    "--import",
    `data:text/javascript,${encodeURIComponent(hook)}`,
  ]);
  const client = await connect(relay.url, till);
  await store(client, startChain(till, home()), "a");
  const loaded = relay
    .logs()
    .split("\n")
    .filter((line) => line.startsWith("loads "));
  expect(loaded.some((line) => line.includes("verify-chain"))).toBe(true);
  expect(loaded.filter((line) => /automerge|sales-ledger|crdt-inventory|nats/.test(line))).toEqual(
    [],
  );
  await relay.end("SIGTERM");
  place.remove();
});

async function residentBytes(http: string): Promise<number> {
  const text = await (await fetch(`${http}/metrics`)).text();
  return Number(/^tillmesh_relay_resident_memory_bytes (\d+)$/m.exec(text)?.[1]);
}
