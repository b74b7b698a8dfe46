/**
 * One connection to the relay after the greeting: lanes are subscribed, envelopes go and come. SPEC.md §8a (RU).
 *
 * @module
 */

import type { Crypto } from "@tillmesh/kernel";
import {
  encodeClientFrame,
  refusalCodes,
  refusedWhat,
  type ClientFrame,
  type Lane,
  type RelayFrame,
  type RelayFrames,
} from "../../relay-protocol/frame.ts";
import { storedBytes } from "../../relay-protocol/handshake.ts";
import {
  createReceiving,
  nextCredit,
  receiveFragment,
  release,
  type Receiving,
} from "../../relay-protocol/receiving.ts";
import {
  createSending,
  enqueue,
  grant,
  nextFragment,
  type Sending,
} from "../../relay-protocol/sending.ts";
import type { ChannelLane, Flight } from "../channels.ts";
import type { Courier, SubscribedLog } from "../courier.ts";
import type { Welcomed } from "./greeting.ts";
import type { RelayFault } from "./relay-options.ts";

export interface SessionPorts {
  readonly courier: Courier;
  readonly crypto: Pick<Crypto, "verify">;
  readonly send: (frame: Uint8Array) => void;
  /** Monotonic. */
  readonly nowMs: () => number;
  /** The connection is of no use any more. */
  readonly onFault: (fault: RelayFault) => void;
  /** A statement is durable at the relay. */
  readonly onAccepted: (number: number) => void;
  /** The relay said something that is not the end: a person may want to know. */
  readonly onRefused: (fault: RelayFault) => void;
  /** Something may be sent that could not be before. */
  readonly onRoom: () => void;
  /** Everything that came has been taken. */
  readonly onQuiet: () => void;
  readonly mayRead: (lane: Lane) => boolean;
  readonly onLaneBytes: (lane: Lane, sizeBytes: number) => void;
}

export interface Session {
  take(frame: RelayFrame): void;
  /** Subscribes what is not yet, and lets go of what may not be read at present. */
  subscribe(): void;
  /** Asks for a lane again, from where something had to be let go. */
  readAgain(lane: ChannelLane): void;
  /** Whether envelopes of this lane may be sent: its log is known to be the one that was known. */
  isOpen(lane: ChannelLane): boolean;
  launch(flight: Flight): void;
  /** Nothing waits to be taken. */
  isQuiet(): boolean;
  end(): void;
}

export function openSession(ports: SessionPorts, { relayKey, welcome }: Welcomed): Session {
  const running: Running = {
    ports,
    relayKey,
    sending: createSending(welcome.credit),
    receiving: createReceiving(windowBytes),
    streams: new Map(),
    queued: new Map(),
    subscriptions: new Map(),
    subscribed: new Map(),
    open: new Set(),
    jobs: [[], [], [], []],
    backlogBytes: 0,
    owedBytes: 0,
    lastNumber: 0,
    isWorking: false,
    isOver: false,
    creditTimer: undefined,
  };
  say(running, { type: "credit", through: windowBytes });
  return {
    take: (frame) => takeFrame(running, frame),
    subscribe: () => subscribeAll(running),
    readAgain: (lane) => {
      unsubscribe(running, lane);
      subscribe(running, lane);
    },
    isOpen: (lane) => running.open.has(lane.key),
    launch: (flight) => launch(running, flight),
    isQuiet: () => !running.isWorking,
    end: () => {
      running.isOver = true;
      clearTimeout(running.creditTimer);
    },
  };
}

interface Running {
  readonly ports: SessionPorts;
  readonly relayKey: Uint8Array;
  readonly sending: Sending;
  readonly receiving: Receiving;
  readonly streams: Map<number, Flight>;
  /** Enqueued and not begun. */
  readonly queued: Map<number, Flight>;
  readonly subscriptions: Map<number, ChannelLane>;
  /** By lane's key. */
  readonly subscribed: Map<string, number>;
  readonly open: Set<string>;
  /** By lane, in order. */
  readonly jobs: readonly Job[][];
  /** Of envelopes that came whole and wait. */
  backlogBytes: number;
  /** Came, and is not made room for because too much waits. */
  owedBytes: number;
  lastNumber: number;
  isWorking: boolean;
  isOver: boolean;
  creditTimer: ReturnType<typeof setTimeout> | undefined;
}

type Job =
  | { readonly lane: ChannelLane; readonly log: SubscribedLog }
  | { readonly lane: ChannelLane; readonly offset: number; readonly bytes: Uint8Array };

/** So much may come unasked. */
const windowBytes = 262_144;
/** Beyond this nothing more is asked for until some of it is taken. */
const backlogMaxBytes = 1_048_576;
const creditDelayMs = 10;

function takeFrame(running: Running, frame: RelayFrame): void {
  if (frame.type === "subscribed") takeSubscribed(running, frame);
  else if (frame.type === "deliver") takeDelivery(running, frame);
  else if (frame.type === "stored") takeStored(running, frame);
  else if (frame.type === "refused") takeRefused(running, frame);
  else if (frame.type === "credit") takeCredit(running, frame.through);
  else if (frame.type === "accepted") running.ports.onAccepted(frame.number);
  else if (frame.type !== "channels") fault(running, frame.type);
}

function takeCredit(running: Running, through: number): void {
  const { ports, sending } = running;
  if (!grant(sending, through, { nowMs: ports.nowMs() })) fault(running, "credit");
  flush(running);
  ports.onRoom();
}

function subscribeAll(running: Running): void {
  for (const lane of running.ports.courier.lanes()) {
    const isSubscribed = running.subscribed.has(lane.key);
    const mayRead = running.ports.mayRead(lane.lane);
    if (!lane.channel.isRead) openLane(running, lane);
    else if (!isSubscribed && mayRead) subscribe(running, lane);
    else if (isSubscribed && !mayRead) unsubscribe(running, lane);
  }
}

function subscribe(running: Running, lane: ChannelLane): void {
  const subscription = nextNumber(running);
  running.subscriptions.set(subscription, lane);
  running.subscribed.set(lane.key, subscription);
  const after = running.ports.courier.resumeFrom(lane);
  say(running, {
    type: "subscribe",
    subscription,
    channel: lane.channel.id,
    lane: lane.lane,
    after,
  });
}

/** What is still on its way for it is passed over. */
function unsubscribe(running: Running, lane: ChannelLane): void {
  const subscription = running.subscribed.get(lane.key);
  if (subscription === undefined) return;
  running.subscribed.delete(lane.key);
  running.subscriptions.delete(subscription);
  for (const stream of running.receiving.begun.keys()) {
    if (String(stream).startsWith(`${subscription}/`)) running.receiving.begun.delete(stream);
  }
  const jobs = running.jobs[lane.lane]!;
  for (const job of jobs.splice(0)) {
    if (job.lane !== lane) jobs.push(job);
    else if ("bytes" in job) running.backlogBytes -= job.bytes.length;
  }
  say(running, { type: "unsubscribe", subscription });
}

function takeSubscribed(running: Running, frame: RelayFrames["subscribed"]): void {
  const lane = running.subscriptions.get(frame.subscription);
  if (!lane) return;
  const { log, first, next, from } = frame;
  addJob(running, { lane, log: { log, first, next, from } });
}

function takeDelivery(running: Running, frame: RelayFrames["deliver"]): void {
  const { receiving, ports } = running;
  const { subscription, at, data } = frame;
  running.owedBytes += data.length;
  const lane = running.subscriptions.get(subscription);
  if (lane) ports.onLaneBytes(lane.lane, data.length);
  const stream = `${subscription}/${at}`;
  if (!lane) {
    receiving.receivedBytes += data.length;
    makeRoom(running);
    return;
  }
  const received = receiveFragment(receiving, stream, frame);
  if (!received.ok) {
    fault(running, `deliver: ${received.error.type}`);
    return;
  }
  if (received.value) {
    running.backlogBytes += received.value.length;
    // The frame's memory is the socket's; an envelope may have to wait.
    addJob(running, { lane, offset: at, bytes: received.value.slice() });
  }
  makeRoom(running);
}

/** Lets more come, as long as not too much waits to be taken. */
function makeRoom(running: Running): void {
  const { receiving } = running;
  if (running.backlogBytes > backlogMaxBytes || running.isOver) return;
  release(receiving, running.owedBytes);
  running.owedBytes = 0;
  const through = nextCredit(receiving, false);
  if (through !== undefined) say(running, { type: "credit", through });
  else {
    running.creditTimer ??= setTimeout(() => {
      running.creditTimer = undefined;
      const due = running.isOver ? undefined : nextCredit(receiving, true);
      if (due !== undefined) say(running, { type: "credit", through: due });
    }, creditDelayMs);
  }
}

function addJob(running: Running, job: Job): void {
  running.jobs[job.lane.lane]!.push(job);
  if (!running.isWorking) void work(running);
}

/** One after the other, the most urgent lane first; each is durable before the next is looked at. */
async function work(running: Running): Promise<void> {
  running.isWorking = true;
  try {
    for (let job = nextJob(running); job; job = nextJob(running)) {
      await doJob(running, job);
      await new Promise((resolve) => setImmediate(resolve));
    }
  } catch (error) {
    fault(running, error instanceof Error ? error.message : String(error));
  } finally {
    running.isWorking = false;
  }
  if (!running.isOver) running.ports.onQuiet();
}

function nextJob({ jobs, isOver }: Running): Job | undefined {
  return isOver ? undefined : jobs.find((one) => one.length > 0)?.shift();
}

async function doJob(running: Running, job: Job): Promise<void> {
  const { courier } = running.ports;
  if ("log" in job) {
    courier.subscribed(job.lane, job.log);
    openLane(running, job.lane);
    return;
  }
  const taken = await courier.take(job.lane, job);
  running.backlogBytes -= job.bytes.length;
  if (!taken.ok) fault(running, taken.error.reason);
  makeRoom(running);
}

/** What was under way when the last connection ended goes first, byte for byte. */
function openLane(running: Running, lane: ChannelLane): void {
  if (running.open.has(lane.key)) return;
  running.open.add(lane.key);
  for (const flight of lane.flights) launch(running, flight);
  running.ports.onRoom();
}

function launch(running: Running, flight: Flight): void {
  const id = nextNumber(running);
  running.queued.set(id, flight);
  enqueue(running.sending, { id, lane: flight.lane.lane, bytes: flight.envelope.bytes });
  flush(running);
}

function flush(running: Running): void {
  const { sending, ports } = running;
  for (;;) {
    const fragment = running.isOver ? undefined : nextFragment(sending, ports.nowMs());
    if (!fragment) return;
    const { id, stream, lane, offset, size, data } = fragment;
    if (offset === 0) begin(running, id, stream);
    ports.onLaneBytes(lane, data.length);
    say(running, { type: "publish", stream, offset, size, data });
  }
}

/** Streams have to grow, and a more urgent lane overtakes what was enqueued before: an envelope has one from its first fragment on. */
function begin({ queued, streams }: Running, id: number, stream: number): void {
  const flight = queued.get(id);
  queued.delete(id);
  if (flight) streams.set(stream, flight);
}

/** Believed only under the relay's signature. */
function takeStored(running: Running, { items, signature }: RelayFrames["stored"]): void {
  const { ports, relayKey, streams } = running;
  const flights = items.map(({ stream }) => streams.get(stream));
  const named = items.flatMap(({ log, offset }, index) => {
    const flight = flights[index];
    return flight ? [{ flight, log, offset, hash: flight.envelope.hash }] : [];
  });
  if (named.length !== items.length) {
    fault(running, "stored: what was not sent");
    return;
  }
  if (!ports.crypto.verify(relayKey, storedBytes(named), signature)) {
    fault(running, "stored: bad signature");
    return;
  }
  for (const { stream } of items) streams.delete(stream);
  for (const { flight, log, offset } of named) ports.courier.stored(flight, { log, offset });
  ports.onRoom();
}

/** Publish streams and subscriptions are numbered each for itself. */
function takeRefused(running: Running, { number, what, code }: RelayFrames["refused"]): void {
  const { ports, streams, subscriptions } = running;
  const refusal = Object.entries(refusalCodes).find(([, one]) => one.code === code);
  const name = refusal?.[0] ?? `code ${code}`;
  if (what !== refusedWhat.publish) {
    const lane = subscriptions.get(number);
    if (lane) ports.onRefused({ code: name, detail: `subscribe ${lane.key}` });
    return;
  }
  const flight = streams.get(number);
  streams.delete(number);
  if (!flight) return;
  ports.onRefused({ code: name, detail: `publish ${flight.lane.key}` });
  ports.courier.refused(flight, refusal?.[1].retry ?? "after-operator");
}

function nextNumber(running: Running): number {
  running.lastNumber += 1;
  return running.lastNumber;
}

function say(running: Running, frame: ClientFrame): void {
  if (!running.isOver) running.ports.send(encodeClientFrame(frame));
}

function fault(running: Running, detail: string): void {
  if (running.isOver) return;
  running.ports.onFault({ code: "protocol", detail });
}
