/**
 * The `Files` port over node:fs.
 *
 * @module
 */

import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import type { Files, OpenFile } from "../files.ts";

export function nodeFiles(): Files {
  return {
    openFile,
    readFile,
    list,
    rename: (from, to) => fs.renameSync(from, to),
    remove: (file) => fs.rmSync(file, { force: true }),
    makeDirectory,
    syncDirectory,
    sync,
    freeBytes,
  };
}

/** Windows has no handle on a directory to sync; NTFS journals names by itself. */
const canSyncDirectories = os.platform() !== "win32";

function openFile(file: string, mode: "create" | "existing"): OpenFile {
  const descriptor = fs.openSync(file, mode === "create" ? "w" : "r+");
  return {
    writeAt: (bytes, offset) => writeAll(descriptor, bytes, offset),
    datasync: () => fs.fdatasyncSync(descriptor),
    datasyncLater: () => datasyncLater(descriptor),
    readLater: (offset, sizeBytes) => readLater(descriptor, offset, sizeBytes),
    close: () => fs.closeSync(descriptor),
  };
}

function writeAll(descriptor: number, bytes: Uint8Array, offset: number): void {
  let written = 0;
  while (written < bytes.length) {
    const rest = bytes.length - written;
    written += fs.writeSync(descriptor, bytes, written, rest, offset + written);
  }
}

const datasyncLater = promisify(fs.fdatasync);
const readOnce = promisify(fs.read);

async function readLater(
  descriptor: number,
  offset: number,
  sizeBytes: number,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(sizeBytes);
  for (let at = 0; at < sizeBytes;) {
    const options = { buffer: bytes, offset: at, length: sizeBytes - at, position: offset + at };
    const { bytesRead } = await readOnce(descriptor, options);
    if (bytesRead === 0) return bytes.subarray(0, at);
    at += bytesRead;
  }
  return bytes;
}

function readFile(file: string, sizeMaxBytes = Number.MAX_SAFE_INTEGER): Uint8Array | null {
  const stat = fs.statSync(file, { throwIfNoEntry: false });
  if (stat === undefined) return null;
  if (stat.size > sizeMaxBytes) throw tooBig(file, stat.size);
  return fs.readFileSync(file);
}

function tooBig(file: string, sizeBytes: number): Error {
  return Object.assign(new Error(`${file} has ${sizeBytes} bytes`), { code: "EFBIG" });
}

function list(directory: string): readonly string[] {
  try {
    const found = fs.readdirSync(directory, { withFileTypes: true });
    return found.map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name)).toSorted();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

function makeDirectory(directory: string): readonly string[] {
  const first = fs.mkdirSync(directory, { recursive: true });
  if (first === undefined) return [];
  const made = [path.resolve(directory)];
  const outermost = path.resolve(first);
  for (let inner = made[0]; inner !== undefined && inner !== outermost; inner = made[0]) {
    made.unshift(path.dirname(inner));
  }
  return made;
}

function syncDirectory(directory: string): void {
  if (!canSyncDirectories) return;
  const descriptor = fs.openSync(directory, "r");
  try {
    fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}

async function sync(target: string): Promise<void> {
  const isDirectory = fs.statSync(target).isDirectory();
  if (isDirectory && !canSyncDirectories) return;
  const handle = await fs.promises.open(target, isDirectory ? "r" : "r+");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function freeBytes(directory: string): number {
  const { bavail, bsize } = fs.statfsSync(directory);
  return bavail * bsize;
}
