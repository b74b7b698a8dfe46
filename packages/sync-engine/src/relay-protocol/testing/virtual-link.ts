/**
 * A link in virtual time: one end sends with `sending.ts`, the other takes and grants.
 *
 * @module
 */

import { fragmentMaxSizeBytes, windowSizeBytes } from "../frame.ts";
import {
  createSending,
  enqueue,
  grant,
  nextFragment,
  waitingBytes,
  type Sending,
} from "../sending.ts";

export interface LinkOptions {
  readonly bytesPerMs: number;
  /** One way. */
  readonly delayMs: number;
  readonly change?: LinkChange;
  readonly forMs: number;
  /** Of each envelope in lane 3; there is always another. */
  readonly bulkSizeBytes: number;
  readonly urgentEveryMs: number;
}

export interface LinkChange {
  readonly bytesPerMs: number;
  readonly delayMs: number;
  readonly fromMs: number;
}

export interface LinkRun {
  /** How long each envelope in lane 0 took, from its enqueueing until it was whole at the other end. */
  readonly urgentMs: readonly number[];
  /** Of what the link can carry, in the time after the first second. */
  readonly bulkShare: number;
  readonly bulkShareSince: (fromMs: number) => number;
}

const urgentSizeBytes = 600;
const grantEveryMs = 10;

interface Run {
  readonly options: LinkOptions;
  readonly sending: Sending;
  readonly waiting: { readonly atMs: number; readonly run: () => void }[];
  readonly urgentSince: Map<number, number>;
  readonly urgentMs: number[];
  readonly arrivals: { readonly atMs: number; readonly bytes: number }[];
  nowMs: number;
  lineFreeMs: number;
  takenBytes: number;
  grantedBytes: number;
  isGrantDue: boolean;
  lastId: number;
}

export function runLink(options: LinkOptions): LinkRun {
  const run: Run = {
    options,
    sending: createSending(windowSizeBytes),
    waiting: [],
    urgentSince: new Map(),
    urgentMs: [],
    arrivals: [],
    nowMs: 0,
    lineFreeMs: 0,
    takenBytes: 0,
    grantedBytes: 0,
    isGrantDue: false,
    lastId: 0,
  };
  later(run, 0, () => pump(run));
  later(run, options.urgentEveryMs, () => urge(run));
  for (let next = run.waiting.shift(); next; next = run.waiting.shift()) {
    if (next.atMs >= options.forMs) break;
    run.nowMs = next.atMs;
    next.run();
  }
  const bulkShareSince = (fromMs: number): number => {
    const arrived = run.arrivals.filter(({ atMs }) => atMs >= fromMs);
    const sizeBytes = arrived.reduce((sum, { bytes }) => sum + bytes, 0);
    return sizeBytes / ((options.forMs - fromMs) * options.bytesPerMs);
  };
  return { urgentMs: run.urgentMs, bulkShare: bulkShareSince(1_000), bulkShareSince };
}

function linkNow({ options, nowMs }: Run): Pick<LinkOptions, "bytesPerMs" | "delayMs"> {
  return options.change && nowMs >= options.change.fromMs ? options.change : options;
}

function later(run: Run, afterMs: number, then: () => void): void {
  const atMs = run.nowMs + afterMs;
  const place = run.waiting.findLastIndex((one) => one.atMs <= atMs);
  run.waiting.splice(place + 1, 0, { atMs, run: then });
}

function pump(run: Run): void {
  const { sending, options } = run;
  while (waitingBytes(sending, 3) < 2 * fragmentMaxSizeBytes) {
    run.lastId += 1;
    enqueue(sending, { id: run.lastId, lane: 3, bytes: new Uint8Array(options.bulkSizeBytes) });
  }
  for (;;) {
    const next = nextFragment(sending, run.nowMs);
    if (!next) return;
    const { bytesPerMs, delayMs } = linkNow(run);
    run.lineFreeMs = Math.max(run.lineFreeMs, run.nowMs) + next.data.length / bytesPerMs;
    const { id, isLast, data } = next;
    const piece = { id, isLast, sizeBytes: data.length };
    later(run, run.lineFreeMs - run.nowMs + delayMs, () => take(run, piece));
  }
}

interface Piece {
  readonly id: number;
  readonly isLast: boolean;
  readonly sizeBytes: number;
}

function take(run: Run, { id, isLast, sizeBytes }: Piece): void {
  run.takenBytes += sizeBytes;
  const since = run.urgentSince.get(id);
  if (since === undefined) run.arrivals.push({ atMs: run.nowMs, bytes: sizeBytes });
  else if (isLast) run.urgentMs.push(run.nowMs - since);
  if (run.takenBytes - run.grantedBytes >= windowSizeBytes / 4) giveCredit(run);
  else if (!run.isGrantDue) {
    run.isGrantDue = true;
    later(run, grantEveryMs, () => {
      if (run.isGrantDue) giveCredit(run);
    });
  }
}

function giveCredit(run: Run): void {
  run.isGrantDue = false;
  run.grantedBytes = run.takenBytes;
  const throughBytes = run.takenBytes + windowSizeBytes;
  later(run, linkNow(run).delayMs, () => {
    grant(run.sending, throughBytes, { nowMs: run.nowMs });
    pump(run);
  });
}

function urge(run: Run): void {
  run.lastId += 1;
  run.urgentSince.set(run.lastId, run.nowMs);
  enqueue(run.sending, { id: run.lastId, lane: 0, bytes: new Uint8Array(urgentSizeBytes) });
  pump(run);
  later(run, run.options.urgentEveryMs, () => urge(run));
}
