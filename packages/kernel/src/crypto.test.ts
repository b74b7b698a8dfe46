import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { base64url, fromBase64url, fromHex, hex, utf8 } from "./crypto.ts";

describe("bytes as text (BY)", () => {
  test("[BY1] hex and base64url are those of Node, and are read back", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
        expect(hex(bytes)).toBe(Buffer.from(bytes).toString("hex"));
        expect(base64url(bytes)).toBe(Buffer.from(bytes).toString("base64url"));
        expect(fromHex(hex(bytes))).toEqual({ ok: true, value: bytes });
        expect(fromBase64url(base64url(bytes))).toEqual({ ok: true, value: bytes });
      }),
    );
  });

  test.each(["AB", "abc", "zz", "0x00", " 00"])("[BY2] %j is not hex", (text) => {
    expect(fromHex(text)).toEqual({ ok: false, error: { type: "Bytes", encoding: "hex", text } });
  });

  test.each(["A", "AA==", "AB", "AAB", "A+", "A/", "A A"])("[BY2] %j is not base64url", (text) => {
    expect(fromBase64url(text)).toMatchObject({ error: { type: "Bytes", encoding: "base64url" } });
  });

  test("[BY3] text becomes UTF-8", () => {
    expect(hex(utf8("€a"))).toBe("e282ac61");
  });
});
