import { describe, expect, test } from "vitest";
import { crockfordBase32, isId, newId } from "./ids.ts";
import { testRandom } from "./testing/index.ts";

describe("ids (ID)", () => {
  test("[ID1] an id is its prefix and 26 Crockford characters of 16 random bytes", () => {
    expect(newId("dev", (sizeBytes) => new Uint8Array(sizeBytes))).toBe(`dev_${"0".repeat(26)}`);
    expect(newId("dev", (sizeBytes) => new Uint8Array(sizeBytes).fill(255))).toBe(
      `dev_${"z".repeat(25)}w`,
    );
  });

  test("[ID1] bytes come out most significant first", () => {
    expect(crockfordBase32(Uint8Array.from([0x08, 0x42, 0x10, 0x84, 0x21]))).toBe("11111111");
  });

  test("[ID2] what newId makes is an id of its prefix only", () => {
    const id: string = newId("sale", testRandom(1));
    expect(isId("sale", id)).toBe(true);
    expect(isId("dev", id)).toBe(false);
    expect(isId("sale", id.toUpperCase())).toBe(false);
    expect(isId("sale", `${id}0`)).toBe(false);
    expect(isId("sale", `sale_${"0".repeat(25)}1`)).toBe(false);
    expect(isId("sale", `sale_${"u".repeat(26)}`)).toBe(false);
  });
});
