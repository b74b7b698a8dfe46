/**
 * What a stream says about one chain: its newest envelope, and whether one of its sequence is there.
 *
 * @module
 */

import type { StoredMsg } from "@nats-io/jetstream";
import type { Chain, Newest } from "./chain-table.ts";
import { readMark, type Mark } from "./mark.ts";
import { leaderMessage } from "./messages.ts";
import { NatsFault } from "./nats-fault.ts";
import type { NatsState } from "./nats-state.ts";
import { envelopeSubject, releasedSubject, type LogStream } from "./subjects.ts";

/** Asks the leader. */
export async function readNewest(
  state: NatsState,
  stream: LogStream,
  chain: string,
): Promise<Newest> {
  const subject = envelopeSubject(stream, chain);
  const message = await leaderMessage(state, stream, { last_by_subj: subject });
  if (message) {
    const mark = markOf(message);
    return { stream: stream.id, place: message.seq, mark, offset: message.seq - 1 };
  }
  const released = await readReleased(state, stream, chain);
  const { mark, offset = 0 } = released ?? {};
  return { stream: stream.id, place: 0, mark, offset };
}

/** The newest released envelope of a chain. */
export async function readReleased(
  state: NatsState,
  stream: LogStream,
  chain: string,
): Promise<Released | undefined> {
  const subject = releasedSubject(stream, chain);
  const message = await leaderMessage(state, stream, { last_by_subj: subject });
  return message && { place: message.seq, mark: markOf(message), offset: Number(message.string()) };
}

export interface Released {
  /** Of the message that says so. */
  readonly place: number;
  readonly mark: Mark;
  /** Where the envelope stood. */
  readonly offset: number;
}

/** The envelope of the chain with that sequence, if one is there or is the newest released one. */
export async function findInChain(
  state: NatsState,
  stream: LogStream,
  { chain, newest, sequence }: Wanted,
): Promise<{ readonly hash: Uint8Array; readonly offset: number } | undefined> {
  if (newest.mark?.sequence === sequence) return { hash: newest.mark.hash, offset: newest.offset };
  const message = await searchChain(state, stream, { chain, newest, sequence });
  if (message) {
    chain.found = { stream: stream.id, sequence, place: message.seq };
    return { hash: markOf(message).hash, offset: message.seq - 1 };
  }
  const released = await readReleased(state, stream, chain.token);
  if (released?.mark.sequence !== sequence) return undefined;
  return { hash: released.mark.hash, offset: released.offset };
}

export interface Wanted {
  readonly chain: Chain;
  readonly newest: Newest;
  readonly sequence: number;
}

/** An envelope of the chain, or the beginning. */
interface Bound {
  readonly sequence: number;
  readonly place: number;
}

/**
 * Places and sequences of a chain both go up, and mostly evenly: a few guesses in proportion find it, otherwise halving does.
 * Who comes again with one envelope comes with the next one after it, so where the last was found is where to begin.
 */
async function searchChain(
  state: NatsState,
  stream: LogStream,
  { chain, newest, sequence }: Wanted,
): Promise<StoredMsg | undefined> {
  const filter = envelopeSubject(stream, chain.token);
  let low = lowest(chain, stream, sequence);
  let high: Bound = { sequence: newest.mark?.sequence ?? 0, place: newest.place };
  for (let guesses = 0; low.place + 1 < high.place; guesses += 1) {
    const share = guesses < guessesMax ? shareOf(sequence, low, high) : 0.5;
    const query = { seq: placeAt(share, low, high), next_by_subj: filter };
    const message = await leaderMessage(state, stream, query);
    if (!message) return undefined;
    const there = markOf(message).sequence;
    if (there === sequence) return message;
    if (there < sequence) low = { sequence: there, place: message.seq };
    else high = { sequence: there, place: query.seq };
  }
  return undefined;
}

function lowest({ found }: Chain, { id }: LogStream, sequence: number): Bound {
  return found?.stream === id && found.sequence < sequence ? found : { sequence: 0, place: 0 };
}

/** How far between the two it should stand; 0 for the one that follows `low`. */
function shareOf(sequence: number, low: Bound, high: Bound): number {
  const between = high.sequence - low.sequence - 1;
  return between > 0 ? (sequence - low.sequence - 1) / between : 0;
}

function placeAt(share: number, low: Bound, high: Bound): number {
  const between = high.place - low.place - 1;
  return low.place + 1 + Math.min(Math.floor(between * share), between - 1);
}

const guessesMax = 8;

/** Of a message on a subject that only relays write to. */
export function markOf({ header, seq, subject }: StoredMsg): Mark {
  const mark = readMark(header);
  if (!mark) throw new NatsFault("foreign-message", `${subject} at ${seq} is no relay's`);
  return mark;
}
