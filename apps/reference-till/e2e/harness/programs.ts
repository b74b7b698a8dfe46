/**
 * Child processes with an end: each has a time limit, and none outlives the tests.
 *
 * @module
 */

import { spawn, type ChildProcess } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const repositoryRoot: string = fileURLToPath(new URL("../../../../", import.meta.url));

export interface Program {
  readonly pid: number;
  /** Resolves when every process that holds its output is gone, killed or not. */
  readonly ended: Promise<Ending>;
  /** The newest output on both streams, for a person to read. */
  log(): string;
  signal(signal: NodeJS.Signals): void;
}

export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProgramOptions {
  /** After that the program is killed. */
  readonly timeMaxMs: number;
  /** Standard output goes there instead. */
  readonly stdoutFile?: string;
}

/** Starts `bin/tillmesh` as a shell would. */
export function startTillmesh(args: readonly string[], options: ProgramOptions): Program {
  const { stdoutFile, timeMaxMs } = options;
  const output = stdoutFile === undefined ? "pipe" : fs.openSync(stdoutFile, "w");
  const child = spawn(path.join(repositoryRoot, "bin", "tillmesh"), args, {
    stdio: ["ignore", output, "pipe"],
  });
  if (typeof output === "number") fs.closeSync(output);
  running.add(child);
  const stdout = createTail(child.stdout);
  const stderr = createTail(child.stderr);
  const timer = setTimeout(() => child.kill("SIGKILL"), timeMaxMs);
  const ended = new Promise<Ending>((resolve, reject) => {
    child.once("error", reject);
    // "close" and not "exit": a launcher's child may live a moment longer than the launcher.
    child.once("close", (code, signal) => {
      clearTimeout(timer);
      running.delete(child);
      resolve({ code, signal, stdout: stdout(), stderr: stderr() });
    });
  });
  const program = {
    pid: child.pid ?? 0,
    ended,
    log: () => `$ tillmesh ${args.join(" ")}\n${stdout()}${stderr()}`,
    signal: (signal: NodeJS.Signals) => void child.kill(signal),
  };
  started.push(program);
  if (started.length > startedMax) started.shift();
  return program;
}

/** What the newest programs said last, for a person who looks for the cause of a failure. */
export function recentLogs(linesMax = 30): string {
  return started.map((program) => `---\n${tellingLines(program.log(), linesMax)}\n`).join("");
}

function isWarning(line: string): boolean {
  return /"level":"(?:warn|error)"/.test(line);
}

function isPlain(line: string): boolean {
  return !isWarning(line) && !/"status":2\d\d/.test(line);
}

/** The command, the newest warnings, and the newest lines of whatever else but calls that went well. */
function tellingLines(log: string, linesMax: number): string {
  const [command = "", ...lines] = log.trimEnd().split("\n");
  const warnings = lines.filter(isWarning).slice(-linesMax);
  return [command, ...warnings, ...lines.filter(isPlain).slice(-linesMax)].join("\n");
}

/** Runs a command to its end; the ending of a command that fails is an answer, too. */
export function tillmesh(...args: readonly string[]): Promise<Ending> {
  return startTillmesh(args, { timeMaxMs: commandMaxMs }).ended;
}

/** As `tillmesh`, for a command that must succeed: its standard output. */
export async function tillmeshDone(...args: readonly string[]): Promise<string> {
  const ending = await tillmesh(...args);
  if (ending.code === 0) return ending.stdout;
  const { code, signal, stdout, stderr } = ending;
  throw new Error(`tillmesh ${args.join(" ")}: ended with ${code ?? signal}\n${stdout}\n${stderr}`);
}

/** As the shell's `> FILE`. */
export async function tillmeshToFile(args: readonly string[], file: string): Promise<void> {
  const ending = await startTillmesh(args, { timeMaxMs: 60_000, stdoutFile: file }).ended;
  if (ending.code !== 0) throw new Error(`tillmesh ${args.join(" ")}: ${ending.stderr}`);
}

const commandMaxMs = 90_000;
const tailMaxLength = 2_000_000;
const startedMax = 4;
const running = new Set<ChildProcess>();
const started: Program[] = [];

process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** Everything up to a bound; beyond it the oldest goes. */
function createTail(stream: NodeJS.ReadableStream | null): () => string {
  let text = "";
  stream?.setEncoding("utf8");
  stream?.on("data", (chunk: string) => {
    text += chunk;
    if (text.length > 2 * tailMaxLength) text = text.slice(-tailMaxLength);
  });
  return () => text;
}
