/**
 * Files that are kept twice: written whole or not at all, checked when read, mended from each other.
 *
 * The work behind the checkpoint storage and the sealed store. Both copies are durable when `write`
 * resolves. A copy that fails its check is replaced by the other one; when both fail they are moved to the
 * set-aside directory, and nothing is returned. SPEC.md §9 (CK, SE).
 *
 * @module
 */

import { ensureDirectory, fileFault, parentOf, writeFileSynced, type Files } from "./files.ts";

export interface CopiesOptions {
  readonly files: Files;
  readonly primary: string;
  readonly mirror: string;
  readonly temporary: string;
  readonly setAside: string;
  readonly onFault: (fault: CopiesFault) => void;
  /** Writes a temporary file, which is synced afterwards. Default: through `files`. */
  readonly writeTemporary?: (name: string, bytes: Uint8Array) => Promise<void>;
}

export interface MirroredCopies {
  /** `name` is a path below both directories. Throws what the file system threw. */
  readonly write: (name: string, bytes: Uint8Array) => Promise<void>;
  /**
   * The bytes of the first copy that `check` finds right; null when there is none. Throws when no copy is right
   * and one could not be read: it may be good, so nothing is set aside.
   */
  readonly read: (name: string, check: CopyCheck) => Promise<Uint8Array | null>;
  readonly remove: (name: string) => Promise<void>;
  /** Names below a directory that stand in either copy, sorted. */
  readonly names: (under: string) => readonly string[];
  /** Resolves when what was begun before has ended. */
  readonly idle: () => Promise<void>;
}

/** What is wrong with the bytes of one copy, or null. */
export type CopyCheck = (bytes: Uint8Array) => Promise<string | null> | string | null;

export type CopiesFault =
  /** One copy was lost or damaged and has been written again from the other. */
  | {
      readonly type: "CopyMended";
      readonly name: string;
      readonly path: string;
      readonly fault: string;
    }
  /** One copy is lost or damaged and could not be written again; the other is good. */
  | {
      readonly type: "CopyNotMended";
      readonly name: string;
      readonly path: string;
      readonly fault: string;
      readonly code: string;
    }
  /** No copy is good. What there was has been moved to `setAside`. */
  | {
      readonly type: "CopiesDamaged";
      readonly name: string;
      readonly faults: readonly string[];
      readonly setAside: readonly string[];
    };

/** Removes what an interrupted start left in the temporary directory. */
export function openMirroredCopies(options: CopiesOptions): MirroredCopies {
  const { files, primary, mirror, temporary } = options;
  for (const directory of [primary, mirror, temporary]) {
    ensureDirectory(files, directory);
    // A process that was killed may have made it without coming to sync its name.
    files.syncDirectory(parentOf(directory));
  }
  for (const stray of files.list(temporary)) files.remove(`${temporary}/${stray}`);
  const state: CopiesState = {
    options,
    durableDirectories: new Set(),
    writes: 0,
    queue: Promise.resolve(),
  };
  return {
    write: (name, bytes) => inTurn(state, () => writeBoth(state, name, bytes)),
    read: (name, check) => read(state, name, check),
    remove: (name) => inTurn(state, () => removeBoth(state, name)),
    names: (under) => names(state, under),
    idle: () => inTurn(state, () => Promise.resolve()),
  };
}

interface CopiesState {
  readonly options: CopiesOptions;
  /** Directories whose names this process has synced. */
  readonly durableDirectories: Set<string>;
  writes: number;
  queue: Promise<unknown>;
}

/** One write or removal at a time: bounded, and no two race for one name. */
function inTurn<T>(state: CopiesState, work: () => Promise<T>): Promise<T> {
  const done = state.queue.then(work);
  state.queue = done.catch(() => undefined);
  return done;
}

async function writeBoth(state: CopiesState, name: string, bytes: Uint8Array): Promise<void> {
  const { primary, mirror } = state.options;
  await writeCopy(state, `${primary}/${name}`, bytes);
  await writeCopy(state, `${mirror}/${name}`, bytes);
}

async function writeCopy(state: CopiesState, path: string, bytes: Uint8Array): Promise<void> {
  const { files, temporary, writeTemporary } = state.options;
  state.writes += 1;
  const name = `${state.writes}.tmp`;
  const written = `${temporary}/${name}`;
  if (writeTemporary === undefined) writeFileSynced(files, written, bytes);
  else {
    await writeTemporary(name, bytes);
    await files.sync(written);
  }
  makeDurable(state, parentOf(path));
  files.rename(written, path);
  await files.sync(parentOf(path));
}

/** A directory that exists may be one whose name was never synced: each is synced once per process. */
function makeDurable(state: CopiesState, directory: string): void {
  const { durableDirectories } = state;
  const { files, primary, mirror } = state.options;
  if (durableDirectories.has(directory)) return;
  files.makeDirectory(directory);
  if (directory !== primary && directory !== mirror) {
    makeDurable(state, parentOf(directory));
    files.syncDirectory(parentOf(directory));
  }
  if (durableDirectories.size >= durableDirectoriesMax) durableDirectories.clear();
  durableDirectories.add(directory);
}

const durableDirectoriesMax = 4096;

async function removeBoth(state: CopiesState, name: string): Promise<void> {
  const { files, primary, mirror } = state.options;
  for (const path of [`${primary}/${name}`, `${mirror}/${name}`]) {
    const directory = parentOf(path);
    if (!files.list(directory).some((found) => path === `${directory}/${found}`)) continue;
    files.remove(path);
    await files.sync(directory);
  }
}

interface Copy {
  readonly path: string;
  /** The file system did not give the bytes; they may be good. */
  readonly readError?: unknown;
  readonly bytes: Uint8Array | null;
  readonly fault: string | null;
}

async function read(
  state: CopiesState,
  name: string,
  check: CopyCheck,
): Promise<Uint8Array | null> {
  const { primary, mirror } = state.options;
  const first = await readCopy(state, `${primary}/${name}`, check);
  const second = await readCopy(state, `${mirror}/${name}`, check);
  if (first.fault === missing && second.fault === missing) return null;
  const good = [first, second].find((copy) => copy.fault === null);
  const bad = [first, second].filter((copy) => copy.fault !== null);
  if (bad.length === 0) return first.bytes;
  const unreadable = bad.find((copy) => copy.readError !== undefined);
  if (good === undefined && unreadable !== undefined) throw unreadable.readError;
  await inTurn(state, () => treat(state, { name, check, bad, isLost: good === undefined }));
  return good?.bytes ?? null;
}

async function readCopy(state: CopiesState, path: string, check: CopyCheck): Promise<Copy> {
  try {
    const bytes = state.options.files.readFile(path, copySizeMaxBytes);
    if (bytes === null) return { path, bytes, fault: missing };
    return { path, bytes, fault: bytes.length === 0 ? "empty" : await check(bytes) };
  } catch (error) {
    const { code } = fileFault(error);
    return { path, bytes: null, fault: code, ...(code === "EFBIG" ? {} : { readError: error }) };
  }
}

const missing = "missing";
/** More than the largest document or part that is ever written. */
const copySizeMaxBytes = 268_435_456;

interface Treatment {
  readonly name: string;
  readonly check: CopyCheck;
  readonly bad: readonly Copy[];
  readonly isLost: boolean;
}

async function treat(state: CopiesState, { name, check, bad, isLost }: Treatment): Promise<void> {
  if (isLost) {
    const setAside = bad.flatMap((copy) => moveAside(state, name, copy));
    const faults = bad.map((copy) => copy.fault ?? "");
    state.options.onFault({ type: "CopiesDamaged", name, faults, setAside });
    return;
  }
  for (const { path, fault } of bad) await mend(state, { name, path, fault: fault ?? "", check });
}

/** Reads the good copy again, since it may have been removed while this waited for its turn. */
async function mend(
  state: CopiesState,
  { name, path, fault, check }: { name: string; path: string; fault: string; check: CopyCheck },
): Promise<void> {
  const { primary, mirror, onFault } = state.options;
  const other = path === `${primary}/${name}` ? `${mirror}/${name}` : `${primary}/${name}`;
  const good = await readCopy(state, other, check);
  const now = await readCopy(state, path, check);
  if (good.bytes === null || good.fault !== null || now.fault === null) return;
  try {
    await writeCopy(state, path, good.bytes);
    onFault({ type: "CopyMended", name, path, fault });
  } catch (error) {
    onFault({ type: "CopyNotMended", name, path, fault, code: fileFault(error).code });
  }
}

/** Where the copy went; nothing when it was not there or cannot be moved. */
function moveAside(state: CopiesState, name: string, copy: Copy): readonly string[] {
  const { files, setAside, primary } = state.options;
  if (copy.fault === missing) return [];
  const which = copy.path.startsWith(`${primary}/`) ? "primary" : "mirror";
  const stem = `${setAside}/${name.replaceAll(/[/\\]/g, ".")}.${which}`;
  try {
    ensureDirectory(files, setAside);
    const taken = new Set(files.list(setAside).map((found) => `${setAside}/${found}`));
    let path = stem;
    for (let n = 2; taken.has(path); n += 1) path = `${stem}.${n}`;
    files.rename(copy.path, path);
    files.syncDirectory(setAside);
    files.syncDirectory(parentOf(copy.path));
    return [path];
  } catch {
    return [];
  }
}

function names(state: CopiesState, under: string): readonly string[] {
  const { primary, mirror } = state.options;
  const found = [primary, mirror].flatMap((root) => walk(state.options.files, root, under));
  return [...new Set(found)].toSorted();
}

function walk(files: Files, root: string, under: string): readonly string[] {
  return files.list(under === "" ? root : `${root}/${under}`).flatMap((name) => {
    const path = under === "" ? name : `${under}/${name}`;
    return name.endsWith("/") ? walk(files, root, path.slice(0, -1)) : [path];
  });
}
