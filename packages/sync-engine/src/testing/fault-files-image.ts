/**
 * What a power cut would leave of a directory: the durable image beside the real files. SPEC.md §9 (FL).
 *
 * The image knows, for each file, the bytes as of its last sync and the writes since, and for each name
 * whether its directory was synced since it changed. Paths are relative to the root; "" is the root.
 *
 * @module
 */

import type { Random } from "@tillmesh/kernel";

/** A file's bytes, whatever it is called. */
export interface Inode {
  durable: Uint8Array;
  /** Whether nobody else holds `durable`, so that a sync may write into it. */
  isOwn: boolean;
  /** Since the last sync, oldest first. */
  pending: PendingWrite[];
}

interface PendingWrite {
  readonly type: "write" | "truncate";
  readonly offset: number;
  readonly bytes: Uint8Array;
  /** A sync failed after it: the system thinks it clean, so no later sync makes it durable. */
  isOrphan: boolean;
}

type Node = Inode | "directory";

/** A change of names; both halves of a rename happen together or not at all, unless one was synced. */
interface PendingName {
  unlink: string | null;
  link: { readonly path: string; readonly node: Node } | null;
  isOrphan: boolean;
}

export interface Image {
  /** As the running system sees them. */
  readonly names: Map<string, Node>;
  readonly durableNames: Map<string, Node>;
  pendingNames: PendingName[];
}

export function createImage(): Image {
  return { names: new Map(), durableNames: new Map(), pendingNames: [] };
}

export function linkNode(image: Image, path: string, node: Node): void {
  image.names.set(path, node);
  image.pendingNames.push({ unlink: null, link: { path, node }, isOrphan: false });
}

export function unlinkNode(image: Image, path: string): void {
  image.names.delete(path);
  image.pendingNames.push({ unlink: path, link: null, isOrphan: false });
}

export function renameNode(image: Image, from: string, to: string): void {
  const node = image.names.get(from);
  if (node === undefined) return;
  image.names.delete(from);
  image.names.set(to, node);
  image.pendingNames.push({ unlink: from, link: { path: to, node }, isOrphan: false });
}

export function writeInode(inode: Inode, offset: number, bytes: Uint8Array): void {
  inode.pending.push({ type: "write", offset, bytes: bytes.slice(), isOrphan: false });
}

export function truncateInode(inode: Inode): void {
  inode.pending.push({ type: "truncate", offset: 0, bytes: new Uint8Array(), isOrphan: false });
}

/** The bytes as the running system sees them. */
export function liveBytes(inode: Inode): Uint8Array {
  return inode.pending.reduce(applyWrite, inode.durable);
}

export function syncInode(inode: Inode): void {
  for (const write of inode.pending) if (!write.isOrphan) makeDurable(inode, write);
  inode.pending = inode.pending.filter((write) => write.isOrphan);
}

// Logs have their space from the beginning: most writes change a few bytes of a large file.
function makeDurable(inode: Inode, write: PendingWrite): void {
  const { durable, isOwn } = inode;
  if (isOwn && write.type === "write" && write.offset + write.bytes.length <= durable.length) {
    durable.set(write.bytes, write.offset);
    return;
  }
  inode.durable = applyWrite(durable, write);
  inode.isOwn = true;
}

export function failInodeSync(inode: Inode): void {
  for (const write of inode.pending) write.isOrphan = true;
}

export function syncNames(image: Image, directory: string): void {
  for (const change of image.pendingNames.filter((found) => !found.isOrphan)) {
    if (change.unlink !== null && parent(change.unlink) === directory) {
      image.durableNames.delete(change.unlink);
      change.unlink = null;
    }
    if (change.link !== null && parent(change.link.path) === directory) {
      image.durableNames.set(change.link.path, change.link.node);
      change.link = null;
    }
  }
  image.pendingNames = image.pendingNames.filter(({ link, unlink }) => link ?? unlink);
}

export function failNamesSync(image: Image, directory: string): void {
  for (const change of image.pendingNames) {
    const paths = [change.unlink, change.link?.path];
    if (paths.some((path) => path !== undefined && path !== null && parent(path) === directory)) {
      change.isOrphan = true;
    }
  }
}

/** One of the many states a power cut may leave, by the draw of `random`. */
export function cutPower(
  image: Image,
  random: Random,
): ReadonlyMap<string, Uint8Array | "directory"> {
  const names = survivingNames(image, random);
  const bytesByInode = new Map<Inode, Uint8Array>();
  const left = new Map<string, Uint8Array | "directory">();
  for (const [path, node] of names) {
    if (!isReachable(names, path)) continue;
    if (node !== "directory" && !bytesByInode.has(node)) {
      bytesByInode.set(node, survivingBytes(node, random));
    }
    if (node !== "directory") node.isOwn = false;
    left.set(path, node === "directory" ? node : (bytesByInode.get(node) ?? node.durable));
  }
  return left;
}

function survivingNames(image: Image, random: Random): ReadonlyMap<string, Node> {
  const names = new Map(image.durableNames);
  const mode = drawMode(random);
  for (const { unlink, link } of image.pendingNames) {
    if (!isKept(mode, random)) continue;
    if (unlink !== null) names.delete(unlink);
    if (link !== null) names.set(link.path, link.node);
  }
  return names;
}

function isReachable(names: ReadonlyMap<string, Node>, path: string): boolean {
  const above = parent(path);
  return above === "" || (names.get(above) === "directory" && isReachable(names, above));
}

type Mode = "all" | "none" | "some";

function drawMode(random: Random): Mode {
  return (["all", "none", "some", "some"] as const)[draw(random, 4)] ?? "some";
}

function isKept(mode: Mode, random: Random): boolean {
  return mode === "some" ? draw(random, 2) === 1 : mode === "all";
}

function survivingBytes(inode: Inode, random: Random): Uint8Array {
  const mode = drawMode(random);
  return inode.pending.reduce((bytes, write) => {
    if (mode !== "some") return mode === "all" ? applyWrite(bytes, write) : bytes;
    return applyPartly(bytes, write, random);
  }, inode.durable);
}

/** Lost, whole, torn at any byte, zeroed, or any set of its sectors. */
function applyPartly(bytes: Uint8Array, write: PendingWrite, random: Random): Uint8Array {
  const kind = draw(random, 5);
  if (kind === 0) return bytes;
  if (kind === 1 || write.type === "truncate") return applyWrite(bytes, write);
  const { bytes: written } = write;
  if (kind === 2) {
    return applyWrite(bytes, {
      ...write,
      bytes: written.subarray(0, draw(random, written.length + 1)),
    });
  }
  if (kind === 3) return applyWrite(bytes, { ...write, bytes: new Uint8Array(written.length) });
  const whole = applyWrite(bytes, write);
  const before = applyWrite(bytes, { ...write, bytes: new Uint8Array(0) });
  for (let at = write.offset; at < whole.length; at = nextSector(at)) {
    if (draw(random, 2) === 1) continue;
    for (let index = at; index < Math.min(nextSector(at), whole.length); index += 1) {
      whole[index] = before[index] ?? 0;
    }
  }
  return whole;
}

function nextSector(at: number): number {
  return (Math.floor(at / 512) + 1) * 512;
}

/** A new array; holes are zeros. */
function applyWrite(
  bytes: Uint8Array,
  write: Pick<PendingWrite, "type" | "offset" | "bytes">,
): Uint8Array {
  if (write.type === "truncate") return new Uint8Array();
  const end = write.bytes.length === 0 ? 0 : write.offset + write.bytes.length;
  const result = new Uint8Array(Math.max(bytes.length, end));
  result.set(bytes);
  if (end > 0) result.set(write.bytes, write.offset);
  return result;
}

/** A whole number below `limit`. */
export function draw(random: Random, limit: number): number {
  const [a = 0, b = 0, c = 0] = random(3);
  return (a * 65_536 + b * 256 + c) % limit;
}

export function parent(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? "" : path.slice(0, slash);
}
