import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { testClock, testCrypto } from "@tillmesh/kernel/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  crashTemplate,
  disposeTemplate,
  emptyRecord,
  liveOn,
  missingIn,
  must,
  openOn,
  allEntries,
  type CrashTemplate,
  type LifeRecord,
} from "../testing/crash-life.ts";
import type { FaultFiles } from "../testing/fault-files.ts";

const clock = testClock(Date.parse("2026-11-22T08:00:00Z"));
const record: LifeRecord = emptyRecord();
let template: CrashTemplate;
let lived: FaultFiles;
/** Every entry that the till held in the end, its own and its peer's. */
let heldBefore: readonly string[] = [];

beforeAll(async () => {
  template = await crashTemplate(clock);
  lived = template.till.crash(1);
  const peerFiles = template.peer.crash(1);
  const peer = must(await openOn({ files: peerFiles, clock, crypto: testCrypto(2) }));
  await liveOn({ files: lived, clock, crypto: testCrypto(3) }, peer, record);
  await peer.replica.close();
  peerFiles.dispose();
  const { replica } = must(await openOn({ files: lived, clock, crypto: testCrypto(4) }));
  heldBefore = allEntries(replica).map(({ hash }) => hash);
  await replica.close();
}, 60_000);

afterAll(() => {
  lived.dispose();
  disposeTemplate(template);
});

type Damage = "empty" | "half" | "bit";

function damaged(bytes: Uint8Array, damage: Damage, seed: number): Uint8Array {
  if (damage === "empty") return new Uint8Array();
  if (damage === "half") return bytes.slice(0, Math.floor(bytes.length / 2));
  const flipped = bytes.slice();
  const at = Math.floor((bytes.length * ((seed * 7) % 97)) / 97);
  flipped[at] = (flipped[at] ?? 0) ^ (1 << (seed % 8));
  return flipped;
}

/** Files of the device, without the lock (it holds nothing) and what is only left over. */
function filesOf(root: string): readonly string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((name) => !/\/lock$|\.tmp$|\/temporary\//.test(name))
    .toSorted();
}

interface Outcome {
  readonly refused: string | undefined;
  readonly missing: number;
  readonly shown: readonly string[];
}

async function openDamaged(names: readonly string[], damage: Damage): Promise<Outcome> {
  const files = lived.crash(1);
  for (const [index, name] of names.entries()) {
    const path = join(files.root, name);
    writeFileSync(path, damaged(readFileSync(path), damage, name.length + index));
  }
  try {
    const opened = await openOn({ files, clock, crypto: testCrypto(5) });
    if (!opened.ok) return { refused: opened.error.type, missing: 0, shown: [] };
    const { replica } = opened.value;
    const held = new Set(allEntries(replica).map(({ hash }) => hash));
    const gone = heldBefore.filter((hash) => !held.has(hash));
    const missing = new Set([...gone, ...missingIn(replica, record)]).size;
    const shown = replica.exceptions().map(({ type }) => type);
    await replica.close();
    return { refused: undefined, missing, shown };
  } finally {
    files.dispose();
  }
}

/** Something is missing: then a person is told. */
function isHonest({ refused, missing, shown }: Outcome): boolean {
  return refused === undefined ? missing === 0 || shown.length > 0 : refused !== "OpenFailed";
}

describe("damaged files (DF)", () => {
  test.for(["empty", "half", "bit"] as const)(
    "[DF1] each file alone, %s: repaired, or refused with facts, never silently less",
    { timeout: 240_000 },
    async (damage) => {
      const dishonest: object[] = [];
      for (const name of filesOf(lived.root)) {
        if (statSync(join(lived.root, name)).size === 0) continue;
        const outcome = await openDamaged([name], damage);
        if (!isHonest(outcome)) dishonest.push({ name, ...outcome });
      }
      expect(dishonest).toEqual([]);
    },
  );

  test.for(["checkpoints", "sealed", "catalogue"])(
    "[DF2] both copies of %s damaged: refused or shown",
    { timeout: 120_000 },
    async (kind) => {
      const names = filesOf(lived.root).filter((name) => name.startsWith(`device/${kind}`));
      expect(names.length).toBeGreaterThan(1);
      const outcome = await openDamaged(names, "bit");
      expect(isHonest(outcome), JSON.stringify(outcome)).toBe(true);
      expect(
        outcome.refused !== undefined || outcome.missing === 0 || outcome.shown.length > 0,
      ).toBe(true);
    },
  );

  test("[DF3] each document's checkpoint lost in both copies is refused or shown", async () => {
    const all = filesOf(lived.root).filter((name) => name.startsWith("device/checkpoints/chunks/"));
    const documents = new Set(all.map((name) => name.split("/").slice(3, 5).join("/")));
    const dishonest: object[] = [];
    for (const document of documents) {
      const names = filesOf(lived.root).filter((name) => name.includes(document));
      const outcome = await openDamaged(names, "half");
      if (!isHonest(outcome)) dishonest.push({ document, ...outcome });
    }
    expect(documents.size).toBeGreaterThan(1);
    expect(dishonest).toEqual([]);
  }, 120_000);
});
