import * as Automerge from "@automerge/automerge";
import type { DeviceId, Entry } from "@tillmesh/kernel";
import { deflateRawSync } from "node:zlib";
import { beforeEach, describe, expect, test } from "vitest";
import {
  automergeDocument,
  factCrypto,
  factKeys,
  factMovement,
  factPart,
  ownerContext,
  receivedPart,
  signedEntry,
  writePart,
} from "../testing/signed-facts.ts";
import { entryMaxLength } from "./entry-format.ts";
import { genesisActor, genesisObjects, genesisOf } from "./genesis.ts";
import { isFull, partCountersMax, partEntriesMax, partTextMaxLength } from "./ledger-branch.ts";
import {
  admitEntryChange,
  counterTotals,
  emptyPart,
  heldEntries,
  peekEntry,
  planEntry,
  type EntryNode,
  type LedgerPart,
} from "./ledger-part.ts";
import type { Signed } from "./signed-text.ts";

/** An Automerge change as plain data. */
interface Plan {
  actor: string;
  seq: number;
  startOp: number;
  time: number;
  message: string | null;
  deps: string[];
  ops: Record<string, unknown>[];
}

const owner = emptyPart(factPart);
const writer = writePart(owner);
writer.append();
writer.append({ movements: [factMovement("A", 5_000), factMovement("D", 7_000)] });
const nextEntry = writer.next({
  movements: [factMovement("A", -1_000), factMovement("B", -2_000), factMovement("D", -1_000)],
});
const genuine = planEntry(owner, nextEntry, factCrypto).bytes;

let victim: LedgerPart;
beforeEach(() => {
  victim = receivedPart(owner);
});

function admit(bytes: Uint8Array, part = victim) {
  return admitEntryChange(part, bytes, ownerContext);
}

function forged(alter: (plan: Plan) => void, bytes = genuine): Uint8Array {
  const plan = structuredClone(Automerge.decodeChange(bytes)) as unknown as Plan;
  alter(plan);
  return Automerge.encodeChange(plan as unknown as Parameters<typeof Automerge.encodeChange>[0]);
}

/** Refused, nothing is changed, and the genuine change is admitted afterwards. */
function expectRefused(bytes: Uint8Array, type: string, part = victim): void {
  const before = { held: heldEntries(part), totals: [...counterTotals(part)] };
  expect(admit(bytes, part)).toMatchObject({ ok: false, error: { type } });
  expect({ held: heldEntries(part), totals: [...counterTotals(part)] }).toEqual(before);
  expect(admit(genuine)).toMatchObject({ ok: true });
  expect(victim.branches).toHaveLength(1);
}

/** The change that would carry `entry`, had its owner made it at the end of the line. */
function carrying(entry: Signed<Entry>): Uint8Array {
  return forged((plan) => {
    plan.ops[0]!["value"] = entry.text;
  });
}

describe("what a ledger part takes (LP)", () => {
  test("[LP7] the next entry of the owner, and the same again as nothing new", () => {
    expect(admit(genuine)).toMatchObject({ ok: true, value: { isNew: true } });
    expect(admit(genuine)).toMatchObject({ ok: true, value: { isNew: false } });
    expect(Object.fromEntries(counterTotals(victim))).toEqual({
      "loc_1/A": 4_000,
      "loc_1/B": -2_000,
      "loc_1/D": 6_000,
    });
    expect(victim.nodes).toHaveLength(3);
  });

  const otherPart = "2".repeat(64);
  const forgeries: Readonly<Record<string, (plan: Plan) => void>> = {
    "another actor": (plan) => void (plan.actor = "ffffffffffffffff"),
    "the actor of the genesis": (plan) => void (plan.actor = genesisActor),
    "another change number": (plan) => void (plan.seq += 1),
    "a later operation number": (plan) => void (plan.startOp += 1),
    "another time": (plan) => void (plan.time = 1),
    "a message": (plan) => void (plan.message = "hello"),
    "a dependency more": (plan) => void plan.deps.push(genesisOf("ledger").hash),
    "an operation more": (plan) =>
      void plan.ops.push({ action: "set", obj: "_root", key: "x", value: 1, pred: [] }),
    "an increment less": (plan) => void plan.ops.pop(),
    "no increments": (plan) => void plan.ops.splice(1),
    "an increment twice": (plan) => void plan.ops.push(plan.ops.at(-1)!),
    "increments in another order": (plan) => void plan.ops.push(...plan.ops.splice(1, 1)),
    "an increment of another size": (plan) => void (plan.ops[1]!["value"] = -999),
    "an increment of another key": (plan) => void (plan.ops[1]!["key"] = "loc_1/C"),
    "an increment in another sub-map": (plan) =>
      void (plan.ops[1]!["obj"] = genesisObjects.counterBucket(0)),
    "a counter made anew": (plan) =>
      void Object.assign(plan.ops[1]!, { action: "set", datatype: "counter" }),
    "a counter written over": (plan) =>
      void Object.assign(plan.ops[1]!, { action: "set", datatype: "int" }),
    "a counter made as a plain number": (plan) =>
      void Object.assign(plan.ops[2]!, { datatype: "int" }),
    "the entry as a collaborative text": (plan) =>
      void Object.assign(plan.ops[0]!, { action: "makeText", value: undefined }),
    "the entry in a map": (plan) =>
      void Object.assign(plan.ops[0]!, {
        obj: "_root",
        key: "x",
        elemId: undefined,
        insert: false,
      }),
    "the entry at the front": (plan) => void (plan.ops[0]!["elemId"] = "_head"),
    "the entry over another": (plan) =>
      void Object.assign(plan.ops[0]!, { insert: false, pred: [plan.ops[0]!["elemId"]] }),
    "a deletion": (plan) =>
      void plan.ops.push({
        action: "del",
        obj: genesisObjects.entries,
        elemId: plan.ops[0]!["elemId"],
        pred: [plan.ops[0]!["elemId"]],
      }),
    "a list of one's own": (plan) =>
      void plan.ops.push({ action: "makeList", obj: "_root", key: "entries", pred: [] }),
    "a map of one's own": (plan) =>
      void plan.ops.push({ action: "makeMap", obj: "_root", key: "stock", pred: [] }),
  };

  test.each(Object.keys(forgeries))("[LP8] refused around a genuine entry: %s", (name) => {
    const bytes = forged(forgeries[name]!);
    expect(bytes).not.toEqual(genuine);
    const { error } = admit(bytes) as { error?: { type: string } };
    expect(["OtherChange", "NotAnEntryChange"]).toContain(error?.type);
    expectRefused(bytes, error!.type);
  });

  test("[LP8] refused: an increment of a counter in another map, which Automerge cannot load again", () => {
    const counter = Automerge.decodeChange(owner.nodes[1]!.change.bytes);
    const poison = forged((plan) => {
      const ops = counter.ops as unknown as Record<string, unknown>[];
      const [a, d] = [plan.ops[1]!, plan.ops[3]!];
      expect(a["obj"]).not.toBe(d["obj"]);
      expect(ops).toHaveLength(3);
      a["pred"] = d["pred"];
    });
    expectRefused(poison, "OtherChange");
    const changes = [...owner.nodes.map(({ change }) => change.bytes), poison];
    const saved = Automerge.save(automergeDocument("ledger", changes));
    expect(() => Automerge.load(saved)).toThrow(/assertion failed/);
    expect(Automerge.load(Automerge.save(Automerge.from({ a: 1 })))).toEqual({ a: 1 });
  });

  test("[LP9] refused: a parent that is not here, which may still come", () => {
    const orphan = forged((plan) => void (plan.deps = [otherPart]));
    expectRefused(orphan, "MissingParent");
  });

  test("[LP9] refused: no parent, and the parent of a different line", () => {
    expectRefused(
      forged((plan) => void (plan.deps = [])),
      "NotAnEntryChange",
    );
    expectRefused(
      forged((plan) => void (plan.deps = [genesisOf("ledger").hash])),
      "NotOpened",
    );
    expectRefused(
      forged((plan) => void (plan.deps = [owner.nodes[0]!.change.hash])),
      "BrokenChain",
    );
  });

  test("[LP10] refused: signed by another device, or changed after it was signed", () => {
    expectRefused(carrying(signedEntry(nextEntry.fact, factKeys.other)), "BadSignature");
    const changed = { ...nextEntry, text: nextEntry.text.replace("-2000", "-3000") };
    expect(changed.text).not.toBe(nextEntry.text);
    expectRefused(carrying(changed), "BadSignature");
  });

  test.each([
    ["a sequence left out", { sequence: 4 }, "BrokenChain"],
    ["a sequence used before", { sequence: 2 }, "BrokenChain"],
    ["another previous entry", { previous: "0".repeat(64) }, "BrokenChain"],
    ["no previous entry", { previous: "" }, "BrokenChain"],
    ["another device", { device: "dev_other" as DeviceId }, "WrongDocument"],
    ["another incarnation", { incarnation: 2 }, "WrongDocument"],
    ["another part", { part: 2 }, "WrongDocument"],
    ["no number", { sequence: 0 }, "EntryFormat"],
    ["an alien actor", { actor: "x" }, "EntryFormat"],
    ["another format", { v: 2 as 1 }, "EntryFormat"],
  ])("[LP11] refused although signed by the owner: %s", (_, members, type) => {
    expectRefused(carrying(writer.next(members)), type);
  });

  test("[LP11] refused: a text that is not canonical, or no signed text", () => {
    const spaced = { ...nextEntry, text: nextEntry.text.replace(`{"actor"`, `{ "actor"`) };
    expectRefused(carrying(spaced), "NotCanonical");
    expectRefused(carrying({ ...nextEntry, text: "a sale, honestly" }), "NotSignedText");
  });

  test("[LP12] refused: the first entry of a part that does not open it", () => {
    const empty = emptyPart(factPart);
    const first = writePart(emptyPart(factPart));
    const sale = planEntry(first.part, first.next({ kind: "sale" }), factCrypto).bytes;
    expectRefused(sale, "NotOpened", empty);
    const late = planEntry(first.part, first.next({ sequence: 2 }), factCrypto).bytes;
    expectRefused(late, "BrokenChain", empty);
  });

  test("[LP13] refused: one entry in two changes, signed twice by its owner", () => {
    expect(admit(genuine).ok).toBe(true);
    const again = {
      ...nextEntry,
      text: nextEntry.text.replace(/[^"]{86}(?="\}$)/, secondSignature),
    };
    const bytes = carrying(again);
    const isOwners = { ...ownerContext, crypto: { ...factCrypto, verify: () => true } };
    expect(admitEntryChange(victim, bytes, isOwners)).toEqual({
      ok: false,
      error: { type: "EntryTwice", sequence: 3 },
    });
  });

  test("[LP14] refused: an actor that writes one change number twice", () => {
    expect(admit(genuine).ok).toBe(true);
    const twin = receivedPart(owner);
    const other = writePart(twin).append({ body: "the other branch" });
    expect(other.signed.fact.actor).toBe(nextEntry.fact.actor);
    expect(admit(other.change.bytes)).toMatchObject({
      ok: false,
      error: { type: "ActorReused", sequence: 3 },
    });
    expect(victim.branches).toHaveLength(1);
  });

  test("[LP15] refused: more branches than clones are made by accident", () => {
    const branches = Array.from({ length: 17 }, (_, index) =>
      writePart(receivedPart(owner), String(index).padStart(16, "0")).append(),
    );
    for (const { change } of branches.slice(0, 16)) expect(admit(change.bytes).ok).toBe(true);
    expect(admit(branches[16]!.change.bytes)).toEqual({
      ok: false,
      error: { type: "TooManyBranches", limit: 16 },
    });
  });

  test("[LP16] refused: what is too large to be an entry, before any work is done on it", () => {
    expect(admit(new Uint8Array(entryMaxLength * 4 + 1))).toMatchObject({
      error: { type: "NotAnEntryChange" },
    });
    const long = carrying(writer.next({ body: "x".repeat(entryMaxLength) }));
    expectRefused(long, "NotAnEntryChange");
  });

  test("[LP16] refused: a compressed change, which could unfold without end", () => {
    const { hash } = Automerge.decodeChange(genuine);
    expect(Automerge.decodeChange(compressed(genuine)).hash).toBe(hash);
    expectRefused(compressed(genuine), "NotAnEntryChange");
    const bomb = compressed(carrying(writer.next({ body: "x".repeat(50_000_000) })));
    expect(bomb.length).toBeLessThan(entryMaxLength);
    const started = performance.now();
    expectRefused(bomb, "NotAnEntryChange");
    expect(performance.now() - started).toBeLessThan(100);
  });

  test("[LP16] refused: a saved document, a bundle of changes, the genesis", () => {
    const doc = automergeDocument("ledger", [genuine]);
    expectRefused(Automerge.save(doc), "NotAnEntryChange");
    expectRefused(genesisOf("ledger").change, "NotAnEntryChange");
    expectRefused(genesisOf("publications").change, "NotAnEntryChange");
  });

  test("[LP17] what a change claims to carry can be looked at without believing it", () => {
    expect(peekEntry(genuine)).toEqual(nextEntry.fact);
    expect(peekEntry(genesisOf("ledger").change)).toBeUndefined();
    expect(peekEntry(new Uint8Array(3))).toBeUndefined();
  });
});

describe("a line of entries (BR)", () => {
  test("[BR1] a part is full at a thousand entries and takes no more", () => {
    const writing = writePart(emptyPart(factPart));
    for (let n = 0; n < partEntriesMax; n += 1) writing.append();
    const { part } = writing;
    const more = planEntry(part, writing.next(), factCrypto).bytes;
    expect(admit(more, part)).toEqual({ ok: false, error: { type: "PartFull", sequence: 1_001 } });
    const short = part.branches[0]!;
    expect(isFull({ ...short, length: 999 })).toBe(false);
    expect(isFull({ ...short, length: 999, textLength: partTextMaxLength })).toBe(true);
    const counters = new Map(
      Array.from({ length: partCountersMax }, (_, index) => [String(index), { op: "", milli: 0 }]),
    );
    expect(isFull({ ...short, length: 999, counters })).toBe(true);
  });

  test("[BR2] a counter is made by its first increment and only incremented after", () => {
    const [, first] = owner.nodes;
    expect(actions(first!.change.bytes)).toEqual(["set", "set", "set"]);
    expect(actions(genuine)).toEqual(["set", "inc", "set", "inc"]);
  });

  test("[BR3] a second branch makes the counters that it touches anew, and both count", () => {
    const base = writePart(emptyPart(factPart));
    base.append();
    const apart = [1, 2].map((n): EntryNode => {
      const copy = writePart(receivedPart(base.part), `${n}`.repeat(16));
      copy.append({ movements: [factMovement("A", n)] });
      return copy.append({
        movements: [factMovement("A", 10 * n), factMovement("B", 5), factMovement("B", -5)],
      });
    });
    for (const last of apart) {
      for (const { change } of [last.parent!, last])
        expect(admit(change.bytes, base.part).ok).toBe(true);
    }
    expect(Object.fromEntries(counterTotals(base.part))).toEqual({ "loc_1/A": 33 });
  });
});

function actions(bytes: Uint8Array): readonly string[] {
  return Automerge.decodeChange(bytes).ops.map(({ action }) => action);
}

/** Any other 64 bytes in canonical base64url. */
const secondSignature = "B".repeat(85) + "A";

/** The change as a compressed chunk: type 2 and a raw deflate stream for the body. */
function compressed(bytes: Uint8Array): Uint8Array {
  let at = 9;
  while (bytes[at]! >= 128) at += 1;
  const body = deflateRawSync(bytes.subarray(at + 1));
  const length: number[] = [];
  for (let left = body.length; ; left = Math.floor(left / 128)) {
    length.push(left >= 128 ? (left % 128) + 128 : left);
    if (left < 128) break;
  }
  return Uint8Array.from([...bytes.subarray(0, 8), 2, ...length, ...body]);
}
