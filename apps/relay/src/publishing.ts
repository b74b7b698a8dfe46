/**
 * Envelopes on their way in: put together from fragments, judged by their headers, appended, answered when durable.
 * PROTOCOL.md §4 (SW), SPEC.md (SV).
 *
 * A device may have sent `windowBytes` of fragments that were not answered. Bytes of an envelope that is still
 * incomplete count as answered, or one larger than the window would never come; they are bounded for all
 * connections together.
 *
 * @module
 */

import type { VerifiedDevice } from "@tillmesh/sync-engine/identity";
import {
  creditMinBytes,
  lanes,
  readEnvelope,
  storedBytes,
  storedItemsMax,
  type ClientFrames,
  type Envelope,
  type StoredItem,
} from "@tillmesh/sync-engine/relay-protocol";
import type { Result } from "@tillmesh/kernel";
import type { AppendError, Place } from "./log-store.ts";
import { end, refuse, send, type Session } from "./session.ts";
import { createTokenBucket, takeAnyway } from "./token-bucket.ts";

export interface Publishing {
  readonly takeFragment: (fragment: ClientFrames["publish"]) => void;
  /** Bytes that are not answered. */
  readonly waitingBytes: () => number;
  /** Bytes of envelopes that are not complete. */
  readonly assemblingBytes: () => number;
  /** Resolves when all that was complete is answered. */
  readonly idle: () => Promise<void>;
  readonly stop: () => void;
}

interface State {
  readonly session: Session;
  readonly device: VerifiedDevice;
  /** Incomplete ones, by stream. */
  readonly assembling: Map<number, Assembly>;
  newestStream: number;
  receivedBytes: number;
  /** Received, complete and not answered. */
  waitingBytes: number;
  grantedBytes: number;
  answered: Answered[];
  isFlushDue: boolean;
  isGrantDue: boolean;
  /** Not before then is more granted. */
  grantAtMs: number;
  onIdle: (() => void)[];
  isStopped: boolean;
}

interface Assembly {
  bytes: Uint8Array;
  filled: number;
  readonly size: number;
}

interface Answered {
  readonly item: StoredItem;
  readonly hash: Uint8Array;
}

export function createPublishing(session: Session, device: VerifiedDevice): Publishing {
  const { limits, nowMs } = session.relay;
  const state: State = {
    session,
    device,
    assembling: new Map(),
    newestStream: -1,
    receivedBytes: 0,
    waitingBytes: 0,
    grantedBytes: limits.windowBytes,
    answered: [],
    isFlushDue: false,
    isGrantDue: false,
    grantAtMs: 0,
    onIdle: [],
    isStopped: false,
  };
  const rate = createTokenBucket(
    limits.publishBytesPerSecond,
    limits.publishBytesPerSecond,
    nowMs(),
  );
  return {
    takeFragment: (fragment) => {
      const atMs = nowMs();
      state.grantAtMs = atMs + takeAnyway(rate, fragment.data.length, atMs);
      takeFragment(state, fragment);
    },
    waitingBytes: () => state.waitingBytes,
    assemblingBytes: () => sizeOf(state),
    idle: () =>
      state.waitingBytes === 0 && state.answered.length === 0
        ? Promise.resolve()
        : new Promise((resolve) => state.onIdle.push(resolve)),
    stop: () => {
      state.isStopped = true;
      session.relay.assemblingBytes -= sizeOf(state);
      state.assembling.clear();
      for (const resolve of state.onIdle) resolve();
      state.onIdle = [];
    },
  };
}

function takeFragment(state: State, { stream, offset, size, data }: ClientFrames["publish"]): void {
  const { session, assembling } = state;
  state.receivedBytes += data.length;
  if (state.receivedBytes > state.grantedBytes) return end(session, "malformed");
  if (offset === 0) {
    const isNew = stream > state.newestStream && assembling.size < lanes.length;
    if (!isNew) return end(session, "malformed");
    state.newestStream = stream;
    if (data.length === size) return complete(state, stream, new Uint8Array(data));
    assembling.set(stream, { bytes: new Uint8Array(data.length * 2), filled: 0, size });
  }
  const assembly = assembling.get(stream);
  if (assembly?.filled !== offset || assembly.size !== size) return end(session, "malformed");
  fill(state, assembly, data);
  if (assembly.filled < size) return flushLater(state);
  assembling.delete(stream);
  session.relay.assemblingBytes -= size;
  complete(state, stream, assembly.bytes.subarray(0, size));
}

/** The memory grows with what came, not with what was announced. */
function fill({ session }: State, assembly: Assembly, data: Uint8Array): void {
  const filled = assembly.filled + data.length;
  if (filled > assembly.bytes.length) {
    const bytes = new Uint8Array(Math.min(assembly.size, Math.max(filled, assembly.filled * 2)));
    bytes.set(assembly.bytes.subarray(0, assembly.filled));
    assembly.bytes = bytes;
  }
  assembly.bytes.set(data, assembly.filled);
  assembly.filled = filled;
  session.relay.assemblingBytes += data.length;
  if (session.relay.assemblingBytes > session.relay.limits.assemblingMaxBytes) endLargest(session);
}

/** Somebody has to go, or nobody's envelope would ever be complete: whoever holds most. */
function endLargest({ relay }: Session): void {
  let largest: Session | undefined;
  let most = 0;
  for (const one of relay.sessions) {
    const size = one.stage.name === "open" ? (one.stage.publishing?.assemblingBytes() ?? 0) : 0;
    if (size <= most) continue;
    most = size;
    largest = one;
  }
  if (largest) end(largest, "tooSlow");
}

function sizeOf({ assembling }: State): number {
  let size = 0;
  for (const { filled } of assembling.values()) size += filled;
  return size;
}

function complete(state: State, stream: number, bytes: Uint8Array): void {
  const { session, device } = state;
  const { relay } = session;
  const read = readEnvelope(bytes, relay.crypto);
  if (!read.ok) return refuseEnvelope(state, stream, "malformed");
  const fault = faultOf(state, read.value);
  if (fault) return refuseEnvelope(state, stream, fault);
  const { organisationId: organisation, deviceId } = device;
  const quota = relay.quotas.reserve({ organisation, device: deviceId }, bytes.length);
  if (quota) return refuseEnvelope(state, stream, quota);
  const startMs = relay.nowMs();
  state.waitingBytes += bytes.length;
  void relay.store.append(organisation, read.value).then((answer) => {
    relay.metrics.appendSeconds.observe((relay.nowMs() - startMs) / 1_000);
    state.waitingBytes -= bytes.length;
    if (!answer.ok || answer.value.isDuplicate) {
      relay.quotas.giveBack({ organisation, device: deviceId }, bytes.length);
    }
    takeAnswer(state, { stream, envelope: read.value, answer });
    return undefined;
  });
}

/** What the header shows against it. Its signature is the readers' business. */
function faultOf({ session, device }: State, { header }: Envelope): "forbidden" | undefined {
  const { stage } = session;
  if (header.publisher !== device.deviceId || stage.name !== "open") return "forbidden";
  return stage.may("write", header.channel) ? undefined : "forbidden";
}

interface Answer {
  readonly stream: number;
  readonly envelope: Envelope;
  readonly answer: Result<Place, AppendError>;
}

function takeAnswer(state: State, { stream, envelope, answer }: Answer): void {
  const { metrics } = state.session.relay;
  if (!answer.ok) {
    const isFork = answer.error.type === "Fork";
    return refuseEnvelope(state, stream, isFork ? "fork" : "unavailable");
  }
  const { log, offset, isDuplicate } = answer.value;
  if (isDuplicate) metrics.duplicates.add();
  else metrics.stored.add();
  if (!isDuplicate) metrics.storedBytes.add(envelope.bytes.length);
  state.answered.push({ item: { stream, log, offset }, hash: envelope.hash });
  flushLater(state);
}

function refuseEnvelope(
  state: State,
  number: number,
  code: Parameters<typeof refuse>[2]["code"],
): void {
  refuse(state.session, "publish", { number, code });
  flushLater(state);
}

/** What became durable in one turn is answered in one frame, with one signature. */
function flushLater(state: State): void {
  if (state.isFlushDue || state.isStopped) return;
  state.isFlushDue = true;
  setImmediate(flush, state);
}

function flush(state: State): void {
  const { session } = state;
  const { signer } = session.relay;
  state.isFlushDue = false;
  const { answered } = state;
  state.answered = [];
  for (let at = 0; at < answered.length; at += storedItemsMax) {
    const some = answered.slice(at, at + storedItemsMax);
    const items = some.map(({ item }) => item);
    const signature = signer.sign(storedBytes(some.map(({ item, hash }) => ({ ...item, hash }))));
    send(session, { type: "stored", signature, items });
  }
  grantMore(state);
  if (state.waitingBytes > 0) return;
  for (const resolve of state.onIdle) resolve();
  state.onIdle = [];
}

/**
 * A quarter of the window at once, less after a moment: a sender that sees a slow line has little under way and goes
 * on only when it hears that it came.
 */
function grantMore(state: State, isDue = false): void {
  const { session } = state;
  const { nowMs, limits, isDraining } = session.relay;
  if (isDraining || state.isStopped) return;
  const through = state.receivedBytes - state.waitingBytes + limits.windowBytes;
  const more = through - state.grantedBytes;
  if (more < Math.min(creditMinBytes, limits.windowBytes / 4)) return;
  const waitMs = state.grantAtMs - nowMs();
  if (waitMs > 0 || (!isDue && more < limits.windowBytes / 4)) {
    grantLater(state, Math.max(waitMs, grantMaxMs));
    return;
  }
  state.grantedBytes = through;
  send(session, { type: "credit", through });
}

const grantMaxMs = 10;

function grantLater(state: State, afterMs: number): void {
  if (state.isGrantDue) return;
  state.isGrantDue = true;
  setTimeout(grantDue, Math.min(afterMs, 1_000), state).unref();
}

function grantDue(state: State): void {
  state.isGrantDue = false;
  grantMore(state, true);
}
