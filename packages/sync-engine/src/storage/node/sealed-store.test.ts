import fs from "node:fs";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, test } from "vitest";
import { faultFiles, type FaultFiles } from "../../testing/fault-files.ts";
import type { CopiesFault } from "../mirrored-copies.ts";
import {
  openSealedStore,
  sealedSizeMaxBytes,
  type SealedRef,
  type SealedStore,
} from "./sealed-store.ts";

const made: FaultFiles[] = [];
const text = new TextEncoder().encode(`{"entries":["${"one,two,three,".repeat(20)}"]}`);

function keep(files: FaultFiles): FaultFiles {
  made.push(files);
  return files;
}

function open(files: FaultFiles, faults: CopiesFault[] = []): SealedStore {
  const onFault = (fault: CopiesFault): number => faults.push(fault);
  return openSealedStore({ files, directory: `${files.root}/sealed`, onFault });
}

async function write(store: SealedStore, name: string, bytes = text): Promise<SealedRef> {
  const written = await store.write(name, bytes);
  if (!written.ok) throw new Error(JSON.stringify(written.error));
  return written.value;
}

function copies(files: FaultFiles, { name, sha256 }: SealedRef): readonly [string, string] {
  const file = `${name}-${sha256}.gz`;
  return [`${files.root}/sealed/${file}`, `${files.root}/sealed/mirror/${file}`];
}

async function withPart(): Promise<{
  files: FaultFiles;
  ref: SealedRef;
  paths: readonly [string, string];
}> {
  const files = keep(faultFiles());
  const ref = await write(open(files), "dev_a/1/3");
  return { files, ref, paths: copies(files, ref) };
}

afterEach(() => {
  for (const files of made.splice(0)) files.dispose();
});

describe("sealed store (SE)", () => {
  test("[SE1] a part is stored under its hash, listed and read back", async () => {
    const { files, ref, paths } = await withPart();
    expect(ref.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(paths.map((path) => fs.existsSync(path))).toEqual([true, true]);
    const store = open(files);
    const second = await write(store, "dev_b/2/1", new Uint8Array());
    expect(store.list()).toEqual([ref, second]);
    expect([store.has(ref), store.has({ ...ref, sha256: second.sha256 })]).toEqual([true, false]);
    expect(await store.read(ref)).toEqual({ ok: true, value: Buffer.from(text) });
    expect(await store.read(second)).toMatchObject({ ok: true, value: { length: 0 } });
    expect(await store.read({ name: "dev_a/1/4", sha256: ref.sha256 })).toMatchObject({
      error: { type: "SealedMissing" },
    });
  });

  test("[SE1] writing the same part again changes nothing", async () => {
    const { files, ref } = await withPart();
    const store = open(files);
    expect(await write(store, ref.name)).toEqual(ref);
    expect(store.list()).toEqual([ref]);
  });

  test.for([0, 1])("[SE3] one bit flipped in every byte of copy %i", async (which) => {
    const { files, ref, paths } = await withPart();
    const faults: CopiesFault[] = [];
    const store = open(files, faults);
    const path = paths[which] ?? "";
    const good = fs.readFileSync(path);
    for (let at = 0; at < good.length; at += 1) {
      const flipped = Buffer.from(good);
      flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
      fs.writeFileSync(path, flipped);
      expect(await store.read(ref)).toEqual({ ok: true, value: Buffer.from(text) });
      // What does not change the text (a date in the header) is no fault.
      if (faults.splice(0).length > 0) expect(fs.readFileSync(path)).toEqual(good);
      else expect([at, at >= 4 && at <= 9]).toEqual([at, true]);
      fs.writeFileSync(path, good);
    }
  });

  test("[SE3] one copy cut at every length, or gone", async () => {
    const { files, ref, paths } = await withPart();
    const faults: CopiesFault[] = [];
    const store = open(files, faults);
    for (const path of paths) {
      const good = fs.readFileSync(path);
      for (let size = 0; size < good.length; size += 1) {
        fs.truncateSync(path, size);
        expect((await store.read(ref)).ok).toBe(true);
        expect(faults.splice(0)).toMatchObject([{ type: "CopyMended", path }]);
        expect(fs.readFileSync(path)).toEqual(good);
      }
      fs.rmSync(path);
      expect([store.has(ref), (await store.read(ref)).ok, fs.existsSync(path)]).toEqual([
        true,
        true,
        true,
      ]);
      faults.splice(0);
    }
  });

  test("[SE4] two damaged copies are set aside and reported, and nothing is read", async () => {
    const { files, ref, paths } = await withPart();
    const faults: CopiesFault[] = [];
    const store = open(files, faults);
    fs.writeFileSync(paths[0], "");
    fs.writeFileSync(paths[1], gzipSync("another text"));
    expect(await store.read(ref)).toMatchObject({ error: { type: "SealedDamaged", ref } });
    expect(faults).toMatchObject([{ type: "CopiesDamaged", faults: ["empty", "hash"] }]);
    expect(fs.readdirSync(`${files.root}/sealed/set-aside`)).toHaveLength(2);
    expect(store.has(ref)).toBe(false);
    await write(store, ref.name);
    expect((await store.read(ref)).ok).toBe(true);
  });

  test("[SE5] nothing beyond the bound is written or unpacked", async () => {
    const { files, ref, paths } = await withPart();
    const store = open(files);
    const large = new Uint8Array(sealedSizeMaxBytes + 1);
    expect(await store.write("dev_a/1/4", large)).toMatchObject({
      error: { type: "SealedTooLarge" },
    });
    const bomb = gzipSync(large, { level: 1 });
    for (const path of paths) fs.writeFileSync(path, bomb);
    expect(await store.read(ref)).toMatchObject({ error: { type: "SealedDamaged" } });
  });

  test("[SE6] files with other names are not listed, and a name cannot lead elsewhere", async () => {
    const { files, ref } = await withPart();
    const store = open(files);
    fs.writeFileSync(`${files.root}/sealed/dev_a/1/notes.txt`, "mine");
    fs.writeFileSync(`${files.root}/sealed/mirror/dev_a/1/3-abc.gz`, "mine");
    expect(store.list()).toEqual([ref]);
    await expect(store.write("../../etc/1/1", text)).rejects.toThrow("Bug");
    await expect(store.write("mirror/1/1", text)).rejects.toThrow("Bug");
    expect(await store.read({ ...ref, name: "../x/1/1" })).toMatchObject({
      error: { type: "SealedMissing" },
    });
  });

  test("[SE2] power cut at every operation of a write: an answered part is there, no other is half there", async () => {
    for (let n = 1, isHit = true; isHit; n += 1) {
      const files = keep(faultFiles());
      const first = await write(open(files), "dev_a/1/1");
      const answered = [first];
      files.cutAt(n);
      try {
        const written = await open(files).write("dev_a/1/2", new Uint8Array(2000).fill(n));
        if (written.ok) answered.push(written.value);
      } catch {
        // The store could not even be opened.
      }
      isHit = files.wasHit();
      expect(answered).toHaveLength(isHit ? 1 : 2);
      for (const seed of [n, n + 1000, n + 2000]) {
        const faults: CopiesFault[] = [];
        const store = open(keep(files.crash(seed)), faults);
        expect(store.list()).toEqual(expect.arrayContaining(answered));
        for (const ref of store.list()) expect((await store.read(ref)).ok).toBe(true);
        expect(faults.filter(({ type }) => type !== "CopyMended")).toEqual([]);
      }
    }
  });

  test.for(["EIO", "ENOSPC"] as const)(
    "[SE2] %s at every operation of a write is told, and passes",
    async (code) => {
      for (let n = 1, isHit = true; isHit; n += 1) {
        const files = keep(faultFiles());
        const store = open(files);
        files.failAt(n, code, n);
        const written = await store.write("dev_a/1/2", text);
        isHit = files.wasHit();
        expect(written).toMatchObject(
          isHit ? { error: { type: "SealedWriteFailed", code } } : { ok: true },
        );
        files.kill();
        const ref = await write(store, "dev_a/1/2");
        expect((await open(keep(files.crash(n))).read(ref)).ok).toBe(true);
      }
    },
  );

  test("[SE3] whatever fails while mending, the good copy is read, and a copy not mended is reported", async () => {
    const { files, ref, paths } = await withPart();
    const faults: CopiesFault[] = [];
    const store = open(files, faults);
    for (let n = 1, isHit = true; isHit; n += 1) {
      fs.truncateSync(paths[1], 5);
      files.failAt(n, "EIO", n);
      const found = await store.read(ref);
      isHit = files.wasHit();
      files.kill();
      if (found.ok) expect(found.value).toEqual(Buffer.from(text));
      else expect(found.error).toMatchObject({ type: "SealedUnreadable", code: "EIO" });
    }
    expect(faults).toContainEqual({
      type: "CopyNotMended",
      name: expect.stringContaining("dev_a/1/3"),
      path: paths[1],
      fault: "compression",
      code: "EIO",
    });
    expect(faults.filter(({ type }) => type === "CopiesDamaged")).toEqual([]);
  });
});
