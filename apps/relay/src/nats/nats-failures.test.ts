import { hex } from "@tillmesh/kernel";
import { nodeCrypto } from "@tillmesh/kernel/node";
import type { Envelope } from "@tillmesh/sync-engine/relay-protocol";
import { expect, onTestFinished, test as plainTest } from "vitest";
import type { LogName, Place } from "../log-store.ts";
import { counter, valueOf } from "../testing/log-store-scene.ts";
import { sampleChannel, sampleEnvelope } from "../testing/index.ts";
import { openNatsLogStore } from "./nats-log-store.ts";
import type { NatsSettings } from "./settings.ts";
import { allInLog, startLoad } from "./testing/nats-load.ts";
import {
  hasNatsServer,
  startNatsServer,
  type OwnNatsServer,
  type OwnNatsServerOptions,
} from "./testing/nats-server.ts";
import { createNatsTrial, type NatsTrial } from "./testing/nats-trial.ts";
import { tellOfSkip } from "./testing/test-server.ts";

if (!hasNatsServer) tellOfSkip("there is no nats-server to start and to kill");
const test = plainTest.skipIf(!hasNatsServer);

const organisation = "org_nats";
const channel = sampleChannel(1);
const name: LogName = { organisation, channel, lane: 1 };

test("[LS1] kill -9 of the JetStream server under load: whatever was answered is there, once", async () => {
  const { server, trial } = await ownTrial();
  const stores = [trial.store, await trial.second()];
  const load = startLoad({ stores, name, publishers: 6 });
  for (const count of [300, 600, 900]) {
    await load.reached(count);
    await server.kill();
    await server.start();
  }
  await load.reached(1_200);
  const { stored, forks, refusals } = await load.stop();
  expect([forks, refusals > 0]).toEqual([0, true]);
  const there = await allInLog(trial.store, name);
  expect(there.toSorted()).toEqual(stored.toSorted());
});

test("[LS7] after the server came back, watchers are told of what they missed", async () => {
  const { server, trial } = await ownTrial();
  const other = await trial.second();
  await trial.store.append(organisation, sample(1));
  const told = counter();
  await other.watch(name, told.add);
  const revoked: string[] = [];
  const revocations = counter();
  await other.watchRevocations(({ device }) => {
    revoked.push(device);
    revocations.add();
  });
  await trial.store.revoke({ organisation, device: "dev_a", statement: Uint8Array.of(1) });
  await revocations.reached(1);
  await server.kill();
  expect((await trial.store.revocationOf(organisation, "dev_a")).ok).toBe(false);
  const toldSoFar = told.count();
  await server.start();
  const third = await trial.second();
  valueOf(await third.revoke({ organisation, device: "dev_b", statement: Uint8Array.of(2) }));
  valueOf(await third.append(organisation, sample(2)));
  await told.reached(toldSoFar + 1);
  await revocations.reached(2);
  expect(revoked).toEqual(["dev_a", "dev_b"]);
  expect((await allInLog(other, name)).length).toBe(2);
});

test("[LS1] without a server nothing is answered but refused at once", async () => {
  const { server, trial } = await ownTrial({ requestTimeoutMs: 20_000 });
  const { store } = trial;
  await store.append(organisation, sample(1));
  await server.kill();
  const started = performance.now();
  const answers = await Promise.all([
    store.append(organisation, sample(2)),
    store.head(name),
    store.read(name, { from: 0, sizeMaxBytes: 1 }),
    store.usage(organisation),
  ]);
  expect(answers.map((answer) => (answer.ok ? "ok" : answer.error.type))).toEqual(
    Array.from({ length: 4 }, () => "Unavailable"),
  );
  expect((await store.health()).state).toBe("unreachable");
  expect(performance.now() - started).toBeLessThan(10_000);
});

test("[LS4] an append that was not answered holds back the chain until it comes again", async () => {
  const { server, trial } = await ownTrial({ requestTimeoutMs: 300 });
  const { store } = trial;
  await store.append(organisation, sample(1));
  await server.pause();
  const [second, third] = await Promise.all([
    store.append(organisation, sample(2)),
    store.append(organisation, sample(3)),
  ]);
  expect([second, third]).toMatchObject([
    { ok: false, error: { type: "Unavailable", code: "timeout" } },
    { ok: false, error: { type: "Unavailable", code: "timeout" } },
  ]);
  server.resume();
  // The next of the chain is no fork and no gap: it waits for its turn.
  const early = await store.append(organisation, sample(4));
  expect(early).toMatchObject({ ok: false, error: { type: "Unavailable", code: "behind" } });
  for (const sequence of [2, 3, 4]) valueOf(await store.append(organisation, sample(sequence)));
  expect((await allInLog(store, name)).length).toBe(4);
});

test("[LS9] on a server that is full nothing is lost, and a release makes room", async () => {
  const { server, trial } = await ownTrial({ duplicateWindowMs: 100 }, { storeMaxBytes: 300_000 });
  const { store } = trial;
  const stored: { readonly envelope: Envelope; readonly place: Place }[] = [];
  let run = 0;
  // A chain each, smaller and smaller, until not even the smallest has room.
  for (const size of [20_000, 2_000, 200, 0]) {
    for (let isStored = true; isStored; run += 1) {
      const envelope = sampleEnvelope({ channel, run, sequence: 1, text: "x".repeat(size) });
      const answer = await store.append(organisation, envelope);
      if (answer.ok) stored.push({ envelope, place: answer.value });
      else expect(answer.error).toMatchObject({ type: "Unavailable", code: "full" });
      isStored = answer.ok;
    }
  }
  expect((await store.health()).state).toBe("full");
  expect(await allInLog(store, name)).toEqual(
    stored.map(({ envelope, place }) => `${place.offset} ${hex(envelope.hash)}`),
  );
  const last = stored.at(-1)!;
  valueOf(await store.release(name, last.place.log, last.place.offset + 1));
  await server.kill();
  await server.start();
  const again = await trial.second();
  expect((await allInLog(again, name)).length).toBe(1);
  for (const { envelope, place } of stored) {
    const answer = valueOf(await again.append(organisation, envelope));
    expect(answer).toEqual({ ...place, isDuplicate: true });
  }
  expect((await again.append(organisation, sample(2))).ok).toBe(true);
});

test("user and password may stand in the address", async () => {
  const server = await startNatsServer({
    config: 'authorization { user: "relay", password: "a/b c" }',
  });
  onTestFinished(server.dispose);
  const trial = await createNatsTrial(server.url.replace("://", "://relay:a%2Fb%20c@"));
  onTestFinished(trial.close);
  expect((await trial.store.append(organisation, sample(1))).ok).toBe(true);
  const stranger = await openNatsLogStore({ servers: [server.url], crypto: nodeCrypto() });
  expect(stranger).toMatchObject({ ok: false, error: { type: "Unavailable" } });
});

async function ownTrial(
  settings: Partial<NatsSettings> = {},
  options: OwnNatsServerOptions = {},
): Promise<{ readonly server: OwnNatsServer; readonly trial: NatsTrial }> {
  const server = await startNatsServer(options);
  onTestFinished(server.dispose);
  const trial = await createNatsTrial(server.url, settings);
  onTestFinished(trial.close);
  return { server, trial };
}

function sample(sequence: number): ReturnType<typeof sampleEnvelope> {
  return sampleEnvelope({ channel, sequence });
}
