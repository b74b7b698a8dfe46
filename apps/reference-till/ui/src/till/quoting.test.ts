import { err, ok } from "@tillmesh/kernel";
import { expect, test, vi } from "vitest";
import type { Answered, Api } from "../api/client.ts";
import { lostAnswer, readProblem } from "../api/problem.ts";
import type { Product, Quote } from "../api/shapes.ts";
import { createStore } from "../store.ts";
import { currentQuote, emptyBasket, stepBasket } from "./basket.ts";
import { followBasket } from "./quoting.ts";

const tea = { sku: "TEA", name: "Tea", unit: "each", price: null } as unknown as Product;
const quote = (id: string) => ({ quoteId: id, lines: [] }) as unknown as Quote;

function quoting(...answers: readonly Answered<unknown>[]) {
  const bodies: object[] = [];
  const pending: (() => void)[] = [];
  const post = (_path: string, body: object) => {
    const answer = answers[bodies.length] ?? ok(quote("more"));
    bodies.push(body);
    return new Promise((resolve) => pending.push(() => resolve(answer)));
  };
  const basket = createStore(stepBasket, emptyBasket);
  const stop = followBasket({ api: { post } as Pick<Api, "post">, basket, retryMs: 0 });
  const answer = async (expected: number) => {
    await vi.waitFor(() => expect(bodies).toHaveLength(expected), { interval: 1 });
    pending.shift()?.();
  };
  return { basket, bodies, answer, stop };
}

test("changes while a quote is under way are asked for once, after it", async () => {
  const { basket, bodies, answer } = quoting(ok(quote("first")), ok(quote("last")));
  for (let times = 0; times < 4; times += 1) basket.dispatch({ type: "add", product: tea });
  await answer(1);
  await answer(2);
  await vi.waitFor(() => expect(currentQuote(basket.get())?.quoteId).toBe("last"));
  expect(bodies).toEqual([
    { lines: [{ sku: "TEA", quantity: "1" }] },
    { lines: [{ sku: "TEA", quantity: "4" }] },
  ]);
});

test("a no is shown; silence is asked again", async () => {
  const problem = readProblem(422, { code: "NoPrice" });
  const { basket, answer } = quoting(err(lostAnswer), err(problem));
  basket.dispatch({ type: "add", product: tea });
  await answer(1);
  await answer(2);
  await vi.waitFor(() => expect(basket.get().refused?.problem.code).toBe("NoPrice"));
});

test("an empty basket is not quoted, nor is one that nobody follows", async () => {
  const { basket, bodies, stop } = quoting();
  basket.dispatch({ type: "requote" });
  stop();
  basket.dispatch({ type: "add", product: tea });
  await Promise.resolve();
  expect(bodies).toEqual([]);
});
