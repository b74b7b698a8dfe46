/**
 * POS-1, POS-3: a till that is killed under load has every sale it answered for.
 *
 * @module
 */

import { expect, test } from "vitest";
import { makeFolder } from "./harness/folders.ts";
import { killLoop, numbering } from "./harness/kill-loop.ts";

const seed = Number(process.env["TILLMESH_SEED"] ?? Date.now() % 1_000_000);

test(
  `POS-1: ten kills under load lose no sale, repeat no number, sell nothing twice (TILLMESH_SEED=${seed})`,
  { timeout: 180_000 },
  async () => {
    const reckoning = await killLoop({ folder: makeFolder("kill"), rounds: 10, seed });
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

function sales(...numbers: readonly string[]) {
  return numbers.map((receiptNumber) => ({ receiptNumber }));
}
