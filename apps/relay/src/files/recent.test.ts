/** The newest envelopes in memory: bounded for good, and what was handed out stays as it is. */

import { describe, expect, test } from "vitest";
import * as fc from "fast-check";
import { createLogIndex, type LogIndex } from "./log-index.ts";
import { createRecent, keep, recentAt, recentSizeBytes, type Recent } from "./recent.ts";

const sizeMaxBytes = 65_536;

function logNamed(channel: number): LogIndex {
  const name = { organisation: "org", channel: new Uint8Array(16).fill(channel), lane: 1 } as const;
  return createLogIndex(name, new Uint8Array(16));
}

function envelopeOf(log: LogIndex, offset: number, sizeBytes = 600) {
  const mark = (offset * 31 + (log.name.channel[0] ?? 0)) % 256;
  const hash = new Uint8Array(32).fill(mark);
  return { log, offset, hash, bytes: new Uint8Array(sizeBytes).fill(mark) };
}

/** Numbers that the index of the kept ones has room for. */
function indexLength({ byLog }: Recent): number {
  return [...byLog.values()].reduce((sum, { places }) => sum + places.values.length, 0);
}

describe("the newest envelopes (FB)", () => {
  test("[FB9] take no more memory after a hundred times the bound than when it was reached, forgotten ones included", () => {
    const recent = createRecent(sizeMaxBytes);
    const [busy, quiet] = [logNamed(1), logNamed(2)];
    keep(recent, envelopeOf(quiet, 0));
    for (let offset = 0; offset < 10_000; offset += 1) keep(recent, envelopeOf(busy, offset));
    expect(recentSizeBytes(recent)).toBe(sizeMaxBytes);
    expect(recent.slabs.reduce((sum, { bytes }) => sum + bytes.buffer.byteLength, 0)).toBe(
      sizeMaxBytes,
    );
    expect(indexLength(recent)).toBeLessThan((6 * sizeMaxBytes) / 632);
    expect(recent.byLog.has(quiet)).toBe(false);
    expect(recent.slabs.every(({ logs }) => logs.size <= 1)).toBe(true);
  });

  test("[FB9] what a slow reader was given is not written over", () => {
    const recent = createRecent(sizeMaxBytes);
    const log = logNamed(1);
    keep(recent, envelopeOf(log, 0));
    const given = recentAt(recent, log, 0);
    for (let offset = 1; offset < 1_000; offset += 1) keep(recent, envelopeOf(log, offset));
    const { hash, bytes } = envelopeOf(log, 0);
    expect(given).toEqual({ offset: 0, hash, bytes });
    expect(recentAt(recent, log, 0)).toBeUndefined();
  });

  test("[FB9] whatever comes in whatever sizes, each one is there as it came or not at all, the newest for certain", () => {
    const arrival = fc.record({
      channel: fc.integer({ min: 1, max: 4 }),
      sizeBytes: fc.oneof(
        { weight: 9, arbitrary: fc.integer({ min: 1, max: 700 }) },
        fc.integer({ min: 1, max: 2_000 }),
      ),
    });
    fc.assert(
      fc.property(fc.array(arrival, { maxLength: 120 }), (arrivals) => {
        const recent = createRecent(4_096);
        const logs = [1, 2, 3, 4].map(logNamed);
        const all = arrivals.map(({ channel, sizeBytes }) => {
          const log = logs[channel - 1]!;
          const one = envelopeOf(log, log.next, sizeBytes);
          log.next += 1;
          keep(recent, one);
          const { offset, hash, bytes } = one;
          const isSmall = sizeBytes + 32 <= 1_024;
          expect(recentAt(recent, log, offset)).toEqual(
            isSmall ? { offset, hash, bytes } : undefined,
          );
          return one;
        });
        for (const { log, offset, hash, bytes } of all) {
          const found = recentAt(recent, log, offset);
          if (found) expect(found).toEqual({ offset, hash, bytes });
        }
        expect(recentSizeBytes(recent)).toBeLessThanOrEqual(4_096);
      }),
    );
  });

  test("[FB9] without room nothing is kept", () => {
    const recent = createRecent(0);
    const log = logNamed(1);
    keep(recent, envelopeOf(log, 0));
    expect(recentAt(recent, log, 0)).toBeUndefined();
    expect(recentSizeBytes(recent)).toBe(0);
  });
});
