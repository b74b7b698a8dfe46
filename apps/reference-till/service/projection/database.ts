/**
 * The projection's file: opened as it is, or made anew.
 *
 * Everything in it can be read again from the replica. So a file that is missing, damaged, of
 * another format, or of another device is not repaired but replaced.
 *
 * @module
 */

import fs from "node:fs";
import { DatabaseSync } from "node:sqlite";
import type { Random } from "@tillmesh/kernel";
import { base64url } from "@tillmesh/kernel";
import { ddl, formatVersion } from "./ddl.ts";

export interface ProjectionFile {
  readonly db: DatabaseSync;
  /** Names this file: another one has other arrival numbers. */
  readonly epoch: string;
  /** Why the file was made anew; undefined when it was used as found. */
  readonly madeAnew?: string;
}

export interface ProjectionFileOptions {
  readonly file: string;
  /** Device and incarnation: a file of another one is not ours. */
  readonly owner: string;
  readonly random: Random;
}

export function openProjectionFile(options: ProjectionFileOptions): ProjectionFile {
  const found = tryOpen(options);
  return "db" in found ? found : createProjectionFile(options, found.unusable);
}

/** Replaces whatever is there. */
export function createProjectionFile(
  { file, owner, random }: ProjectionFileOptions,
  reason: string,
): ProjectionFile {
  removeProjectionFile(file);
  const db = new DatabaseSync(file, { timeout: 2000 });
  const epoch = base64url(random(6));
  configure(db);
  db.exec("BEGIN");
  db.exec(ddl);
  const insert = db.prepare("INSERT INTO meta (name, value) VALUES (?, ?)");
  insert.run("format", formatVersion);
  insert.run("owner", owner);
  insert.run("epoch", epoch);
  db.exec("COMMIT");
  return { db, epoch, madeAnew: reason };
}

/** On disk when it returns, as nothing else here has to be. */
export function durably<T>(db: DatabaseSync, work: () => T): T {
  db.exec("PRAGMA synchronous = FULL");
  try {
    return work();
  } finally {
    db.exec("PRAGMA synchronous = NORMAL");
  }
}

export function removeProjectionFile(file: string): void {
  for (const suffix of ["", "-wal", "-shm", "-journal"]) fs.rmSync(file + suffix, { force: true });
}

function tryOpen({
  file,
  owner,
}: ProjectionFileOptions): ProjectionFile | { readonly unusable: string } {
  if (!fs.existsSync(file)) return { unusable: "missing" };
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(file, { timeout: 2000 });
    configure(db);
    const meta = new Map(
      db
        .prepare("SELECT name, value FROM meta")
        .all()
        .map((row) => [String(row["name"]), String(row["value"])]),
    );
    const epoch = meta.get("epoch");
    if (meta.get("format") !== formatVersion) return unusable(db, "other-format");
    if (meta.get("owner") !== owner || epoch === undefined) return unusable(db, "other-owner");
    return { db, epoch };
  } catch {
    return unusable(db, "damaged");
  }
}

function unusable(db: DatabaseSync | undefined, reason: string): { readonly unusable: string } {
  try {
    db?.close();
  } catch {
    // A damaged file may not close either; it is removed next.
  }
  return { unusable: reason };
}

// The checkpointer keeps the log short; 80 MB is where the main thread would help.
// A power cut may cost the newest rows, never the file's consistency; the rows come back from the replica.
function configure(db: DatabaseSync): void {
  db.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
    PRAGMA temp_store = MEMORY;
    PRAGMA cache_size = -16384;
    PRAGMA mmap_size = 0;
    PRAGMA wal_autocheckpoint = 20000;
    PRAGMA journal_size_limit = 16777216;
  `);
}
