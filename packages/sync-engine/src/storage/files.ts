/**
 * The file system as the storage layer needs it: a small port and what is composed of it.
 *
 * The port is synchronous because the commit is one synchronous turn; only `sync`, for
 * files that are written in the background, leaves the turn. Every call throws an error with
 * a `code` ("EIO", "ENOSPC", ...) when it fails; `fileFault` turns it into facts.
 *
 * Nothing is durable before it is asked for: the bytes of a file after `datasync` or `sync`, a
 * name (created, renamed, removed) after `syncDirectory` or `sync` of its directory.
 *
 * @module
 */

export interface Files {
  /** "create" makes an empty file, replacing what stands there; "existing" keeps its bytes. */
  readonly openFile: (path: string, mode: "create" | "existing") => OpenFile;
  /** All bytes, or null when there is no such file. Refuses (EFBIG) more than `sizeMaxBytes`. */
  readonly readFile: (path: string, sizeMaxBytes?: number) => Uint8Array | null;
  /** Names in a directory, sorted, directories with a "/" at the end; none if there is no directory. */
  readonly list: (directory: string) => readonly string[];
  /** Replaces `to` when it exists. */
  readonly rename: (from: string, to: string) => void;
  /** Removes one file; a file that is not there is fine. */
  readonly remove: (path: string) => void;
  /** Makes the directory and its parents; answers those it made, outermost first. */
  readonly makeDirectory: (path: string) => readonly string[];
  readonly syncDirectory: (path: string) => void;
  /** Makes a closed file or a directory durable without blocking the turn. */
  readonly sync: (path: string) => Promise<void>;
  readonly freeBytes: (directory: string) => number;
}

export interface OpenFile {
  /** Writes all of `bytes`, in one system call unless the system takes fewer. */
  readonly writeAt: (bytes: Uint8Array, offset: number) => void;
  readonly datasync: () => void;
  /** `datasync` without blocking the turn: what was written before the call. */
  readonly datasyncLater: () => Promise<void>;
  /** So many bytes from `offset` on, fewer at the end of the file, without blocking the turn. */
  readonly readLater: (offset: number, sizeBytes: number) => Promise<Uint8Array>;
  readonly close: () => void;
}

/** Replaces a file as a whole: after a crash either the old or the new bytes are there. */
export function writeFileAtomic(files: Files, path: string, bytes: Uint8Array): void {
  ensureDirectory(files, parentOf(path));
  const temporary = `${path}.tmp`;
  writeFileSynced(files, temporary, bytes);
  files.rename(temporary, path);
  files.syncDirectory(parentOf(path));
}

/** A new file with these bytes, synced; its name is not yet. */
export function writeFileSynced(files: Files, path: string, bytes: Uint8Array): void {
  const file = files.openFile(path, "create");
  try {
    file.writeAt(bytes, 0);
    file.datasync();
  } finally {
    file.close();
  }
}

/** Makes a directory whose name survives a power cut, its parents included. */
export function ensureDirectory(files: Files, path: string): void {
  for (const made of files.makeDirectory(path)) files.syncDirectory(parentOf(made));
}

export function parentOf(path: string): string {
  const slash = Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\"));
  if (slash < 0) return ".";
  return slash === 0 ? "/" : path.slice(0, slash);
}

/** What a failed file operation tells. */
export interface FileFault {
  readonly code: string;
  readonly message: string;
}

export function fileFault(error: unknown): FileFault {
  const message = error instanceof Error ? error.message : String(error);
  const code = (error as { readonly code?: unknown } | null)?.code;
  return { code: typeof code === "string" ? code : "UNKNOWN", message };
}

export function isOutOfSpace(error: unknown): boolean {
  const { code } = fileFault(error);
  return code === "ENOSPC" || code === "EDQUOT";
}
