import { testClock, testCrypto } from "@tillmesh/kernel/testing";
import { faultFiles, type FaultFiles } from "@tillmesh/sync-engine/testing";
import { expect, test } from "vitest";
import type { LogName } from "../log-store.ts";
import { sampleChannel, sampleEnvelope } from "../testing/index.ts";
import { openFilesStore, type FilesStore } from "./files-store.ts";
import { defaultFilesSettings, type FilesSettings } from "./store-state.ts";

const organisation = "org_space";
const clock = testClock(1_700_000_000_000);

function open(files: FaultFiles, settings: Partial<FilesSettings>): FilesStore {
  const opened = openFilesStore({
    files,
    directory: files.root,
    clock,
    crypto: testCrypto(files.operations()),
    settings: { ...defaultFilesSettings, freeMinBytes: 0, segmentSizeBytes: 2_000, ...settings },
  });
  if (!opened.ok) throw new Error(JSON.stringify(opened.error));
  return opened.value;
}

function logOf(channel: number): LogName {
  return { organisation, channel: sampleChannel(channel), lane: 1 };
}

async function append(store: FilesStore, channel: number, sequence: number): Promise<number> {
  const text = `${channel}.${sequence}`;
  const envelope = sampleEnvelope({ channel: sampleChannel(channel), sequence, text });
  const answer = await store.append(organisation, envelope);
  if (!answer.ok) throw new Error(JSON.stringify(answer.error));
  return answer.value.offset;
}

async function release(store: FilesStore, channel: number, offset: number): Promise<void> {
  const head = await store.head(logOf(channel));
  if (head.ok) await store.release(logOf(channel), head.value.id, offset);
}

async function segments(store: FilesStore): Promise<number> {
  return (await store.health()).gauges["segments"] ?? 0;
}

async function texts(store: FilesStore, channel: number): Promise<readonly string[]> {
  const read = await store.read(logOf(channel), { from: 0, sizeMaxBytes: 1_000_000 });
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return read.value.map(({ bytes }) => new TextDecoder().decode(bytes.subarray(-4)));
}

test("[FB6] one log that is never released does not keep the segments of all others", async () => {
  const files = faultFiles();
  let store = open(files, { recentSizeBytes: 0 });
  for (let sequence = 10; sequence < 60; sequence += 1) {
    await append(store, 11, sequence);
    if (sequence % 10 === 0) await append(store, 22, sequence);
  }
  const before = await segments(store);
  await release(store, 11, 50);
  for (let round = 0; round < 20; round += 1) await store.upkeep();
  expect(before).toBeGreaterThan(6);
  const after = await segments(store);
  expect(after).toBeLessThanOrEqual(3);
  for (const isAgain of [false, true]) {
    if (isAgain) {
      await store.close();
      store = open(files, { recentSizeBytes: 0 });
    }
    expect(await texts(store, 22)).toEqual(["2.10", "2.20", "2.30", "2.40", "2.50"]);
    expect(await texts(store, 11)).toEqual([]);
    expect(await append(store, 11, 59)).toBe(49);
    expect(await append(store, 22, 20)).toBe(1);
    const usage = await store.usage(organisation);
    expect(usage.ok && usage.value.envelopes).toBe(5);
  }
  expect(await append(store, 11, 60)).toBe(50);
  await store.close();
  files.dispose();
});

test("[FB6] a reader is not disturbed by what is copied under it", async () => {
  const files = faultFiles();
  const store = open(files, { recentSizeBytes: 0 });
  for (let sequence = 10; sequence < 40; sequence += 1) {
    await append(store, 11, sequence);
    if (sequence % 5 === 0) await append(store, 22, sequence);
  }
  await release(store, 11, 30);
  const reading = Array.from({ length: 20 }, async () => {
    const found = await texts(store, 22);
    await store.upkeep();
    return found;
  });
  for (const found of await Promise.all(reading)) {
    expect(found).toEqual(["2.10", "2.15", "2.20", "2.25", "2.30", "2.35"]);
  }
  await store.close();
  files.dispose();
});

test("[FB7] what is older than allowed goes, by whole segments", async () => {
  const files = faultFiles();
  const store = open(files, { ageMaxMs: 1_000 });
  for (let sequence = 10; sequence < 30; sequence += 1) await append(store, 11, sequence);
  await store.upkeep();
  expect((await texts(store, 11)).length).toBe(20);
  clock.advance(2_000);
  await append(store, 11, 30);
  await store.upkeep();
  const left = await texts(store, 11);
  expect(left.length).toBeLessThan(12);
  expect(left.at(-1)).toBe("1.30");
  await store.close();
  files.dispose();
});

test("[FB8] with little space left nothing is appended, and everything is read", async () => {
  const files = faultFiles();
  let freeBytes = 10_000;
  const opened = openFilesStore({
    files: { ...files, freeBytes: () => freeBytes },
    directory: files.root,
    clock,
    crypto: testCrypto(1),
    settings: { ...defaultFilesSettings, freeMinBytes: 5_000 },
  });
  if (!opened.ok) throw new Error(JSON.stringify(opened.error));
  const store = opened.value;
  await append(store, 11, 10);
  freeBytes = 4_000;
  clock.advance(1_000);
  const envelope = sampleEnvelope({ channel: sampleChannel(11), sequence: 11 });
  expect(await store.append(organisation, envelope)).toMatchObject({
    error: { type: "Unavailable", code: "ENOSPC" },
  });
  expect((await store.health()).state).toBe("full");
  expect(await texts(store, 11)).toEqual(["1.10"]);
  freeBytes = 10_000;
  clock.advance(1_000);
  expect(await append(store, 11, 11)).toBe(1);
  await store.close();
  files.dispose();
});
