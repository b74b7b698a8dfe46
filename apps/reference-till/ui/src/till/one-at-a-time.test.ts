import { expect, test, vi } from "vitest";
import { oneAtATime } from "./one-at-a-time.ts";

test("calls during a run become one more run", async () => {
  const releases: (() => void)[] = [];
  const ask = oneAtATime(() => new Promise((resolve) => void releases.push(resolve)));
  for (let times = 0; times < 5; times += 1) ask();
  expect(releases).toHaveLength(1);
  releases[0]?.();
  await vi.waitFor(() => expect(releases).toHaveLength(2), { interval: 1 });
  releases[1]?.();
  await Promise.resolve();
  await Promise.resolve();
  expect(releases).toHaveLength(2);
  ask();
  expect(releases).toHaveLength(3);
});
