/**
 * One program of the demo as a process of its own; its log goes to a file beside its data.
 *
 * @module
 */

import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

export interface Program {
  readonly name: string;
  readonly logFile: string;
  /** Resolves once it can do its work; never if it ends before. */
  readonly ready: Promise<void>;
  /** Its exit code. */
  readonly ended: Promise<number>;
  stop(): void;
  lastLines(): string;
}

export interface ProgramOptions {
  readonly name: string;
  readonly logFile: string;
  /** Below `apps`. */
  readonly script: string;
  readonly args: readonly string[];
  /** Answers 200 when the program is ready. */
  readonly readyUrl: string;
}

export function startProgram(options: ProgramOptions): Program {
  const { name, logFile, script, args, readyUrl } = options;
  const log = fs.openSync(logFile, "a");
  const child = spawn(process.execPath, [...nodeArguments(script), ...args], {
    // The fourth end closes when this process dies, however it dies, and takes the program along.
    stdio: ["ignore", log, log, "pipe"],
    env: { ...process.env, TILLMESH_PARENT_FD: "3" },
  });
  fs.closeSync(log);
  let isOver = false;
  const ended = new Promise<number>((resolve) => {
    child.once("exit", (code) => {
      isOver = true;
      resolve(code ?? 1);
    });
  });
  return {
    name,
    logFile,
    ready: untilReady(readyUrl, () => isOver),
    ended,
    stop: () => void child.kill("SIGTERM"),
    lastLines: () => fs.readFileSync(logFile, "utf8").trimEnd().split("\n").slice(-5).join("\n"),
  };
}

const apps = path.join(import.meta.dirname, "..", "..", "..");

function nodeArguments(script: string): readonly string[] {
  const follow = path.join(apps, "..", "toolchain", "follow-parent.mjs");
  return [
    "--conditions=@tillmesh/source",
    "--disable-warning=ExperimentalWarning",
    "--disable-warning=TimeoutNegativeWarning",
    "--import",
    pathToFileURL(follow).href,
    path.join(apps, script),
  ];
}

async function untilReady(url: string, isOver: () => boolean): Promise<void> {
  for (;;) {
    const response = await fetch(url).catch(() => undefined);
    await response?.arrayBuffer();
    if (response?.ok === true) return;
    if (isOver()) return new Promise(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
