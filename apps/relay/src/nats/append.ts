/**
 * Appending: a chain's envelopes one after the other, chains side by side.
 *
 * An envelope is a message on its chain's subject, published on condition that the chain's newest is still the one
 * that was compared with. JetStream stores it or says that the chain moved on; then it is compared anew. `Nats-Msg-Id` knows
 * an envelope again at once for as long as the stream's window lasts; the chain does for ever.
 *
 * @module
 */

import { err, hex, ok, type Result } from "@tillmesh/kernel";
import type { PubAck } from "@nats-io/jetstream";
import type { Envelope } from "@tillmesh/sync-engine/relay-protocol";
import type { AppendError, Place, StoreFault } from "../log-store.ts";
import { chainOf, type Chain, type Newest } from "./chain-table.ts";
import { findInChain, readNewest } from "./chain-reading.ts";
import { markHeaders, type Mark } from "./mark.ts";
import { faultOf, isFull, isNoResponders, isWrongLastSequence, NatsFault } from "./nats-fault.ts";
import { headersMaxBytes } from "./nats-link.ts";
import { noteNewest, type NatsState } from "./nats-state.ts";
import { assertRoom } from "./stream-space.ts";
import {
  chainToken,
  channelFilter,
  envelopeSubject,
  logIdOf,
  piecesSubject,
  type LogStream,
} from "./subjects.ts";
import { countAppended } from "./usage.ts";

export async function append(
  state: NatsState,
  organisation: string,
  envelope: Envelope,
): Promise<Result<Place, AppendError>> {
  const { header, bytes } = envelope;
  if (state.isClosed) return err(closedFault);
  if (state.waitingBytes + bytes.length > state.settings.waitingMaxBytes) return err(busyFault);
  const token = chainToken(header);
  const chain = chainOf(state.chains, `${organisation} ${header.lane} ${token}`, token);
  if (isHeld(state, chain, header.sequence)) return err(heldFault);
  const { failures } = chain;
  const previous = chain.tail;
  const appended = (async () => {
    await previous;
    if (chain.failures !== failures) return err(chain.lastFault ?? busyFault);
    return settle(state, chain, { organisation, envelope });
  })();
  chain.tail = appended;
  chain.waiting += 1;
  state.waitingBytes += bytes.length;
  try {
    return await appended;
  } finally {
    chain.waiting -= 1;
    state.waitingBytes -= bytes.length;
  }
}

export const closedFault: StoreFault = { type: "Unavailable", code: "closed", detail: "closed" };

interface Appending {
  readonly organisation: string;
  readonly envelope: Envelope;
}

/**
 * After an envelope that was not answered, later ones of its chain must not be stored: it would be a fork when it
 * comes again. Not for ever, since its publisher may have given it up.
 */
function isHeld({ monotonicMs }: NatsState, chain: Chain, sequence: number): boolean {
  const { held } = chain;
  if (held && sequence > held.sequence && monotonicMs() < held.untilMs) return true;
  chain.held = undefined;
  return false;
}

async function settle(
  state: NatsState,
  chain: Chain,
  appending: Appending,
): Promise<Result<Place, AppendError>> {
  try {
    return await store(state, chain, appending);
  } catch (error) {
    const fault = faultOf(error);
    state.isFull ||= isFull(error);
    chain.newest = undefined;
    chain.failures += 1;
    chain.lastFault = fault;
    const { sequence } = appending.envelope.header;
    chain.held = { sequence, untilMs: state.monotonicMs() + heldMs };
    return err(fault);
  }
}

async function store(
  state: NatsState,
  chain: Chain,
  appending: Appending,
): Promise<Result<Place, AppendError>> {
  const { organisation, envelope } = appending;
  const { lane, sequence } = envelope.header;
  for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
    const stream = await state.streams.open({ organisation, lane });
    if (chain.newest?.stream !== stream.id) {
      chain.newest = await readNewest(state, stream, chain.token);
    }
    const newest = chain.newest;
    const answer = isBeyond(newest, sequence)
      ? await storeNext(state, stream, { newest, envelope, chain, organisation })
      : await compare(state, stream, { envelope, chain });
    if (answer !== "again") return answer;
  }
  throw new NatsFault("contended", "the chain moved on at each attempt");
}

function isBeyond({ mark }: Newest, sequence: number): boolean {
  return mark === undefined || sequence > mark.sequence;
}

async function storeNext(
  state: NatsState,
  stream: LogStream,
  storing: Publishing & { readonly organisation: string },
): Promise<Result<Place, AppendError> | "again"> {
  const { newest, envelope, chain, organisation } = storing;
  await assertRoom(state, stream, envelope.bytes.length);
  const ack = await publish(state, stream, storing);
  chain.newest = undefined;
  if (ack === "moved" || ack.duplicate) return "again";
  const offset = ack.seq - 1;
  const mark = nextMark(newest, envelope);
  chain.newest = { stream: stream.id, place: ack.seq, mark, offset };
  state.isFull = false;
  noteNewest(state, channelFilter(stream, envelope.header.channel), ack.seq);
  countAppended(state.usage, organisation, envelope);
  return ok(placeOf(state, stream, { envelope, offset, isDuplicate: false }));
}

async function compare(
  state: NatsState,
  stream: LogStream,
  { envelope, chain }: Pick<Publishing, "envelope" | "chain">,
): Promise<Result<Place, AppendError> | "again"> {
  // A belief is enough to try on, not to answer on.
  const newest = await readNewest(state, stream, chain.token);
  chain.newest = newest;
  const { sequence } = envelope.header;
  if (isBeyond(newest, sequence)) return "again";
  const found = await findInChain(state, stream, { chain, newest, sequence });
  if (!found || hex(found.hash) !== hex(envelope.hash)) {
    return err({ type: "Fork", newest: newest.mark?.sequence ?? 0 });
  }
  return ok(placeOf(state, stream, { envelope, offset: found.offset, isDuplicate: true }));
}

function placeOf(
  { crypto }: NatsState,
  stream: LogStream,
  place: { readonly envelope: Envelope; readonly offset: number; readonly isDuplicate: boolean },
): Place {
  const { envelope, offset, isDuplicate } = place;
  return { log: logIdOf(stream, envelope.header.channel, crypto), offset, isDuplicate };
}

interface Publishing {
  readonly newest: Newest;
  readonly envelope: Envelope;
  readonly chain: Chain;
}

/** `"moved"`: the chain has another newest, or the stream is another. */
async function publish(
  state: NatsState,
  stream: LogStream,
  { newest, envelope, chain }: Publishing,
): Promise<PubAck | "moved"> {
  const { link } = state;
  const { header, bytes } = envelope;
  const mark = nextMark(newest, envelope);
  const id = `${chain.token}.${header.sequence}`;
  try {
    const pieces = await publishPieces(state, stream, { id, chain, envelope });
    const subject = envelopeSubject(stream, chain.token);
    const options = {
      msgID: id,
      headers: markHeaders({ ...mark, pieces: pieces?.length ?? 0 }),
      expect: { lastSubjectSequence: newest.place },
    };
    const payload = pieces === undefined ? bytes : JSON.stringify(pieces);
    return await link.ask(async () => link.client.publish(subject, payload, options));
  } catch (error) {
    if (isWrongLastSequence(error)) return "moved";
    if (isNoResponders(error) && !(await state.streams.confirm(stream))) return "moved";
    throw error;
  }
}

/** Places of the pieces, in order; undefined for an envelope that fits into one message. */
async function publishPieces(
  state: NatsState,
  stream: LogStream,
  { id, chain, envelope }: Pick<Publishing, "chain" | "envelope"> & { readonly id: string },
): Promise<readonly number[] | undefined> {
  const { bytes, hash, header } = envelope;
  const size = pieceSize(state);
  if (bytes.length <= size) return undefined;
  const subject = piecesSubject(stream, chain.token, header.sequence);
  const count = Math.ceil(bytes.length / size);
  const { ask, client } = state.link;
  const publishOne = async (index: number): Promise<PubAck> =>
    client.publish(subject, bytes.subarray(index * size, (index + 1) * size), {
      msgID: `${id}.${hex(hash)}.${count}.${index}`,
    });
  const acks = await ask(async () =>
    Promise.all(Array.from({ length: count }, async (_, index) => publishOne(index))),
  );
  return acks.map(({ seq }) => seq);
}

function pieceSize({ link, settings }: NatsState): number {
  const largest = link.connection.info?.max_payload ?? settings.pieceMaxBytes;
  return Math.min(settings.pieceMaxBytes, largest - headersMaxBytes);
}

function nextMark({ mark }: Newest, { header, hash, bytes }: Envelope): Mark {
  return {
    sequence: header.sequence,
    hash,
    sizeBytes: bytes.length,
    chainCount: (mark?.chainCount ?? 0) + 1,
    chainBytes: (mark?.chainBytes ?? 0) + bytes.length,
    pieces: 0,
  };
}

const attemptsMax = 5;
const heldMs = 30_000;
const busyFault: StoreFault = {
  type: "Unavailable",
  code: "busy",
  detail: "too much waits for its acknowledgement",
};
const heldFault: StoreFault = {
  type: "Unavailable",
  code: "behind",
  detail: "an earlier envelope of the chain was not stored",
};
