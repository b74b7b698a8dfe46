import { nodeCrypto } from "@tillmesh/kernel/node";
import { testClock, testRandom, testSigner } from "@tillmesh/kernel/testing";
import type {
  BusinessDate,
  DeviceId,
  EntryDraft,
  LocationId,
  Sku,
  StaffId,
} from "@tillmesh/kernel";
import { describe, expect, test } from "vitest";
import {
  copyDisk,
  emptyDisk,
  exchange,
  finishSeals,
  startReplica,
  type SimDisk,
  type SimWorld,
} from "../testing/sim-replica.ts";
import { commitEntry } from "./commit.ts";
import type { CoreState } from "./core-state.ts";
import { defaultLimits } from "./limits.ts";
import { ledgerState } from "./ledger.ts";
import { publicationsOf, publishItems } from "./publish.ts";
import { acknowledgedThrough, summaryOf } from "./summary.ts";

function world(seed: number, count: number): SimWorld {
  return {
    crypto: { ...nodeCrypto(), randomBytes: testRandom(seed) },
    clock: testClock(Date.parse("2026-11-22T08:00:00Z")),
    devices: Array.from({ length: count }, (_, index) => ({
      id: `dev_${index}` as DeviceId,
      roles: index === 0 ? (["till", "hq"] as const) : (["till"] as const),
      signer: testSigner(index + 1),
    })),
  };
}

function sale(sku: string, quantityMilli: number): EntryDraft {
  return {
    kind: "sale",
    businessDate: "2026-11-22" as BusinessDate,
    by: { staff: "staff_1" as StaffId },
    movements: [
      { kind: "sale", location: "loc_sim" as LocationId, sku: sku as Sku, quantityMilli },
    ],
    body: { sku },
  };
}

function publish(state: CoreState, value: number): void {
  expect(publishItems(state, "prices", [{ key: "k", value }]).ok).toBe(true);
}

interface Till {
  state: CoreState;
  readonly disk: SimDisk;
}

function tills(seed: number, count: number): readonly Till[] {
  const shared = world(seed, count);
  return shared.devices.map((device) => {
    const disk = emptyDisk();
    return { disk, state: startReplica(shared, device, { disk }) };
  });
}

function heal(all: readonly Till[]): void {
  for (let round = 0; round < 200; round += 1) {
    let isNew = false;
    for (const from of all) {
      for (const to of all) {
        if (from === to) continue;
        isNew = exchange(from, to) || isNew;
        finishSeals(to.state, to.disk);
      }
    }
    if (!isNew) return;
  }
  throw new Error("no end of exchanging");
}

function ledgersOf({ state }: Till): readonly unknown[] {
  return [...state.ledgers.values()]
    .map(ledgerState)
    .map(({ device, incarnation, sequence, hash, isForked }) => ({
      device,
      incarnation,
      sequence,
      hash,
      isForked,
    }))
    .toSorted((a, b) => (`${a.device}/${a.incarnation}` < `${b.device}/${b.incarnation}` ? -1 : 1));
}

describe("replica core (RC)", () => {
  test("[RC1] two tills that were apart hold the same ledgers", () => {
    const [a, b] = tills(1, 2);
    for (let n = 0; n < 5; n += 1) expect(commitEntry(a!.state, sale("C001", -1000)).ok).toBe(true);
    expect(commitEntry(b!.state, sale("C001", -2000)).ok).toBe(true);
    expect(publishItems(a!.state, "prices", [{ key: "k", value: 1 }]).ok).toBe(true);
    expect(publishItems(b!.state, "prices", [{ key: "k", value: 1 }]).ok).toBe(false);
    heal([a!, b!]);
    expect(ledgersOf(a!)).toEqual(ledgersOf(b!));
    expect(publicationsOf(b!.state, "prices")).toHaveLength(1);
  });

  test("[RC2] a restart brings back the same state and goes on", () => {
    const [a] = tills(2, 1);
    for (let n = 0; n < 5; n += 1) commitEntry(a!.state, sale("C001", -1000));
    const before = ledgersOf(a!);
    const shared = world(3, 1);
    a!.state = startReplica(shared, shared.devices[0]!, { disk: a!.disk });
    expect(ledgersOf(a!)).toEqual(before);
    expect(commitEntry(a!.state, sale("C001", -1000)).ok).toBe(true);
    expect(ledgerState(a!.state.ledgers.get("dev_0/1")!).sequence).toBe(7);
  });

  test("[RC3] a full part is sealed, and a till that was away gets it by hash", () => {
    const [a, b] = tills(4, 2);
    heal([a!, b!]);
    for (let n = 0; n < 2_100; n += 1) commitEntry(a!.state, sale(`S${n % 50}`, -1000));
    heal([a!, b!]);
    expect(ledgersOf(a!)).toEqual(ledgersOf(b!));
    expect(b!.state.ledgers.get("dev_0/1")!.sealed.size).toBe(2);
    expect([...b!.state.documents.values()]).toHaveLength(2);
  });

  test("[RC4] a clone is found out: both branches stay, both copies go on under new incarnations", () => {
    const [a, b] = tills(5, 2);
    commitEntry(a!.state, sale("C001", -1000));
    const shared = world(6, 2);
    const disk = copyDisk(a!.disk);
    const clone = { disk, state: startReplica(shared, shared.devices[0]!, { disk }) };
    commitEntry(a!.state, sale("C002", -1000));
    commitEntry(clone.state, sale("C003", -1000));
    heal([a!, b!, clone]);
    expect(ledgersOf(a!)).toEqual(ledgersOf(b!));
    expect(ledgersOf(clone)).toEqual(ledgersOf(b!));
    expect(ledgersOf(b!)).toContainEqual(
      expect.objectContaining({ incarnation: 1, isForked: true }),
    );
    const first = b!.state.ledgers.get("dev_0/1")!.open.get(1)!;
    expect(
      first.nodes
        .map((node) => (node.signed.fact.body as { sku?: string }).sku)
        .filter((sku) => sku !== undefined)
        .toSorted(),
    ).toEqual(["C001", "C002", "C003"]);
    expect(a!.state.own!.incarnation).not.toBe(clone.state.own!.incarnation);
    expect(a!.state.exceptions).toContainEqual(expect.objectContaining({ type: "Fork" }));
  });

  test("[RC8] what a peer holds of a clone's branch does not count as held for this one", () => {
    const [a, b] = tills(7, 2);
    commitEntry(a!.state, sale("C001", -1000));
    const shared = world(8, 2);
    const disk = copyDisk(a!.disk);
    const clone = { disk, state: startReplica(shared, shared.devices[0]!, { disk }) };
    commitEntry(a!.state, sale("C002", -1000));
    commitEntry(clone.state, sale("C003", -1000));
    while (exchange(clone, b!)) continue;
    const told = summaryOf(b!.state);
    expect(acknowledgedThrough(clone.state, told, 1)).toBe(3);
    expect(acknowledgedThrough(a!.state, told, 1)).toBe(0);
  });

  test("[PU2] an HQ that met its clone's publication goes on with its own line, and opens again", () => {
    const [a, b] = tills(9, 2);
    publish(a!.state, 100);
    const shared = world(10, 2);
    const disk = copyDisk(a!.disk);
    const clone = { disk, state: startReplica(shared, shared.devices[0]!, { disk }) };
    publish(a!.state, 200);
    publish(clone.state, 300);
    publish(clone.state, 400);
    while (exchange(clone, a!)) continue;
    publish(a!.state, 500);
    heal([a!, b!, clone]);
    expect(publicationsOf(b!.state, "prices")).toHaveLength(5);
    const again = startReplica(world(9, 2), world(9, 2).devices[0]!, { disk: a!.disk });
    expect(publicationsOf(again, "prices")).toHaveLength(5);
  });

  test("[RC9] a copy that crashed on learning of the other's later part does not go on with that part", () => {
    const limits = { ...defaultLimits, partEntriesMax: 3 };
    const shared = { ...world(11, 1), limits };
    const disk = emptyDisk();
    const a = { disk, state: startReplica(shared, shared.devices[0]!, { disk }) };
    commitEntry(a.state, sale("C001", -1000));
    const copy = { ...world(12, 1), limits };
    const start = (on: SimDisk) => startReplica(copy, copy.devices[0]!, { disk: on });
    const clone: Till = { disk: copyDisk(a.disk), state: undefined! };
    clone.state = start(clone.disk);
    for (let n = 0; n < 6; n += 1) commitEntry(a.state, sale("C001", -1000));
    finishSeals(a.state, a.disk);
    // The log takes the foreign part; the process ends before it draws conclusions.
    clone.disk.fault = 1;
    exchange(a, clone);
    clone.state = start(clone.disk);
    const committed = commitEntry(clone.state, sale("C003", -1000));
    expect(committed).toMatchObject({ value: { entry: { incarnation: 2, sequence: 2 } } });
    heal([a, clone]);
    expect(ledgersOf(a)).toEqual(ledgersOf(clone));
  });
});
