import { describe, expect, test } from "vitest";
import { mutate, randomFrom, runFuzz, type FuzzPlan, type FuzzSurface } from "./fuzz.ts";

const plan: FuzzPlan = { frames: 2_000, seed: 7, checks: 3, growthMaxBytes: 100 };

/** A surface in memory. */
function surfaceOf(check: (sent: number) => number): FuzzSurface & { readonly sent: string[] } {
  const sent: string[] = [];
  return {
    name: "memory",
    sent,
    recorded: [Uint8Array.from([1, 2, 3, 4]), Uint8Array.from([9])],
    madeUp: (seed, count) =>
      Array.from({ length: count }, (_, n) => Uint8Array.of(seed % 251, n % 251)),
    send: async (frame) => void sent.push(frame.join()),
    check: async () => check(sent.length),
    close: async () => undefined,
  };
}

describe("the fuzzer (FZ)", () => {
  test("[FZ1] the same seed sends the same frames, another seed others, and there is variety", async () => {
    const [one, two, three] = [0, 0, 0].map(() => surfaceOf(() => 0));
    await runFuzz(one!, plan);
    await runFuzz(two!, plan);
    await runFuzz(three!, { ...plan, seed: 8 });
    expect(one!.sent).toEqual(two!.sent);
    expect(one!.sent).not.toEqual(three!.sent);
    expect(one!.sent).toHaveLength(plan.frames);
    expect(new Set(one!.sent).size).toBeGreaterThan(plan.frames / 2);
  });

  test("[FZ1] a surface that dies or grows fails the run", async () => {
    const dying = surfaceOf((sent) => {
      if (sent > 500) throw new Error("no answer");
      return 0;
    });
    await expect(runFuzz(dying, plan)).rejects.toThrow("no answer");
    await expect(
      runFuzz(
        surfaceOf((sent) => sent),
        plan,
      ),
    ).rejects.toThrow("bytes more");
    await expect(
      runFuzz(
        surfaceOf((sent) => sent / 100),
        plan,
      ),
    ).resolves.toMatchObject({ frames: 2_000 });
  });

  test("[FZ1] nothing makes damaging throw, not even an empty frame", () => {
    const random = randomFrom(1);
    for (let n = 0; n < 2_000; n += 1) mutate(new Uint8Array(n % 5), random);
  });
});
