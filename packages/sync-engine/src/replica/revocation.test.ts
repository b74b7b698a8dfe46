/** Devices that are cut off, in shops without files or sockets. The first device is HQ and holds the CA's key. */

import type {
  BusinessDate,
  DeviceId,
  EntryDraft,
  HeldEntry,
  LocationId,
  Sku,
  StaffId,
} from "@tillmesh/kernel";
import { nodeCrypto } from "@tillmesh/kernel/node";
import { testClock, testRandom, testSigner } from "@tillmesh/kernel/testing";
import { describe, expect, test } from "vitest";
import {
  copyDisk,
  emptyDisk,
  exchange,
  finishSeals,
  simCa,
  smallLimits,
  startReplica,
  type SimDisk,
  type SimWorld,
} from "../testing/sim-replica.ts";
import { commitEntry } from "./commit.ts";
import type { CoreState } from "./core-state.ts";
import type { CoreEvent } from "./events.ts";
import { entriesDelivered } from "./ledger.ts";
import { publicationsOf, publishItems } from "./publish.ts";
import { admitRevoked, revokeDevice } from "./revoke.ts";
import { revisionOf } from "./revocation.ts";

interface Till {
  state: CoreState;
  readonly disk: SimDisk;
  readonly events: CoreEvent[];
}

/** `hq` roles first; parts of five entries, so that lines cross sealed parts. */
function shop(seed: number, roles: readonly ("hq" | "till")[]) {
  const world: SimWorld = {
    crypto: { ...nodeCrypto(), randomBytes: testRandom(seed) },
    clock: testClock(Date.parse("2026-11-22T08:00:00Z")),
    devices: roles.map((role, index) => ({
      id: `dev_${index}` as DeviceId,
      roles: role === "hq" ? (["till", "hq"] as const) : (["till"] as const),
      signer: testSigner(index + 1),
    })),
    limits: smallLimits(5),
  };
  const start = (index: number, disk: SimDisk): Till => {
    const events: CoreEvent[] = [];
    const onStarting = (state: CoreState) => void state.listeners.add((one) => events.push(one));
    return {
      disk,
      events,
      state: startReplica(world, world.devices[index]!, { disk, onStarting }),
    };
  };
  return { start, tills: roles.map((_, index) => start(index, emptyDisk())) };
}

function sell({ state, disk }: Till, count = 1): void {
  for (let n = 0; n < count; n += 1) {
    expect(commitEntry(state, sale).ok).toBe(true);
    finishSeals(state, disk);
  }
}

const sale: EntryDraft = {
  kind: "sale",
  businessDate: "2026-11-22" as BusinessDate,
  by: { staff: "staff_1" as StaffId },
  movements: [
    { kind: "sale", location: "loc_sim" as LocationId, sku: "C001" as Sku, quantityMilli: -1000 },
  ],
  body: {},
};

function meet(...all: readonly Till[]): void {
  for (let isNew = true; isNew;) {
    isNew = false;
    for (const from of all) {
      for (const to of all) {
        if (from === to) continue;
        isNew = exchange(from, to) || isNew;
        finishSeals(to.state, to.disk);
      }
    }
  }
}

function revoke({ state }: Till, device: string, byCa = true) {
  return revokeDevice(state, device, byCa ? { signByCa: (data) => simCa.sign(data) } : {});
}

/** `sequence` or `sequence!` where the entry does not count, of all ledgers of the device. */
function counts({ state }: Till, device: string): string {
  const ledgers = [...state.ledgers.values()].filter((one) => one.device === device);
  const held = ledgers.flatMap((ledger) => entriesDelivered(ledger, 1, state.readSealed));
  return held.map((one) => `${one.entry.sequence}${isRevoked(one) ? "!" : ""}`).join(" ");
}

function isRevoked({ flags }: HeldEntry): boolean {
  return flags.includes("revoked");
}

function toldFlags({ events }: Till, device: string): string {
  const entries = events.flatMap((event) => (event.type === "entries" ? event.entries : []));
  return entries
    .filter(({ entry }) => entry.device === device)
    .map((one) => `${one.entry.sequence}${isRevoked(one) ? "!" : ""}`)
    .join(" ");
}

const must = (result: { readonly ok: boolean }) => expect(result).toMatchObject({ ok: true });
const prices = (till: Till) =>
  publicationsOf(till.state, "prices")
    .map(({ items }) => Number(items[0]?.value))
    .toSorted((a, b) => a - b);

describe("revocation (RV)", () => {
  test("[RV1] what HQ held counts; what comes later is kept and flagged, wherever it comes first", () => {
    const [hq, till, other] = shop(1, ["hq", "till", "till"]).tills as [Till, Till, Till];
    sell(till, 6);
    meet(hq, till, other);
    must(revoke(hq, "dev_1"));
    // The other till learns of the later sales before it learns of the revocation.
    sell(till, 6);
    meet(till, other);
    expect(counts(other, "dev_1")).toBe("1 2 3 4 5 6 7 8 9 10 11 12 13 14 15");
    meet(hq, other);
    const expected = "1 2 3 4 5 6 7 8 9! 10! 11! 12! 13! 14! 15!";
    expect(counts(hq, "dev_1")).toBe(expected);
    expect(counts(other, "dev_1")).toBe(expected);
    expect(toldFlags(hq, "dev_1")).toBe(expected);
    expect(revisionOf(hq.state)).toBe(revisionOf(other.state));
  });

  test("[RV2] whoever had counted more is told to count anew", () => {
    const [hq, till, other] = shop(2, ["hq", "till", "till"]).tills as [Till, Till, Till];
    meet(hq, till, other);
    sell(till, 2);
    meet(till, other);
    const before = revisionOf(other.state);
    must(revoke(hq, "dev_1"));
    meet(hq, other);
    expect(other.events).toContainEqual({ type: "revoked", device: "dev_1" });
    expect(counts(other, "dev_1")).toBe("1 2! 3!");
    expect(revisionOf(other.state)).not.toBe(before);
    expect(before).toBe("");
  });

  test("[RV3] an admission by HQ lets in what HQ holds then, and nothing after", () => {
    const [hq, till, other] = shop(3, ["hq", "till", "till"]).tills as [Till, Till, Till];
    meet(hq, till, other);
    must(revoke(hq, "dev_1"));
    sell(till, 3);
    meet(hq, till, other);
    expect(counts(other, "dev_1")).toBe("1 2! 3! 4!");
    must(admitRevoked(hq.state, "dev_1"));
    sell(till, 2);
    meet(hq, till, other);
    expect(counts(other, "dev_1")).toBe("1 2 3 4 5! 6! 7!");
    expect(revoke(hq, "dev_1")).toMatchObject({ error: { type: "AlreadyRevoked" } });
    expect(admitRevoked(hq.state, "dev_2")).toMatchObject({ error: { type: "NotRevoked" } });
  });

  test("[RV4] of a revoked HQ device publications count up to those that the revocation names", () => {
    const [hq, second, till] = shop(4, ["hq", "hq", "till"]).tills as [Till, Till, Till];
    const publish = ({ state }: Till, value: number) =>
      publishItems(state, "prices", [{ key: "k", value }]);
    must(publish(second, 1));
    must(publish(second, 2));
    meet(hq, second, till);
    must(revoke(hq, "dev_1"));
    must(publish(second, 3));
    meet(second, till);
    expect(prices(till)).toEqual([1, 2, 3]);
    meet(hq, till);
    expect(prices(till)).toEqual([1, 2]);
    expect(prices(hq)).toEqual([1, 2]);
    meet(hq, second);
    expect(publish(second, 4)).toMatchObject({ error: { type: "NotHq" } });
    // Its numbers do not hold up the others: HQ goes on from what counts.
    const next = publish(hq, 5);
    expect(next).toMatchObject({ ok: true, value: { sequence: 3, seen: { dev_1: 2 } } });
    meet(hq, till);
    expect(prices(till)).toEqual([1, 2, 5]);
    expect(counts(till, "dev_1")).toBe("1");
  });

  test("[RV4] what counts is told also when the revocation came first", () => {
    const [hq, second, till] = shop(5, ["hq", "hq", "till"]).tills as [Till, Till, Till];
    for (const value of [1, 2]) must(publishItems(second.state, "prices", [{ key: "k", value }]));
    meet(hq, second);
    must(revoke(hq, "dev_1"));
    must(publishItems(second.state, "prices", [{ key: "k", value: 3 }]));
    // The revocation, with one price only: the line's end comes later.
    exchange(hq, till, 1);
    expect(till.state.ports.trust.revocationOf("dev_1")).toMatchObject({ device: "dev_1" });
    meet(second, till);
    const told = till.events.flatMap((event) =>
      event.type === "publication" && event.publication.topic === "prices"
        ? event.publication.items.map(({ value }) => value)
        : [],
    );
    expect([...new Set(told)]).toEqual([1, 2]);
    expect(prices(till)).toEqual([1, 2]);
  });

  test("[RV5] only the CA cuts off HQ; a device that was cut off cuts off and lets in nobody", () => {
    const [hq, second, till] = shop(6, ["hq", "hq", "till"]).tills as [Till, Till, Till];
    meet(hq, second, till);
    expect(revoke(second, "dev_0", false)).toMatchObject({ error: { type: "NeedsCa" } });
    expect(revoke(hq, "dev_0")).toMatchObject({ error: { type: "OwnDevice" } });
    expect(revoke(hq, "dev_9")).toMatchObject({ error: { type: "UnknownDevice" } });
    expect(revoke(till, "dev_2", false)).toMatchObject({ error: { type: "OwnDevice" } });
    // What it would publish if it did not look: no signature, or one by its own key.
    const value = {
      v: 1,
      organisation: "org_sim",
      device: "dev_0",
      through: [],
      published: [],
      certificates: ["dev_0"],
    };
    const caSignature = Buffer.from(second.state.ports.signer.sign(new Uint8Array(3)));
    for (const one of [value, { ...value, caSignature: caSignature.toString("base64url") }]) {
      must(publishItems(second.state, "revocations", [{ key: "dev_0", value: one }]));
    }
    must(revoke(hq, "dev_1"));
    must(revoke(second, "dev_2", false));
    must(admitRevoked(second.state, "dev_2"));
    meet(hq, second, till);
    for (const one of [hq, second, till]) {
      expect([...one.state.revocations.keys()]).toEqual(["dev_1"]);
    }
  });

  test("[RV5] a second HQ device cuts off tills", () => {
    const [hq, second, till] = shop(7, ["hq", "hq", "till"]).tills as [Till, Till, Till];
    meet(hq, second, till);
    must(revoke(second, "dev_2", false));
    sell(till);
    meet(hq, second, till);
    expect(counts(hq, "dev_2")).toBe("1 2!");
  });

  test("[RV6] a revoked till goes on recording, adds up for itself, and says why", () => {
    const [hq, till] = shop(8, ["hq", "till"]).tills as [Till, Till];
    meet(hq, till);
    must(revoke(hq, "dev_1"));
    meet(hq, till);
    sell(till, 2);
    expect(counts(till, "dev_1")).toBe("1 2 3");
    expect(till.state.exceptions).toContainEqual({
      type: "Revoked",
      device: "dev_1",
      by: "dev_0",
      isProved: true,
    });
    meet(hq, till);
    expect(counts(hq, "dev_1")).toBe("1 2! 3!");
  });

  test("[RV7] after a restart everything is judged as before", () => {
    const { tills, start } = shop(9, ["hq", "till", "till"]);
    const [hq, till, other] = tills as [Till, Till, Till];
    meet(hq, till, other);
    must(revoke(hq, "dev_1"));
    sell(till, 7);
    meet(hq, till, other);
    const before = [counts(other, "dev_1"), revisionOf(other.state)];
    const again = start(2, other.disk);
    expect([counts(again, "dev_1"), revisionOf(again.state)]).toEqual(before);
    expect(again.events.some(({ type }) => type === "revoked")).toBe(false);
    expect(start(1, till.disk).state.exceptions).toContainEqual(
      expect.objectContaining({ type: "Revoked" }),
    );
  });

  test("[RV8] of a branch that HQ did not hold nothing counts, also below the sequence that is named", () => {
    const { tills, start } = shop(10, ["hq", "till", "till"]);
    const [hq, till, other] = tills as [Till, Till, Till];
    sell(till, 2);
    const stolen = start(1, copyDisk(till.disk));
    sell(till, 4);
    meet(hq, till);
    must(revoke(hq, "dev_1"));
    // The thief goes on where the copy was; the other till meets the thief only, then HQ.
    sell(stolen, 2);
    meet(stolen, other);
    expect(counts(other, "dev_1")).toBe("1 2 3 4 5");
    meet(hq, other);
    const expected = "1 2 3 4 4! 5 5! 6 7 8";
    const sorted = (one: Till) => counts(one, "dev_1").split(" ").toSorted();
    expect(sorted(other).slice(0, expected.split(" ").length)).toEqual(expected.split(" "));
    expect(sorted(hq)).toEqual(sorted(other));
    expect(revisionOf(hq.state)).toBe(revisionOf(other.state));
    // An incarnation that HQ never saw does not count at all.
    sell(stolen, 1);
    meet(hq, stolen, other);
    const later = [...hq.state.ledgers.values()].filter(
      ({ device, incarnation }) => device === "dev_1" && incarnation > 1,
    );
    expect(later.length).toBeGreaterThan(0);
    const held = later.flatMap((ledger) => entriesDelivered(ledger, 1, hq.state.readSealed));
    expect(held.every(isRevoked)).toBe(true);
  });

  test("[RV9] what HQ held of a forked ledger counts on all branches", () => {
    const { tills, start } = shop(11, ["hq", "till"]);
    const [hq, till] = tills as [Till, Till];
    sell(till, 1);
    const twin = start(1, copyDisk(till.disk));
    sell(till, 2);
    sell(twin, 3);
    meet(hq, twin);
    exchange(till, hq);
    meet(hq, twin);
    must(revoke(hq, "dev_1"));
    expect(counts(hq, "dev_1")).not.toContain("!");
    expect(hq.state.revocations.get("dev_1")!.through.length).toBeGreaterThan(1);
  });
});
