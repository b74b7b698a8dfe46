import type { DeviceId, HeldEntry } from "@tillmesh/kernel";
import { describe, expect, test } from "vitest";
import { createRecentKeys } from "./recent-keys.ts";

const device = "dev_a" as DeviceId;
const held = (sequence: number, key?: string, of = device): HeldEntry =>
  ({
    entry: { device: of, incarnation: 1, sequence, ...(key !== undefined && { key }) },
    hash: String(sequence),
    flags: [],
  }) as unknown as HeldEntry;

function replicaOf(all: readonly HeldEntry[]): Parameters<typeof createRecentKeys>[0] {
  return {
    device: { id: device, name: "Till 1", code: "ABCD", roles: ["till"] },
    incarnation: 1,
    ledgers: () => [
      {
        device,
        incarnation: 1,
        part: 1,
        heldFrom: 1,
        sequence: all.length,
        hash: "",
        at: undefined,
        isForked: false,
      },
    ],
    // Pages end where a part does, before the limit.
    entries: ({ after }) => all.slice(after, after + 100 - (after % 100)),
  };
}

describe("recent keys", () => {
  test("the newest requests are known from the ledger alone, across its parts", () => {
    const all = Array.from({ length: 730 }, (_, n) => held(n + 1, `k${n + 1}`));
    const keys = createRecentKeys(replicaOf(all));
    expect(keys.find("k730")?.entry.sequence).toBe(730);
    expect(keys.find("k300")?.entry.sequence).toBe(300);
    expect(keys.find("k200")).toBeUndefined();
  });

  test("what is recorded later is known at once, what others record is not", () => {
    const keys = createRecentKeys(replicaOf([]));
    keys.add([held(1, "mine"), held(1, "theirs", "dev_b" as DeviceId), held(2)]);
    expect(keys.find("mine")?.entry.sequence).toBe(1);
    expect(keys.find("theirs")).toBeUndefined();
  });

  test("only so many are kept", () => {
    const keys = createRecentKeys(replicaOf([]));
    keys.add(Array.from({ length: 2_001 }, (_, n) => held(n + 1, `k${n + 1}`)));
    expect(keys.find("k1")).toBeUndefined();
    expect(keys.find("k2")?.entry.sequence).toBe(2);
  });
});
