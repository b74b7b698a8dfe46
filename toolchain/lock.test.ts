import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { withLock } from "./lock.mjs";

let folder = "";
let lock = "";

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "tillmesh-lock-"));
  lock = path.join(folder, "setup.lock");
});
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

describe("withLock", () => {
  test("two at once run one after the other", async () => {
    const steps: string[] = [];
    const work = (name: string) => async (): Promise<void> => {
      steps.push(`${name} in`);
      await new Promise(setImmediate);
      steps.push(`${name} out`);
    };
    await Promise.all([withLock(lock, ignore, work("a")), withLock(lock, ignore, work("b"))]);
    expect(steps).toEqual(["a in", "a out", "b in", "b out"]);
    expect(fs.readdirSync(folder)).toEqual([]);
  });

  test("a lock whose owner is gone is taken over", async () => {
    fs.mkdirSync(lock);
    fs.writeFileSync(path.join(lock, "owner"), String(2 ** 30));
    await expect(withLock(lock, ignore, () => "done")).resolves.toBe("done");
    expect(fs.readdirSync(folder)).toEqual([]);
  });

  test("a failure releases it", async () => {
    const failing = withLock(lock, ignore, () => Promise.reject(new Error("no network")));
    await expect(failing).rejects.toThrow("no network");
    expect(fs.existsSync(lock)).toBe(false);
  });
});

function ignore(): void {}
