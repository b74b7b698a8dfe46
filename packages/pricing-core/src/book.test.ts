import { describe, expect, test } from "vitest";
import { err, ok, type Json, type Publication } from "@tillmesh/kernel";
import { createBook, type Book } from "./book.ts";
import { createShopBooks } from "./shop-books.ts";
import { publicationOf, type PublicationFacts } from "./testing/index.ts";

function numbersBook(
  onChange?: (key: string, now?: number, before?: number) => void,
): Book<number> {
  return createBook<number>({
    topic: "numbers",
    read: (_key, value) =>
      typeof value === "number" ? ok(value) : err({ type: "Faults", faults: [notANumber] }),
    ...(onChange === undefined ? {} : { onChange }),
  });
}

const notANumber = { pointer: "", code: "Type", detail: "a number" } as const;

function says(
  facts: Omit<PublicationFacts, "topic" | "items">,
  values: Record<string, Json>,
): Publication {
  const items = Object.entries(values).map(([key, value]) => ({ key, value }));
  return publicationOf({ topic: "numbers", items, ...facts });
}

describe("publication book (PB)", () => {
  test("[PB1] the highest sequence is in force, then the publisher, then the id", () => {
    const book = numbersBook();
    book.apply(says({ sequence: 2, publisher: "hq-a" }, { k: 1 }));
    book.apply(says({ sequence: 1, publisher: "hq-z" }, { k: 2 }));
    expect(book.inForce("k")?.value).toBe(1);
    book.apply(says({ sequence: 2, publisher: "hq-b" }, { k: 3 }));
    expect(book.inForce("k")?.value).toBe(3);
    book.apply(says({ sequence: 2, publisher: "hq-b", id: "zz" }, { k: 4 }));
    expect(book.inForce("k")).toEqual({
      value: 4,
      publication: {
        id: "zz",
        sequence: 2,
        publisher: "hq-b",
        at: "2026-11-22T10:00:00.000Z/0000",
      },
    });
  });

  test("[PB2] applied twice it changes nothing and says so", () => {
    const changes: string[] = [];
    const book = numbersBook((key) => changes.push(key));
    const publication = says({ sequence: 1 }, { a: 1, b: 2 });
    expect([book.apply(publication), book.apply(publication)]).toEqual([true, false]);
    expect(changes.toSorted()).toEqual(["a", "b"]);
  });

  test("[PB3] a publication that is never in force is kept all the same", () => {
    const book = numbersBook();
    book.apply(says({ sequence: 2 }, { k: 2 }));
    book.apply(says({ sequence: 1 }, { k: 1 }));
    expect(book.publications().map(({ id }) => id)).toEqual(["hq-1", "hq-2"]);
  });

  test("[PB4] null withdraws a key, and a later value brings it back", () => {
    const book = numbersBook();
    book.apply(says({ sequence: 1 }, { k: 1, other: 1 }));
    book.apply(says({ sequence: 2 }, { k: null }));
    expect(book.inForce("k")).toBeUndefined();
    expect(book.keys()).toEqual(["other"]);
    expect(book.withdrawn()).toMatchObject([{ key: "k", publication: { id: "hq-2" } }]);
    book.apply(says({ sequence: 3 }, { k: 3 }));
    expect(book.inForce("k")?.value).toBe(3);
    expect(book.withdrawn()).toEqual([]);
  });

  test("[PB5] a value that cannot be read is shown, and nothing older takes its place", () => {
    const book = numbersBook();
    book.apply(says({ sequence: 1 }, { k: 1 }));
    book.apply(says({ sequence: 2 }, { k: "two" }));
    expect(book.inForce("k")).toBeUndefined();
    expect(book.unreadable()).toMatchObject([
      { key: "k", value: "two", faults: [notANumber], publication: { id: "hq-2" } },
    ]);
    book.apply(says({ sequence: 3 }, { k: 3 }));
    expect(book.inForce("k")?.value).toBe(3);
    expect(book.unreadable()).toEqual([]);
  });

  test("[PB6] two that did not see each other are a conflict, the one in force first", () => {
    const book = numbersBook();
    book.apply(says({ sequence: 1, publisher: "hq-b" }, { k: 20, calm: 1 }));
    book.apply(says({ sequence: 1, publisher: "hq-a" }, { k: 10 }));
    book.apply(says({ sequence: 2, publisher: "hq-a" }, { k: 11 }));
    expect(book.inForce("k")?.value).toBe(11);
    expect(book.conflicts()).toMatchObject([
      { key: "k", claims: [{ value: 11 }, { value: 20, publication: { publisher: "hq-b" } }] },
    ]);
  });

  test("[PB6] a later publication of the key that saw both settles it", () => {
    const book = numbersBook();
    book.apply(says({ sequence: 1, publisher: "hq-a" }, { k: 10 }));
    book.apply(says({ sequence: 1, publisher: "hq-b" }, { k: 20 }));
    book.apply(says({ sequence: 2, publisher: "hq-a", seen: { "hq-b": 1 } }, { other: 1 }));
    expect(book.conflicts()).toHaveLength(1);
    book.apply(says({ sequence: 3, publisher: "hq-a", seen: { "hq-b": 1 } }, { k: 30 }));
    expect(book.conflicts()).toEqual([]);
  });

  test("[PB6] a number used twice by one publisher is a conflict", () => {
    const book = numbersBook();
    book.apply(says({ sequence: 1, id: "one" }, { k: 1 }));
    book.apply(says({ sequence: 1, id: "two" }, { k: null }));
    expect(book.conflicts()).toMatchObject([{ key: "k", claims: [{ value: null }, { value: 1 }] }]);
  });

  test("[PB7] to claim to have seen everything wins nothing", () => {
    const book = numbersBook();
    book.apply(says({ sequence: 2, publisher: "hq-b" }, { k: 20 }));
    book.apply(says({ sequence: 1, publisher: "hq-a", seen: { "hq-b": 999 } }, { k: 10 }));
    expect(book.inForce("k")?.value).toBe(20);
    expect(book.conflicts()).toMatchObject([{ claims: [{ value: 20 }, { value: 10 }] }]);
  });

  test("[PB8] of two items with one key the last counts", () => {
    const items = [1, 2, 3].map((value) => ({ key: "k", value }));
    const book = numbersBook();
    book.apply(publicationOf({ topic: "numbers", sequence: 1, items }));
    expect(book.inForce("k")?.value).toBe(3);
    const late = numbersBook();
    late.apply(says({ sequence: 2 }, { k: 9 }));
    late.apply(publicationOf({ topic: "numbers", sequence: 1, publisher: "hq-b", items }));
    expect(late.conflicts()[0]?.claims.map(({ value }) => value)).toEqual([9, 3]);
  });

  test("[PB9] a change is told with what was in force before", () => {
    const changes: unknown[] = [];
    const book = numbersBook((...change) => changes.push(change));
    book.apply(says({ sequence: 2 }, { k: 2 }));
    book.apply(says({ sequence: 1 }, { k: 1 }));
    book.apply(says({ sequence: 3 }, { k: null }));
    book.apply(says({ sequence: 4 }, { k: "four" }));
    book.apply(says({ sequence: 5 }, { k: 5 }));
    expect(changes).toEqual([
      ["k", 2, undefined],
      ["k", undefined, 2],
      ["k", 5, undefined],
    ]);
  });

  test("[PB10] a publication goes to the book of its topic, and an unknown topic changes nothing", () => {
    const shop = createShopBooks();
    const tax = { taxCode: "zero", name: "VAT 0 %", rateBp: 0 };
    const items = [{ key: "zero", value: tax }];
    const publication = publicationOf({ topic: "taxes", sequence: 1, items });
    expect(shop.apply(publication)).toBe("applied");
    expect(shop.apply(publication)).toBe("known");
    expect(shop.apply({ ...publication, topic: "weather" })).toBe("unknown-topic");
    expect(shop.taxes.byCode("zero")?.value).toEqual(tax);
    expect(() => shop.taxes.book.apply({ ...publication, topic: "prices" })).toThrow("taxes");
  });
});
