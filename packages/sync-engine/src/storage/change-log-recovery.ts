/**
 * What a change log finds when it opens: scan, refuse or set aside, and where to go on. SPEC.md §9 (CL).
 *
 * The durable mark is read from the log itself: a record of a later append, the header of a later
 * segment or the clean mark were each written after everything before them had been synced. So only
 * the last append can be unsynced; it is written again into a new segment, and whatever stands
 * after it is copied to `set-aside/` and reported.
 *
 * @module
 */

import { err, ok, formatInstant, type Clock, type Result } from "@tillmesh/kernel";
import { crc32c } from "./crc32c.ts";
import { ensureDirectory, writeFileAtomic, type Files } from "./files.ts";
import { cleanTypeByte, type HeaderFault, type RawRecord } from "./log-record.ts";
import { segmentOrdinal } from "./log-segment.ts";
import { scanSegment, type SegmentScan } from "./segment-scan.ts";

export interface RecoveryPlace {
  readonly files: Files;
  readonly directory: string;
  readonly clock: Clock;
}

export interface RecoveredLog {
  /** Oldest first. */
  readonly segments: readonly RecoveredSegment[];
  /** The records that may be unsynced: the last append. */
  readonly surviving: readonly RawRecord[];
  /** Sequence of the next segment's first record. */
  readonly firstSequence: number;
  readonly nextOrdinal: number;
  readonly tail: SetAsideTail | null;
  /** All that were ever set aside and still lie there. */
  readonly tailsSetAside: number;
  readonly isClean: boolean;
  /** Names in the directory that are no part of a log. They are left alone. */
  readonly strays: readonly string[];
}

export interface RecoveredSegment {
  readonly path: string;
  readonly ordinal: number;
  readonly firstSequence: number;
}

/** The end of the log that no record explains, copied before anything else is written. */
export interface SetAsideTail {
  readonly sizeBytes: number;
  readonly path: string;
  /** A record began here: its sequence may have been used, and known elsewhere. */
  readonly wasRecordLike: boolean;
  readonly expectedSequence: number;
}

/** Reads every segment once. Throws when a file operation fails. */
export function recoverLog(place: RecoveryPlace): Result<RecoveredLog, LogDamaged> {
  const names = place.files.list(place.directory);
  const segments: ScannedSegment[] = [];
  for (const name of names.filter((found) => segmentOrdinal(found) !== null)) {
    const segment = scanFile(place, name);
    if (!segment.ok) return segment;
    const previous = segments.at(-1);
    const gap = previous && gapBetween(previous, segment.value.scan.header.firstSequence);
    if (gap) return err(gap);
    // The bytes of an earlier segment are not needed any more; the last one's tail may be.
    segments.push(segment.value);
    if (previous) segments[segments.length - 2] = withoutBytes(previous);
  }
  const last = segments.at(-1);
  const damage = last && damageInLast(last);
  if (damage) return err(damage);
  const strays = names.filter((name) => !isOwnName(name));
  const tail = setAsideTail(place, last);
  return ok({ ...whereToGoOn(segments), tail, tailsSetAside: countSetAside(place), strays });
}

/** Damage at or below the durable mark. Nothing was written; the facts are for the person who looks. */
export interface LogDamaged {
  readonly type: "LogDamaged";
  readonly segment: string;
  readonly offset: number;
  readonly fault: HeaderFault | "record" | "order";
  readonly expectedSequence: number | null;
  readonly foundLaterSequence: number | null;
}

interface ScannedSegment {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly scan: SegmentScan;
}

function scanFile(place: RecoveryPlace, name: string): Result<ScannedSegment, LogDamaged> {
  const path = `${place.directory}/${name}`;
  const bytes = place.files.readFile(path) ?? new Uint8Array();
  const scan = scanSegment(bytes);
  if (typeof scan === "string") return err(headerDamaged(path, scan));
  const isNamedRight = scan.header.ordinal === segmentOrdinal(name);
  return isNamedRight ? ok({ path, bytes, scan }) : err(headerDamaged(path, "alien"));
}

function headerDamaged(segment: string, fault: HeaderFault): LogDamaged {
  const unknown = { expectedSequence: null, foundLaterSequence: null };
  return { type: "LogDamaged", segment, offset: 0, fault, ...unknown };
}

/** The later segment says how far this one must reach; what it holds beyond does not count. */
function gapBetween({ path, scan }: ScannedSegment, nextFirst: number): LogDamaged | undefined {
  const expectedSequence = scan.header.firstSequence + scan.records.length;
  const place = { segment: path, offset: scan.endOffset, expectedSequence };
  const facts = { type: "LogDamaged", ...place, foundLaterSequence: nextFirst } as const;
  if (nextFirst < scan.header.firstSequence) return { ...facts, fault: "order" };
  return nextFirst > expectedSequence ? { ...facts, fault: "record" } : undefined;
}

function damageInLast({ path, scan }: ScannedSegment): LogDamaged | undefined {
  const { tail } = scan;
  if (tail === null || tail.foundLaterSequence === null) return undefined;
  const { offset, expectedSequence, foundLaterSequence } = tail;
  const facts = { segment: path, offset, expectedSequence, foundLaterSequence };
  return { type: "LogDamaged", fault: "record", ...facts };
}

function whereToGoOn(
  scanned: readonly ScannedSegment[],
): Omit<RecoveredLog, "tail" | "tailsSetAside" | "strays"> {
  const segments = scanned.map(({ path, scan: { header } }) => {
    return { path, ordinal: header.ordinal, firstSequence: header.firstSequence };
  });
  const last = scanned.at(-1)?.scan;
  if (last === undefined) {
    return { segments, surviving: [], firstSequence: 1, nextOrdinal: 1, isClean: true };
  }
  const lastRecord = last.records.at(-1);
  const lastAppend = last.records.filter(
    (record) => record.appendSequence === lastRecord?.appendSequence,
  );
  return {
    segments,
    surviving: lastAppend.filter((record) => record.typeByte !== cleanTypeByte),
    firstSequence: lastRecord?.appendSequence ?? last.header.firstSequence,
    nextOrdinal: last.header.ordinal + 1,
    isClean: lastRecord?.typeByte === cleanTypeByte && last.tail === null,
  };
}

/** Copies the tail; a copy that an interrupted start left behind is not made twice. */
function setAsideTail(
  { files, directory, clock }: RecoveryPlace,
  last: ScannedSegment | undefined,
): SetAsideTail | null {
  const tail = last?.scan.tail;
  if (last === undefined || !tail) return null;
  const { offset, sizeBytes, expectedSequence, wasRecordLike } = tail;
  const bytes = last.bytes.subarray(offset, offset + sizeBytes);
  const what =
    `tail-of-segment-${last.scan.header.ordinal}-at-${offset}` +
    `-sequence-${expectedSequence}-${crc32c(bytes).toString(16).padStart(8, "0")}.bin`;
  const folder = `${directory}/${setAsideFolder}`;
  ensureDirectory(files, folder);
  const when = formatInstant(clock.nowMs()).replaceAll(":", "-");
  for (const name of files.list(folder)) {
    if (name.endsWith(".tmp")) files.remove(`${folder}/${name}`);
  }
  const earlier = files.list(folder).find((name) => name.endsWith(what));
  const path = `${folder}/${earlier ?? `${when}-${what}`}`;
  writeFileAtomic(files, path, bytes);
  return { sizeBytes, path, wasRecordLike, expectedSequence };
}

function countSetAside({ files, directory }: RecoveryPlace): number {
  if (!files.list(directory).includes(`${setAsideFolder}/`)) return 0;
  return files.list(`${directory}/${setAsideFolder}`).filter((name) => !name.endsWith(".tmp"))
    .length;
}

const setAsideFolder = "set-aside";

function isOwnName(name: string): boolean {
  const isTemporary = name.endsWith(".tmp");
  return isTemporary || name === `${setAsideFolder}/` || segmentOrdinal(name) !== null;
}

const nothing = new Uint8Array();

function withoutBytes(segment: ScannedSegment): ScannedSegment {
  return { ...segment, bytes: nothing, scan: { ...segment.scan, records: [] } };
}
