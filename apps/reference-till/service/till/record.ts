/**
 * A request becomes an entry, once.
 *
 * Key and body hash are in the entry itself, so they are exactly as durable as what they guard,
 * and a retry after any crash finds either both or neither.
 *
 * @module
 */

import {
  err,
  ok,
  unreachable,
  type EntryDraft,
  type HeldEntry,
  type Result,
} from "@tillmesh/kernel";
import type { DraftContext } from "@tillmesh/sales-ledger";
import type { RequestId } from "../http/route.ts";
import type { Refusal } from "../http/problem.ts";
import type { Actor } from "../identity/actor.ts";
import type { CommitError, PublishError } from "./replica.ts";
import { businessDateOf, type Till } from "./till.ts";

/** Who asks, and under which key. */
export interface Call {
  readonly actor: Actor;
  readonly request: RequestId;
}

export interface Recorded {
  readonly held: HeldEntry;
  /** The entry was there already: the same request came before. */
  readonly isRepeat: boolean;
}

/** `decide` runs in the same turn as the commit; it reads the state as it is then. */
export async function record(
  till: Till,
  call: Call,
  decide: (context: DraftContext) => Result<EntryDraft, Refusal>,
): Promise<Result<Recorded, Refusal>> {
  const known = recordedBefore(till, call.request);
  if (!known.ok) return known;
  if (known.value !== undefined) return ok({ held: known.value, isRepeat: true });
  const draft = decide(draftContext(till, call));
  if (!draft.ok) return draft;
  const committed = await till.replica.commit(draft.value);
  return committed.ok
    ? ok({ held: committed.value, isRepeat: false })
    : err(commitRefusal(committed.error));
}

/** The entry of an earlier request with this key; refused when that was another request. */
export function recordedBefore(
  till: Till,
  { key, bodyHash }: RequestId,
): Result<HeldEntry | undefined, Refusal> {
  if (!till.isOwnRead) return err({ type: "CatchingUp", retryAfterS: 1 });
  const recent = till.recentKeys.find(key);
  const known = recent
    ? { bodyHash: recent.entry.bodyHash ?? "", held: recent }
    : till.projection.findKey(key);
  const published = till.published.find(key);
  if (known === undefined && published === undefined) return ok(undefined);
  return known?.bodyHash === bodyHash ? ok(known.held) : err({ type: "IdempotencyKeyReused" });
}

export function draftContext(till: Till, { actor, request }: Call): DraftContext {
  return {
    location: till.replica.location.id,
    businessDate: businessDateOf(till),
    by: actor.by,
    key: request.key,
    bodyHash: request.bodyHash,
  };
}

/** What the engine's refusals mean to a caller. */
export function commitRefusal(error: CommitError | PublishError): Refusal {
  switch (error.type) {
    case "Failed":
      return { type: "CommitFailed" };
    case "Full":
      return { type: "StorageFull", detail: "There is no space left; nothing was recorded." };
    case "TooLarge":
      return { type: "EntryTooLarge" };
    case "Malformed":
      return { type: "EntryMalformed", detail: `It breaks the format at "${error.member}".` };
    case "NotHq":
      return { type: "NotHq" };
    default:
      return unreachable(error);
  }
}
