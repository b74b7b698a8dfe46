/**
 * Giving space back: old envelopes are let go of, and segments that hold little of use are emptied and removed.
 *
 * What is still needed of such a segment is copied to the newest one, with its offset; when the copies and the base
 * file are durable the segment goes. One segment at a time, in short turns. SPEC.md (FB).
 *
 * @module
 */

import type { LogName } from "../log-store.ts";
import { movePlace, placeOf, type LogIndex } from "./log-index.ts";
import { request, type GroupCommit } from "./group-commit.ts";
import { saveBase } from "./recovery.ts";
import {
  decodeRecord,
  readBody,
  segmentHeaderSizeBytes,
  type RecordBody,
} from "./segment-record.ts";
import { removeSegment, type Segment } from "./segments.ts";
import { rememberedLog, type StoreState } from "./store-state.ts";

/** Below this part of a full segment the rest is copied. */
const worthKeeping = 0.4;

/** The segments that hold nothing of use, and the one that is worth emptying. */
export async function clean(commit: GroupCommit): Promise<void> {
  const { state } = commit;
  const { segments, settings } = state;
  const sealed = [...segments.byOrdinal.values()].filter((one) => one !== segments.active);
  const little = settings.segmentSizeBytes * worthKeeping;
  const candidates = sealed
    .filter(({ liveBytes }) => liveBytes > 0 && liveBytes < little)
    .toSorted((a, b) => a.liveBytes - b.liveBytes);
  // Two little ones make one; a single one can wait.
  if (candidates.length > 1) await copyOut(commit, candidates[0] as Segment);
  const empty = sealed.filter(({ liveBytes }) => liveBytes === 0);
  if (empty.length === 0 || state.failure !== undefined || state.isClosed) return;
  for (const { ordinal } of empty) state.tornSizeBytes.delete(ordinal);
  saveBaseWithout(state, empty);
  for (const segment of empty) removeSegment(segments, segment);
}

/** The base is written first: after a crash between, the records of a leftover segment count for nothing. */
function saveBaseWithout(state: StoreState, gone: readonly Segment[]): void {
  const torn = gone.map(({ ordinal, sizeBytes }) => [ordinal, sizeBytes] as const);
  // A leftover is read again up to where it was good.
  for (const [ordinal, sizeBytes] of torn) state.tornSizeBytes.set(ordinal, sizeBytes);
  saveBase(state);
  for (const [ordinal] of torn) state.tornSizeBytes.delete(ordinal);
}

async function copyOut(commit: GroupCommit, segment: Segment): Promise<void> {
  const { state } = commit;
  const bytes = state.files.readFile(segment.path);
  if (bytes === null) return;
  for (let at = segmentHeaderSizeBytes; at < segment.sizeBytes;) {
    const copies: Promise<void>[] = [];
    for (const end = at + stepSizeBytes; at < Math.min(end, segment.sizeBytes);) {
      const record = decodeRecord(bytes, at, segment.salt);
      if (record === undefined) return;
      const body = readBody(record);
      if (body?.type === "envelope") copies.push(copyEnvelope(commit, body, { segment, at }));
      at += record.sizeBytes;
    }
    // Devices have their turn between.
    await Promise.all([...copies, new Promise((resolve) => setImmediate(resolve))]);
  }
}

/** Looked through in one turn. */
const stepSizeBytes = 524_288;

async function copyEnvelope(
  commit: GroupCommit,
  body: RecordBody & { readonly type: "envelope" },
  { segment, at }: { readonly segment: Segment; readonly at: number },
): Promise<void> {
  const { state } = commit;
  const log = rememberedLog(state, nameOf(body));
  const isHere = (): boolean => {
    const place = placeOf(log, body.offset);
    return place?.ordinal === segment.ordinal && place.at === at;
  };
  if (!isHere()) return;
  await new Promise((answer) =>
    request(commit, {
      type: "record",
      record: body,
      isDue: isHere,
      onDone: (place) => {
        if (!isHere()) return;
        movePlace(log, body.offset, place);
        segment.liveBytes -= place.sizeBytes;
        const target = state.segments.byOrdinal.get(place.ordinal);
        if (target === undefined) return;
        target.liveBytes += place.sizeBytes;
        target.newestAtMs = Math.max(target.newestAtMs, body.atMs);
      },
      answer,
    }),
  );
}

/** Where all envelopes below are older than allowed; undefined if none is. */
export function agedOffsetOf(state: StoreState, log: LogIndex): number | undefined {
  const { ageMaxMs } = state.settings;
  if (ageMaxMs === undefined) return undefined;
  const oldestMs = state.clock.nowMs() - ageMaxMs;
  let offset = log.first;
  for (; offset < log.durableNext; offset += 1) {
    const place = placeOf(log, offset);
    const segment = place && state.segments.byOrdinal.get(place.ordinal);
    if (!segment || segment === state.segments.active || segment.newestAtMs >= oldestMs) break;
  }
  return offset > log.first ? offset : undefined;
}

/** Channel and lane stand in the envelope, behind its version. */
function nameOf({ organisation, bytes }: RecordBody & { readonly type: "envelope" }): LogName {
  return {
    organisation,
    channel: new Uint8Array(bytes.subarray(1, 17)),
    lane: (bytes[17] ?? 0) as LogName["lane"],
  };
}
