/**
 * Keeps the basket quoted: one request at a time, always for the newest lines.
 *
 * @module
 */

import { newKey, type Api } from "../api/client.ts";
import { lostAnswer } from "../api/problem.ts";
import type { Quote } from "../api/shapes.ts";
import type { Store } from "../store.ts";
import { askedBasket, type Basket, type BasketAction } from "./basket.ts";

export interface Quoting {
  readonly api: Pick<Api, "post">;
  readonly basket: Store<Basket, BasketAction>;
  readonly retryMs?: number;
}

/** Returns how to stop. */
export function followBasket({ api, basket, retryMs = 1000 }: Quoting): () => void {
  const stopping = new AbortController();
  const isWanted = () =>
    !stopping.signal.aborted && basket.get().lines.length > 0 && settled !== basket.get().revision;
  let isAsking = false;
  let settled = 0;
  const ask = async (): Promise<void> => {
    if (isAsking) return;
    isAsking = true;
    while (isWanted()) {
      const asked = basket.get();
      const answered = await api.post<Quote>("/quotes", askedBasket(asked), newKey());
      const { revision } = asked;
      if (answered.ok) basket.dispatch({ type: "quoted", revision, quote: answered.value });
      else if (isSettled(answered.error.code, answered.error.retryable)) {
        basket.dispatch({ type: "refused", revision, problem: answered.error });
      } else {
        await new Promise((resolve) => setTimeout(resolve, retryMs));
        continue;
      }
      settled = revision;
    }
    isAsking = false;
  };
  const unsubscribe = basket.subscribe(() => void ask());
  void ask();
  return () => {
    stopping.abort();
    unsubscribe();
  };
}

function isSettled(code: string, isRetryable: boolean): boolean {
  return code !== lostAnswer.code && code !== "Unauthorized" && !isRetryable;
}
