import fs from "node:fs";
import { testClock, testCrypto } from "@tillmesh/kernel/testing";
import type { Envelope } from "@tillmesh/sync-engine/relay-protocol";
import { faultFiles, type FaultFiles } from "@tillmesh/sync-engine/testing";
import { describe, expect, test } from "vitest";
import { sampleChannel, sampleEnvelope } from "../testing/index.ts";
import { openFilesStore, type FilesStore, type OpenFilesError } from "./files-store.ts";
import { defaultFilesSettings, type FilesSettings } from "./store-state.ts";

const organisation = "org_faults";
const settings = { ...defaultFilesSettings, freeMinBytes: 0, segmentSizeBytes: 900 };
const name = { organisation, channel: sampleChannel(1), lane: 1 } as const;

/** What a story was told, against what must be found. */
interface Told {
  /** Texts in the order in which they were appended; the offset where it was answered. */
  readonly tried: { readonly text: string; offset: number | undefined }[];
  releasedBelow: number;
  isRevoked: boolean;
}

function openAt(files: FaultFiles, changed: Partial<FilesSettings> = {}) {
  return openFilesStore({
    files,
    directory: `${files.root}/logs`,
    clock: testClock(1_700_000_000_000),
    crypto: testCrypto(files.operations()),
    settings: { ...settings, recentSizeBytes: 2_000, ...changed },
  });
}

function mustOpen(files: FaultFiles, changed: Partial<FilesSettings> = {}): FilesStore {
  const opened = openAt(files, changed);
  if (!opened.ok) throw new Error(JSON.stringify(opened.error));
  return opened.value;
}

function envelope(sequence: number, text = textOf(sequence)): Envelope {
  return sampleEnvelope({ channel: name.channel, sequence, text });
}

function textOf(sequence: number): string {
  return `number ${sequence} ${"x".repeat((sequence * 37) % 200)}`;
}

/** Two lives: appends alone and together, a revocation, releases, cleaning; until something fails. */
async function tell(files: FaultFiles, told: Told): Promise<void> {
  for (const life of [0, 1]) {
    const opened = openAt(files);
    if (!opened.ok) return;
    const store = opened.value;
    for (let batch = 0; batch < 5; batch += 1) {
      await Promise.all([1, 2].map(() => appendNext(store, told)));
      if (batch === 1) await revoke(store, told);
      if (batch === 3) await release(store, told);
      await store.upkeep();
      if ((await store.health().catch(() => ({ state: "failed" }))).state === "failed") break;
    }
    await store.close();
    void life;
  }
}

async function appendNext(store: FilesStore, told: Told): Promise<void> {
  const entry: Told["tried"][number] = { text: textOf(told.tried.length + 1), offset: undefined };
  told.tried.push(entry);
  const answer = await store.append(organisation, envelope(told.tried.length, entry.text));
  if (answer.ok) entry.offset = answer.value.offset;
}

async function revoke(store: FilesStore, told: Told): Promise<void> {
  const statement = Uint8Array.of(7);
  const answer = await store.revoke({ organisation, device: "dev_x", statement });
  if (answer.ok) told.isRevoked = true;
}

async function release(store: FilesStore, told: Told): Promise<void> {
  const head = await store.head(name);
  if (!head.ok) return;
  const below = head.value.next - 2;
  told.releasedBelow = Math.max(told.releasedBelow, below);
  await store.release(name, head.value.id, below);
}

/** Everything answered is at its place, in order, and nothing else; and the store takes more. */
async function expectHonest(store: FilesStore, told: Told): Promise<void> {
  const read = await store.read(name, { from: 0, sizeMaxBytes: 1_000_000 });
  const head = await store.head(name);
  if (!read.ok || !head.ok) throw new Error(JSON.stringify([read, head]));
  const { first, next } = head.value;
  const found = new Map(read.value.map(({ offset, bytes }) => [offset, textIn(bytes)]));
  expect([...found.keys()]).toEqual(Array.from(found, (_, index) => first + index));
  expect(first).toBeLessThanOrEqual(told.releasedBelow);
  const answered = told.tried.filter(({ offset = -1 }) => offset >= first);
  for (const { text, offset = -1 } of answered)
    expect(found.get(offset)?.endsWith(text)).toBe(true);
  const last = Math.max(-1, ...told.tried.map(({ offset = -1 }) => offset));
  expect(next).toBeGreaterThan(last);
  if (told.isRevoked) {
    const revoked = { ok: true, value: Uint8Array.of(7) };
    expect(await store.revocationOf(organisation, "dev_x")).toEqual(revoked);
  }
  await expectMoreTaken(store, told, first);
}

/** What was answered is a duplicate; what was not may be sent again. */
async function expectMoreTaken(store: FilesStore, told: Told, first: number): Promise<void> {
  for (const [index, { text, offset = -1 }] of told.tried.entries()) {
    const again = await store.append(organisation, envelope(index + 1, text));
    if (offset < first) continue;
    expect(again).toMatchObject({ ok: true, value: { offset, isDuplicate: true } });
  }
  const more = await store.append(organisation, envelope(told.tried.length + 1));
  expect(more).toMatchObject({ ok: true, value: { isDuplicate: false } });
}

function textIn(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

async function forEachFault(
  arm: (files: FaultFiles, n: number) => void,
  check: (files: FaultFiles, told: Told, n: number) => Promise<void>,
): Promise<number> {
  for (let n = 1; ; n += 1) {
    const files = faultFiles();
    try {
      const told: Told = { tried: [], releasedBelow: 0, isRevoked: false };
      arm(files, n);
      await tell(files, told);
      if (!files.wasHit()) {
        expect(told.tried.every(({ offset }) => offset !== undefined)).toBe(true);
        return n - 1;
      }
      await check(files, told, n);
    } finally {
      files.dispose();
    }
  }
}

async function recoverAndCheck(files: FaultFiles, told: Told): Promise<void> {
  const store = mustOpen(files);
  await expectHonest(store, told);
  await store.close();
}

describe("files backend: faults", () => {
  test("[FB1] power cut in the middle of every operation", async () => {
    const operations = await forEachFault(
      (files, n) => files.cutAt(n),
      async (files, told, n) => {
        for (const seed of [n, n + 1_000, n + 2_000]) {
          const left = files.crash(seed);
          await recoverAndCheck(left, told).finally(left.dispose);
        }
      },
    );
    expect(operations).toBeGreaterThan(60);
  });

  test.each(["EIO", "ENOSPC"] as const)("[FB2] %s at every operation", async (code) => {
    await forEachFault(
      (files, n) => files.failAt(n, code, n),
      async (files, told, n) => {
        files.kill();
        await recoverAndCheck(files, told);
        void n;
      },
    );
  });

  test("[FB2] after a sync that failed nothing is answered, also what would be durable", async () => {
    const files = faultFiles();
    const store = mustOpen(files);
    expect((await store.append(organisation, envelope(1))).ok).toBe(true);
    // Free space, write, sync.
    files.failAt(3, "EIO");
    const answers = [
      store.append(organisation, envelope(2)),
      store.append(organisation, envelope(3)),
    ];
    expect((await Promise.all(answers)).map(({ ok }) => ok)).toEqual([false, false]);
    expect(files.wasHit()).toBe(true);
    expect(await store.append(organisation, envelope(4))).toMatchObject({
      error: { type: "Unavailable", code: "EIO" },
    });
    expect((await store.health()).state).toBe("failed");
    const read = await store.read(name, { from: 0, sizeMaxBytes: 10_000 });
    expect(read.ok && read.value.length).toBe(1);
    files.dispose();
  });

  test("[FB3] a tail torn at any byte of the last record is set aside, and said", async () => {
    const files = faultFiles();
    const store = mustOpen(files, { segmentSizeBytes: 100_000 });
    for (const sequence of [1, 2]) await store.append(organisation, envelope(sequence));
    await store.close();
    const path = newestSegment(files);
    const whole = fs.readFileSync(path);
    const last = whole.length - (16 + 12 + 1 + organisation.length + envelope(2).bytes.length);
    for (let cut = last; cut < whole.length; cut += 1) {
      for (const bytes of [whole.subarray(0, cut), flipped(whole, cut)]) {
        const copy = copyOf(files, path, bytes);
        const opened = mustOpen(copy);
        expect(opened.found.tornSizeBytes).toBe(bytes.length - last);
        const head = await opened.head(name);
        expect(head.ok && head.value.next).toBe(1);
        expect((await opened.append(organisation, envelope(2))).ok).toBe(true);
        await opened.close();
        const again = mustOpen(copy);
        expect(again.found).toMatchObject({ envelopes: 2, tornSizeBytes: 0 });
        await again.close();
        copy.dispose();
      }
    }
    files.dispose();
  });

  test("[FB4] damage of what had been durable is refused with facts, and nothing is changed", async () => {
    const files = faultFiles();
    const store = mustOpen(files, { segmentSizeBytes: 100_000 });
    for (const sequence of [1, 2, 3]) await store.append(organisation, envelope(sequence));
    await store.close();
    const path = newestSegment(files);
    const whole = fs.readFileSync(path);
    const second = 64 + 16 + 12 + 1 + organisation.length + envelope(1).bytes.length;
    for (let at = 0; at < second; at += 1) {
      const copy = copyOf(files, path, flipped(whole, at));
      const before = listing(copy);
      const opened = openAt(copy);
      expect(opened.ok ? undefined : opened.error).toMatchObject({ type: "SegmentDamaged" });
      expect(listing(copy)).toEqual(before);
      copy.dispose();
    }
    files.dispose();
  });

  test("[FB4] a missing segment and a damaged base file are refused", async () => {
    const files = faultFiles();
    const store = mustOpen(files);
    for (let sequence = 1; sequence <= 12; sequence += 1) {
      await store.append(organisation, envelope(sequence));
    }
    await store.close();
    const segments = files.list(`${files.root}/logs`).filter((one) => one.startsWith("segment"));
    fs.rmSync(`${files.root}/logs/${segments[1] ?? ""}`);
    expect(errorOf(openAt(files))).toMatchObject({ type: "EnvelopeMissing" });
    fs.writeFileSync(`${files.root}/logs/base.json`, "nonsense");
    expect(errorOf(openAt(files))).toMatchObject({ type: "BaseDamaged" });
    files.dispose();
  });

  test("[FB5] a record that rots while it is served is an error, not data", async () => {
    const files = faultFiles();
    const opened = openAt(files, { recentSizeBytes: 0 });
    if (!opened.ok) throw new Error(JSON.stringify(opened.error));
    await opened.value.append(organisation, envelope(1));
    const path = newestSegment(files);
    const file = files.openFile(path, "existing");
    file.writeAt(Uint8Array.of(255), 100);
    expect(await opened.value.read(name, { from: 0, sizeMaxBytes: 1 })).toMatchObject({
      error: { type: "Unavailable", code: "DAMAGED" },
    });
    await opened.value.close();
    files.dispose();
  });
});

function errorOf(opened: ReturnType<typeof openAt>): OpenFilesError | undefined {
  return opened.ok ? undefined : opened.error;
}

function newestSegment(files: FaultFiles): string {
  const segments = files.list(`${files.root}/logs`).filter((one) => one.startsWith("segment"));
  return `${files.root}/logs/${segments.at(-1) ?? ""}`;
}

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  return Uint8Array.from(bytes, (byte, index) => (index === at ? byte ^ 0x55 : byte));
}

function copyOf(files: FaultFiles, path: string, bytes: Uint8Array): FaultFiles {
  const copy = files.crash(1);
  fs.writeFileSync(path.replace(files.root, copy.root), bytes);
  return copy;
}

function listing(files: FaultFiles): readonly string[] {
  const directory = `${files.root}/logs`;
  return fs
    .readdirSync(directory)
    .toSorted()
    .map((one) => `${one} ${fs.readFileSync(`${directory}/${one}`).toString("base64")}`);
}
