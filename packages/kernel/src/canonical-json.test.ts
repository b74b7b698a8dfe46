import { describe, expect, test } from "vitest";
import { canonicalJson, parseJson } from "./canonical-json.ts";

describe("canonicalJson (CJ)", () => {
  test("[CJ1] keys sort by UTF-16 code unit, without spaces, at every level", () => {
    expect(canonicalJson({ b: [1, { z: null, y: true }], a: "x", "10": 0, "9": 0 })).toBe(
      '{"10":0,"9":0,"a":"x","b":[1,{"y":true,"z":null}]}',
    );
    // U+1F600 starts with a surrogate (D83D), which sorts before U+FB33 as a code unit.
    expect(canonicalJson({ "\ufb33": 1, "\u{1f600}": 2, "\u20ac": 3 })).toBe(
      '{"\u20ac":3,"\u{1f600}":2,"\ufb33":1}',
    );
  });

  test("[CJ1] strings are escaped as in RFC 8785", () => {
    expect(canonicalJson('\u20ac$\u000f\nA\u0027B"\\"/')).toBe(
      '"\u20ac$\\u000f\\nA\'B\\"\\\\\\"/"',
    );
    expect(canonicalJson("\ud800")).toBe('"\\ud800"');
  });

  test("[CJ2] undefined members are dropped", () => {
    expect(canonicalJson({ a: undefined, b: 1, c: undefined })).toBe('{"b":1}');
    expect(canonicalJson({ a: undefined })).toBe("{}");
  });

  test.each([1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])(
    "[CJ3] %s is a bug, not a value",
    (value) => expect(() => canonicalJson({ value })).toThrow("safe integer"),
  );

  test("[CJ3] minus zero is zero", () => {
    expect(canonicalJson([-0])).toBe("[0]");
  });
});

describe("parseJson (CJ)", () => {
  test.each(["1.5", "1.0", "1e2", "1E2", "-0", "9007199254740992", "12345678901234567890"])(
    "[CJ5] refuses the number %s and says where",
    (found) => {
      expect(parseJson(`{"a":[${found}]}`)).toEqual({
        ok: false,
        error: { type: "JsonNumber", found, offset: 6 },
      });
    },
  );

  test("[CJ5] digits within a string are text", () => {
    expect(parseJson('{"a":"1.5","b":"\\"1.5","c":-9007199254740991}')).toEqual({
      ok: true,
      value: { a: "1.5", b: '"1.5', c: -9_007_199_254_740_991 },
    });
  });

  test("[CJ6] 32 levels pass, 33 do not, and brackets within strings are none", () => {
    expect(parseJson(nested(32)).ok).toBe(true);
    expect(parseJson(nested(33))).toMatchObject({ error: { type: "JsonTooDeep", offset: 32 } });
    expect(parseJson(nested(1_000_000), { maxBytes: 4_000_000 }).ok).toBe(false);
    expect(parseJson(JSON.stringify("[".repeat(100))).ok).toBe(true);
    expect(parseJson("[[1]]", { maxDepth: 1 }).ok).toBe(false);
  });

  test("[CJ7] the size is counted in bytes of UTF-8", () => {
    expect(parseJson('"€€"', { maxBytes: 8 }).ok).toBe(true);
    expect(parseJson('"€€"', { maxBytes: 7 })).toEqual({
      ok: false,
      error: { type: "JsonTooLarge", maxBytes: 7 },
    });
  });

  test.each(["", "{", "[1,]", "nul", '"', '"\\', "1 2", "01", "--1", "1-1"])(
    "[CJ8] %j is refused without throwing",
    (text) => expect(parseJson(text).ok).toBe(false),
  );
});

function nested(depth: number): string {
  return "[".repeat(depth) + "]".repeat(depth);
}
