/**
 * Segment files of the change log: space reserved ahead in small steps, then given a header and a name.
 *
 * A segment gets its name only when its space, its header and the records it starts with are synced, so a
 * file called `segment-<ordinal>.log` is whole, or damaged.
 *
 * @module
 */

import type { Random } from "@tillmesh/kernel";
import type { Files, OpenFile } from "./files.ts";
import {
  encodeRecords,
  encodeSegmentHeader,
  segmentHeaderSizeBytes,
  type RawRecord,
  type SegmentHeader,
} from "./log-record.ts";

/** A segment that takes appends. */
export interface OpenSegment {
  readonly path: string;
  readonly header: SegmentHeader;
  readonly file: OpenFile;
  readonly usedBytes: number;
}

/** Space for the next segment, filled from the start. */
export interface Reservation {
  readonly path: string;
  readonly file: OpenFile;
  readonly sizeBytes: number;
  readonly filledBytes: number;
}

export interface SegmentPlace {
  readonly files: Files;
  readonly directory: string;
  readonly random: Random;
}

export interface SegmentStart {
  readonly ordinal: number;
  readonly firstSequence: number;
  readonly records: readonly RawRecord[];
}

/** Bytes filled and synced per step: what one step may hold up the event loop for. */
const reserveStepSizeBytes = 262_144;

export function startReservation(place: SegmentPlace, sizeBytes: number): Reservation {
  const path = `${place.directory}/${reservationName}`;
  const file = place.files.openFile(path, "create");
  return { path, file, sizeBytes, filledBytes: 0 };
}

/** Fills and syncs the next step. */
export function continueReservation(reservation: Reservation): Reservation {
  const { filledBytes, sizeBytes, file } = reservation;
  const step = Math.min(reserveStepSizeBytes, sizeBytes - filledBytes);
  if (step === 0) return reservation;
  file.writeAt(new Uint8Array(step), filledBytes);
  file.datasync();
  return { ...reservation, filledBytes: filledBytes + step };
}

/** All of it at once, as a start does; `activateSegment` syncs it. */
export function reserveWhole(place: SegmentPlace, sizeBytes: number): Reservation {
  const reservation = startReservation(place, sizeBytes);
  reservation.file.writeAt(new Uint8Array(sizeBytes), 0);
  return { ...reservation, filledBytes: sizeBytes };
}

export function isFilled({ filledBytes, sizeBytes }: Reservation): boolean {
  return filledBytes === sizeBytes;
}

/** Gives the space back. */
export function dropReservation(place: SegmentPlace, reservation: Reservation): void {
  reservation.file.close();
  place.files.remove(reservation.path);
}

/** Turns filled space into a segment that already holds `start.records`, all of it durable. */
export function activateSegment(
  place: SegmentPlace,
  reservation: Reservation,
  start: SegmentStart,
): OpenSegment {
  const { files, directory, random } = place;
  const { ordinal, firstSequence } = start;
  const { file, sizeBytes } = reservation;
  const header = { ordinal, firstSequence, sizeBytes, id: random(16) };
  const records = encodeRecords(header.id, start.records);
  const bytes = new Uint8Array(segmentHeaderSizeBytes + records.length);
  bytes.set(encodeSegmentHeader(header));
  bytes.set(records, segmentHeaderSizeBytes);
  file.writeAt(bytes, 0);
  file.datasync();
  const path = `${directory}/${segmentName(ordinal)}`;
  files.rename(reservation.path, path);
  files.syncDirectory(directory);
  return { path, header, file, usedBytes: bytes.length };
}

export function segmentName(ordinal: number): string {
  return `segment-${String(ordinal).padStart(12, "0")}.log`;
}

/** The ordinal in a segment's name, or null for any other name. */
export function segmentOrdinal(name: string): number | null {
  const match = /^segment-(\d{12})\.log$/.exec(name);
  return match === null ? null : Number(match[1]);
}

export const reservationName = "next-segment.tmp";
