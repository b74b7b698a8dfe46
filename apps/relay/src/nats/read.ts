/**
 * Reading a log: its head, envelopes from an offset on, the hash at an offset.
 *
 * An envelope's offset is one less than its place in the stream, which it shares with other channels.
 *
 * @module
 */

import type { StoredMsg } from "@nats-io/jetstream";
import type { LogHead, LogName, Span, Stored } from "../log-store.ts";
import { markOf } from "./chain-reading.ts";
import { readMark } from "./mark.ts";
import { anyMessage, leaderMessage, nextMessage } from "./messages.ts";
import { NatsFault } from "./nats-fault.ts";
import { noteNewest, type NatsState } from "./nats-state.ts";
import { channelFilter, logIdOf, type LogStream } from "./subjects.ts";

/** As the leader knows it: a reader must not be told of a past that is shorter than the one it has seen. */
export async function headOf(state: NatsState, name: LogName): Promise<LogHead> {
  for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
    const stream = await state.streams.open(name);
    const filter = channelFilter(stream, name.channel);
    const last = await leaderMessage(state, stream, { last_by_subj: filter });
    // Nothing there: of this stream, or of one that is gone.
    if (!last && !(await state.streams.confirm(stream))) continue;
    const oldest = last && (await leaderMessage(state, stream, { seq: 1, next_by_subj: filter }));
    const next = last?.seq ?? 0;
    if (last) noteNewest(state, filter, last.seq);
    return {
      id: logIdOf(stream, name.channel, state.crypto),
      first: oldest ? oldest.seq - 1 : next,
      next,
    };
  }
  throw new NatsFault("contended", "the stream went away at each attempt");
}

export async function readLog(
  state: NatsState,
  name: LogName,
  { from, sizeMaxBytes }: Span,
): Promise<readonly Stored[]> {
  const stream = await state.streams.find(name);
  if (!stream) return [];
  const filter = channelFilter(stream, name.channel);
  const all: Stored[] = [];
  let room = sizeMaxBytes;
  let place = from + 1;
  for (;;) {
    const message = await nextMessage(state, stream, { filter, from: place });
    if (!message) return all;
    const { hash, sizeBytes, pieces } = markOf(message);
    if (all.length > 0 && sizeBytes > room) return all;
    const bytes = pieces === 0 ? message.data : await joined(state, stream, message);
    place = message.seq + 1;
    // Without its pieces it was released or aged while we read.
    if (bytes?.length !== sizeBytes) continue;
    all.push({ offset: message.seq - 1, hash, bytes });
    room -= sizeBytes;
    if (room <= 0) return all;
  }
}

export async function hashAt(
  state: NatsState,
  name: LogName,
  offset: number,
): Promise<Uint8Array | undefined> {
  const stream = await state.streams.find(name);
  if (!stream) return undefined;
  const query = { seq: offset + 1 };
  const message =
    (await anyMessage(state, stream, query)) ?? (await leaderMessage(state, stream, query));
  const isHere = message?.subject.startsWith(channelFilter(stream, name.channel).slice(0, -1));
  return isHere ? readMark(message?.header)?.hash : undefined;
}

async function joined(
  state: NatsState,
  stream: LogStream,
  head: StoredMsg,
): Promise<Uint8Array | undefined> {
  const places = head.json<readonly number[]>();
  const pieces = await Promise.all(
    places.map(
      async (seq) =>
        (await anyMessage(state, stream, { seq })) ?? (await leaderMessage(state, stream, { seq })),
    ),
  );
  const present = pieces.filter((piece) => piece !== undefined);
  if (present.length < places.length) return undefined;
  const bytes = new Uint8Array(present.reduce((sum, { data }) => sum + data.length, 0));
  let at = 0;
  for (const { data } of present) {
    bytes.set(data, at);
    at += data.length;
  }
  return bytes;
}

const attemptsMax = 3;
