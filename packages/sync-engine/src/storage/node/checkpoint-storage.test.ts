import fs from "node:fs";
import { NodeFSStorageAdapter } from "@automerge/automerge-repo-storage-nodefs";
import { afterEach, describe, expect, test } from "vitest";
import { faultFiles, type FaultFiles } from "../../testing/fault-files.ts";
import {
  openCheckpointStorage,
  type CheckpointFault,
  type CheckpointStorage,
} from "./checkpoint-storage.ts";

const made: FaultFiles[] = [];
const snapshot = ["docA", "snapshot", "h1"];
const increment = ["docA", "incremental", "h2"];
const copiesOf = (root: string) => ({
  primary: `${root}/checkpoints/chunks/do/cA/snapshot/h1`,
  mirror: `${root}/checkpoints/mirror/do/cA/snapshot/h1`,
});

interface Opened {
  readonly storage: CheckpointStorage;
  readonly faults: CheckpointFault[];
}

function keep(files: FaultFiles): FaultFiles {
  made.push(files);
  return files;
}

function open(files: FaultFiles, pendingMaxBytes = 1_000_000): Opened {
  const faults: CheckpointFault[] = [];
  const directory = `${files.root}/checkpoints`;
  const onFault = (fault: CheckpointFault): number => faults.push(fault);
  return { storage: openCheckpointStorage({ files, directory, onFault, pendingMaxBytes }), faults };
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

async function loaded(storage: CheckpointStorage, key: string[]): Promise<string | undefined> {
  const chunk = await storage.load(key);
  return chunk && new TextDecoder().decode(chunk);
}

async function range(storage: CheckpointStorage, prefix: string[]): Promise<readonly string[]> {
  const chunks = await storage.loadRange(prefix);
  return chunks
    .map(({ key, data }) => `${key.join("/")}=${data ? new TextDecoder().decode(data) : "-"}`)
    .toSorted();
}

/** A directory with one chunk in it. */
async function withChunk(): Promise<FaultFiles> {
  const files = keep(faultFiles());
  await open(files).storage.save(snapshot, bytes("the whole document"));
  return files;
}

afterEach(() => {
  for (const files of made.splice(0)) files.dispose();
});

describe("checkpoint storage (CK)", () => {
  test("[CK1] what was saved is loaded, alone and by range, now and after a restart", async () => {
    const files = keep(faultFiles());
    const { storage, faults } = open(files);
    await storage.save(snapshot, bytes("one"));
    await storage.save(increment, bytes("two"));
    await storage.save(["docAB", "snapshot", "h1"], bytes("other"));
    await storage.save(["storage-adapter-id"], bytes("id"));
    for (const each of [storage, open(files).storage]) {
      expect(await loaded(each, snapshot)).toBe("one");
      expect(await loaded(each, ["storage-adapter-id"])).toBe("id");
      expect(await loaded(each, ["docA", "snapshot", "h9"])).toBeUndefined();
      expect(await range(each, ["docA", "snapshot"])).toEqual(["docA/snapshot/h1=one"]);
      expect(await range(each, ["docA"])).toEqual([
        "docA/incremental/h2=two",
        "docA/snapshot/h1=one",
      ]);
    }
    await storage.remove(snapshot);
    expect(await range(open(files).storage, ["docA"])).toEqual(["docA/incremental/h2=two"]);
    await storage.removeRange(["docA"]);
    expect(await range(storage, ["docA"])).toEqual([]);
    expect(await range(storage, ["docAB"])).toEqual(["docAB/snapshot/h1=other"]);
    expect(faults).toEqual([]);
  });

  test("[CK1] the keys lie on disk as the stock adapter lays them", async () => {
    const files = await withChunk();
    const stock = new NodeFSStorageAdapter(`${files.root}/checkpoints/chunks`);
    expect((await stock.loadRange(["docA"])).map(({ key }) => key)).toEqual([snapshot]);
    expect(await stock.load(snapshot)).toEqual(
      new Uint8Array(fs.readFileSync(copiesOf(files.root).primary)),
    );
  });

  test.for(["primary", "mirror"] as const)(
    "[CK3] one bit flipped in every byte of the %s copy",
    async (which) => {
      const files = await withChunk();
      const { storage, faults } = open(files);
      const path = copiesOf(files.root)[which];
      const good = fs.readFileSync(path);
      for (let at = 0; at < good.length; at += 1) {
        const flipped = Buffer.from(good);
        flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
        fs.writeFileSync(path, flipped);
        expect(await loaded(storage, snapshot)).toBe("the whole document");
        expect(faults.splice(0)).toEqual([
          expect.objectContaining({ type: "CopyMended", path, key: snapshot }),
        ]);
        expect(fs.readFileSync(path)).toEqual(good);
      }
    },
  );

  test("[CK3] one copy cut at every length, or gone", async () => {
    const files = await withChunk();
    const { storage, faults } = open(files);
    for (const path of Object.values(copiesOf(files.root))) {
      const good = fs.readFileSync(path);
      for (let size = 0; size < good.length; size += 1) {
        fs.truncateSync(path, size);
        expect(await range(storage, ["docA"])).toEqual(["docA/snapshot/h1=the whole document"]);
        expect(faults.splice(0)).toHaveLength(1);
        expect(fs.readFileSync(path)).toEqual(good);
      }
      fs.rmSync(path);
      expect(await range(storage, ["docA"])).toEqual(["docA/snapshot/h1=the whole document"]);
      expect(faults.splice(0)).toMatchObject([{ type: "CopyMended", fault: "missing", path }]);
      expect(fs.readFileSync(path)).toEqual(good);
    }
  });

  test("[CK4] two damaged copies are set aside and reported, and nothing is loaded", async () => {
    const files = await withChunk();
    const { storage, faults } = open(files);
    const { primary, mirror } = copiesOf(files.root);
    fs.writeFileSync(primary, "");
    fs.truncateSync(mirror, 50);
    const damaged = fs.readFileSync(mirror);
    expect(await storage.load(snapshot)).toBeUndefined();
    const setAside = ["primary", "mirror"].map(
      (which) => `${files.root}/checkpoints/set-aside/do.cA.snapshot.h1.${which}`,
    );
    expect(faults).toEqual([
      {
        type: "CopiesDamaged",
        name: "do/cA/snapshot/h1",
        key: snapshot,
        faults: ["empty", "length"],
        setAside,
      },
    ]);
    expect(fs.readFileSync(setAside[1] ?? "")).toEqual(damaged);
    expect(await storage.loadRange(["docA"])).toEqual([]);
    await storage.save(snapshot, bytes("rebuilt"));
    expect(await loaded(storage, snapshot)).toBe("rebuilt");
    for (const path of [primary, mirror]) fs.truncateSync(path, 3);
    expect(await storage.load(snapshot)).toBeUndefined();
    expect(fs.readdirSync(`${files.root}/checkpoints/set-aside`)).toHaveLength(4);
  });

  test("[CK4] a chunk that lies under another key's name is not that key's chunk", async () => {
    const files = await withChunk();
    const { storage } = open(files);
    await storage.save(increment, bytes("two"));
    for (const root of ["chunks", "mirror"]) {
      const place = `${files.root}/checkpoints/${root}/do/cA`;
      fs.copyFileSync(`${place}/incremental/h2`, `${place}/snapshot/h1`);
    }
    expect(await storage.load(snapshot)).toBeUndefined();
  });

  test("[CK4] a copy that cannot be read just now is reported, and not set aside", async () => {
    const files = await withChunk();
    const { storage, faults } = open(files);
    fs.truncateSync(copiesOf(files.root).mirror, 5);
    files.failAt(1, "EIO");
    expect(await storage.load(snapshot)).toBeUndefined();
    expect(faults.splice(0)).toMatchObject([
      { type: "ChunkUnreadable", key: snapshot, code: "EIO" },
    ]);
    expect(await loaded(storage, snapshot)).toBe("the whole document");
    expect(faults).toMatchObject([{ type: "CopyMended" }]);
  });

  test("[CK4] a chunk of a later version is reported, and left where it is", async () => {
    const files = await withChunk();
    const { storage, faults } = open(files);
    for (const path of Object.values(copiesOf(files.root))) {
      const later = fs.readFileSync(path);
      later[8] = 2;
      fs.writeFileSync(path, later);
    }
    expect(await storage.load(snapshot)).toBeUndefined();
    expect(faults).toMatchObject([{ type: "ChunkUnreadable", code: "VERSION" }]);
    expect(fs.existsSync(copiesOf(files.root).primary)).toBe(true);
  });

  test("[CK5] a failed write is told by `settled`, tried again, and then settled", async () => {
    const files = keep(faultFiles());
    const { storage } = open(files);
    files.failAt(1, "ENOSPC");
    await storage.save(snapshot, bytes("one"));
    expect(files.wasHit()).toBe(true);
    expect(await storage.load(snapshot)).toBeUndefined();
    files.failAt(1, "EIO");
    expect(await storage.settled()).toMatchObject({
      error: { type: "CheckpointFailed", code: "EIO", documentId: "docA" },
    });
    expect(await storage.settled()).toEqual({ ok: true, value: undefined });
    expect(await loaded(storage, snapshot)).toBe("one");
  });

  test("[CK5] until then no older chunk of the document is removed", async () => {
    const files = await withChunk();
    const { storage } = open(files);
    files.failAt(2, "ENOSPC");
    await storage.save(["docA", "snapshot", "h3"], bytes("newer"));
    await storage.remove(snapshot);
    expect(await loaded(storage, snapshot)).toBe("the whole document");
    expect((await storage.settled()).ok).toBe(true);
    await storage.remove(snapshot);
    expect(await range(storage, ["docA"])).toEqual(["docA/snapshot/h3=newer"]);
  });

  test("[CK5] more failed bytes than are kept: nothing is settled or removed until a restart", async () => {
    const files = await withChunk();
    const { storage } = open(files, 100);
    files.failAt(2, "ENOSPC");
    await storage.save(["docB", "snapshot", "h3"], new Uint8Array(200));
    await storage.remove(snapshot);
    expect(await storage.settled()).toMatchObject({
      error: { code: "ENOSPC", documentId: "docB" },
    });
    expect(await storage.settled()).toMatchObject({ ok: false });
    expect(await loaded(storage, snapshot)).toBe("the whole document");
    expect(await open(files).storage.settled()).toMatchObject({ ok: true });
  });

  test("[CK6] sync states are not written, and no key leads out of the directory", async () => {
    const files = keep(faultFiles());
    const { storage } = open(files);
    const before = fs.readdirSync(files.root, { recursive: true }).length;
    await storage.save(["docA", "sync-state", "peer"], bytes("x"));
    await storage.save(["..", "..", "out"], bytes("x"));
    await storage.save(["docA", "snapshot", "../../x"], bytes("x"));
    await storage.removeRange(["..", ".."]);
    expect(await storage.load(["docA", "sync-state", "peer"])).toBeUndefined();
    expect(await storage.loadRange(["..", ".."])).toEqual([]);
    expect(fs.readdirSync(files.root, { recursive: true })).toHaveLength(before);
  });

  test("[CK7] a retired document is removed and never written again", async () => {
    const files = await withChunk();
    const { storage } = open(files);
    const saving = storage.save(increment, bytes("under way"));
    await storage.retire("docA");
    await saving;
    await storage.save(snapshot, bytes(""));
    expect(await storage.loadRange(["docA"])).toEqual([]);
    expect(await open(files).storage.loadRange(["docA"])).toEqual([]);
    const left = fs.readdirSync(`${files.root}/checkpoints`, { recursive: true }).map(String);
    expect(left.filter((name) => name.includes("cA"))).toEqual([]);
  });

  test("[CK8] nothing that was written is kept in memory", async () => {
    const { storage } = open(keep(faultFiles()));
    await storage.save(snapshot, bytes("one"));
    const { cache } = storage as unknown as { cache: object };
    expect(Object.keys(cache)).toEqual([]);
  });

  test("[CK9] temporary files of an earlier start are removed", async () => {
    const files = await withChunk();
    const stray = `${files.root}/checkpoints/chunks/te/mporary/9.tmp`;
    fs.writeFileSync(stray, "half");
    const { storage } = open(files);
    expect(fs.existsSync(stray)).toBe(false);
    expect(await range(storage, ["docA"])).toHaveLength(1);
  });

  test("[CK11] calls in parallel come out as one after the other", async () => {
    const files = keep(faultFiles());
    const { storage, faults } = open(files);
    const keys = Array.from({ length: 40 }, (_, index) => [
      `doc${index % 4}`,
      "incremental",
      `h${index}`,
    ]);
    await Promise.all(
      keys.flatMap((key) => [
        storage.save(key, bytes(key.join())),
        storage.loadRange(key.slice(0, 1)),
      ]),
    );
    const removed = keys.filter((_, index) => index % 3 === 0);
    await Promise.all(
      removed.flatMap((key) => [storage.save(key, bytes("x")), storage.remove(key)]),
    );
    const found = await Promise.all(
      [0, 1, 2, 3].map((index) => storage.loadRange([`doc${index}`])),
    );
    expect(found.flat()).toHaveLength(keys.length - removed.length);
    expect(faults).toEqual([]);
  });
});
