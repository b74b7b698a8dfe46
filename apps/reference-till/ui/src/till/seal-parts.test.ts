import { expect, test } from "vitest";
import type { Seal } from "../api/fiscal-shapes.ts";
import { sealParts } from "./seal-parts.ts";

const seal: Seal = {
  regime: "at-rksv",
  number: "K7QF-1-000043",
  sequence: 44,
  at: "2026-11-22T10:00:00+01:00",
  lines: ["TEST KEYS: not a fiscal receipt", "Kassen-ID: K7QF"],
  qr: { text: "_R1-AT0", level: "M" },
  isDegraded: false,
  isTest: true,
};
const textsOf = (lines: readonly { readonly text: string }[] = []) => lines.map(({ text }) => text);

test("all lines come in order, then the code; test keys are marked", () => {
  const parts = sealParts(seal);
  expect(textsOf(parts?.above)).toEqual(seal.lines);
  expect(parts?.above.map(({ isWarning }) => isWarning)).toEqual([true, false]);
  expect(parts).toMatchObject({ isCodeFirst: false, code: seal.qr, below: [] });
});

test.each(["es-verifactu", "es-no-verifactu"])(
  "%s: the code comes first, under its caption",
  (regime) => {
    const lines = ["TEST KEYS: not a fiscal receipt", "QR tributario:", "VERI*FACTU", "Factura"];
    const parts = sealParts({ ...seal, regime, lines });
    expect(parts?.isCodeFirst).toBe(true);
    expect(textsOf(parts?.above)).toEqual(lines.slice(0, 2));
    expect(textsOf(parts?.below)).toEqual(lines.slice(2));
  },
);

test("where a regime prints nothing, nothing is shown", () => {
  expect(sealParts({ ...seal, regime: "none", lines: [], qr: null })).toBeUndefined();
});
