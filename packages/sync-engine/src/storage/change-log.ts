/**
 * The change log: what was appended is on the disk, or the log says that it is not. SPEC.md §9 (CL).
 *
 * One append is one write and one fdatasync into space that was reserved before. After any failure
 * the log is failed for ever: what is on the disk is then unknown, and only a new start, which scans, can
 * tell. Running out of space is found out while reserving, before anything is written, and may pass.
 *
 * @module
 */

import { assert, err, ok, type Clock, type Random, type Result } from "@tillmesh/kernel";
import {
  logFailed,
  type AppendError,
  type LogFailed,
  type LogFull,
  type OpenLogError,
} from "./change-log-errors.ts";
import { recoverLog, type RecoveredLog, type SetAsideTail } from "./change-log-recovery.ts";
import { ensureDirectory, isOutOfSpace, parentOf, type Files } from "./files.ts";
import {
  cleanTypeByte,
  draftToRaw,
  encodeRecords,
  positionMax,
  rawToRecord,
  recordSizeBytes,
  segmentHeaderSizeBytes,
  type LogDraft,
  type LogRecord,
  type RawRecord,
} from "./log-record.ts";
import {
  activateSegment,
  continueReservation,
  dropReservation,
  isFilled,
  reserveWhole,
  startReservation,
  type OpenSegment,
  type Reservation,
  type SegmentPlace,
} from "./log-segment.ts";
import { scanSegment } from "./segment-scan.ts";

export interface ChangeLogOptions {
  readonly files: Files;
  readonly directory: string;
  readonly clock: Clock;
  readonly random: Random;
  /** A log that should be there and is not is a fault; a new one begins only when this is true. */
  readonly isNew: boolean;
  /** Default 8 MiB. */
  readonly segmentSizeBytes?: number;
  /** Free space below which `status` raises the alarm. Default 256 MiB. */
  readonly lowSpaceBytes?: number;
}

export interface ChangeLog {
  /** Durable when it returns ok. All or, after a crash, a prefix of the drafts is found again. */
  readonly append: (
    drafts: readonly LogDraft[],
  ) => Result<{ readonly throughSequence: number }, AppendError>;
  /** One bounded step of getting the next segment ready. Call it after a commit. */
  readonly prepare: () => Result<{ readonly isReady: boolean }, LogFailed | LogFull>;
  /** Deletes the segments whose records are all covered by durable checkpoints. */
  readonly trim: (
    coveredThroughSequence: number,
  ) => Result<{ readonly removedSegments: number }, LogFailed>;
  /** Everything in the log, oldest first, one segment in memory at a time. */
  readonly records: () => Iterable<LogRecord>;
  readonly status: () => ChangeLogStatus;
  /** Writes the clean mark, unless the log has failed. */
  readonly close: () => Result<void, LogFailed>;
}

export interface ChangeLogStatus {
  readonly throughSequence: number;
  readonly segments: number;
  /** Room left for appends in the current segment and the one prepared. */
  readonly reservedBytes: number;
  /** 0 when the file system does not say. */
  readonly freeBytes: number;
  readonly isSpaceLow: boolean;
  readonly failure: LogFailed | null;
}

export interface OpenedChangeLog {
  readonly log: ChangeLog;
  readonly tail: SetAsideTail | null;
  /** How many tails lie set aside: a start may have ended before it drew its conclusion from one. */
  readonly tailsSetAside: number;
  /** The log was closed in order. */
  readonly wasClean: boolean;
  readonly strays: readonly string[];
}

/** Scans, sets a torn tail aside, makes the surviving end durable, and only then takes appends. */
export function openChangeLog(options: ChangeLogOptions): Result<OpenedChangeLog, OpenLogError> {
  const { files, directory } = options;
  try {
    ensureDirectory(files, directory);
    // A process that was killed may have made it without coming to sync its name.
    files.syncDirectory(parentOf(directory));
    const recovered = recoverLog(options);
    if (!recovered.ok) return recovered;
    const { tail, tailsSetAside, isClean, strays, segments } = recovered.value;
    if (segments.length === 0 && !options.isNew) return err({ type: "LogMissing", directory });
    const log = createChangeLog(startState(options, recovered.value));
    return ok({ log, tail, tailsSetAside, wasClean: isClean, strays });
  } catch (error) {
    if (isOutOfSpace(error)) return err(logFull(options));
    return err(logFailed("open", error));
  }
}

const appendSizeMaxBytes = 33_554_432;
const segmentSizeDefaultBytes = 8_388_608;
const lowSpaceDefaultBytes = 268_435_456;

/** The one place where the log's state changes. */
interface LogState {
  readonly options: ChangeLogOptions;
  readonly place: SegmentPlace;
  /** Oldest first, the current one last. */
  segments: readonly { readonly path: string; readonly firstSequence: number }[];
  current: OpenSegment;
  reservation: Reservation | null;
  nextSequence: number;
  failure: LogFailed | null;
  trimFailure: LogFailed | null;
}

function startState(options: ChangeLogOptions, recovered: RecoveredLog): LogState {
  const { files, directory, random } = options;
  const place = { files, directory, random };
  const { surviving, firstSequence, nextOrdinal } = recovered;
  for (const name of files.list(directory)) {
    if (name.endsWith(".tmp")) files.remove(`${directory}/${name}`);
  }
  const needed = surviving.reduce((sum, record) => sum + recordSizeBytes(record), 0);
  const reservation = reserveWhole(place, segmentSize(options, needed));
  const start = { ordinal: nextOrdinal, firstSequence, records: surviving };
  const current = activateSegment(place, reservation, start);
  return {
    options,
    place,
    segments: [...removeSuperseded(place, recovered), { path: current.path, firstSequence }],
    current,
    reservation: null,
    nextSequence: firstSequence + surviving.length,
    failure: null,
    trimFailure: null,
  };
}

/** Segments without a record that counts would pile up with every start. */
function removeSuperseded(
  { files, directory }: SegmentPlace,
  recovered: RecoveredLog,
): LogState["segments"] {
  const isSuperseded = (first: number): boolean => first >= recovered.firstSequence;
  const superseded = recovered.segments.filter((segment) => isSuperseded(segment.firstSequence));
  for (const { path } of superseded) files.remove(path);
  if (superseded.length > 0) files.syncDirectory(directory);
  return recovered.segments.filter((segment) => !isSuperseded(segment.firstSequence));
}

function createChangeLog(state: LogState): ChangeLog {
  return {
    append: (drafts) => append(state, drafts),
    prepare: () => prepare(state),
    trim: (coveredThroughSequence) => trim(state, coveredThroughSequence),
    records: () => readRecords(state),
    status: () => readStatus(state),
    close: () => close(state),
  };
}

function append(
  state: LogState,
  drafts: readonly LogDraft[],
): Result<{ readonly throughSequence: number }, AppendError> {
  if (state.failure !== null) return err(state.failure);
  const appendSequence = state.nextSequence;
  const records = drafts.map((draft, index) => {
    return { ...draftToRaw(draft), sequence: appendSequence + index, appendSequence };
  });
  const sizeBytes = records.reduce((sum, record) => sum + recordSizeBytes(record), 0);
  if (sizeBytes > appendSizeMaxBytes || records.length > positionMax) {
    const facts = { sizeBytes, sizeMaxBytes: appendSizeMaxBytes };
    return err({ type: "LogTooLarge", ...facts, records: records.length, recordsMax: positionMax });
  }
  const room = makeRoom(state, sizeBytes);
  return room.ok ? writeRecords(state, records, "append") : room;
}

/** The one write and the one fdatasync. */
function writeRecords(
  state: LogState,
  records: readonly RawRecord[],
  operation: LogFailed["operation"],
): Result<{ readonly throughSequence: number }, LogFailed> {
  const { header, file, usedBytes } = state.current;
  const bytes = encodeRecords(header.id, records);
  try {
    if (bytes.length > 0) {
      file.writeAt(bytes, usedBytes);
      file.datasync();
    }
  } catch (error) {
    return fail(state, operation, error);
  }
  state.current = { ...state.current, usedBytes: usedBytes + bytes.length };
  state.nextSequence += records.length;
  return ok({ throughSequence: state.nextSequence - 1 });
}

/** Switches to the next segment when the current one has no room for the append and a clean mark. */
function makeRoom(state: LogState, sizeBytes: number): Result<void, LogFailed | LogFull> {
  if (sizeBytes + cleanMarkSizeBytes <= roomIn(state.current)) return ok(undefined);
  const neededBytes = segmentSize(state.options, sizeBytes);
  try {
    const held = state.reservation;
    if (held !== null && held.sizeBytes < neededBytes) {
      state.reservation = null;
      dropReservation(state.place, held);
    }
    while (state.reservation === null || !isFilled(state.reservation))
      reserveStep(state, neededBytes);
  } catch (error) {
    return reservationFailed(state, error, "append");
  }
  return switchSegment(state, "append");
}

function prepare(state: LogState): Result<{ readonly isReady: boolean }, LogFailed | LogFull> {
  if (state.failure !== null) return err(state.failure);
  const { reservation, current } = state;
  if (reservation === null || !isFilled(reservation)) {
    try {
      reserveStep(state, segmentSize(state.options, 0));
    } catch (error) {
      return reservationFailed(state, error, "prepare");
    }
    return ok({ isReady: false });
  }
  const isNearlyFull = current.usedBytes > current.header.sizeBytes * switchShare;
  if (!isNearlyFull) return ok({ isReady: true });
  const switched = switchSegment(state, "prepare");
  return switched.ok ? ok({ isReady: false }) : switched;
}

/** Off the append path, `prepare` switches when this share is used. */
const switchShare = 0.75;

function reserveStep(state: LogState, sizeBytes: number): void {
  state.reservation ??= startReservation(state.place, sizeBytes);
  state.reservation = continueReservation(state.reservation);
}

/** No space is an answer; anything else is a disk that fails. */
function reservationFailed(
  state: LogState,
  error: unknown,
  operation: LogFailed["operation"],
): Result<never, LogFailed | LogFull> {
  if (!isOutOfSpace(error)) return fail(state, operation, error);
  const held = state.reservation;
  state.reservation = null;
  try {
    if (held !== null) dropReservation(state.place, held);
  } catch (dropError) {
    return fail(state, operation, dropError);
  }
  return err(logFull(state.options));
}

function switchSegment(
  state: LogState,
  operation: LogFailed["operation"],
): Result<void, LogFailed> {
  const { reservation, current, nextSequence } = state;
  assert(reservation !== null && isFilled(reservation), "the next segment is reserved");
  try {
    const start = { ordinal: current.header.ordinal + 1, firstSequence: nextSequence, records: [] };
    state.reservation = null;
    state.current = activateSegment(state.place, reservation, start);
    current.file.close();
  } catch (error) {
    return fail(state, operation, error);
  }
  const { path } = state.current;
  state.segments = [...state.segments, { path, firstSequence: nextSequence }];
  return ok(undefined);
}

/** Oldest first, each removal synced before the next: a crash leaves no gap. */
function trim(
  state: LogState,
  coveredThroughSequence: number,
): Result<{ readonly removedSegments: number }, LogFailed> {
  const refusal = state.failure ?? state.trimFailure;
  if (refusal !== null) return err(refusal);
  let removedSegments = 0;
  try {
    for (let next = state.segments[1]; next !== undefined; next = state.segments[1]) {
      if (next.firstSequence - 1 > coveredThroughSequence) break;
      state.place.files.remove((state.segments[0] as typeof next).path);
      state.place.files.syncDirectory(state.place.directory);
      state.segments = state.segments.slice(1);
      removedSegments += 1;
    }
  } catch (error) {
    // A removal that may or may not last: a later one that lasts would leave a gap before it.
    state.trimFailure = logFailed("trim", error);
    return err(state.trimFailure);
  }
  return ok({ removedSegments });
}

function* readRecords(state: LogState): Iterable<LogRecord> {
  const { segments, place } = state;
  for (const [index, { path }] of segments.entries()) {
    const scan = scanSegment(place.files.readFile(path) ?? new Uint8Array());
    assert(typeof scan !== "string", `${path} was whole when the log was opened`);
    const end = segments[index + 1]?.firstSequence ?? state.nextSequence;
    for (const raw of scan.records) if (raw.sequence < end) yield rawToRecord(raw);
  }
}

function readStatus(state: LogState): ChangeLogStatus {
  const { options, current, reservation } = state;
  const freeBytes = freeOrZero(options);
  return {
    throughSequence: state.nextSequence - 1,
    segments: state.segments.length,
    reservedBytes: roomIn(current) + (reservation?.filledBytes ?? 0),
    freeBytes,
    isSpaceLow: freeBytes < (options.lowSpaceBytes ?? lowSpaceDefaultBytes),
    failure: state.failure,
  };
}

function close(state: LogState): Result<void, LogFailed> {
  const { failure, nextSequence: sequence, current, reservation, place } = state;
  const clean = { typeByte: cleanTypeByte, payload: new Uint8Array(), sequence };
  const marked = failure
    ? ok(undefined)
    : writeRecords(state, [{ ...clean, appendSequence: sequence }], "close");
  const closed = { type: "LogFailed", operation: "close", code: "CLOSED" } as const;
  state.failure ??= { ...closed, message: "the change log is closed" };
  state.reservation = null;
  try {
    current.file.close();
    if (reservation !== null) dropReservation(place, reservation);
  } catch (error) {
    return err(logFailed("close", error));
  }
  return marked.ok ? ok(undefined) : marked;
}

function fail(
  state: LogState,
  operation: LogFailed["operation"],
  error: unknown,
): Result<never, LogFailed> {
  state.failure = logFailed(operation, error);
  return err(state.failure);
}

function logFull(options: ChangeLogOptions): LogFull {
  const neededBytes = segmentSize(options, 0);
  return { type: "LogFull", neededBytes, freeBytes: freeOrZero(options) };
}

function freeOrZero({ files, directory }: ChangeLogOptions): number {
  try {
    return files.freeBytes(directory);
  } catch {
    return 0;
  }
}

function segmentSize(options: ChangeLogOptions, recordsSizeBytes: number): number {
  const needed = segmentHeaderSizeBytes + recordsSizeBytes + cleanMarkSizeBytes;
  return Math.max(options.segmentSizeBytes ?? segmentSizeDefaultBytes, needed);
}

/** Every segment keeps room for it. */
const cleanMarkSizeBytes = 20;

function roomIn({ header, usedBytes }: OpenSegment): number {
  return header.sizeBytes - usedBytes;
}
