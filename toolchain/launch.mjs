/**
 * Behind bin/tillmesh: start the till's service, or the relay, after setup if that was never done.
 *
 * @module
 */

import { appArguments, following, runInPlace } from "./processes.mjs";
import { readyNode } from "./ready.mjs";

export async function launch(args) {
  try {
    const { script, rest, pages } = programOf(args);
    const node = readyNode({ pages }) ?? (await setUpFirst(pages));
    const argv = appArguments(script, rest);
    if (node === process.execPath && canReplaceItself()) {
      process.execve(node, [node, ...argv], process.env);
    }
    const app = following(argv);
    await runInPlace(node, app.args, app.options);
  } catch (error) {
    process.stderr.write(`tillmesh: ${error.message}\n`);
    process.exitCode = 1;
  }
}

/** The relay is a program of its own, which a till need not have. */
function programOf(args) {
  return args[0] === "relay"
    ? { script: "apps/relay/src/main.ts", rest: args.slice(1), pages: false }
    : { script: "apps/reference-till/service/main.ts", rest: args, pages: true };
}

async function setUpFirst(pages) {
  const { setup } = await import("./setup.mjs");
  return setup({ pages });
}

/** Becoming the program leaves one process to signal, watch and kill. */
function canReplaceItself() {
  return process.platform !== "win32" && typeof process.execve === "function";
}
