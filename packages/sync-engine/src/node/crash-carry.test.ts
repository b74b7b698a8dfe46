import { testClock } from "@tillmesh/kernel/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { carryTemplate, crashCarryAt } from "../testing/crash-carry.ts";
import { disposeTemplate, type CrashKind, type CrashTemplate } from "../testing/crash-life.ts";

let template: CrashTemplate;
let operations = 0;

beforeAll(async () => {
  template = await carryTemplate(testClock(Date.parse("2026-11-22T08:00:00Z")));
  operations = await crashCarryAt(template, { kind: "cut", n: 0 });
}, 60_000);
afterAll(() => disposeTemplate(template));

/** A sample spread over the life; `npm run crash -- --life carry` takes every operation. */
async function sample(kind: CrashKind, count: number): Promise<void> {
  const step = Math.max(1, Math.floor(operations / count));
  for (let n = 1 + (kind.length % step); n <= operations; n += step) {
    await crashCarryAt(template, { kind, n }).catch((error: unknown) => {
      const again = `npm run crash -- --life carry --kind ${kind} --from ${n} --to ${n}`;
      throw new Error(again, { cause: error });
    });
  }
}

describe("starting from a carry under faults (CW)", () => {
  test("[CW9] power cut at any file operation: nothing is lost or counted twice", async () => {
    expect(operations).toBeGreaterThan(150);
    await sample("cut", 6);
  }, 240_000);

  test("[CW9] EIO and ENOSPC likewise", async () => {
    await sample("EIO", 2);
    await sample("ENOSPC", 2);
  }, 240_000);
});
