import { utf8, type Hlc, type LocationId, type Sku } from "@tillmesh/kernel";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import golden from "../../test-vectors/carry.v2.json" with { type: "json" };
import {
  factCrypto,
  factEntry,
  factKeys,
  factMovement,
  factPart,
  signedEntry,
} from "../testing/signed-facts.ts";
import {
  createCarryReader,
  headLine,
  linesOf,
  totalLine,
  type CarryHead,
  type CarryLine,
} from "./carry-text.ts";
import { textHash } from "./sealed-part.ts";

const head: CarryHead = {
  v: 2,
  device: factPart.device,
  incarnation: 1,
  location: "loc_1" as LocationId,
  throughSequence: 9,
  hash: "a".repeat(64),
  at: "2026-11-22T10:00:00.000Z/0000" as Hlc,
  part: 2,
  sealed: "b".repeat(64),
  keeps: "test/1",
};
const kept = [3, 7].map((sequence) =>
  signedEntry(factEntry({ sequence, kind: "count", movements: [factMovement("Z", 5)] })),
);
const totals = [
  { location: "loc_1", sku: "A", totalMilli: -1000 },
  { location: "loc_1", sku: "B/b\n€", totalMilli: 5 },
  { location: "loc_2", sku: "A", totalMilli: 7 },
].map((one) => ({ ...one, location: one.location as LocationId, sku: one.sku as Sku }));
const lines = [headLine(head), ...totals.map(totalLine), ...kept.map(({ text }) => text)];

function read(all: readonly string[], expected: Parameters<typeof createCarryReader>[0] = head) {
  const { publicKey } = factKeys.owner;
  const reader = createCarryReader(expected, { crypto: factCrypto, publicKey });
  const found: CarryLine[] = [];
  for (const line of linesOf(utf8(all.join("\n")))) {
    const taken = reader.take(line);
    if (!taken.ok) return taken.error.place;
    if (taken.value) found.push(taken.value);
  }
  return reader.head() ? found : "head";
}

describe("the text of a carry (CW)", () => {
  test("[CW2] it gives back its totals and the entries kept, in order", () => {
    expect(read(lines)).toEqual([
      ...totals.map((total) => ({ type: "total", total })),
      ...kept.map((one) => ({ type: "kept", kept: one })),
    ]);
    expect(read(lines.slice(0, 1))).toEqual([]);
  });

  test("[CW2] the golden carry stays as it is", () => {
    expect(lines.join("\n")).toBe(golden.text);
    expect(textHash(golden.text, factCrypto)).toBe(golden.sha256);
  });

  const changed = (at: number, from: string, to: string) =>
    lines.with(at, lines[at]!.replace(from, to));
  const alien = signedEntry(kept[1]!.fact, factKeys.other).text;
  const late = signedEntry(factEntry({ sequence: 10 })).text;
  test.each([
    ["nothing", [""], "head"],
    ["another version", changed(0, `"v":2`, `"v":3`), "head"],
    ["no moment", changed(0, `2026-11-22T10`, `10`), "head"],
    ["a space in the head", changed(0, `"v":2`, `"v": 2`), "head"],
    ["a total of zero", changed(1, "-1000", "0"), "total"],
    ["a fraction", changed(1, "-1000", "1.5"), "total"],
    ["a total twice", lines.toSpliced(1, 0, lines[1]!), "total"],
    ["totals in another order", lines.with(1, lines[2]!).with(2, lines[1]!), "total"],
    ["a total after an entry", [...lines, lines[1]!], "total"],
    ["an entry twice", [...lines, lines.at(-1)!], "kept order"],
    ["entries in another order", lines.with(4, lines[5]!).with(5, lines[4]!), "kept order"],
    ["what another device signed", lines.with(5, alien), "kept"],
    ["an entry after the last", [...lines, late], "kept"],
    ["a newline at the end", [...lines, ""], "kept"],
  ])("[CW3] refused: %s", (_, all, place) => {
    expect(read(all)).toBe(place);
  });

  test.each([
    ["device", { ...head, device: "dev_other" }],
    ["incarnation", { ...head, incarnation: 2 }],
    ["sequence", { ...head, throughSequence: 8 }],
  ])("[CW3] refused: the carry of another %s than was named", (_, expected) => {
    expect(read(lines, expected)).toBe("head");
  });

  test("[CW3] no text makes reading throw", () => {
    const line = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.json(),
      fc.constantFrom(...lines),
      fc.constantFrom("[1,2,3]", `["a","b"]`, "{}", `{"entry":{},"signature":"x"}`),
    );
    fc.assert(
      fc.property(fc.array(line), (all) => void read([headLine(head), ...all])),
      { numRuns: 200 },
    );
  });

  test("[CW3] no bytes make reading throw", () => {
    const property = fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const reader = createCarryReader(head, { crypto: factCrypto, publicKey: undefined });
      for (const line of linesOf(bytes)) reader.take(line);
    });
    fc.assert(property, { numRuns: 200 });
  });
});
