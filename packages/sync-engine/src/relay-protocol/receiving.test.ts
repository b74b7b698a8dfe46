import { assert } from "@tillmesh/kernel";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fragmentMaxSizeBytes, lanes, windowSizeBytes, type Lane } from "./frame.ts";
import {
  createReceiving,
  creditMinBytes,
  nextCredit,
  receiveFragment,
  release,
} from "./receiving.ts";
import { createSending, enqueue, grant, nextFragment, waitingBytes } from "./sending.ts";

function piece(offset: number, size: number, length: number) {
  return { offset, size, data: new Uint8Array(length) };
}

describe("receiving (SW)", () => {
  test("[SW8] whatever is sent arrives whole, in the order of its lane, within the window", () => {
    const envelope = fc.record({
      lane: fc.constantFrom(...lanes),
      sizeBytes: fc.integer({ min: 1, max: 40_000 }),
    });
    const all = fc.array(envelope, { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(all, fc.integer({ min: fragmentMaxSizeBytes, max: 70_000 }), (list, window) => {
        const sending = createSending(window);
        const receiving = createReceiving(window);
        list.forEach(({ lane, sizeBytes }, id) =>
          enqueue(sending, { id, lane, bytes: new Uint8Array(sizeBytes).fill(id + 1) }),
        );
        const arrived: { readonly lane: Lane; readonly bytes: Uint8Array }[] = [];
        for (let nowMs = 0; arrived.length < list.length; nowMs += 1) {
          for (let next = nextFragment(sending, nowMs); next; next = nextFragment(sending, nowMs)) {
            const whole = receiveFragment(receiving, next.id, next);
            assert(whole.ok, JSON.stringify(whole));
            release(receiving, next.data.length);
            if (whole.value) arrived.push({ lane: next.lane, bytes: whole.value });
          }
          const through = nextCredit(receiving, true);
          assert(through !== undefined || arrived.length === list.length, "it goes on");
          if (through !== undefined) expect(grant(sending, through, { nowMs })).toBe(true);
        }
        for (const lane of lanes) {
          const ids = list.flatMap((one, id) => (one.lane === lane ? [id + 1] : []));
          const came = arrived.filter((one) => one.lane === lane).map(({ bytes }) => bytes);
          expect(came.map((bytes) => bytes[0])).toEqual(ids);
          expect(came.map(({ length }) => length)).toEqual(
            ids.map((id) => list[id - 1]?.sizeBytes),
          );
          expect(came.every((bytes) => bytes.every((one) => one === bytes[0]))).toBe(true);
        }
      }),
      { numRuns: 40 },
    );
  });

  test("[SW9] a fragment out of place, or beyond what was allowed, is refused", () => {
    const begun = createReceiving(10_000);
    expect(receiveFragment(begun, 1, piece(0, 100, 50))).toEqual({ ok: true, value: undefined });
    for (const wrong of [
      piece(0, 100, 50),
      piece(60, 100, 40),
      piece(50, 90, 40),
      piece(50, 100, 51),
    ]) {
      const fresh = createReceiving(10_000);
      receiveFragment(fresh, 1, piece(0, 100, 50));
      expect(receiveFragment(fresh, 1, wrong)).toMatchObject({ error: { type: "OutOfPlace" } });
    }
    expect(receiveFragment(createReceiving(9), 1, piece(0, 10, 10))).toMatchObject({
      error: { type: "BeyondCredit" },
    });
  });

  test("[SW9] no more envelopes are begun at a time than there are lanes", () => {
    const receiving = createReceiving(windowSizeBytes);
    for (const stream of lanes) {
      expect(receiveFragment(receiving, stream, piece(0, 100, 1)).ok).toBe(true);
    }
    expect(receiveFragment(receiving, 9, piece(0, 100, 1)).ok).toBe(false);
  });

  test("[SW10] memory follows what came, not what was announced", () => {
    const receiving = createReceiving(windowSizeBytes);
    receiveFragment(receiving, 1, piece(0, 4_194_304, 1));
    expect(receiving.begun.get(1)?.bytes.length).toBeLessThanOrEqual(16_384);
  });

  test("[SW11] credit is given at a quarter of the window, or when it is due and worth a frame", () => {
    const receiving = createReceiving(100_000);
    expect(nextCredit(receiving, true)).toBeUndefined();
    release(receiving, creditMinBytes - 1);
    expect(nextCredit(receiving, true)).toBeUndefined();
    release(receiving, 1);
    expect(nextCredit(receiving, false)).toBeUndefined();
    expect(nextCredit(receiving, true)).toBe(100_000 + creditMinBytes);
    release(receiving, 25_000);
    expect(nextCredit(receiving, false)).toBe(125_000 + creditMinBytes);
  });

  test("[SW11] a sender never stops for want of a credit that is not worth a frame", () => {
    for (const sizeBytes of [1, 300, 626, 1_024, 2_047, 2_049, 5_000]) {
      const sending = createSending(windowSizeBytes);
      const receiving = createReceiving(windowSizeBytes);
      for (let nowMs = 0; nowMs < 200; nowMs += 1) {
        enqueue(sending, { id: nowMs, lane: 1, bytes: new Uint8Array(sizeBytes) });
        for (let next = nextFragment(sending, nowMs); next; next = nextFragment(sending, nowMs)) {
          release(receiving, next.data.length);
        }
        const through = nextCredit(receiving, true);
        if (through !== undefined) grant(sending, through, { nowMs });
      }
      expect(waitingBytes(sending, 1)).toBeLessThan(2 * sizeBytes + 1_024);
    }
  });
});
