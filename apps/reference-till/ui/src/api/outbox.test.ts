import { err, ok } from "@tillmesh/kernel";
import { expect, test } from "vitest";
import type { Answered } from "./client.ts";
import { createOutbox, retryDelayMs, type Unanswered } from "./outbox.ts";
import { lostAnswer, readProblem } from "./problem.ts";

function outboxWith(answers: readonly Answered<unknown>[], held: readonly Unanswered[] = []) {
  const keys: string[] = [];
  const waits: number[] = [];
  let stored = held;
  let made = 0;
  const outbox = createOutbox({
    post: <T>(_path: string, _body: object, key: string) => {
      keys.push(key);
      return Promise.resolve((answers[keys.length - 1] ?? ok("more")) as Answered<T>);
    },
    newKey: () => `key-${(made += 1)}`,
    read: () => stored,
    write: (requests) => (stored = requests),
    wait: (ms) => Promise.resolve(void waits.push(ms)),
    attemptsMax: 4,
  });
  return { outbox, keys, waits, stored: () => stored };
}

const sale = { path: "/sales", body: { lines: [{ sku: "C1" }] }, label: "Sale" };

test("a lost answer is asked again with the same key", async () => {
  const { outbox, keys, waits, stored } = outboxWith([
    err(lostAnswer),
    err(lostAnswer),
    ok("done"),
  ]);
  expect(await outbox.submit(sale)).toEqual(ok("done"));
  expect(keys).toEqual(["key-1", "key-1", "key-1"]);
  expect(waits).toEqual([300, 600]);
  expect(stored()).toEqual([]);
});

test("a double click is one request", async () => {
  const { outbox, keys } = outboxWith([ok("one")]);
  const both = await Promise.all([outbox.submit(sale), outbox.submit(sale)]);
  expect(both).toEqual([ok("one"), ok("one")]);
  expect(keys).toEqual(["key-1"]);
});

test("the same again after the answer is another request", async () => {
  const { outbox, keys } = outboxWith([ok("one"), ok("two")]);
  await outbox.submit(sale);
  await outbox.submit(sale);
  expect(keys).toEqual(["key-1", "key-2"]);
});

test("a no settles it; silence leaves it written down", async () => {
  const no = outboxWith([err(readProblem(409, { code: "PriceChanged" }))]);
  await no.outbox.submit(sale);
  expect(no.stored()).toEqual([]);
  const silence = outboxWith(Array.from({ length: 9 }, () => err(lostAnswer)));
  expect(await silence.outbox.submit(sale)).toEqual(err(lostAnswer));
  expect(silence.keys).toHaveLength(4);
  expect(silence.stored()).toEqual([{ ...sale, key: "key-1" }]);
});

test.each(["StorageFull", "FiscalSignerOut"])(
  "%s is an answer: nothing was recorded",
  async (code) => {
    const { outbox, keys, stored } = outboxWith([err(readProblem(503, { code, retryable: true }))]);
    expect(await outbox.submit(sale)).toMatchObject({ error: { code } });
    expect([keys, stored()]).toEqual([["key-1"], []]);
  },
);

test("a lost session keeps the request for the next one", async () => {
  const { outbox, stored, keys } = outboxWith([
    err(readProblem(401, { code: "Unauthorized" })),
    ok("done"),
  ]);
  await outbox.submit(sale);
  expect(stored()).toHaveLength(1);
  expect(await outbox.resolve(stored()[0]!)).toEqual(ok("done"));
  expect(keys).toEqual(["key-1", "key-1"]);
});

test("what is left over from before a reload keeps its key", async () => {
  const held = [{ ...sale, key: "before" }];
  const { outbox, keys, stored } = outboxWith([ok("recorded before")], held);
  expect(outbox.waiting()).toEqual(held);
  expect(await outbox.resolve(held[0]!)).toEqual(ok("recorded before"));
  expect([keys, stored()]).toEqual([["before"], []]);
});

test("the pause between attempts has a bound", () => {
  expect([1, 2, 5, 50].map(retryDelayMs)).toEqual([300, 600, 4800, 5000]);
});
