/**
 * Starting other programs: a step of ours that must succeed, or a program in our place.
 *
 * @module
 */

import { spawn } from "node:child_process";
import path from "node:path";
import tty from "node:tty";
import { pathToFileURL } from "node:url";
import { root } from "./places.mjs";

/** Run to the end with all output on stderr; throws a sentence when it fails. */
export async function runStep(step, [command, ...args], options = {}) {
  const { code, signal, error } = await run(command, args, {
    cwd: root,
    ...options,
    stdio: ["ignore", 2, 2, ...(options.stdio ?? []).slice(3)],
  });
  if (error) throw new Error(`${step} could not start: ${error.message}`);
  if (signal) throw new Error(`${step} was stopped by ${signal}.`);
  if (code !== 0) throw new Error(`${step} ended with exit code ${code}.`);
}

/** Run a program as if it were this one: its stdio, our signals, its exit code. */
export async function runInPlace(command, args, options = {}) {
  const { code, signal, error } = await run(command, args, { stdio: "inherit", ...options });
  if (error) throw new Error(`${command} could not start: ${error.message}`);
  if (signal) process.kill(process.pid, signal);
  else process.exitCode = code;
}

/** Options and arguments with which a Node program dies when we do, however we die. */
export function following(args, options = {}) {
  const follow = pathToFileURL(path.join(root, "toolchain", "follow-parent.mjs")).href;
  return {
    args: ["--import", follow, ...args],
    options: {
      ...options,
      stdio: ["inherit", "inherit", "inherit", "pipe"],
      env: { ...(options.env ?? process.env), TILLMESH_PARENT_FD: "3" },
    },
  };
}

/**
 * How an app is started from its TypeScript sources. Left to itself V8 lets the space for new objects
 * grow until a till holds a quarter more memory than it needs: with 60,000 SKUs 410 MB against 345 MB.
 */
export function appArguments(script, args) {
  return [
    "--max-semi-space-size=4",
    "--conditions=@tillmesh/source",
    "--disable-warning=ExperimentalWarning",
    // automerge-repo saves "at once" with a time that is past already; a newer Node tells of it each time.
    "--disable-warning=TimeoutNegativeWarning",
    path.join(root, script),
    ...args,
  ];
}

async function run(command, args, options) {
  const child = spawn(command, args, options);
  const forward = (signal) => {
    if (!isSentToGroup(signal)) child.kill(signal);
  };
  for (const signal of forwarded) process.on(signal, forward);
  const end = await new Promise((resolve) => {
    child.once("error", (error) => resolve({ error }));
    child.once("exit", (code, signal) => resolve({ code, signal }));
  });
  for (const signal of forwarded) process.removeListener(signal, forward);
  return end;
}

const forwarded = ["SIGTERM", "SIGINT", "SIGHUP"];

/** A terminal sends Ctrl-C to the program too; it should get it once, and we should wait. */
function isSentToGroup(signal) {
  return signal !== "SIGTERM" && [0, 1, 2].some((fd) => tty.isatty(fd));
}
