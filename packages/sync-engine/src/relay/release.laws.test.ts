import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { forgetReleased, noteTaken, releasable, type ReleaseBook } from "./release.ts";

const dayMs = 86_400_000;

describe("log that may be let go (RL)", () => {
  test("[RL1] nothing is released before it is a week old, sealed and in the history lane, nor past what waits", () => {
    const envelope = fc.record({
      document: fc.constantFrom("a", "b", "c"),
      pauseMs: fc.nat(dayMs),
    });
    fc.assert(
      fc.property(
        fc.array(envelope, { maxLength: 40 }),
        fc.record({
          history: fc.subarray(["a", "b", "c"]),
          laterMs: fc.nat(30 * dayMs),
          waitingFrom: fc.option(fc.nat(40), { nil: Number.POSITIVE_INFINITY }),
        }),
        (envelopes, { history, laterMs, waitingFrom }) => {
          const book: ReleaseBook = [];
          let nowMs = 0;
          const takenMs = envelopes.map(({ document, pauseMs }, offset) => {
            nowMs += pauseMs;
            noteTaken(book, { offset, documents: [document], nowMs });
            return nowMs;
          });
          nowMs += laterMs;
          const isElsewhere = (document: string) => history.includes(document);
          const through = releasable(book, { nowMs, isElsewhere, waitingFrom });
          for (let offset = 0; offset < through; offset += 1) {
            expect(isElsewhere(envelopes[offset]!.document)).toBe(true);
            // An hour's envelopes go together.
            expect(nowMs - takenMs[offset]!).toBeGreaterThan(7 * dayMs - 3_600_000);
            expect(offset).toBeLessThan(waitingFrom);
          }
          const all =
            ["a", "b", "c"].every(isElsewhere) && waitingFrom === Number.POSITIVE_INFINITY;
          if (all && laterMs >= 7 * dayMs) expect(through).toBe(envelopes.length);
          forgetReleased(book, through);
          expect(book.every((mark) => mark.through > through)).toBe(true);
        },
      ),
    );
  });
});
