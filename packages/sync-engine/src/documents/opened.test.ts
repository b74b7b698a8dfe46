import type { Json } from "@tillmesh/kernel";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { factEntry } from "../testing/signed-facts.ts";
import { readOpened } from "./opened.ts";

const hash = "0".repeat(64);
const first = { certificates: ["PEM"], reason: "new" };
const later = {
  ...first,
  reason: "part",
  previousPart: { sha256: hash, firstSequence: 1, lastSequence: 1_000 },
};

function read(body: Json, place: { part?: number; sequence?: number } = {}) {
  return readOpened(factEntry({ kind: "opened", body, ...place }));
}

describe("first entries (OP)", () => {
  test("[OP1] the first of an incarnation and the first of a later part are read", () => {
    expect(read(first)).toEqual({ ok: true, value: first });
    expect(read(later, { part: 2, sequence: 1_001 })).toEqual({ ok: true, value: later });
    const incarnation = {
      ...first,
      reason: "restored",
      previousIncarnation: { incarnation: 1, sequence: 7, hash },
    };
    expect(read(incarnation).ok).toBe(true);
    const carried = { ...later, carry: { sha256: hash, throughSequence: 900 } };
    expect(read(carried, { part: 2, sequence: 1_001 }).ok).toBe(true);
  });

  test.each([
    ["a later part that names none before it", first, { part: 2, sequence: 1_001 }],
    ["a first part that names one", later, { part: 1, sequence: 1_001 }],
    ["a part that leaves a gap", later, { part: 2, sequence: 1_002 }],
    ["an incarnation that does not begin with 1", first, { part: 1, sequence: 2 }],
  ])("[OP2] refused: %s", (_, body, place) => {
    expect(read(body, place)).toMatchObject({ ok: false, error: { member: "previousPart" } });
  });

  test.each([
    ["certificates", { ...first, certificates: [] }],
    ["certificates", { ...first, certificates: ["a", "b", "c"] }],
    ["certificates", { ...first, certificates: ["x".repeat(4_097)] }],
    ["certificates", { ...first, certificates: [1] }],
    ["reason", { ...first, reason: "because" }],
    ["previousPart", { ...later, previousPart: { ...later.previousPart, sha256: "x" } }],
    ["previousPart", { ...later, previousPart: [] }],
    ["previousIncarnation", { ...first, previousIncarnation: { incarnation: 0 } }],
    ["carry", { ...first, carry: { sha256: hash } }],
  ])("[OP3] the member that is wrong is named: %s", (member, body) => {
    expect(read(body)).toMatchObject({ ok: false, error: { type: "OpenedFormat", member } });
  });

  test("[OP3] no body makes reading throw", () => {
    const body = fc.jsonValue() as fc.Arbitrary<Json>;
    fc.assert(fc.property(body, (json) => void read(json)));
  });
});
