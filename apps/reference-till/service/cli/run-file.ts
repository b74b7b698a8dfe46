/**
 * How the command line finds a service that runs: `run.json` in the device's directory.
 *
 * It holds a token that only this user can read. A file left behind by a crash is told by its
 * process being gone, or by nobody answering.
 *
 * @module
 */

import fs from "node:fs";
import path from "node:path";
import { readIfThere, writePrivateFile } from "../identity/private-file.ts";

export interface RunFile {
  readonly pid: number;
  readonly port: number;
  readonly token: string;
}

export function writeRunFile(directory: string, run: RunFile): void {
  writePrivateFile(runFile(directory), `${JSON.stringify({ v: 1, ...run })}\n`);
}

export function removeRunFile(directory: string): void {
  fs.rmSync(runFile(directory), { force: true });
}

/** Undefined when no service runs on this directory. */
export function readRunFile(directory: string): RunFile | undefined {
  const content = readIfThere(runFile(directory));
  if (content === undefined) return undefined;
  try {
    const { pid, port, token } = JSON.parse(content) as RunFile;
    if (!Number.isSafeInteger(pid) || !Number.isSafeInteger(port) || typeof token !== "string") {
      return undefined;
    }
    return isAlive(pid) ? { pid, port, token } : undefined;
  } catch {
    return undefined;
  }
}

function runFile(directory: string): string {
  return path.join(directory, "run.json");
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
