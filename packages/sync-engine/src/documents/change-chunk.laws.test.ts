import { decodeChange, encodeChange } from "@automerge/automerge";
import * as fc from "fast-check";
import { hex } from "@tillmesh/kernel";
import { nodeCrypto } from "@tillmesh/kernel/node";
import { describe, expect, test } from "vitest";
import { encodeChunk, type ChangeFrame, type ChunkOp } from "./change-chunk.ts";

const actor = fc.constantFrom(
  "00000000000000000000000000000000",
  "11".repeat(8),
  "0".repeat(16),
  "fe".repeat(8),
);
const counter = fc.oneof(
  fc.integer({ min: 1, max: 300 }),
  fc.integer({ min: 1, max: 2 ** 31 - 1 }),
);
const opId = fc.tuple(counter, actor).map(([number, by]) => `${number}@${by}`);
const text = fc.string({ unit: "binary", maxLength: 200 });
const amount = fc.oneof(fc.integer({ min: -200, max: 200 }), fc.maxSafeInteger());
const insert = fc.record({
  action: fc.constant("set" as const),
  obj: opId,
  elemId: fc.oneof(fc.constant("_head"), opId),
  value: text,
  pred: fc.constant([]),
});
const setText = fc.record({
  action: fc.constant("set" as const),
  obj: opId,
  key: text.filter((key) => key !== ""),
  value: text,
  pred: fc.constant([]),
});
const setCounter = fc.record({
  action: fc.constant("set" as const),
  obj: opId,
  key: text.filter((key) => key !== ""),
  value: amount,
  datatype: fc.constant("counter" as const),
  pred: fc.constant([]),
});
const increment = fc.record({
  action: fc.constant("inc" as const),
  obj: opId,
  key: text.filter((key) => key !== ""),
  value: amount,
  pred: opId.map((id) => [id]),
});
const ops: fc.Arbitrary<readonly ChunkOp[]> = fc
  .tuple(fc.oneof(insert, setText), fc.array(fc.oneof(setCounter, increment), { maxLength: 12 }))
  .map(([first, others]) => [first, ...others]);
const frame: fc.Arbitrary<ChangeFrame> = fc.record({
  actor,
  seq: counter,
  startOp: counter,
  parent: fc.uint8Array({ minLength: 32, maxLength: 32 }).map(hex),
});

function byAutomerge({ actor: by, seq, startOp, parent }: ChangeFrame, all: readonly ChunkOp[]) {
  const plan = { actor: by, seq, startOp, time: 0, message: null, deps: [parent] };
  const withInsert = all.map((op) => (op.elemId === undefined ? op : { ...op, insert: true }));
  return encodeChange({ ...plan, ops: withInsert } as unknown as Parameters<
    typeof encodeChange
  >[0]);
}

describe("the bytes of a change (CH)", () => {
  test("[CH7] are those of Automerge's encoder, and its hash is theirs", () => {
    fc.assert(
      fc.property(frame, ops, (one, all) => {
        const ours = encodeChunk(one, all, nodeCrypto());
        const theirs = byAutomerge(one, all);
        expect(hex(ours.bytes)).toBe(hex(theirs));
        expect(hex(ours.digest)).toBe(decodeChange(theirs).hash);
      }),
      { numRuns: 1_000 },
    );
  });
});
