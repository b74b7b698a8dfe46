import type { HeldEntry } from "@tillmesh/kernel";
import { describe, expect, test } from "vitest";
import { entryHash, findForks, flagForks, verifyChain } from "./chain.ts";
import { drawerOpenedDraft } from "./drafts.ts";
import {
  append,
  sha256,
  testContext,
  testDate,
  testLedger,
  type TestLedger,
} from "./testing/test-ledger.ts";

function openDrawer(ledger: TestLedger, reason: string): TestLedger {
  return append(
    ledger,
    drawerOpenedDraft(testContext(ledger, testDate(0)), { reason, shiftId: null }),
  );
}

const start = openDrawer(testLedger("dev_1"), "a");
const original = openDrawer(openDrawer(start, "b"), "c");
const clone = openDrawer(openDrawer(start, "x"), "y");
const forked = [...original.entries, ...clone.entries.slice(start.entries.length)];

describe("chain (HC)", () => {
  test("[HC1] the hash of an entry is the SHA-256 of its canonical JSON", () => {
    const [first] = start.entries;
    const { body, ...rest } = first!.entry;
    expect(entryHash({ body, ...rest }, sha256)).toBe(first!.hash);
    expect(first!.hash).toMatch(/^[0-9a-f]{64}$/);
  });

  test("[HC2] a sound chain has no faults, in whatever order it is given", () => {
    expect(verifyChain(original.entries.toReversed(), sha256)).toEqual([]);
  });

  test("[HC2] a changed entry is found, and so is the one after it when its hash is redone", () => {
    const changed = original.entries.map((held): HeldEntry => {
      const entry = { ...held.entry, actor: "someone else" };
      return held.entry.sequence === 2 ? { ...held, entry, hash: entryHash(entry, sha256) } : held;
    });
    expect(verifyChain(changed, sha256)).toMatchObject([
      { type: "ChainBroken", entry: { sequence: 3 } },
    ]);
    const kept = changed.map((held, index) => ({ ...held, hash: original.entries[index]!.hash }));
    expect(verifyChain(kept, sha256)).toMatchObject([
      { type: "HashDiffers", entry: { sequence: 2 } },
    ]);
  });

  test("[HC3] a missing entry is named, unless the chain starts after it", () => {
    const gap = original.entries.filter(({ entry }) => entry.sequence !== 2);
    const entry = { device: "dev_1", incarnation: 1, sequence: 3 };
    expect(verifyChain(gap, sha256)).toEqual([
      { type: "EntryMissing", entry, missing: { ...entry, sequence: 2 } },
    ]);
    expect(verifyChain(gap, sha256, [gap[1]!.entry])).toEqual([]);
  });

  test("[HC4] two entries with one number are a fork where it begins", () => {
    const hashes = [original, clone].map((ledger) => ledger.entries[2]!.hash).toSorted();
    expect(findForks(forked)).toEqual([
      { type: "Fork", device: "dev_1", incarnation: 1, sequence: 3, hashes },
    ]);
    expect(findForks([...original.entries, ...original.entries])).toEqual([]);
  });

  test("[HC4] both branches are sound chains", () => {
    expect(verifyChain(forked, sha256)).toEqual([]);
  });

  test("[HC5] every entry from the fork on is flagged on each branch, and none is dropped", () => {
    const flagged = flagForks(forked);
    expect(flagged.map(({ hash }) => hash)).toEqual(forked.map(({ hash }) => hash));
    const sequences = flagged.map(({ entry, flags }) => [entry.sequence, flags.includes("fork")]);
    expect(sequences).toEqual([
      [1, false],
      [2, false],
      [3, true],
      [4, true],
      [3, true],
      [4, true],
    ]);
    expect(flagForks(flagged)).toEqual(flagged);
  });
});
