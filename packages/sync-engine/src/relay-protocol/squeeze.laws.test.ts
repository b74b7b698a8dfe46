import { crockfordBase32, hex, base64url } from "@tillmesh/kernel";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { factCrypto, writePart } from "../testing/signed-facts.ts";
import { squeeze, type Squeezed } from "./squeeze.ts";
import { unsqueeze } from "./unsqueeze.ts";

function squeezed(lines: readonly string[]): Squeezed {
  return whole(squeeze(lines, factCrypto));
}

function unsqueezed(from: Squeezed, charactersMax = 16_777_216) {
  return whole(unsqueeze(from, { charactersMax, crypto: factCrypto }));
}

function whole<T>(work: Iterator<undefined, T>): T {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
}

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
/** Words that look like what is squeezed out, or nearly. */
const word = fc.oneof(
  fc.string({ unit: "binary" }).filter((text) => !/\p{Surrogate}/u.test(text)),
  fc.string(),
  bytes(32).map((one) => `"${hex(one)}"`),
  bytes(64).map((one) => `"${base64url(one)}"`),
  bytes(16).map((one) => `_${crockfordBase32(one)}`),
  fc.constantFrom("_00000000000000000000000004", "_zzzzzzzzzzzzzzzzzzzzzzzzzw", "Z/0001"),
  fc.uuid().map((one) => `"${one}"`),
  fc.date({ noInvalidDate: true }).map((one) => one.toISOString()),
  fc.constantFrom("2026-02-30T10:00:00.000Z", "9999-12-31T23:59:59.999Z"),
  fc.nat().map((one) => `"sequence":${one},`),
  fc.constantFrom('"sequence":999999999999999}', '"sequence":007,', '"sequence":-1,'),
  fc.tuple(fc.constantFrom("key", "n"), fc.nat(9_999)).map(([key, n]) => `"${key}":"A-1-00${n}"`),
  fc.constantFrom('"', ":", "\n", "\u0000", "\u001f", "\u0005AA"),
);
const line = fc.array(word, { maxLength: 12 }).map((words) => words.join(""));

describe("squeezed lines (SZ)", () => {
  test("[SZ1] any lines come back to the character", () => {
    fc.assert(
      fc.property(
        fc.array(line, { minLength: 1, maxLength: 12 }),
        fc.boolean(),
        (lines, isTwice) => {
          const all = isTwice ? [...lines, ...lines] : lines;
          expect(unsqueezed(squeezed(all))).toEqual({ ok: true, value: all });
        },
      ),
      { numRuns: 300 },
    );
  });

  test("[SZ1] entries of a chain come back to the character", () => {
    const writer = writePart();
    const lines = Array.from({ length: 20 }, () => writer.append().signed.text);
    expect(unsqueezed(squeezed(lines))).toEqual({ ok: true, value: lines });
  });

  test("[SZ2] of a chained entry only the signature and the instant leave as bytes", () => {
    const writer = writePart();
    const lines = Array.from({ length: 20 }, () => writer.append().signed.text);
    const { raw } = squeezed(lines);
    expect(raw.length).toBeLessThan(lines.length * 66 + 8);
  });

  test("[SZ3] no bytes make it throw, and none unfold beyond the bound", () => {
    const marks = fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 60 });
    const skeletons = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      marks.map((codes) => Uint8Array.from(codes)),
    );
    fc.assert(
      fc.property(skeletons, fc.uint8Array({ maxLength: 300 }), (skeleton, raw) => {
        const lines = unsqueezed({ skeleton, raw }, 500);
        if (lines.ok) expect(lines.value.join("\n").length).toBeLessThanOrEqual(500);
      }),
      { numRuns: 2_000 },
    );
  });
});
