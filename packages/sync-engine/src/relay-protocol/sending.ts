/**
 * Envelopes on their way over one connection: in fragments, the most urgent lane first. PROTOCOL.md §4 (SW).
 *
 * Both ends send with it. What is under way is bounded twice: by the receiver's credit, and by delay. How long bytes
 * take until the receiver has taken them is seen at each grant; what they take longer than the fastest ever did
 * they spend in queues, where whatever is urgent would spend it too. So the bound grows while there is no queue
 * and shrinks as soon as there is one: a slow link stays short, a fast one gets full.
 *
 * @module
 */

import { assert } from "@tillmesh/kernel";
import { fragmentMaxSizeBytes, lanes, type Fragment, type Lane } from "./frame.ts";

/** One envelope to send; `id` is the sender's own. */
export interface Outgoing {
  readonly id: number;
  readonly lane: Lane;
  readonly bytes: Uint8Array;
}

/** Mutable: owned by one connection. */
export interface Sending {
  readonly queues: readonly (Outgoing & { sent: number; stream: number })[][];
  /** Envelopes that were begun. */
  begun: number;
  /** Bytes of fragments sent, and allowed by the receiver. */
  sentBytes: number;
  creditBytes: number;
  /** What the receiver allowed at first: what it has taken is `creditBytes` less this. */
  readonly windowBytes: number;
  /** Of lanes 1 to 3, under way at most. */
  underWayMaxBytes: number;
  /** How long the fastest bytes were under way. */
  fastestMs: number;
  /** When how much had been sent, for what is under way. */
  readonly departures: { readonly throughBytes: number; readonly atMs: number }[];
  /** Of the bytes that are under way together: where they end, how long the fastest of them took, whether the bound held more back. */
  flight: { readonly throughBytes: number; fastestMs: number; isFull: boolean };
  /** No queue was seen yet: the bound grows fast. */
  isStarting: boolean;
}

export interface SendingLimits {
  /** Time in queues that an urgent envelope may find before it. */
  readonly lagMaxMs: number;
}

export const defaultSendingLimits: SendingLimits = { lagMaxMs: 120 };

export function createSending(windowBytes: number): Sending {
  return {
    queues: lanes.map(() => []),
    begun: 0,
    sentBytes: 0,
    creditBytes: windowBytes,
    windowBytes,
    underWayMaxBytes: underWayMinBytes,
    fastestMs: Infinity,
    departures: [],
    flight: { throughBytes: 0, fastestMs: Infinity, isFull: false },
    isStarting: true,
  };
}

export function enqueue({ queues }: Sending, outgoing: Outgoing): void {
  assert(outgoing.bytes.length > 0, "an envelope has bytes");
  queues[outgoing.lane]!.push({ ...outgoing, sent: 0, stream: 0 });
}

/**
 * The receiver allows more. False if it cannot have taken what it says it has: then it is no honest receiver, and
 * nothing has changed. `nowMs` never goes back.
 */
export function grant(
  sending: Sending,
  throughBytes: number,
  { nowMs, limits = defaultSendingLimits }: GrantOptions,
): boolean {
  const takenBytes = throughBytes - sending.windowBytes;
  if (takenBytes > sending.sentBytes) return false;
  if (throughBytes <= sending.creditBytes) return true;
  sending.flight.isFull ||= underWayBytes(sending) * 2 >= sending.underWayMaxBytes;
  sending.creditBytes = throughBytes;
  const departedMs = departureOf(sending, takenBytes);
  if (departedMs === undefined) return true;
  const delayMs = nowMs - departedMs;
  sending.fastestMs = Math.min(sending.fastestMs, delayMs);
  sending.flight.fastestMs = Math.min(sending.flight.fastestMs, delayMs);
  if (takenBytes >= sending.flight.throughBytes) landFlight(sending, delayMs, limits);
  return true;
}

export interface GrantOptions {
  readonly nowMs: number;
  readonly limits?: SendingLimits;
}

/** `stream` numbers envelopes as they begin, from 1: a lane that is more urgent overtakes what was enqueued before. */
export interface NextFragment extends Fragment {
  readonly id: number;
  readonly stream: number;
  readonly lane: Lane;
  readonly isLast: boolean;
}

/** The next fragment, if one may go now. */
export function nextFragment(sending: Sending, nowMs: number): NextFragment | undefined {
  const queue = sending.queues.find((one) => one.length > 0);
  const next = queue?.[0];
  if (!queue || !next) return undefined;
  const data = next.bytes.subarray(next.sent, next.sent + fragmentSize(sending));
  if (!mayGo(sending, next.lane, data.length)) return undefined;
  const { id, lane, bytes, sent: offset } = next;
  if (offset === 0) {
    sending.begun += 1;
    next.stream = sending.begun;
  }
  next.sent += data.length;
  sending.sentBytes += data.length;
  sending.departures.push({ throughBytes: sending.sentBytes, atMs: nowMs });
  const isLast = next.sent === bytes.length;
  if (isLast) queue.shift();
  return { id, stream: next.stream, lane, offset, size: bytes.length, data, isLast };
}

/** Bytes that wait in a lane. */
export function waitingBytes({ queues }: Sending, lane: Lane): number {
  return queues[lane]!.reduce((sum, { bytes, sent }) => sum + bytes.length - sent, 0);
}

/** Bytes that were sent and that the receiver has not taken yet, as far as it has told. */
export function underWayBytes({ sentBytes, creditBytes, windowBytes }: Sending): number {
  return sentBytes - (creditBytes - windowBytes);
}

/** Enough to see how fast a link is, and little enough for the slowest. */
const underWayMinBytes = fragmentMaxSizeBytes;
const fragmentMinSizeBytes = 1_024;

/** Small pieces where little may be under way, so that the line is neither idle nor blocked by one of them. */
function fragmentSize({ underWayMaxBytes }: Sending): number {
  const eighth = Math.floor(underWayMaxBytes / 8);
  return Math.min(fragmentMaxSizeBytes, Math.max(fragmentMinSizeBytes, eighth));
}

function mayGo(sending: Sending, lane: Lane, sizeBytes: number): boolean {
  if (sending.sentBytes + sizeBytes > sending.creditBytes) return false;
  const underWay = underWayBytes(sending);
  return lane === 0 || underWay === 0 || underWay + sizeBytes <= sending.underWayMaxBytes;
}

/** When the last of these bytes was sent; forgets what was sent before. */
function departureOf({ departures }: Sending, takenBytes: number): number | undefined {
  const taken = departures.findLastIndex(({ throughBytes }) => throughBytes <= takenBytes);
  return taken < 0 ? undefined : departures.splice(0, taken + 1).at(-1)?.atMs;
}

/** A burst that has drained by its end was no queue: what even the fastest bytes waited for is one. */
function landFlight(sending: Sending, lastMs: number, { lagMaxMs }: SendingLimits): void {
  const { flight } = sending;
  const lagMs = flight.fastestMs - sending.fastestMs;
  const isShortest = sending.underWayMaxBytes === underWayMinBytes;
  if (isShortest && lagMs > 0) {
    // With so little under way there is no queue of ours: the link itself has become slower.
    sending.fastestMs += lagMs / 2;
    sending.isStarting = true;
  }
  const hasDrained = (lastMs - sending.fastestMs) * 2 < lagMaxMs;
  if (lagMs * 2 < lagMaxMs && flight.isFull && (hasDrained || isShortest)) grow(sending);
  else if (lagMs > lagMaxMs) {
    shrink(sending, (sending.fastestMs + lagMaxMs / 2) / flight.fastestMs);
  }
  sending.flight = { throughBytes: sending.sentBytes, fastestMs: Infinity, isFull: false };
}

function grow(sending: Sending): void {
  const bytes = sending.underWayMaxBytes * (sending.isStarting ? 1.35 : 1.125);
  sending.underWayMaxBytes = Math.min(sending.windowBytes, Math.floor(bytes));
}

function shrink(sending: Sending, share: number): void {
  const bytes = Math.floor(sending.underWayMaxBytes * share);
  sending.underWayMaxBytes = Math.max(underWayMinBytes, bytes);
  sending.isStarting = false;
}
