/**
 * Letting go of what HQ no longer needs.
 *
 * First each chain's newest released envelope is noted, so that the chain goes on; then the messages are purged. Done twice
 * or by two relays at once it comes to the same.
 *
 * @module
 */

import type { JsMsg } from "@nats-io/jetstream";
import type { LogName } from "../log-store.ts";
import { readReleased } from "./chain-reading.ts";
import { markHeaders, readMark, type Mark } from "./mark.ts";
import { isFull, isWrongLastSequence, NatsFault } from "./nats-fault.ts";
import type { NatsState } from "./nats-state.ts";
import {
  channelFilter,
  logIdOf,
  piecesSubject,
  readChainSubject,
  releasedSubject,
  type LogStream,
} from "./subjects.ts";
import { walkHeaders } from "./walk.ts";

/** The newest envelope below `offset` stays: readers who stand at the border are known by it. */
export async function release(
  state: NatsState,
  name: LogName,
  { logId, offset }: { readonly logId: Uint8Array; readonly offset: number },
): Promise<void> {
  const stream = await state.streams.find(name);
  if (!stream || !isSame(logIdOf(stream, name.channel, state.crypto), logId)) return;
  if (!(await state.streams.confirm(stream))) return;
  const filter = channelFilter(stream, name.channel);
  const { chains, pieces, border } = await findReleased(state, stream, { filter, offset });
  // To JetStream "below the first place" would mean all.
  if (border === undefined || chains.size === 0) return;
  const note = async (): Promise<void> =>
    inTurns([...chains], async ([chain, released]) =>
      noteReleased(state, stream, { chain, released }),
    );
  const { streams } = state.link.manager;
  const purge = async (): Promise<void> => {
    await inTurns(pieces, async (subject) => {
      await streams.purge(stream.name, { filter: subject });
    });
    await streams.purge(stream.name, { filter, seq: border });
  };
  try {
    await note();
    await purge();
  } catch (error) {
    // The server may be so full that not even a note has room. Should we die between the two, an envelope that comes again
    // after its release would be stored once more, which no reader minds. Not all servers count a purge at once.
    if (!isFull(error)) throw error;
    await inTurns([...chains.values()], async ({ offset: gone }) => {
      await streams.deleteMessage(stream.name, gone + 1, false);
    });
    await note();
    await purge();
  }
  state.isFull = false;
  state.space.delete(stream.id);
  state.usage.delete(name.organisation);
}

interface NewlyReleased {
  readonly mark: Mark;
  readonly offset: number;
}

interface Found {
  /** The newest of each chain that goes. */
  readonly chains: ReadonlyMap<string, NewlyReleased>;
  /** Subjects of pieces that go. */
  readonly pieces: readonly string[];
  /** Place of the one that stays below the offset; undefined: nothing goes. */
  readonly border: number | undefined;
}

async function findReleased(
  { link }: NatsState,
  stream: LogStream,
  { filter, offset }: { readonly filter: string; readonly offset: number },
): Promise<Found> {
  const chains = new Map<string, NewlyReleased>();
  const pieces: string[] = [];
  let border: JsMsg | undefined;
  const letGo = (message: JsMsg): void => {
    const mark = readMark(message.headers);
    const chain = readChainSubject(stream, message.subject)?.chain;
    if (!mark || chain === undefined) return;
    chains.set(chain, { mark, offset: message.seq - 1 });
    if (mark.pieces > 0) pieces.push(piecesSubject(stream, chain, mark.sequence));
  };
  await walkHeaders(link, stream, {
    filter,
    which: "all",
    each: (message) => {
      if (message.seq > offset) return false;
      if (border) letGo(border);
      border = message;
      return true;
    },
  });
  return { chains, pieces, border: border?.seq };
}

/** Never backwards, whoever else is releasing. */
async function noteReleased(
  state: NatsState,
  stream: LogStream,
  { chain, released }: { readonly chain: string; readonly released: NewlyReleased },
): Promise<void> {
  const { mark, offset } = released;
  for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
    const before = await readReleased(state, stream, chain);
    if (before && before.mark.sequence >= mark.sequence) return;
    const headers = markHeaders(mark);
    headers.set("Nats-Rollup", "sub");
    try {
      await state.link.client.publish(releasedSubject(stream, chain), `${offset}`, {
        headers,
        expect: { lastSubjectSequence: before?.place ?? 0 },
      });
      return;
    } catch (error) {
      if (!isWrongLastSequence(error)) throw error;
    }
  }
  throw new NatsFault("contended", "another relay releases the same");
}

/** A few at a time. */
async function inTurns<T>(items: readonly T[], run: (item: T) => Promise<void>): Promise<void> {
  for (let at = 0; at < items.length; at += atOnceMax) {
    await Promise.all(items.slice(at, at + atOnceMax).map(run));
  }
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

const attemptsMax = 5;
const atOnceMax = 16;
