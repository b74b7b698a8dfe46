import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createChainBook, noteLink, noteSeen, omissions, type ChainLink } from "./chain-book.ts";

/** A publisher's chain, as honest devices write it. */
function chainOf(length: number, run = "run-a"): readonly ChainLink[] {
  return Array.from({ length }, (_, index) => ({
    publisher: "dev_1",
    run,
    sequence: index + 1,
    previous: index === 0 ? "" : `hash-${run}-${index}`,
    hash: `hash-${run}-${index + 1}`,
  }));
}

describe("chains of envelopes (KC)", () => {
  test("[KC1] a log that shows a chain as it was written gives no finding, from wherever it is read", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 }), fc.nat(29), (length, from) => {
        const book = createChainBook();
        const links = chainOf(length).slice(from % length);
        for (const link of links) {
          expect(noteLink(book, link, from % length === 0)).toEqual({ type: "next" });
        }
      }),
    );
  });

  test("[KC2] each envelope that is left out shows as a gap, and nothing else does", () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 30 }), (isThere) => {
        const book = createChainBook();
        const missing: number[] = [];
        let lastThere = 0;
        for (const link of chainOf(isThere.length)) {
          if (!isThere[link.sequence - 1]) continue;
          lastThere = link.sequence;
          const finding = noteLink(book, link, true);
          if (finding.type !== "gap") continue;
          for (let n = finding.from; n <= finding.through; n += 1) missing.push(n);
        }
        const left = isThere.flatMap((one, index) =>
          one || index + 1 > lastThere ? [] : [index + 1],
        );
        expect(missing).toEqual(left);
      }),
    );
  });

  test("[KC3] an envelope that comes twice is a replay, another in its place a fork", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 20 }), fc.nat(19), (length, which) => {
        const book = createChainBook();
        const links = chainOf(length);
        for (const link of links) noteLink(book, link, true);
        const again = links[which % length]!;
        expect(noteLink(book, again, true)).toEqual({ type: "replay", sequence: again.sequence });
        const last = links.at(-1)!;
        expect(noteLink(book, { ...last, hash: "other" }, true).type).toBe("fork");
        const next = { ...last, sequence: length + 1, previous: "other", hash: "next" };
        expect(noteLink(book, next, true).type).toBe("fork");
      }),
    );
  });

  test("[KC4] what another has read and this log never shows is told once, after a while; what comes in time is not", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 9 }),
        fc.boolean(),
        (named, read, isLate) => {
          const book = createChainBook();
          const links = chainOf(9);
          const seen = { publisher: "dev_1", run: "run-a", lane: 1, sequence: named };
          noteSeen(book, seen, { by: "dev_2", nowMs: 0 });
          for (const link of links.slice(0, read)) noteLink(book, link, true);
          const first = omissions(book, { nowMs: isLate ? 31_000 : 29_000, graceMs: 30_000 });
          const isMissing = named > read;
          expect(first).toEqual(
            isMissing && isLate ? [{ publisher: "dev_1", sequence: named, by: "dev_2" }] : [],
          );
          const second = omissions(book, { nowMs: 62_000, graceMs: 30_000 });
          expect(second.length).toBe(isMissing && !isLate ? 1 : 0);
        },
      ),
    );
  });

  test("[KC5] memory is bounded, whatever publishers say", () => {
    const book = createChainBook();
    for (let n = 0; n < 5_000; n += 1) {
      noteLink(
        book,
        { publisher: "dev_1", run: `${n}`, sequence: 1, previous: "", hash: `${n}` },
        true,
      );
      noteSeen(
        book,
        { publisher: "dev_3", run: `${n}`, lane: 1, sequence: 1 },
        { by: "dev_2", nowMs: 0 },
      );
    }
    expect(book.ends.size + book.named.size).toBeLessThanOrEqual(1_024);
  });
});
