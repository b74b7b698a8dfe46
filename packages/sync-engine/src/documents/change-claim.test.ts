import * as Automerge from "@automerge/automerge";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  factCrypto,
  factMovement,
  factPart,
  ownerContext,
  writePart,
  writeSet,
} from "../testing/signed-facts.ts";
import { readClaim } from "./change-claim.ts";
import { entryMaxLength } from "./entry-format.ts";
import { genesisOf } from "./genesis.ts";
import { admitEntryChange, emptyPart } from "./ledger-part.ts";

function read(bytes: Uint8Array) {
  return readClaim(bytes, entryMaxLength, factCrypto);
}

describe("claims of changes (CH)", () => {
  test("[CH4] parent, text and hash are read as Automerge reads them", () => {
    const body = fc.oneof(fc.string({ unit: "binary" }), fc.integer());
    const skus = fc.array(fc.constantFrom("A", "B", "é"), { maxLength: 3 });
    fc.assert(
      fc.property(body, skus, fc.nat(300), (text, moved, length) => {
        const writer = writePart(emptyPart(factPart));
        writer.append();
        const movements = moved.map((sku) => factMovement(sku, -1));
        writer.append({ body: [text, "x".repeat(length)], movements });
        const published = writeSet().add({ items: [{ key: "k", value: text }] });
        for (const { change } of [...writer.part.nodes, published]) {
          const { deps, hash, ops } = Automerge.decodeChange(change.bytes);
          expect(read(change.bytes)).toEqual({
            ok: true,
            value: { hash, parent: deps[0], text: ops[0]?.value },
          });
        }
      }),
      { numRuns: 50 },
    );
  });

  test("[CH5] a change that says it holds a thousand billion operations costs nothing", () => {
    const text = writePart(emptyPart(factPart)).next().text;
    const bomb = changeOf({ operations: 1e12, text });
    expect(bomb.length).toBeLessThan(1_000);
    const started = performance.now();
    expect(read(bomb)).toMatchObject({ ok: true, value: { text } });
    expect(admitEntryChange(emptyPart(factPart), bomb, ownerContext)).toMatchObject({
      ok: false,
      error: { type: "OtherChange" },
    });
    expect(performance.now() - started).toBeLessThan(100);
  });

  const genuine = writeSet().add().change.bytes;
  test.each([
    ["nothing", new Uint8Array(0)],
    ["a header", genuine.subarray(0, 9)],
    ["half a change", genuine.subarray(0, 120)],
    ["a byte more", Uint8Array.from([...genuine, 0])],
    ["zeros", new Uint8Array(200)],
    ["another magic", withByte(0, 0)],
    ["a document", withByte(8, 0)],
    ["a compressed change", withByte(8, 2)],
    ["a bundle", withByte(8, 3)],
    ["two parents", withByte(11, 2)],
    ["the genesis", genesisOf("ledger").change],
    ["text that is no UTF-8", genuine.map((byte) => (byte === 0x70 ? 0xff : byte))],
  ] as const)("[CH6] refused: %s", (_, bytes) => {
    expect(read(bytes)).toMatchObject({ ok: false, error: { type: "NotAClaim" } });
  });

  test("[CH6] no bytes make reading throw", () => {
    const anything = fc.uint8Array({ maxLength: 300 });
    fc.assert(
      fc.property(anything, fc.nat(255), (tail, length) => {
        read(tail);
        read(Uint8Array.from([...genuine.subarray(0, 9), length, ...tail]));
        read(Uint8Array.from([...genuine.subarray(0, 9), tail.length % 128, ...tail]));
      }),
      { numRuns: 500 },
    );
  });

  function withByte(at: number, byte: number): Uint8Array {
    const copy = Uint8Array.from(genuine);
    copy[at] = byte;
    return copy;
  }
});

/** A change chunk by hand: one long run in its action column, and a text for its first value. */
function changeOf({ operations, text }: { operations: number; text: string }): Uint8Array {
  const value = new TextEncoder().encode(text);
  const columns: readonly (readonly [number, readonly number[]])[] = [
    [0x42, [...signed(operations), 1]],
    [0x56, [...signed(operations), ...unsigned(value.length * 16 + 6)]],
    [0x57, [...value]],
  ];
  const body = [
    1,
    ...Buffer.from(genesisOf("ledger").hash, "hex"),
    // The actor, its first change, after 67 operations; no time, no message, no other actor.
    8,
    ...Array.from({ length: 8 }, () => 0xa1),
    1,
    ...unsigned(68),
    0,
    0,
    0,
    columns.length,
    ...columns.flatMap(([id, data]) => [id, ...unsigned(data.length)]),
    ...columns.flatMap(([, data]) => data),
  ];
  const chunk = [1, ...unsigned(body.length), ...body];
  const hash = factCrypto.sha256(Uint8Array.from(chunk));
  return Uint8Array.from([0x85, 0x6f, 0x4a, 0x83, ...hash.subarray(0, 4), ...chunk]);
}

function unsigned(value: number): readonly number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...unsigned(Math.floor(value / 128))];
}

/** Signed LEB128 of a number that is not below zero. */
function signed(value: number): readonly number[] {
  return value < 64 ? [value] : [(value % 128) + 128, ...signed(Math.floor(value / 128))];
}
