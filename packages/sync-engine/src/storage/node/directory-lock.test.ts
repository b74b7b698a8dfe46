import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { lockDirectory } from "./directory-lock.ts";

const made: string[] = [];

function directory(): string {
  const place = fs.mkdtempSync(path.join(os.tmpdir(), "tillmesh-lock-"));
  made.push(place);
  return place;
}

afterEach(() => {
  for (const place of made.splice(0)) fs.rmSync(place, { recursive: true, force: true });
});

/** A process of its own that says whether it got the lock, and then stays. */
async function holder(place: string): Promise<{ answer: string; kill: () => Promise<void> }> {
  const module = path.join(import.meta.dirname, "directory-lock.ts");
  const script =
    `import { lockDirectory } from ${JSON.stringify(module)};` +
    `const lock = lockDirectory(${JSON.stringify(place)});` +
    `console.log(lock.ok ? "held" : lock.error.type); setInterval(() => lock, 1000);`;
  const child = spawn(
    process.execPath,
    ["--conditions=@tillmesh/source", "--input-type=module", "-e", script],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const answer = await new Promise<string>((resolve) => {
    child.stdout.once("data", (data: Buffer) => resolve(data.toString().trim()));
  });
  return {
    answer,
    kill: async () => {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

describe("directory lock (LK)", () => {
  test("[LK1] one holder at a time, and release gives it back", () => {
    const place = directory();
    const first = lockDirectory(place);
    expect(first.ok).toBe(true);
    expect(lockDirectory(place)).toEqual({
      ok: false,
      error: { type: "Locked", path: `${place}/lock` },
    });
    if (first.ok) first.value.release();
    const second = lockDirectory(place);
    expect(second.ok).toBe(true);
    if (second.ok) second.value.release();
  });

  test("[LK2] another process is kept out, and kill -9 frees the lock", async () => {
    const place = directory();
    const other = await holder(place);
    expect(other.answer).toBe("held");
    expect(lockDirectory(place)).toMatchObject({ error: { type: "Locked" } });
    await other.kill();
    const mine = lockDirectory(place);
    expect(mine.ok).toBe(true);
    const third = await holder(place);
    expect(third.answer).toBe("Locked");
    await third.kill();
    if (mine.ok) mine.value.release();
  });

  test("[LK3] a lock that cannot be taken for another reason says so", () => {
    expect(lockDirectory(path.join(directory(), "missing"))).toMatchObject({
      error: { type: "LockFailed" },
    });
    const place = directory();
    fs.writeFileSync(
      `${place}/lock`,
      "not a lock at all, but some other file of somebody".repeat(20),
    );
    expect(lockDirectory(place)).toMatchObject({ error: { type: "LockFailed" } });
  });
});
