import type { BusinessDate, EntryDraft, Json, LocationId, Sku, StaffId } from "@tillmesh/kernel";
import { nodeCrypto } from "@tillmesh/kernel/node";
import { testClock, testRandom, testSigner } from "@tillmesh/kernel/testing";
import type { DeviceId } from "@tillmesh/kernel";
import { describe, expect, test } from "vitest";
import { emptyDisk, startReplica, type SimWorld } from "../testing/sim-replica.ts";
import { commitEntry } from "./commit.ts";
import { publishItems } from "./publish.ts";

const device = { id: "dev_0" as DeviceId, roles: ["till", "hq"] as const, signer: testSigner(1) };
const world: SimWorld = {
  crypto: { ...nodeCrypto(), randomBytes: testRandom(1) },
  clock: testClock(Date.parse("2026-11-22T08:00:00Z")),
  devices: [device],
};

function draft(members: Partial<EntryDraft>): EntryDraft {
  const by = { staff: "staff_1" as StaffId };
  return { kind: "sale", businessDate: "2026-11-22" as BusinessDate, by, body: {}, ...members };
}

function moving(sku: string, quantityMilli: number): Partial<EntryDraft> {
  const location = "loc_sim" as LocationId;
  return { movements: [{ kind: "sale", location, sku: sku as Sku, quantityMilli }] };
}

let deep: Json = 1;
for (let level = 0; level < 40; level += 1) deep = [deep];

describe("what a replica records itself (CM)", () => {
  test.each([
    ["an article's name that is too long", moving("s".repeat(129), -1)],
    ["an article's name without bytes", moving("\ud800", -1)],
    ["too much of an article", moving("A", 1_000_000_000_001)],
    ["a key that is too long", { key: "k".repeat(513) }],
    ["a day that is none", { businessDate: "2026-02-30" as BusinessDate }],
    ["a body that is too deep", { body: deep }],
  ])("[CM1] what it would not take from others it does not record: %s", (_, members) => {
    const disk = emptyDisk();
    const state = startReplica(world, device, { disk });
    const refused = commitEntry(state, draft(members));
    expect(refused).toMatchObject({ ok: false, error: { type: "Malformed" } });
    expect(commitEntry(state, draft({})).ok).toBe(true);
    const again = startReplica(world, device, { disk });
    expect(again.ledgers.get("dev_0/1")?.deliveredThrough).toBe(2);
  });

  test.each([
    ["a topic that is none", "Bad Topic", [{ key: "k", value: 1 }]],
    ["a key that is too long", "prices", [{ key: "k".repeat(257), value: 1 }]],
    ["a value that is too deep", "prices", [{ key: "k", value: deep }]],
  ])("[PU1] what it would not take from others it does not publish: %s", (_, topic, items) => {
    const disk = emptyDisk();
    const state = startReplica(world, device, { disk });
    const refused = publishItems(state, topic, items);
    expect(refused).toMatchObject({ ok: false, error: { type: "Malformed" } });
    expect(startReplica(world, device, { disk }).documents.size).toBe(1);
  });
});
