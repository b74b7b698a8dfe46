/**
 * `node toolchain/run.mjs <demo | test | exec | setup | lockfile> [args]`: set up what is missing, then run.
 *
 * @module
 */

import fs from "node:fs";
import path from "node:path";
import { root } from "./places.mjs";
import { appArguments, following, runInPlace } from "./processes.mjs";
import { renewLockfile, setup, withNodeFirst } from "./setup.mjs";

const [command = "", ...args] = process.argv.slice(2);

const commands = {
  async demo() {
    const node = await setup({ pages: true });
    const script = "apps/reference-till/service/demo.ts";
    if (!fs.existsSync(path.join(root, script))) throw new Error(`There is no ${script}.`);
    const app = following(appArguments(script, args), { env: withNodeFirst(node) });
    stopWithParent();
    await runInPlace(node, app.args, app.options);
  },

  async test() {
    const node = await setup({ pages: true });
    const vitest = path.join(root, "node_modules", "vitest", "vitest.mjs");
    await runInPlace(node, [vitest, "run", ...args], { cwd: root, env: withNodeFirst(node) });
  },

  async exec() {
    const [program, ...rest] = args;
    if (!program) throw new Error("exec needs a program to run.");
    const node = await setup({ pages: false });
    const shell = process.platform === "win32";
    await runInPlace(program, rest, { cwd: root, env: withNodeFirst(node), shell });
  },

  async setup() {
    await setup({ pages: true });
  },

  async lockfile() {
    await renewLockfile();
  },
};

try {
  const run = Object.hasOwn(commands, command) ? commands[command] : undefined;
  if (!run) throw new Error(`Unknown command "${command}": ${Object.keys(commands).join(", ")}.`);
  await run();
} catch (error) {
  process.stderr.write(`tillmesh: ${error.message}\n`);
  process.exitCode = 1;
}

/** npm runs this through a shell that passes no signal on: when the shell is gone, the demo stops too. */
function stopWithParent() {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid !== parent) process.kill(process.pid, "SIGTERM");
  }, 500);
  watch.unref();
}
