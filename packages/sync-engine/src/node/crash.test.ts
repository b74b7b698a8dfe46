import { testClock } from "@tillmesh/kernel/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  crashAt,
  crashTemplate,
  disposeTemplate,
  type CrashKind,
  type CrashTemplate,
} from "../testing/crash-life.ts";

let template: CrashTemplate;
let operations = 0;

beforeAll(async () => {
  template = await crashTemplate(testClock(Date.parse("2026-11-22T08:00:00Z")));
  operations = await crashAt(template, { kind: "cut", n: 0 });
});
afterAll(() => disposeTemplate(template));

/** A sample spread over the life; `npm run crash` takes every operation. */
async function sample(kind: CrashKind, count: number): Promise<void> {
  const step = Math.max(1, Math.floor(operations / count));
  for (let n = 1 + (kind.length % step); n <= operations; n += step) {
    await crashAt(template, { kind, n }).catch((error: unknown) => {
      throw new Error(`npm run crash -- --kind ${kind} --from ${n} --to ${n}`, { cause: error });
    });
  }
}

describe("a whole replica under faults (CR)", () => {
  test("[CR1] power cut: all that was acknowledged is there, numbers go on, the peer agrees", async () => {
    expect(operations).toBeGreaterThan(400);
    await sample("cut", 10);
  }, 240_000);

  test("[CR2] EIO: the answers are true, and a restart recovers", () => sample("EIO", 5), 240_000);

  test("[CR3] ENOSPC: the answers are true, and a restart recovers", async () => {
    await sample("ENOSPC", 5);
  }, 240_000);
});
