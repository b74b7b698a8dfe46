/**
 * Decides something about the basket, once the service has said that it can be priced that way.
 *
 * What it refuses (a discount beyond one's limit, a coupon it does not know) never gets into the basket.
 *
 * @module
 */

import { useRef, useState } from "preact/hooks";
import { newKey } from "../api/client.ts";
import { sentenceOf } from "../api/problem.ts";
import type { Quote } from "../api/shapes.ts";
import { askedBasket, stepBasket, type BasketAction } from "../till/basket.ts";
import { useWorkplace } from "../till/workplace.ts";

export interface Deciding {
  readonly isBusy: boolean;
  /** Why the last one was refused. */
  readonly fault: string | undefined;
  /** `objection` may refuse what could be priced. */
  readonly decide: (
    action: BasketAction,
    objection?: (quote: Quote) => string | undefined,
  ) => Promise<void>;
}

export function useDeciding(onDone: () => void): Deciding {
  const { api, basket } = useWorkplace();
  const [isBusy, setBusy] = useState(false);
  const [fault, setFault] = useState<string>();
  const busy = useRef(false);
  const ask = async (action: BasketAction, objection?: (quote: Quote) => string | undefined) => {
    const next = stepBasket(basket.get(), action);
    if (next.lines.length === 0) return undefined;
    const answered = await api.post<Quote>("/quotes", askedBasket(next), newKey());
    return answered.ok ? objection?.(answered.value) : sentenceOf(answered.error);
  };
  const decide: Deciding["decide"] = async (action, objection) => {
    if (busy.current) return;
    busy.current = true;
    setBusy(true);
    const refusal = await ask(action, objection);
    busy.current = false;
    setBusy(false);
    setFault(refusal);
    if (refusal !== undefined) return;
    basket.dispatch(action);
    onDone();
  };
  return { isBusy, fault, decide };
}
