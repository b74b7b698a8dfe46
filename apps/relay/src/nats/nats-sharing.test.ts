import { randomBytes } from "node:crypto";
import { jetstreamManager, type JetStreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { hex } from "@tillmesh/kernel";
import { nodeCrypto } from "@tillmesh/kernel/node";
import { afterAll, expect, onTestFinished, test as plainTest } from "vitest";
import type { LogName, LogStore } from "../log-store.ts";
import { counter, valueOf } from "../testing/log-store-scene.ts";
import { sampleChannel, sampleEnvelope } from "../testing/index.ts";
import { openNatsLogStore } from "./nats-log-store.ts";
import type { NatsSettings } from "./settings.ts";
import { createNatsTrial, type NatsTrial } from "./testing/nats-trial.ts";
import { testServer } from "./testing/test-server.ts";

const { url = "", dispose } = await testServer();
afterAll(dispose);
const test = plainTest.skipIf(url === "");

const organisation = "org_nats";
const channel = sampleChannel(1);
const name: LogName = { organisation, channel, lane: 1 };

test("[LS4] two relays append to one chain at once: one envelope wins each place", async () => {
  const { store, second } = await trialOf();
  const other = await second();
  const places: number[] = [];
  for (let sequence = 1; sequence <= 20; sequence += 1) {
    const answers = await Promise.all([
      store.append(organisation, sample(sequence, "one")),
      other.append(organisation, sample(sequence, "two")),
    ]);
    const stored = answers.filter((answer) => answer.ok);
    expect(answers.flatMap((answer) => (answer.ok ? [] : [answer.error]))).toEqual([
      { type: "Fork", newest: sequence },
    ]);
    places.push(...stored.map(({ value }) => value.offset));
  }
  expect((await read(store)).map(({ offset }) => offset)).toEqual(places);
});

test("[LS4] a relay that did not see what another appended does not fill a gap below it", async () => {
  const { store, second } = await trialOf();
  const other = await second();
  await store.append(organisation, sample(1));
  await other.append(organisation, sample(2));
  await other.append(organisation, sample(5));
  expect(await store.append(organisation, sample(4))).toEqual({
    ok: false,
    error: { type: "Fork", newest: 5 },
  });
  expect((await store.append(organisation, sample(6))).ok).toBe(true);
});

test("[LS3] two relays are given the same envelopes at once: each stands there once", async () => {
  const { store, second } = await trialOf();
  const other = await second();
  const both = await Promise.all(
    [store, other].map(async (relay) =>
      Promise.all(
        sequencesTo(50).map(async (sequence) => relay.append(organisation, sample(sequence))),
      ),
    ),
  );
  const [one, two] = both.map((answers) => answers.map((answer) => valueOf(answer)));
  expect(one?.map(({ offset }) => offset)).toEqual(two?.map(({ offset }) => offset));
  const duplicates = [...(one ?? []), ...(two ?? [])].filter(({ isDuplicate }) => isDuplicate);
  expect(duplicates.length).toBe(50);
  expect((await read(store)).length).toBe(50);
});

test("[LS3] also when JetStream's own window is over", async () => {
  const { store, second, prefix } = await trialOf({ duplicateWindowMs: 100 });
  const places = [];
  for (const sequence of sequencesTo(30)) {
    places.push(valueOf(await store.append(organisation, sample(sequence))).offset);
  }
  await windowIsOver(prefix);
  const other = await second();
  for (const sequence of [30, 1, 17]) {
    const again = valueOf(await other.append(organisation, sample(sequence)));
    expect([again.offset, again.isDuplicate]).toEqual([places[sequence - 1], true]);
    expect(await other.append(organisation, sample(sequence, "other"))).toEqual({
      ok: false,
      error: { type: "Fork", newest: 30 },
    });
  }
  expect((await read(store)).length).toBe(30);
});

test("[LS3] an envelope is found again among gaps and other chains", async () => {
  const { store, second } = await trialOf({ duplicateWindowMs: 100 });
  const sequences = [1, 2, 3, 7, 8, 40, 41, 42, 43, 90, 1_000, 1_001, 1_002, 9_000];
  const places = new Map<number, number>();
  for (const [index, sequence] of sequences.entries()) {
    places.set(sequence, valueOf(await store.append(organisation, sample(sequence))).offset);
    const others = sequencesTo(index % 5).map((one) => ({ sequence: index * 10 + one, run: 2 }));
    for (const other of others) {
      valueOf(await store.append(organisation, sampleEnvelope({ channel, ...other })));
    }
  }
  const later = await second();
  const asked = [...sequences, ...sequences.toReversed(), 4, 39, 44, 500, 8_999, 1_003];
  for (const sequence of asked) {
    const answer = await later.append(organisation, sample(sequence));
    const place = places.get(sequence);
    if (place === undefined)
      expect(answer).toMatchObject({ error: { type: "Fork", newest: 9_000 } });
    else expect(answer).toMatchObject({ value: { offset: place, isDuplicate: true } });
  }
});

test("[LS2] a stream that was removed comes back as another log, also to those that run", async () => {
  const { store, second, prefix } = await trialOf({ watchCheckMs: 50 });
  const before = valueOf(await store.append(organisation, sample(1)));
  const other = await second();
  const told = counter();
  await other.watch(name, told.add);
  expect(hex(valueOf(await other.head(name)).id)).toBe(hex(before.log));
  await manage(async ({ streams }) => {
    for await (const stream of streams.names()) {
      if (stream.startsWith(`${prefix}-`)) await streams.delete(stream);
    }
  });
  const after = valueOf(await store.append(organisation, sample(2)));
  expect(hex(after.log)).not.toBe(hex(before.log));
  expect(after.offset).toBe(0);
  // The other one still believed in the old one.
  const head = valueOf(await other.head(name));
  expect([hex(head.id), head.next]).toEqual([hex(after.log), 1]);
  const same = valueOf(await other.append(organisation, sample(2)));
  expect([hex(same.log), same.isDuplicate]).toEqual([hex(after.log), true]);
  await told.reached(1);
  const toldSoFar = told.count();
  await store.append(organisation, sample(3));
  await told.reached(toldSoFar + 1);
});

test("[LS7] a notice that was lost is made up for", async () => {
  const { store, second, prefix } = await trialOf({ watchCheckMs: 50 });
  await store.append(organisation, sample(1));
  await manage(async ({ streams }) => {
    for await (const { config } of streams.list()) {
      if (!config.name.startsWith(`${prefix}-`)) continue;
      const { republish: _, ...silent } = config;
      await streams.update(config.name, silent);
    }
  });
  const other = await second();
  const told = counter();
  await other.watch(name, told.add);
  // Of what was there already, once; nobody sends notices any more.
  await told.reached(1);
  await store.append(organisation, sample(2));
  await told.reached(2);
  expect((await read(other)).length).toBe(2);
});

test("[LS9] chains that ended are known after a release, and pieces go", async () => {
  const { store, second, prefix } = await trialOf({ duplicateWindowMs: 100 });
  const large = "z".repeat(1_500_000);
  const ended = { channel, run: 1, sequence: 1, text: large };
  const kept = { channel, run: 2, sequence: 1, text: large };
  await store.append(organisation, sampleEnvelope(ended));
  await store.append(organisation, sampleEnvelope(kept));
  const newest = sampleEnvelope({ channel, run: 3, sequence: 1 });
  const last = valueOf(await store.append(organisation, newest));
  const before = await storedBytes(prefix);
  valueOf(await store.release(name, last.log, last.offset));
  valueOf(await store.release(name, last.log, last.offset));
  await windowIsOver(prefix);
  const after = await storedBytes(prefix);
  expect(before - after).toBeGreaterThan(large.length);
  const other = await second();
  const usage = valueOf(await other.usage(organisation));
  const border = sampleEnvelope(kept);
  expect([usage.envelopes, usage.sizeBytes]).toEqual([
    2,
    border.bytes.length + newest.bytes.length,
  ]);
  expect((await read(other)).map(({ hash }) => hex(hash))).toEqual([
    hex(border.hash),
    hex(newest.hash),
  ]);
  expect(valueOf(await other.append(organisation, sampleEnvelope(ended)))).toEqual({
    log: last.log,
    offset: 3,
    isDuplicate: true,
  });
  const fork = await other.append(organisation, sampleEnvelope({ ...ended, text: "other" }));
  expect(fork).toEqual({ ok: false, error: { type: "Fork", newest: 1 } });
  const next = await other.append(organisation, sampleEnvelope({ ...ended, sequence: 2 }));
  expect(next.ok).toBe(true);
});

test("a full stream refuses, and goes on reading; a release makes room", async () => {
  const { store } = await trialOf({ streamMaxBytes: 40_000 });
  const text = "x".repeat(9_000);
  const answers = [];
  for (const sequence of sequencesTo(6)) {
    answers.push(await store.append(organisation, sample(sequence, text)));
  }
  const stored = answers.filter((answer) => answer.ok).map(({ value }) => value);
  expect(stored.length).toBe(4);
  expect(answers[4]).toMatchObject({ ok: false, error: { type: "Unavailable", code: "full" } });
  expect(answers[5]).toMatchObject({ ok: false, error: { type: "Unavailable", code: "behind" } });
  expect((await store.health()).state).toBe("full");
  expect((await read(store)).length).toBe(4);
  const [last] = stored.slice(-1);
  valueOf(await store.release(name, last!.log, last!.offset));
  expect((await store.append(organisation, sample(5, text))).ok).toBe(true);
  expect((await store.health()).state).toBe("ok");
});

test("settings that make no sense are told", async () => {
  for (const settings of [
    { replicas: 2 },
    { prefix: "a.b" },
    { requestTimeoutMs: 0 },
    { replica: 3 },
  ]) {
    const opened = await openNatsLogStore({ servers: [url], crypto: nodeCrypto(), settings });
    expect(opened).toMatchObject({ ok: false, error: { code: "settings" } });
  }
});

test("what one relay added, another counts within a second", async () => {
  const { store, second } = await trialOf({ streamMaxBytes: 20_000 });
  const other = await second();
  const text = "x".repeat(9_000);
  valueOf(await other.append(organisation, sample(1)));
  for (const sequence of [2, 3]) await store.append(organisation, sample(sequence, text));
  for (let sequence = 4; ; sequence += 1) {
    const answer = await other.append(organisation, sample(sequence));
    if (!answer.ok) {
      expect(answer.error).toMatchObject({ type: "Unavailable", code: "full" });
      break;
    }
  }
  expect((await read(store)).length).toBeGreaterThan(2);
});

test("no more waits than may", async () => {
  const { store } = await trialOf({ waitingMaxBytes: 3_000 });
  const text = "x".repeat(1_000);
  const answers = await Promise.all(
    sequencesTo(4).map(async (sequence) => store.append(organisation, sample(sequence, text))),
  );
  expect(answers.map((answer) => (answer.ok ? "ok" : answer.error))).toEqual([
    "ok",
    "ok",
    expect.objectContaining({ type: "Unavailable", code: "busy" }),
    expect.objectContaining({ type: "Unavailable", code: "busy" }),
  ]);
  expect((await store.append(organisation, sample(3, text))).ok).toBe(true);
});

test("relays share one seed: the first that was offered", async () => {
  const { store, second } = await trialOf();
  const other = await second();
  const seeds = await Promise.all(
    [store, other].map(async (relay) => valueOf(await relay.relaySeed(randomBytes(32)))),
  );
  expect(hex(seeds[0]!)).toBe(hex(seeds[1]!));
  expect(hex(valueOf(await (await second()).relaySeed(randomBytes(32))))).toBe(hex(seeds[0]!));
});

async function trialOf(settings: Partial<NatsSettings> = {}): Promise<NatsTrial> {
  const trial = await createNatsTrial(url, settings);
  onTestFinished(trial.dispose);
  return trial;
}

function sample(sequence: number, text = `${sequence}`): ReturnType<typeof sampleEnvelope> {
  return sampleEnvelope({ channel, sequence, text });
}

function sequencesTo(last: number): readonly number[] {
  return Array.from({ length: last }, (_, index) => index + 1);
}

async function read(store: LogStore) {
  return valueOf(await store.read(name, { from: 0, sizeMaxBytes: 100_000_000 }));
}

async function manage<T>(run: (manager: JetStreamManager) => Promise<T>): Promise<T> {
  const connection = await connect({ servers: url });
  try {
    return await run(await jetstreamManager(connection));
  } finally {
    await connection.close();
  }
}

async function storedBytes(prefix: string): Promise<number> {
  return manage(async ({ streams }) => {
    let bytes = 0;
    for await (const { config, state } of streams.list()) {
      if (config.name.startsWith(`${prefix}-`)) bytes += state.bytes;
    }
    return bytes;
  });
}

/** Until the streams have forgotten a message that came after all others. */
async function windowIsOver(prefix: string): Promise<void> {
  await manage(async (manager) => {
    const client = manager.jetstream();
    for await (const { config } of manager.streams.list()) {
      if (!config.name.startsWith(`${prefix}-`)) continue;
      const probe = config.subjects[0]?.replace(">", "p.probe");
      if (probe === undefined) continue;
      await client.publish(probe, "", { msgID: "probe" });
      for (;;) {
        const { duplicate } = await client.publish(probe, "", { msgID: "probe" });
        if (!duplicate) break;
      }
    }
  });
}
