/**
 * Envelopes on their way out: read from the logs only as the reader's credit allows. PROTOCOL.md §4 (SW), SPEC.md (SV).
 *
 * All subscriptions of a connection share one `Sending`, the most urgent lane first. Of each lane no more waits here
 * than one read gave: `readSizeBytes`, or one envelope. A slow reader costs that and what its credit allowed.
 *
 * @module
 */

import { hex, type Result } from "@tillmesh/kernel";
import type { VerifiedDevice } from "@tillmesh/sync-engine/identity";
import {
  createSending,
  enqueue,
  grant,
  lanes,
  nextFragment,
  windowSizeBytes,
  type ClientFrames,
  type Lane,
  type LogPosition,
  type Sending,
} from "@tillmesh/sync-engine/relay-protocol";
import type { LogHead, LogName, StoreFault, Unwatch } from "./log-store.ts";
import { end, refuse, send, type Session } from "./session.ts";

export interface Delivering {
  readonly subscribe: (frame: ClientFrames["subscribe"]) => void;
  readonly unsubscribe: (subscription: number) => void;
  readonly takeCredit: (through: number) => void;
  readonly stop: () => void;
}

/** What is read of a log at once. */
const readSizeBytes = 65_536;

interface Subscription {
  readonly number: number;
  readonly log: LogName;
  /** Of the next envelope to read; undefined until `subscribed` was sent. */
  next: number | undefined;
  /** There may be more than was read. */
  hasMore: boolean;
  unwatch: Unwatch | undefined;
  isGone: boolean;
}

interface State {
  readonly session: Session;
  readonly organisation: string;
  readonly sending: Sending;
  /** Numbers go up on a connection. */
  newestNumber: number;
  readonly subscriptions: Map<number, Subscription>;
  /** By lane: those that may have more, in the order of their turns. */
  readonly due: readonly Set<Subscription>[];
  readonly isReading: boolean[];
  /** Of what is queued in `sending`, by its id there. */
  readonly queued: Map<number, { readonly subscription: Subscription; readonly at: number }>;
  nextId: number;
  isPumpDue: boolean;
  isStopped: boolean;
}

export function createDelivering(session: Session, device: VerifiedDevice): Delivering {
  const state: State = {
    session,
    organisation: device.organisationId,
    sending: createSending(windowSizeBytes),
    newestNumber: -1,
    subscriptions: new Map(),
    due: lanes.map(() => new Set()),
    isReading: lanes.map(() => false),
    queued: new Map(),
    nextId: 0,
    isPumpDue: false,
    isStopped: false,
  };
  return {
    subscribe: (frame) => subscribe(state, frame),
    unsubscribe: (number) => {
      const subscription = state.subscriptions.get(number);
      if (subscription) drop(state, subscription);
    },
    takeCredit: (through) => {
      if (!grant(state.sending, through, { nowMs: session.relay.nowMs() }))
        end(session, "malformed");
      else pumpLater(state);
    },
    stop: () => {
      state.isStopped = true;
      for (const subscription of state.subscriptions.values()) drop(state, subscription);
    },
  };
}

function subscribe(
  state: State,
  { subscription: number, channel, lane, after }: ClientFrames["subscribe"],
): void {
  const { session, subscriptions } = state;
  const { stage, relay } = session;
  if (number <= state.newestNumber) return end(session, "malformed");
  state.newestNumber = number;
  if (subscriptions.size >= relay.limits.subscriptionsMax) return end(session, "tooMany");
  if (stage.name !== "open" || !stage.may("read", channel)) {
    return refuse(session, "subscribe", { number, code: "forbidden" });
  }
  const log = { organisation: state.organisation, channel: new Uint8Array(channel), lane };
  const subscription: Subscription = {
    number,
    log,
    next: undefined,
    hasMore: false,
    unwatch: undefined,
    isGone: false,
  };
  subscriptions.set(number, subscription);
  void begin(state, subscription, after && toOwn(after)).catch((error: unknown) => {
    fail(state, subscription, String(error));
  });
}

/** The frame's bytes are not kept. */
function toOwn({ log, offset, hash }: LogPosition): LogPosition {
  return { log: new Uint8Array(log), offset, hash: new Uint8Array(hash) };
}

async function begin(
  state: State,
  subscription: Subscription,
  after: LogPosition | undefined,
): Promise<void> {
  const { session } = state;
  const { store, feeds } = session.relay;
  const { log, number } = subscription;
  subscription.unwatch = await feeds.watch(log, () => makeDue(state, subscription));
  if (subscription.isGone) return subscription.unwatch();
  const head = await store.head(log);
  if (!head.ok) return fail(state, subscription, head.error.code);
  const from = after
    ? await startOf(state, subscription, { head: head.value, after })
    : head.value.first;
  if (subscription.isGone) return;
  if (typeof from !== "number") return fail(state, subscription, from.code);
  const { id, first, next } = head.value;
  send(session, { type: "subscribed", subscription: number, log: id, first, next, from });
  subscription.next = from;
  makeDue(state, subscription);
}

/** Where `after` stands, if it is of this log's past; otherwise the beginning. */
async function startOf(
  { session }: State,
  { log }: Subscription,
  { head, after }: { readonly head: LogHead; readonly after: LogPosition },
): Promise<number | StoreFault> {
  const { id, first, next } = head;
  const { offset, hash } = after;
  if (hex(after.log) !== hex(id) || offset > next || offset < first) return first;
  if (offset === 0) return 0;
  const known: Result<Uint8Array | undefined, StoreFault> = await session.relay.store.hashAt(
    log,
    offset - 1,
  );
  if (!known.ok) return known.error;
  return known.value && hex(known.value) === hex(hash) ? offset : first;
}

function fail(state: State, subscription: Subscription, code: string): void {
  const { session } = state;
  if (subscription.isGone) return;
  session.relay.log("warn", "subscription-failed", { code });
  drop(state, subscription);
  refuse(session, "subscribe", { number: subscription.number, code: "unavailable" });
}

function drop(state: State, subscription: Subscription): void {
  subscription.isGone = true;
  subscription.unwatch?.();
  state.subscriptions.delete(subscription.number);
  state.due[subscription.log.lane]?.delete(subscription);
}

function makeDue(state: State, subscription: Subscription): void {
  subscription.hasMore = true;
  if (subscription.isGone || subscription.next === undefined) return;
  state.due[subscription.log.lane]?.add(subscription);
  pumpLater(state);
}

function pumpLater(state: State): void {
  if (state.isPumpDue || state.isStopped) return;
  state.isPumpDue = true;
  queueMicrotask(() => {
    state.isPumpDue = false;
    pump(state);
  });
}

function pump(state: State): void {
  const { session, sending, queued } = state;
  if (state.isStopped) return;
  for (const lane of lanes) fillLane(state, lane);
  for (;;) {
    const fragment = nextFragment(sending, session.relay.nowMs());
    if (!fragment) return;
    const { id, lane, isLast, offset, size, data } = fragment;
    const outgoing = queued.get(id);
    if (!outgoing) continue;
    const { subscription, at } = outgoing;
    // Also what a subscription left behind: its number is not used again, and credit counts what comes.
    send(session, { type: "deliver", subscription: subscription.number, at, offset, size, data });
    if (!isLast) continue;
    queued.delete(id);
    session.relay.metrics.delivered.add();
    session.relay.metrics.deliveredBytes.add(size);
    fillLane(state, lane);
  }
}

/** Reads on for a lane in which nothing waits. */
function fillLane(state: State, lane: Lane): void {
  if (state.isReading[lane] || (state.sending.queues[lane]?.length ?? 0) > 0) return;
  const [subscription] = state.due[lane] ?? [];
  if (!subscription || state.sending.sentBytes >= state.sending.creditBytes) return;
  state.isReading[lane] = true;
  void readOn(state, lane, subscription).then(() => {
    state.isReading[lane] = false;
    pumpLater(state);
    return undefined;
  });
}

async function readOn(state: State, lane: Lane, subscription: Subscription): Promise<void> {
  const { due, session, sending, queued } = state;
  // Before the read: what comes while it is under way makes the subscription due again.
  due[lane]?.delete(subscription);
  subscription.hasMore = false;
  const from = subscription.next ?? 0;
  const read = await session.relay.store.read(subscription.log, {
    from,
    sizeMaxBytes: readSizeBytes,
  });
  if (subscription.isGone) return;
  if (!read.ok) return fail(state, subscription, read.error.code);
  for (const { offset, bytes } of read.value) {
    const id = state.nextId;
    state.nextId += 1;
    queued.set(id, { subscription, at: offset });
    enqueue(sending, { id, lane, bytes });
    subscription.next = offset + 1;
  }
  // There may be more; at the end of the queue, so that others have their turn.
  if (read.value.length > 0 || subscription.hasMore) due[lane]?.add(subscription);
}
