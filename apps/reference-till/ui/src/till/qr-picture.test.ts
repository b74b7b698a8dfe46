import { decodeQR } from "qr/decode.js";
import { describe, expect, test } from "vitest";
import { qrPicture, qrSidePx } from "./qr-picture.ts";

const mmOf = (px: number) => (px * 25.4) / 96;

describe("a QR code as a picture", () => {
  test.each([
    ["M", "_R1-AT1_K7QF_K7QF-1-000043_2026-11-22T10:00:00_12,00_0,00_0,00_0,00_0,00_4r1iIdZGeAQ="],
    ["L", "AQxNYWtlIEEgU2hvcAIPMzk5OTk5OTk5OTAwMDAz".repeat(17)],
    ["M", "https://prewww2.aeat.es/wlpl/TIKE-CONT/ValidarQR?nif=89890001K&numserie=A%26B"],
  ] as const)("level %s: the squares read back as the text", (level, text) => {
    expect(decodeQR(pixelsOf(qrPicture(text, level)))).toBe(text);
  });

  test("it is at least as large as asked, and at most a third larger", () => {
    for (let modules = 21; modules <= 101; modules += 4) {
      const codeMm = mmOf((qrSidePx(modules + 8, 30) * modules) / (modules + 8));
      expect(codeMm).toBeGreaterThanOrEqual(29.99);
      if (modules <= 75) expect(codeMm).toBeLessThanOrEqual(40);
    }
  });

  test("without a size asked, modules are whole pixels, at least half a millimetre", () => {
    expect([29, 65, 77, 97, 185].map((size) => qrSidePx(size) / size)).toEqual([4, 3, 2, 2, 2]);
  });
});

/** Six pixels a module, drawn from the path. */
function pixelsOf({ size, path }: ReturnType<typeof qrPicture>) {
  const scale = 6;
  const width = size * scale;
  const data = new Uint8Array(width * width * 4).fill(255);
  for (const [, x, y, length] of path.matchAll(/M(\d+) (\d+)h(\d+)/g)) {
    for (let row = Number(y) * scale; row < (Number(y) + 1) * scale; row += 1) {
      const from = row * width + Number(x) * scale;
      for (let at = from; at < from + Number(length) * scale; at += 1) {
        data.fill(0, at * 4, at * 4 + 3);
      }
    }
  }
  return { width, height: width, data };
}
