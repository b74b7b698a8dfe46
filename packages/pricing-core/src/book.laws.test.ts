import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { err, ok, type Json, type Publication } from "@tillmesh/kernel";
import { createBook, type Book } from "./book.ts";
import { naiveBook, publicationOf } from "./testing/index.ts";

const publishers = ["hq-a", "hq-b", "hq-c"] as const;

// Any pile: numbers used twice, vectors that say too much or too little, keys set twice in one go.
const publication = fc
  .record({
    publisher: fc.constantFrom(...publishers),
    sequence: fc.integer({ min: 1, max: 6 }),
    fork: fc.constantFrom("", "", "", "x"),
    seen: fc.dictionary(fc.constantFrom(...publishers), fc.nat(6)),
    items: fc.array(
      fc.record({
        key: fc.constantFrom("a", "b", "c", "__proto__"),
        value: fc.oneof(fc.nat(5), fc.constant(null), fc.constant("unreadable")),
      }),
      { maxLength: 4 },
    ),
  })
  .map(({ fork, ...facts }) => {
    const id = `${facts.publisher}-${facts.sequence}${fork}`;
    return publicationOf({ topic: "numbers", id, ...facts });
  });

const pile = fc.uniqueArray(publication, { maxLength: 14, selector: ({ id }) => id });

function numbersBook(): Book<number> {
  return createBook<number>({
    topic: "numbers",
    read: (_key, value: Json) =>
      typeof value === "number" ? ok(value) : err({ type: "Faults", faults: [] }),
  });
}

function bookOf(publications: readonly Publication[]): Book<number> {
  const book = numbersBook();
  for (const one of publications) book.apply(one);
  return book;
}

function shown(book: Book<number>): unknown {
  return {
    inForce: book.keys().map((key) => [key, book.inForce(key)]),
    publications: book.publications(),
    withdrawn: book.withdrawn(),
    unreadable: book.unreadable(),
    conflicts: book.conflicts(),
  };
}

describe("publication book laws (PB)", () => {
  test("[PB2] neither the order of arrival nor repetition matters", () => {
    fc.assert(
      fc.property(pile, fc.infiniteStream(fc.nat()), (all, numbers) => {
        const shuffled = [...all, ...all]
          .map((one) => ({ one, at: numbers.next().value ?? 0 }))
          .toSorted((a, b) => a.at - b.at)
          .map(({ one }) => one);
        expect(shown(bookOf(shuffled))).toEqual(shown(bookOf(all)));
      }),
    );
  });

  test("[PB1] [PB4] [PB5] [PB6] it says what the rule says when it is written down plainly", () => {
    fc.assert(
      fc.property(pile, (all) => {
        const book = bookOf(all);
        const conflicts = new Map(book.conflicts().map(({ key, claims }) => [key, claims]));
        const naive = naiveBook(all);
        for (const { key, value, publication: id, heads } of naive) {
          const expected = typeof value === "number" ? { value, publication: { id } } : undefined;
          if (expected === undefined) expect(book.inForce(key)).toBeUndefined();
          else expect(book.inForce(key)).toMatchObject(expected);
          const claims = conflicts.get(key)?.map((claim) => claim.publication.id);
          expect(claims).toEqual(heads.length < 2 ? undefined : heads);
        }
        const valuesOf = (wanted: (value: Json) => boolean) =>
          naive.filter(({ value }) => wanted(value)).map(({ key }) => key);
        expect(book.keys()).toEqual(valuesOf((value) => typeof value === "number"));
        expect(book.withdrawn().map(({ key }) => key)).toEqual(valuesOf((value) => value === null));
        expect(book.unreadable().map(({ key }) => key)).toEqual(
          valuesOf((value) => typeof value === "string"),
        );
      }),
    );
  });

  test("[PB3] every publication that was applied is listed", () => {
    fc.assert(
      fc.property(pile, (all) => {
        const listed = bookOf(all)
          .publications()
          .map(({ id }) => id);
        expect(listed.toSorted()).toEqual(all.map(({ id }) => id).toSorted());
      }),
    );
  });

  test("[PB7] what publications claim to have seen changes no value in force", () => {
    fc.assert(
      fc.property(pile, (all) => {
        const blind = bookOf(all.map((one) => ({ ...one, seen: {} })));
        const book = bookOf(all);
        expect(blind.keys()).toEqual(book.keys());
        for (const key of book.keys()) expect(blind.inForce(key)).toEqual(book.inForce(key));
      }),
    );
  });

  test("[PB9] the changes told add up to what is in force", () => {
    fc.assert(
      fc.property(pile, (all) => {
        const told = new Map<string, number>();
        const book = createBook<number>({
          topic: "numbers",
          read: (_key, value) =>
            typeof value === "number" ? ok(value) : err({ type: "Faults", faults: [] }),
          onChange: (key, now, before) => {
            expect(told.get(key)).toBe(before);
            if (now === undefined) told.delete(key);
            else told.set(key, now);
          },
        });
        for (const one of all) book.apply(one);
        expect([...told.keys()].toSorted()).toEqual(book.keys());
        for (const [key, value] of told) expect(book.inForce(key)?.value).toBe(value);
      }),
    );
  });
});
