/**
 * One process per data directory.
 *
 * The lock is held by the kernel (SQLite's byte-range lock on one file), so it is gone when the process
 * is, however it ended. Nothing is stored in the file. SPEC.md §9 (LK).
 *
 * @module
 */

import { DatabaseSync } from "node:sqlite";
import { err, ok, type Result } from "@tillmesh/kernel";

export interface DirectoryLock {
  readonly release: () => void;
}

/** Takes the lock, or says at once that another process holds it. */
export function lockDirectory(directory: string): Result<DirectoryLock, LockError> {
  const path = `${directory}/lock`;
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path);
    database.exec("PRAGMA journal_mode = MEMORY; PRAGMA cache_size = 1; BEGIN EXCLUSIVE");
  } catch (error) {
    database?.close();
    return err(lockError(path, error));
  }
  const held = database;
  return ok({ release: () => held.isOpen && held.close() });
}

export type LockError =
  | { readonly type: "Locked"; readonly path: string }
  | { readonly type: "LockFailed"; readonly path: string; readonly message: string };

/** SQLITE_BUSY and SQLITE_LOCKED. */
const busyCodes: ReadonlySet<number> = new Set([5, 6]);

function lockError(path: string, error: unknown): LockError {
  const { errcode, message } = error as { readonly errcode?: unknown; readonly message: string };
  const isBusy = typeof errcode === "number" && busyCodes.has(errcode & 0xff);
  return isBusy ? { type: "Locked", path } : { type: "LockFailed", path, message };
}
