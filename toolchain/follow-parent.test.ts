import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";

const processes = new URL("processes.mjs", import.meta.url).href;

/** A parent that runs `program` through the launcher's own functions. */
function startParent(program: string): ChildProcess {
  const script = `
    import { following, runInPlace } from ${JSON.stringify(processes)};
    const app = following(["-e", ${JSON.stringify(program)}]);
    await runInPlace(process.execPath, app.args, app.options);`;
  const args = ["--input-type=module", "-e", script];
  return spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
}

async function childPid(parent: ChildProcess): Promise<number> {
  const [line] = (await once(parent.stdout!, "data")) as [Buffer];
  return Number(line.toString());
}

for (const [kind, loop] of Object.entries({
  idle: "setInterval(() => {}, 1000);",
  "busy in one turn": "for (;;);",
})) {
  test(`killing the launcher kills a program that is ${kind}`, async () => {
    const parent = startParent(`console.log(process.pid); ${loop}`);
    const pid = await childPid(parent);
    try {
      // The pipe ends when its last holder is gone, and the program holds it too.
      const ended = once(parent.stdout!, "close");
      parent.kill("SIGKILL");
      await ended;
      expect(parent.signalCode).toBe("SIGKILL");
    } finally {
      killIfAlive(pid);
    }
  });
}

test("the launcher ends with the program's exit code, after passing SIGTERM on", async () => {
  const parent = startParent(
    'process.on("SIGTERM", () => process.exit(3)); setInterval(() => {}, 1000); console.log(process.pid);',
  );
  await childPid(parent);
  parent.kill("SIGTERM");
  const [code] = (await once(parent, "exit")) as [number];
  expect(code).toBe(3);
});

function killIfAlive(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // Gone, as it should be.
  }
}
