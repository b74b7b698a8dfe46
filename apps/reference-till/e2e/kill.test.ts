/**
 * POS-1, POS-3: a till that is killed under load has every sale it answered for.
 *
 * @module
 */

import { expect, test } from "vitest";
import { makeFolder } from "./harness/folders.ts";
import { killLoop, numbering, sealing } from "./harness/kill-loop.ts";

const seed = Number(process.env["TILLMESH_SEED"] ?? Date.now() % 1_000_000);

test(
  `POS-1: ten kills under load lose no sale, repeat no number, sell nothing twice, and leave every chain whole (TILLMESH_SEED=${seed})`,
  { timeout: 180_000 },
  async () => {
    const reckoning = await killLoop({
      folder: makeFolder("kill"),
      rounds: 10,
      seed,
      regime: "at-rksv",
    });
    expect(reckoning.faults).toEqual([]);
    // A loop in which nothing was under way when the process died has tried nothing.
    expect(reckoning.sales).toBeGreaterThan(100);
    expect(reckoning.unanswered).toBeGreaterThan(0);
  },
);

test("the reckoning sees a gap and a number given twice", () => {
  expect(numbering(sales("AB12-1-000001", "AB12-1-000003"))).toHaveLength(1);
  expect(numbering(sales("AB12-1-000001", "AB12-1-000001"))).toHaveLength(1);
  expect(numbering(sales("AB12-1-000001", "AB12-2-000001", "AB12-1-000002"))).toEqual([]);
});

test("the reckoning sees a receipt without a seal, under another number, and out of its chain", () => {
  const [first, second] = [sealed("AB12-1-000001", 2), sealed("AB12-1-000002", 3)];
  expect(sealing([second, first])).toEqual([]);
  expect(sealing([{ receiptNumber: "AB12-1-000001" }])).toHaveLength(1);
  expect(sealing([{ ...first, fiscal: second.fiscal }])).toHaveLength(1);
  expect(sealing([first, { ...second, fiscal: { ...second.fiscal, sequence: 2 } }])).toHaveLength(
    1,
  );
});

function sales(...numbers: readonly string[]) {
  return numbers.map((receiptNumber) => ({ receiptNumber }));
}

function sealed(number: string, sequence: number) {
  const rest = {
    regime: "none",
    hash: "",
    lines: [],
    qr: null,
    isDegraded: false,
    isTest: false,
  };
  return { receiptNumber: number, fiscal: { number, sequence, ...rest } };
}
