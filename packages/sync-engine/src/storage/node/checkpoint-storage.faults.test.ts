import fs from "node:fs";
import { Repo, type DocumentId } from "@automerge/automerge-repo";
import { afterEach, describe, expect, test } from "vitest";
import { faultFiles, type FaultFiles } from "../../testing/fault-files.ts";
import {
  openCheckpointStorage,
  type CheckpointFault,
  type CheckpointStorage,
} from "./checkpoint-storage.ts";

const made: FaultFiles[] = [];

function keep(files: FaultFiles): FaultFiles {
  made.push(files);
  return files;
}

afterEach(() => {
  for (const files of made.splice(0)) files.dispose();
});

function open(files: FaultFiles, faults: CheckpointFault[] = []): CheckpointStorage {
  const onFault = (fault: CheckpointFault): number => faults.push(fault);
  return openCheckpointStorage({ files, directory: `${files.root}/checkpoints`, onFault });
}

/** What was tried and what `settled` promised, by key. */
interface Promised {
  readonly tried: Map<string, string>;
  readonly kept: Map<string, string>;
}

/** As automerge-repo does it: increments, a snapshot in their place, more increments. */
async function tell(files: FaultFiles, { tried, kept }: Promised): Promise<void> {
  const storage = open(files);
  const save = async (name: string): Promise<void> => {
    tried.set(name, `${name} ${"x".repeat(600)}`);
    await storage.save(name.split("/"), new TextEncoder().encode(tried.get(name)));
    if ((await storage.settled()).ok) kept.set(name, tried.get(name) ?? "");
  };
  const remove = async (name: string): Promise<void> => {
    kept.delete(name);
    await storage.remove(name.split("/"));
  };
  await save("docA/snapshot/1");
  await save("docA/incremental/2");
  await save("docA/snapshot/3");
  await remove("docA/snapshot/1");
  await remove("docA/incremental/2");
  await save("docA/incremental/4");
  await save("docB/snapshot/1");
  kept.delete("docB/snapshot/1");
  await storage.retire("docB");
}

async function contents(storage: CheckpointStorage): Promise<ReadonlyMap<string, string>> {
  const chunks = [...(await storage.loadRange(["docA"])), ...(await storage.loadRange(["docB"]))];
  return new Map(
    chunks.map(({ key, data }) => [
      key.join("/"),
      data ? new TextDecoder().decode(data) : "damaged",
    ]),
  );
}

/** All that was promised, and whatever else is there as it was written. */
async function expectHonest(files: FaultFiles, { tried, kept }: Promised): Promise<void> {
  const faults: CheckpointFault[] = [];
  const found = await contents(open(files, faults));
  for (const [name, text] of kept) expect([name, found.get(name)]).toEqual([name, text]);
  for (const [name, text] of found) expect([name, text]).toEqual([name, tried.get(name)]);
  expect(faults.filter(({ type }) => type !== "CopyMended")).toEqual([]);
}

async function forEachFault(
  arm: (files: FaultFiles, n: number) => void,
  check: (files: FaultFiles, promised: Promised, n: number) => Promise<void>,
): Promise<number> {
  for (let n = 1; ; n += 1) {
    const files = faultFiles();
    const promised: Promised = { tried: new Map(), kept: new Map() };
    try {
      arm(files, n);
      await tell(files, promised).catch((error: unknown) => {
        // Opening may throw; a call of automerge-repo may not.
        if (promised.tried.size > 0) throw error;
      });
      if (!files.wasHit()) return n - 1;
      await check(files, promised, n);
    } finally {
      files.dispose();
    }
  }
}

describe("checkpoint storage under faults (CK)", () => {
  test("[CK2] power cut at every operation: what was settled is there, nothing is half there", async () => {
    const operations = await forEachFault(
      (files, n) => files.cutAt(n),
      async (files, promised, n) => {
        for (const seed of [n, n + 1000, n + 2000]) {
          const after = keep(files.crash(seed));
          await expectHonest(after, promised);
        }
      },
    );
    expect(operations).toBeGreaterThan(80);
  });

  test("[CK3] power cut at every operation while a copy is mended", async () => {
    const key = ["docA", "snapshot", "1"];
    for (let n = 1, isHit = true; isHit; n += 1) {
      const files = keep(faultFiles());
      await open(files).save(key, new TextEncoder().encode("the whole document"));
      const damaged = `${files.root}/checkpoints/chunks/do/cA/snapshot/1`;
      fs.truncateSync(damaged, n % 60);
      await files.sync(damaged);
      const storage = open(files);
      files.cutAt(n);
      await storage.load(key);
      isHit = files.wasHit();
      for (const seed of [n, n + 1000, n + 2000]) {
        const found = await open(keep(files.crash(seed))).load(key);
        expect(new TextDecoder().decode(found)).toBe("the whole document");
      }
    }
  });

  test.for(["EIO", "ENOSPC"] as const)(
    "[CK5] %s at every operation, then a power cut",
    async (code) => {
      await forEachFault(
        (files, n) => files.failAt(n, code, n),
        async (files, promised, n) => {
          files.kill();
          await expectHonest(files, promised);
          files.kill();
          await expectHonest(keep(files.crash(n)), promised);
        },
      );
    },
  );
});

interface Counted {
  readonly entries: string[];
}

async function grow(
  files: FaultFiles,
  rounds: number,
): Promise<{ id: DocumentId; settled: boolean }> {
  const storage = open(files);
  const repo = new Repo({ storage });
  const handle = repo.create<Counted>({ entries: [] });
  for (let round = 1; round <= rounds; round += 1) {
    handle.change((doc) => {
      doc.entries.push(`entry ${round}`);
    });
    await repo.flush([handle.documentId]);
  }
  const settled = await storage.settled();
  await repo.shutdown();
  return { id: handle.documentId, settled: settled.ok };
}

async function entries(files: FaultFiles, id: DocumentId): Promise<readonly string[]> {
  const repo = new Repo({ storage: open(files) });
  const handle = await repo.find<Counted>(id);
  const found = [...handle.doc().entries];
  await repo.shutdown();
  return found;
}

describe("automerge-repo on the checkpoint storage (CK)", () => {
  test("[CK10] a flushed and settled document is whole after a power cut", async () => {
    const files = keep(faultFiles());
    const { id, settled } = await grow(files, 40);
    expect(settled).toBe(true);
    for (const seed of [1, 2, 3]) {
      expect(await entries(keep(files.crash(seed)), id)).toHaveLength(40);
    }
  });

  test("[CK10] a failed write neither ends the process nor makes `settled` lie", async () => {
    for (const n of [30, 40, 50, 60, 70]) {
      const files = keep(faultFiles());
      files.failAt(n, "ENOSPC", n);
      const { id, settled } = await grow(files, 10);
      expect([files.wasHit(), settled]).toEqual([true, true]);
      expect(await entries(keep(files.crash(n)), id)).toHaveLength(10);
    }
  });

  test("[CK10] a deleted document that was retired is gone, not empty", async () => {
    const files = keep(faultFiles());
    const storage = open(files);
    const repo = new Repo({ storage });
    const handle = repo.create<Counted>({ entries: ["one"] });
    await repo.flush([handle.documentId]);
    await storage.retire(handle.documentId);
    repo.delete(handle.documentId);
    await repo.shutdown();
    await storage.settled();
    expect(await open(files).loadRange([handle.documentId])).toEqual([]);
  });
});
