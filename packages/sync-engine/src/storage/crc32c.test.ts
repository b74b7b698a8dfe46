import { describe, expect, test } from "vitest";
import { crc32c } from "./crc32c.ts";

// RFC 3720, appendix B.4.
const vectors: readonly (readonly [string, Uint8Array, number])[] = [
  ["32 bytes of zeros", new Uint8Array(32), 0x8a9136aa],
  ["32 bytes of ones", new Uint8Array(32).fill(0xff), 0x62a8ab43],
  ["32 ascending bytes", Uint8Array.from({ length: 32 }, (_, index) => index), 0x46dd794e],
  ["32 descending bytes", Uint8Array.from({ length: 32 }, (_, index) => 31 - index), 0x113fdb5c],
];

describe("crc32c (CL)", () => {
  test.for(vectors)("[CL14] %s", ([, bytes, expected]) => {
    expect(crc32c(bytes)).toBe(expected);
  });

  test("[CL14] any cut of the input gives the same checksum", () => {
    const bytes = Uint8Array.from({ length: 50 }, (_, index) => (index * 37) & 0xff);
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      expect(crc32c(bytes.subarray(cut), crc32c(bytes.subarray(0, cut)))).toBe(crc32c(bytes));
    }
  });
});
