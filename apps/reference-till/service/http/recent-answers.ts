/**
 * Answers of calls that record nothing, for those who ask twice.
 *
 * A quote is pure and a session lives in memory, so their keys need not survive a restart either. The
 * newest thousand are kept.
 *
 * @module
 */

import { err, ok } from "@tillmesh/kernel";
import type { Handled, RequestId } from "./route.ts";

export interface RecentAnswers {
  once(request: RequestId, answer: () => Handled | Promise<Handled>): Promise<Handled>;
}

export function createRecentAnswers(answersMax = 1000): RecentAnswers {
  const byKey = new Map<string, { readonly bodyHash: string; readonly answer: Promise<Handled> }>();
  return {
    once: async (request, answer) => {
      const known = byKey.get(request.key);
      if (known !== undefined) {
        if (known.bodyHash !== request.bodyHash) return err({ type: "IdempotencyKeyReused" });
        const first = await known.answer;
        return first.ok ? ok({ ...first.value, status: 200 }) : first;
      }
      const made = Promise.resolve().then(answer);
      byKey.set(request.key, { bodyHash: request.bodyHash, answer: made });
      const [oldest] = byKey.keys();
      if (byKey.size > answersMax && oldest !== undefined) byKey.delete(oldest);
      const handled = await made.catch((error: unknown) => {
        byKey.delete(request.key);
        throw error;
      });
      // A refusal is not an answer to keep: the next attempt may succeed.
      if (!handled.ok) byKey.delete(request.key);
      return handled;
    },
  };
}
