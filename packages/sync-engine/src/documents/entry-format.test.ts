import type { Json } from "@tillmesh/kernel";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { factEntry, factMovement } from "../testing/signed-facts.ts";
import { entryMovementsMax, readEntry } from "./entry-format.ts";

function read(members: object) {
  return readEntry({ ...factEntry(), ...members } as unknown as Json);
}

describe("envelopes of entries (EF)", () => {
  test("[EF1] a kind, a body and members that this version does not know are kept as they are", () => {
    const entry = { ...factEntry(), kind: "tip-jar", body: { deep: [1] }, later: true };
    expect(readEntry(entry as unknown as Json)).toEqual({ ok: true, value: entry });
  });

  test.each([
    ["v", 2],
    ["v", "1"],
    ["kind", ""],
    ["kind", "k".repeat(65)],
    ["device", 7],
    ["incarnation", 0],
    ["part", 0],
    ["part", 2 ** 53],
    ["sequence", 0],
    ["sequence", -1],
    ["previous", "00"],
    ["previous", "A".repeat(64)],
    ["actor", "a1a1a1a1a1a1a1"],
    ["actor", "A1A1A1A1A1A1A1A1"],
    ["at", "2026-11-22"],
    ["at", "2026-13-22T10:00:00.000Z/0000"],
    ["location", ""],
    ["businessDate", "2026-02-30"],
    ["by", "staff_1"],
    ["by", null],
    ["key", "k".repeat(513)],
    ["bodyHash", 1],
    ["body", undefined],
    ["movements", {}],
    ["movements", [null]],
    ["movements", [{ ...factMovement("A", 1), kind: "" }]],
    ["movements", [factMovement("", 1)]],
    ["movements", [factMovement("s".repeat(129), 1)]],
    ["movements", [factMovement("A", 1, "")]],
    ["movements", [factMovement("A", 1, "loc/1")]],
    ["movements", Array.from({ length: entryMovementsMax + 1 }, () => factMovement("A", 1))],
  ])("[EF2] the member that is wrong is named: %s", (member, value) => {
    expect(read({ [member]: value })).toEqual({
      ok: false,
      error: { type: "EntryFormat", member },
    });
  });

  test.each([null, 1, "x", [], true])("[EF2] %j is no entry", (json) => {
    expect(readEntry(json).ok).toBe(false);
  });

  test("[EF3] no counter moves by more than a billion units in one entry, however it is split", () => {
    const billion = 1_000_000_000_000;
    expect(read({ movements: [factMovement("A", billion), factMovement("B", billion)] }).ok).toBe(
      true,
    );
    expect(read({ movements: [factMovement("A", billion), factMovement("A", 1)] }).ok).toBe(false);
    expect(read({ movements: [factMovement("A", -billion - 1)] }).ok).toBe(false);
  });

  test("[EF4] a counter's key is text that has bytes", () => {
    expect(read({ movements: [factMovement("\ud83d\ude00", 1)] }).ok).toBe(true);
    expect(read({ movements: [factMovement("\ud83d", 1)] }).ok).toBe(false);
    expect(read({ movements: [factMovement("A", 1, "\ude00")] }).ok).toBe(false);
  });

  test("[EF5] no JSON makes reading throw", () => {
    const json = fc.jsonValue() as fc.Arbitrary<Json>;
    const member = fc.constantFrom("movements", "by", "body", "at", "businessDate", "sequence");
    fc.assert(
      fc.property(json, member, (value, name) => {
        readEntry(value);
        read({ [name]: value });
      }),
    );
  });
});
