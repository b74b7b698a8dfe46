import { setTimeout as wait } from "node:timers/promises";
import { nodeCrypto } from "@tillmesh/kernel/node";
import { afterAll, expect, test as plainTest } from "vitest";
import type { LogName, LogStore } from "../log-store.ts";
import { valueOf } from "../testing/log-store-scene.ts";
import { sampleChannel, sampleEnvelope } from "../testing/index.ts";
import { openNatsLogStore, type NatsLogStore } from "./nats-log-store.ts";
import { streamName } from "./subjects.ts";
import { startNatsCluster } from "./testing/nats-cluster.ts";
import { allInLog, startLoad } from "./testing/nats-load.ts";
import { hasNatsServer } from "./testing/nats-server.ts";
import { tellOfSkip } from "./testing/test-server.ts";

if (!hasNatsServer) tellOfSkip("there is no nats-server to make a cluster of");
const test = plainTest.skipIf(!hasNatsServer);

const cluster = hasNatsServer ? await startNatsCluster() : undefined;
const opened: LogStore[] = [];
afterAll(async () => {
  await Promise.all(opened.map(async (store) => store.close()));
  await cluster?.dispose();
});

const organisation = "org_cluster";
const name: LogName = { organisation, channel: sampleChannel(1), lane: 1 };
const minuteMs = 60_000;

test(
  "[LS1] a cluster whose leader dies under load keeps all that was answered",
  { timeout: 2 * minuteMs },
  async () => {
    const { servers, leaderOf } = cluster!;
    const stores = [await openStore(), await openStore()];
    await ready(stores[0]!);
    const load = startLoad({ stores, name, publishers: 6 });
    for (const count of [200, 400]) {
      await load.reached(count);
      const leader = servers[await leaderOf(streamName("tillmesh", name, nodeCrypto()))]!;
      await leader.kill();
      await load.reached(count + 100);
      await leader.start();
    }
    await load.reached(700);
    const { stored, forks } = await load.stop();
    expect(forks).toBe(0);
    await ready(stores[0]!);
    for (const store of stores) {
      expect((await allInLog(store, name)).toSorted()).toEqual(stored.toSorted());
    }
  },
);

test(
  "[LS1] without a quorum nothing is answered; with it again, it goes on",
  { timeout: 2 * minuteMs },
  async () => {
    const [first, second] = cluster!.servers;
    const store = await openStore();
    await ready(store);
    const log: LogName = { ...name, channel: sampleChannel(2) };
    const envelope = (sequence: number) => sampleEnvelope({ channel: log.channel, sequence });
    const place = valueOf(await store.append(organisation, envelope(1)));
    await Promise.all([first!.kill(), second!.kill()]);
    const refused = await answeredWhileConnected(store, envelope(2));
    expect(refused).toMatchObject({ ok: false, error: { type: "Unavailable" } });
    await Promise.all([first!.start(), second!.start()]);
    await ready(store);
    const again = valueOf(await appended(store, envelope(2)));
    expect(again.log).toEqual(place.log);
    expect((await allInLog(store, log)).length).toBe(2);
  },
);

/** The connection may go once more while the server that is left looks for the others. */
async function answeredWhileConnected(
  store: NatsLogStore,
  envelope: ReturnType<typeof sampleEnvelope>,
): ReturnType<NatsLogStore["append"]> {
  for (;;) {
    await connected(store);
    const answer = await store.append(organisation, envelope);
    if (answer.ok || answer.error.type !== "Unavailable" || answer.error.code !== "disconnected") {
      return answer;
    }
  }
}

async function openStore(): Promise<NatsLogStore> {
  for (;;) {
    const store = await openNatsLogStore({
      servers: cluster!.url.split(","),
      crypto: nodeCrypto(),
      settings: { replicas: 3, requestTimeoutMs: 2_000 },
    });
    if (store.ok) {
      opened.push(store.value);
      return store.value;
    }
    await wait(100);
  }
}

/** A cluster elects its leaders in its own time. */
async function ready(store: LogStore): Promise<void> {
  while ((await store.health()).state !== "ok" || !(await store.head(name)).ok) await wait(100);
}

/** To a server that is left. */
async function connected(store: LogStore): Promise<void> {
  while ((await store.health()).gauges["nats_connected"] !== 1) await wait(50);
}

async function appended(store: LogStore, envelope: ReturnType<typeof sampleEnvelope>) {
  for (;;) {
    const answer = await store.append(organisation, envelope);
    if (answer.ok || answer.error.type === "Fork") return answer;
    await wait(100);
  }
}
