import { describe, expect, test } from "vitest";
import { fragmentMaxSizeBytes, windowSizeBytes, type Lane } from "./frame.ts";
import {
  createSending,
  defaultSendingLimits,
  enqueue,
  grant,
  nextFragment,
  underWayBytes,
  waitingBytes,
} from "./sending.ts";
import { runLink, type LinkRun } from "./testing/virtual-link.ts";

function bytesOf(sizeBytes: number): Uint8Array {
  return new Uint8Array(sizeBytes).fill(1);
}

/** Everything that may go now, by lane and size. */
function drain(sending: ReturnType<typeof createSending>): readonly (readonly [Lane, number])[] {
  const sent: (readonly [Lane, number])[] = [];
  for (let next = nextFragment(sending, 0); next; next = nextFragment(sending, 0)) {
    sent.push([next.lane, next.data.length]);
  }
  return sent;
}

/** Lane 3 always has more to send; every 1.3 s something small in lane 0. */
function saturated(link: { readonly bytesPerMs: number; readonly delayMs: number }): LinkRun {
  return runLink({ ...link, forMs: 30_000, bulkSizeBytes: 200_000, urgentEveryMs: 1_300 });
}

describe("sending (SW)", () => {
  test("[SW1] the most urgent lane goes first, envelopes of a lane in order, each in pieces", () => {
    const sending = createSending(windowSizeBytes);
    enqueue(sending, { id: 1, lane: 3, bytes: bytesOf(2_000) });
    enqueue(sending, { id: 2, lane: 1, bytes: bytesOf(1_500) });
    enqueue(sending, { id: 3, lane: 1, bytes: bytesOf(10) });
    enqueue(sending, { id: 4, lane: 0, bytes: bytesOf(9_000) });
    const order: number[] = [];
    const streams: number[] = [];
    for (let next = nextFragment(sending, 0); next; next = nextFragment(sending, 0)) {
      expect(next.data.length).toBeLessThanOrEqual(fragmentMaxSizeBytes);
      order.push(next.id);
      streams.push(next.stream);
      grant(sending, windowSizeBytes + sending.sentBytes, { nowMs: 1 });
    }
    expect(order.filter((id, index) => order[index - 1] !== id)).toEqual([4, 2, 3, 1]);
    expect([...new Set(streams)]).toEqual([1, 2, 3, 4]);
    expect(waitingBytes(sending, 3)).toBe(0);
  });

  test("[SW2] never more than the receiver allows", () => {
    const sending = createSending(10_000);
    enqueue(sending, { id: 1, lane: 0, bytes: bytesOf(50_000) });
    const sent = drain(sending).reduce((sum, [, size]) => sum + size, 0);
    expect(sent).toBeLessThanOrEqual(10_000);
    expect(sent).toBeGreaterThan(10_000 - fragmentMaxSizeBytes);
  });

  test("[SW3] at first little of the lower lanes is under way, and lane 0 does not wait for it", () => {
    const sending = createSending(windowSizeBytes);
    enqueue(sending, { id: 1, lane: 3, bytes: bytesOf(100_000) });
    drain(sending);
    expect(underWayBytes(sending)).toBe(fragmentMaxSizeBytes);
    enqueue(sending, { id: 2, lane: 0, bytes: bytesOf(600) });
    expect(drain(sending)).toEqual([[0, 600]]);
  });

  test("[SW4] a receiver that took more than was sent is found out", () => {
    const sending = createSending(10_000);
    enqueue(sending, { id: 1, lane: 3, bytes: bytesOf(5_000) });
    drain(sending);
    expect(grant(sending, 10_000 + sending.sentBytes + 1, { nowMs: 5 })).toBe(false);
    expect(sending.creditBytes).toBe(10_000);
    expect(grant(sending, 10_000 + sending.sentBytes, { nowMs: 5 })).toBe(true);
    expect(grant(sending, 9_000, { nowMs: 6 })).toBe(true);
    expect(sending.creditBytes).toBe(10_000 + sending.sentBytes);
  });

  test("[SW5] at 256 kbit/s and 50 ms lane 0 arrives in under 400 ms while lane 3 saturates", () => {
    const { urgentMs, bulkShare } = saturated({ bytesPerMs: 32, delayMs: 50 });
    expect(urgentMs.length).toBeGreaterThan(20);
    expect(Math.max(...urgentMs)).toBeLessThan(400);
    expect(bulkShare).toBeGreaterThan(0.85);
  });

  test.each([
    { bytesPerMs: 12_500, delayMs: 0.1 },
    { bytesPerMs: 1_250, delayMs: 10 },
    { bytesPerMs: 125, delayMs: 100 },
    { bytesPerMs: 16, delayMs: 300 },
  ])("[SW6] $bytesPerMs bytes a ms with $delayMs ms: full, and lane 0 not late", (link) => {
    const { urgentMs, bulkShare } = saturated(link);
    expect(bulkShare).toBeGreaterThan(0.85);
    const mostMs = link.delayMs + 2 * defaultSendingLimits.lagMaxMs + 2_000 / link.bytesPerMs;
    expect(Math.max(...urgentMs.slice(3))).toBeLessThan(mostMs);
  });

  test("[SW7] a link that becomes slower is not held to what it once was", () => {
    const before = { bytesPerMs: 125, delayMs: 20 };
    const after = { bytesPerMs: 125, delayMs: 400, fromMs: 10_000 };
    const { bulkShareSince } = runLink({
      ...before,
      change: after,
      forMs: 60_000,
      bulkSizeBytes: 200_000,
      urgentEveryMs: 1_300,
    });
    expect(bulkShareSince(30_000)).toBeGreaterThan(0.8);
  });
});
