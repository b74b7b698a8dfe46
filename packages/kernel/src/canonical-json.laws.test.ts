import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalJson, isCanonicalJson, parseJson } from "./canonical-json.ts";
import type { Json } from "./json.ts";

const { json } = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, true, false),
    fc.maxSafeInteger(),
    fc.string({ unit: "binary" }),
    fc.array(tie("json"), { maxLength: 5 }),
    fc.dictionary(fc.string({ unit: "binary" }), tie("json"), { maxKeys: 5 }),
  ),
}));

const jsonUnits = Array.from('[]{},:"\\0123-.eE ');

describe("canonical JSON laws (CJ)", () => {
  test("[CJ4] what is written is read back, and written the same again", () => {
    fc.assert(
      fc.property(json, (value) => {
        const text = canonicalJson(value);
        const back = parseJson(text);
        if (!back.ok) throw new Error(back.error.type);
        expect(canonicalJson(back.value)).toBe(text);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  test("[CJ1] the order in which members were set does not matter", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.maxSafeInteger()), (members) => {
        const reversed = Object.fromEntries(Object.entries(members).toReversed());
        expect(canonicalJson(reversed)).toBe(canonicalJson(members));
      }),
    );
  });

  test("[CJ9] a text is recognised as canonical exactly if it is", () => {
    const members = fc.array(
      fc.tuple(fc.constantFrom("", "a", "b", "9", "10", "__proto__"), json),
      {
        maxLength: 4,
      },
    );
    const anyOrder = members.map(
      (all) =>
        `{${all.map(([key, value]) => `${JSON.stringify(key)}:${canonicalJson(value)}`).join()}}`,
    );
    fc.assert(
      fc.property(fc.oneof(json.map(canonicalJson), fc.json(), anyOrder), (text) => {
        const parsed = parseJson(text);
        if (!parsed.ok) return;
        expect(isCanonicalJson(text, parsed.value)).toBe(canonicalJson(parsed.value) === text);
      }),
      { numRuns: 500 },
    );
  });

  test("[CJ5] a number is judged wherever a string ends", () => {
    const piece = fc.constantFrom("\\", '"', "1.5", "a");
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const string = JSON.stringify(pieces.join(""));
        expect(parseJson(`[${string},1]`).ok).toBe(true);
        expect(parseJson(`[${string},1.5]`)).toMatchObject({ error: { type: "JsonNumber" } });
      }),
    );
  });

  test("[CJ8] no text makes it throw, and what it takes has safe integers only", () => {
    const text = fc.oneof(
      fc.string(),
      fc.json(),
      fc.string({ unit: fc.constantFrom(...jsonUnits) }),
    );
    fc.assert(
      fc.property(text, (input) => {
        const parsed = parseJson(input);
        if (parsed.ok) expect(() => canonicalJson(parsed.value)).not.toThrow();
      }),
    );
  });
});
