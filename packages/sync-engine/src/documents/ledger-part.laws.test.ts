import * as Automerge from "@automerge/automerge";
import type { Entry } from "@tillmesh/kernel";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  automergeDocument,
  type AutomergeDocument,
  factMovement,
  factPart,
  ownerContext,
  receivedPart,
  seeDocument,
  writePart,
} from "../testing/signed-facts.ts";
import {
  admitEntryChange,
  counterTotals,
  emptyPart,
  forkedFrom,
  heldEntries,
  type EntryNode,
  type LedgerPart,
} from "./ledger-part.ts";

interface Step {
  readonly entry: Partial<Entry>;
  /** The device was restarted before: it writes as another actor. */
  readonly isRestarted: boolean;
}

const step: fc.Arbitrary<Step> = fc.record({
  entry: fc.record({
    kind: fc.constantFrom("sale", "stock", "tip-jar"),
    body: fc.oneof(fc.string({ unit: "binary" }), fc.dictionary(fc.string(), fc.integer())),
    movements: fc.array(
      fc
        .tuple(fc.constantFrom("A", "B", "C", "D/é"), fc.integer({ min: -4_000, max: 4_000 }))
        .map(([sku, milli]) => factMovement(sku, milli)),
      { maxLength: 5 },
    ),
  }),
  isRestarted: fc.boolean(),
});
const steps = fc.array(step, { minLength: 1, maxLength: 12 });

let actors = 0;

/** Goes on at the end of a line, as the owner or as a clone of it. */
function write(part: LedgerPart, line: readonly Step[]): readonly EntryNode[] {
  const from = part.nodes.length;
  let writer = writePart(part, newActor());
  if (from === 0) writer.append();
  for (const { entry, isRestarted } of line) {
    if (isRestarted) writer = writePart(part, newActor());
    writer.append(entry);
  }
  return part.nodes.slice(from);
}

function newActor(): string {
  actors += 1;
  return actors.toString(16).padStart(16, "0");
}

/** A ledger that was cloned: a common line, then each copy on its own. */
function fork(common: readonly Step[], copies: readonly (readonly Step[])[]): readonly EntryNode[] {
  const first = emptyPart(factPart);
  write(first, common);
  const shared = [...first.nodes];
  return [...shared, ...copies.flatMap((line) => write(receivedPart(first), line))];
}

function admitted(nodes: readonly EntryNode[]): LedgerPart {
  const part = emptyPart(factPart);
  for (const { change } of nodes) {
    expect(admitEntryChange(part, change.bytes, ownerContext)).toMatchObject({ ok: true });
  }
  return part;
}

function expectSame(part: LedgerPart, doc: AutomergeDocument): void {
  const seen = seeDocument(doc);
  const texts = part.nodes.map(({ signed }) => signed.text);
  expect(seen.entries.toSorted()).toEqual(texts.toSorted());
  expect(seen.counters).toEqual(new Map(counterTotals(part)));
}

describe("laws of ledger parts (LP)", () => {
  test("[LP3] what the owner plans is what a receiver derives, byte by byte", () => {
    fc.assert(
      fc.property(steps, (line) => {
        const own = emptyPart(factPart);
        const nodes = write(own, line);
        const part = admitted(nodes);
        expect(part.nodes).toEqual(own.nodes);
        expect(counterTotals(part)).toEqual(counterTotals(own));
        expect(part.branches).toEqual(own.branches);
      }),
      { numRuns: 60 },
    );
  });

  test("[LP4] Automerge sees exactly the part's entries and counters, live and reloaded", () => {
    fc.assert(
      fc.property(steps, (line) => {
        const part = emptyPart(factPart);
        let live = automergeDocument("ledger", []);
        for (const { change } of write(part, line)) {
          live = Automerge.applyChanges(live, [change.bytes])[0];
        }
        expectSame(part, live);
        expectSame(part, Automerge.load(Automerge.save(live)));
      }),
      { numRuns: 60 },
    );
  });

  test("[LP5] of a forked part both branches are entries and count, in any order of arrival", () => {
    const copies = fc.array(steps, { minLength: 2, maxLength: 3 });
    fc.assert(
      fc.property(steps, copies, fc.infiniteStream(fc.nat()), (common, lines, order) => {
        const nodes = fork(common, lines);
        const part = admitted(nodes);
        expect(part.branches).toHaveLength(lines.length);
        expect(forkedFrom(part)).toBe(common.length + 2);
        const doc = automergeDocument(
          "ledger",
          nodes.map(({ change }) => change.bytes),
        );
        expectSame(part, Automerge.load(Automerge.save(doc)));

        const other = admitted(shuffledParentsFirst(nodes, order));
        expect(heldEntries(other)).toEqual(heldEntries(part));
        expect(counterTotals(other)).toEqual(counterTotals(part));
      }),
      { numRuns: 40 },
    );
  });

  test("[CH3] a change is written in Automerge's own canonical form, and hashed as Automerge does", () => {
    fc.assert(
      fc.property(steps, (line) => {
        for (const { change } of write(emptyPart(factPart), line)) {
          const decoded = Automerge.decodeChange(change.bytes);
          expect(decoded.hash).toBe(change.hash);
          expect(Automerge.encodeChange(decoded)).toEqual(change.bytes);
        }
      }),
      { numRuns: 40 },
    );
  });

  test("[CH3] Automerge gives the same bytes back from a saved document", () => {
    fc.assert(
      fc.property(steps, (line) => {
        const nodes = write(emptyPart(factPart), line);
        const made = nodes.map(({ change }) => change.bytes);
        const doc = Automerge.load(Automerge.save(automergeDocument("ledger", made)));
        expect(Automerge.getAllChanges(doc).slice(1)).toEqual(made);
      }),
      { numRuns: 40 },
    );
  });

  test("[LP6] however a genuine change is damaged, admission neither throws nor admits another", () => {
    const part = emptyPart(factPart);
    const nodes = write(part, [
      { entry: { movements: [factMovement("A", 5), factMovement("B", -3)] }, isRestarted: false },
      { entry: { movements: [factMovement("A", -1)] }, isRestarted: false },
    ]);
    const genuine = nodes.at(-1)!.change.bytes;
    const edit = fc.record({
      at: fc.nat(genuine.length - 1),
      byte: fc.nat(255),
      kind: fc.constantFrom("set", "insert", "remove", "cut"),
    });
    fc.assert(
      fc.property(
        fc.array(edit, { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        (edits, isSealed) => {
          const damaged = edits.reduce(damage, genuine);
          const victim = admitted(nodes.slice(0, -1));
          const before = heldEntries(victim);
          const answer = admitEntryChange(
            victim,
            isSealed ? withChecksum(damaged) : damaged,
            ownerContext,
          );
          // A byte that means nothing to Automerge may differ: the fact, and what is kept of it, may not.
          if (answer.ok) expect(victim.nodes).toEqual(part.nodes);
          else expect(heldEntries(victim)).toEqual(before);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test("[LP6] no bytes make admission throw", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const chunk = Uint8Array.from([0x85, 0x6f, 0x4a, 0x83, 0, 0, 0, 0, 1, ...bytes]);
        for (const one of [bytes, chunk, withChecksum(chunk)]) {
          expect(admitEntryChange(emptyPart(factPart), one, ownerContext).ok).toBe(false);
        }
      }),
      { numRuns: 500 },
    );
  });
});

interface Edit {
  readonly at: number;
  readonly byte: number;
  readonly kind: string;
}

function damage(bytes: Uint8Array, { at, byte, kind }: Edit): Uint8Array {
  const [before, after] = [[...bytes.subarray(0, at)], [...bytes.subarray(at + 1)]];
  switch (kind) {
    case "set":
      return Uint8Array.from([...before, byte, ...after]);
    case "insert":
      return Uint8Array.from([...before, byte, ...bytes.subarray(at)]);
    case "remove":
      return Uint8Array.from([...before, ...after]);
    default:
      return Uint8Array.from(before);
  }
}

/** With the checksum that a forger would put: the first four bytes of the hash. */
function withChecksum(bytes: Uint8Array): Uint8Array {
  const sealed = Uint8Array.from(bytes);
  const hash = ownerContext.crypto.sha256(bytes.subarray(8));
  if (sealed.length >= 8) sealed.set(hash.subarray(0, 4), 4);
  return sealed;
}

/** Another order of arrival in which every parent still comes before its children. */
function shuffledParentsFirst(
  nodes: readonly EntryNode[],
  order: Iterator<number>,
): readonly EntryNode[] {
  const left = [...nodes];
  const arrived: EntryNode[] = [];
  while (left.length > 0) {
    const known = new Set(arrived.map(({ signed }) => signed.hash));
    const ready = left.filter(({ parent }) => !parent || known.has(parent.signed.hash));
    const next = ready[(order.next().value as number) % ready.length]!;
    arrived.push(next);
    left.splice(left.indexOf(next), 1);
  }
  return arrived;
}
