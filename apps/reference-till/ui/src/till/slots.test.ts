import { expect, test } from "vitest";
import { openSlot, slotOrder, slotsMax } from "./slots.ts";

function memoryStore() {
  const texts = new Map<string, string>();
  return {
    texts,
    getItem: (name: string) => texts.get(name) ?? null,
    setItem: (name: string, text: string) => void texts.set(name, text),
    removeItem: (name: string) => void texts.delete(name),
  };
}

const line = {
  key: "C1",
  sku: "C1",
  name: "Tea",
  unit: "each",
  quantityMilli: 1000,
  unitPrice: null,
};
const unanswered = { key: "k", path: "/sales", body: {}, label: "Sale" };

test("a slot gives back what it was given", () => {
  const store = memoryStore();
  const slot = openSlot(store, 0);
  slot.writeLines([line]);
  slot.writeUnanswered([unanswered]);
  expect([slot.readLines(), slot.readUnanswered()]).toEqual([[line], [unanswered]]);
  expect(openSlot(store, 1).readLines()).toEqual([]);
  slot.writeLines([]);
  expect(store.texts.size).toBe(1);
});

test("what was decided about the basket is kept, nothing is not", () => {
  const store = memoryStore();
  const slot = openSlot(store, 0);
  expect(slot.readOrder()).toEqual({});
  slot.writeOrder({ coupons: ["WELCOME"] });
  expect(slot.readOrder()).toEqual({ coupons: ["WELCOME"] });
  slot.writeOrder({});
  expect(store.texts.size).toBe(0);
});

test("lines that an older page kept are read", () => {
  const store = memoryStore();
  const { key: _, ...older } = line;
  store.setItem("tillmesh/0/basket", JSON.stringify([older]));
  expect(openSlot(store, 0).readLines()).toEqual([line]);
});

test("what is damaged is nothing", () => {
  const store = memoryStore();
  store.setItem("tillmesh/0/basket", '[{"sku":"C1"');
  store.setItem("tillmesh/1/basket", '[{"sku":1},null,7]');
  expect([openSlot(store, 0).readLines(), openSlot(store, 1).readLines()]).toEqual([[], []]);
});

test("own slot first, then what waits for an answer, then a basket, then the rest", () => {
  const store = memoryStore();
  openSlot(store, 5).writeUnanswered([unanswered]);
  openSlot(store, 3).writeLines([line]);
  expect(slotOrder(store, undefined)).toEqual([5, 3, 0, 1, 2, 4, 6, 7]);
  expect(slotOrder(store, 2).slice(0, 3)).toEqual([2, 5, 3]);
  expect(slotOrder(store, 99)).toHaveLength(slotsMax);
});
