/**
 * Moves the projection's write-ahead log into its file, on a thread of its own.
 *
 * A checkpoint syncs the disk. On the main thread it would hold up whoever is selling.
 *
 * @module
 */

import fs from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { isMainThread, Worker, workerData } from "node:worker_threads";

export interface Checkpointer {
  stop(): Promise<void>;
}

export function startCheckpointer(file: string): Checkpointer {
  const worker = new Worker(new URL(import.meta.url), {
    workerData: { projectionFile: file },
    resourceLimits: { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 4 },
  });
  worker.unref();
  // A checkpoint that fails is made by a later one, at the latest when the file is closed.
  worker.on("error", () => undefined);
  return { stop: async () => void (await worker.terminate()) };
}

const everyMs = 2000;

/** Opens anew each time: the file may have been replaced. */
function checkpoint(file: string): void {
  if (!fs.existsSync(`${file}-wal`)) return;
  const db = new DatabaseSync(file, { timeout: 1000 });
  try {
    db.exec("PRAGMA wal_checkpoint(PASSIVE)");
  } finally {
    db.close();
  }
}

function run(file: string): void {
  setInterval(() => {
    try {
      checkpoint(file);
    } catch {
      // Busy, or replaced just now: the next one will do.
    }
  }, everyMs);
}

const { projectionFile } = (workerData ?? {}) as { readonly projectionFile?: string };
if (!isMainThread && projectionFile !== undefined) run(projectionFile);
