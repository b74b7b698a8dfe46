/**
 * A `Files` that can lose power and fail, over a real temporary directory. SPEC.md §9 (FL).
 *
 * Bytes and names go to real files, so that code which opens files by itself sees them; beside them a
 * durable image keeps what was synced. What was written behind the port's back counts as unsynced until the
 * port syncs it. Everything is deterministic under the seeds given.
 *
 * @module
 */

import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { testRandom } from "@tillmesh/kernel/testing";
import { parentOf, type Files, type OpenFile } from "../storage/files.ts";
import { nodeFiles } from "../storage/node/node-files.ts";
import {
  createImage,
  cutPower,
  draw,
  failInodeSync,
  failNamesSync,
  linkNode,
  liveBytes,
  renameNode,
  syncInode,
  syncNames,
  truncateInode,
  unlinkNode,
  writeInode,
  type Image,
  type Inode,
} from "./fault-files-image.ts";

export interface FaultFiles extends Files {
  /** The real directory. All paths lie below it. */
  readonly root: string;
  /** Operations so far. */
  readonly operations: () => number;
  /** The n-th operation from now on (1 is the next) fails; a write may have been done in part. */
  readonly failAt: (n: number, code: "EIO" | "ENOSPC", seed?: number) => void;
  /** Power goes in the middle of the n-th operation from now on; that one and all later ones throw. */
  readonly cutAt: (n: number) => void;
  /** Whether the operation that `failAt` or `cutAt` named has come. */
  readonly wasHit: () => boolean;
  /** Whether power is gone. */
  readonly isCut: () => boolean;
  /** The directory as a power cut may leave it, in a new root, with nothing unsynced. */
  readonly crash: (seed: number) => FaultFiles;
  /** The process is gone, the machine goes on: files are closed, faults cleared, unsynced stays unsynced. */
  readonly kill: () => void;
  /** Removes the real directory. */
  readonly dispose: () => void;
}

/** An empty directory, in memory where the system has such a place. */
export function faultFiles(): FaultFiles {
  return createFaultFiles(temporaryRoot(), createImage());
}

interface FaultState {
  readonly root: string;
  readonly image: Image;
  readonly inner: Files;
  readonly open: Set<OpenFile>;
  operations: number;
  plan: Plan | null;
  isHit: boolean;
  isCut: boolean;
}

interface Plan {
  readonly operation: number;
  readonly code: "EIO" | "ENOSPC" | "POWERCUT";
  readonly seed: number;
}

function createFaultFiles(root: string, image: Image): FaultFiles {
  const start = { operations: 0, plan: null, isHit: false, isCut: false };
  const state: FaultState = { root, image, inner: nodeFiles(), open: new Set(), ...start };
  const planAt = (n: number, code: Plan["code"], seed: number): void => {
    state.plan = { operation: state.operations + n, code, seed };
    state.isHit = false;
  };
  return {
    ...createPort(state),
    root,
    operations: () => state.operations,
    failAt: (n, code, seed = 0) => planAt(n, code, seed),
    cutAt: (n) => planAt(n, "POWERCUT", 0),
    wasHit: () => state.isHit,
    isCut: () => state.isCut,
    crash: (seed) => crash(state, seed),
    kill: () => {
      closeAll(state);
      Object.assign(state, { plan: null, isHit: false, isCut: false });
    },
    dispose: () => {
      closeAll(state);
      fs.rmSync(root, { recursive: true, force: true });
    },
  };
}

function createPort(state: FaultState): Files {
  const { inner } = state;
  return {
    openFile: (file, mode) => openFile(state, file, mode),
    readFile: (file, sizeMaxBytes) => step(state, () => inner.readFile(file, sizeMaxBytes)),
    list: (directory) => step(state, () => inner.list(directory)),
    rename: (from, to) => step(state, () => rename(state, from, to)),
    remove: (file) => step(state, () => remove(state, file)),
    makeDirectory: (directory) => step(state, () => makeDirectory(state, directory)),
    syncDirectory: (directory) => syncNamesOf(state, directory),
    sync: async (target) => {
      await Promise.resolve();
      if (fs.statSync(target).isDirectory()) syncNamesOf(state, target);
      else syncBytesOf(state, inodeAt(state, target));
    },
    freeBytes: (directory) => step(state, () => inner.freeBytes(directory)),
  };
}

/** Counts one operation. A failing one may have had its effect, or not; a cut one has, but not durably. */
function step<T>(state: FaultState, effect: () => T): T {
  const fault = nextFault(state);
  if (fault === null) return effect();
  const hadEffect = fault.code === "POWERCUT" || draw(testRandom(fault.seed), 2) === 1;
  if (hadEffect && fault.code !== "ENOSPC") effect();
  throw faultError(fault.code);
}

function nextFault(state: FaultState): Plan | null {
  if (state.isCut) throw faultError("POWERCUT");
  state.operations += 1;
  const { plan } = state;
  if (plan === null || state.operations !== plan.operation) return null;
  state.isHit = true;
  state.isCut = plan.code === "POWERCUT";
  return plan;
}

function faultError(code: Plan["code"]): Error {
  return Object.assign(new Error(`${code}: injected`), { code });
}

function openFile(state: FaultState, file: string, mode: "create" | "existing"): OpenFile {
  const fault = nextFault(state);
  if (fault !== null) throw faultError(fault.code);
  const real = state.inner.openFile(file, mode);
  state.open.add(real);
  const held = state.image.names.get(relative(state, file));
  const inode = held === undefined || held === "directory" ? discoverFile(state, file) : held;
  if (mode === "create" && liveBytes(inode).length > 0) truncateInode(inode);
  return {
    writeAt: (bytes, offset) => write(state, bytes, { real, inode, offset }),
    datasync: () => syncBytesOf(state, inode),
    datasyncLater: async () => {
      await Promise.resolve();
      syncBytesOf(state, inode);
    },
    readLater: async (from, sizeBytes) => {
      await Promise.resolve();
      return step(state, () => liveBytes(inode).slice(from, from + sizeBytes));
    },
    close: () => {
      state.open.delete(real);
      real.close();
    },
  };
}

interface WriteTarget {
  readonly real: OpenFile;
  readonly inode: Inode;
  readonly offset: number;
}

function write(state: FaultState, bytes: Uint8Array, { real, inode, offset }: WriteTarget): void {
  const fault = nextFault(state);
  const isPart = fault !== null && fault.code !== "POWERCUT";
  const size = isPart ? draw(testRandom(fault.seed), bytes.length + 1) : bytes.length;
  const written = bytes.subarray(0, size);
  if (size > 0) {
    real.writeAt(written, offset);
    writeInode(inode, offset, written);
  }
  if (fault !== null) throw faultError(fault.code);
}

function syncBytesOf(state: FaultState, inode: Inode): void {
  const fault = nextFault(state);
  if (fault === null) return syncInode(inode);
  if (fault.code !== "POWERCUT") failInodeSync(inode);
  throw faultError(fault.code);
}

function syncNamesOf(state: FaultState, directory: string): void {
  discover(state);
  const fault = nextFault(state);
  const at = relative(state, directory);
  if (fault === null) return syncNames(state.image, at);
  if (fault.code !== "POWERCUT") failNamesSync(state.image, at);
  throw faultError(fault.code);
}

function rename(state: FaultState, from: string, to: string): void {
  inodeAt(state, from);
  state.inner.rename(from, to);
  renameNode(state.image, relative(state, from), relative(state, to));
}

function remove(state: FaultState, file: string): void {
  const isThere = fs.existsSync(file);
  if (isThere) inodeAt(state, file);
  state.inner.remove(file);
  if (isThere) unlinkNode(state.image, relative(state, file));
}

function makeDirectory(state: FaultState, directory: string): readonly string[] {
  discover(state);
  const made = state.inner.makeDirectory(directory);
  for (const one of made) linkNode(state.image, relative(state, one), "directory");
  return made;
}

/** The inode of a file that exists, with what was written to it behind the port's back as unsynced. */
function inodeAt(state: FaultState, file: string): Inode {
  const inode = state.image.names.get(relative(state, file));
  if (inode === undefined || inode === "directory") return discoverFile(state, file);
  const bytes = fs.readFileSync(file);
  if (!bytes.equals(liveBytes(inode))) {
    truncateInode(inode);
    writeInode(inode, 0, bytes);
  }
  return inode;
}

function discoverFile(state: FaultState, file: string): Inode {
  const { image, root } = state;
  const above = parentOf(file);
  if (above !== root && !image.names.has(relative(state, above))) discover(state);
  const known = image.names.get(relative(state, file));
  if (known !== undefined && known !== "directory") return known;
  const inode = inodeOf(new Uint8Array());
  const bytes = fs.readFileSync(file);
  if (bytes.length > 0) writeInode(inode, 0, bytes);
  linkNode(image, relative(state, file), inode);
  return inode;
}

/** Compares the names with the real ones. */
function discover(state: FaultState): void {
  const { image, root } = state;
  const found = fs.readdirSync(root, { recursive: true, withFileTypes: true });
  const real = new Set<string>();
  for (const entry of found) {
    const file = `${entry.parentPath}/${entry.name}`;
    const name = relative(state, file);
    real.add(name);
    if (image.names.has(name)) continue;
    if (entry.isDirectory()) linkNode(image, name, "directory");
    else discoverFile(state, file);
  }
  for (const name of image.names.keys()) if (!real.has(name)) unlinkNode(image, name);
}

function crash(state: FaultState, seed: number): FaultFiles {
  closeAll(state);
  discover(state);
  for (const [name, node] of state.image.names) {
    if (node !== "directory") inodeAt(state, `${state.root}/${name}`);
  }
  const image = createImage();
  const root = temporaryRoot();
  const left = [...cutPower(state.image, testRandom(seed))].toSorted(([a], [b]) =>
    a < b ? -1 : 1,
  );
  for (const [name, bytes] of left) {
    if (bytes === "directory") fs.mkdirSync(`${root}/${name}`, { recursive: true });
    else writeReal(`${root}/${name}`, bytes);
    image.names.set(name, bytes === "directory" ? bytes : inodeOf(bytes));
    image.durableNames.set(name, image.names.get(name) as Inode);
  }
  return createFaultFiles(root, image);
}

function writeReal(file: string, bytes: Uint8Array): void {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, bytes);
}

function closeAll(state: FaultState): void {
  for (const file of state.open) file.close();
  state.open.clear();
}

function inodeOf(durable: Uint8Array): Inode {
  return { durable, isOwn: false, pending: [] };
}

function relative({ root }: FaultState, file: string): string {
  if (file.startsWith(`${root}/`)) return file.slice(root.length + 1);
  return path.relative(root, file).split(path.sep).join("/");
}

/** Memory is enough: durability is the image's business. */
function temporaryRoot(): string {
  const place = fs.existsSync("/dev/shm") ? "/dev/shm" : os.tmpdir();
  return fs.realpathSync(fs.mkdtempSync(path.join(place, "tillmesh-faults-")));
}
