/**
 * A request becomes an entry, once.
 *
 * Key and body hash are in the entry itself, so they are exactly as durable as what they guard,
 * and a retry after any crash finds either both or neither.
 *
 * @module
 */

import { err, ok, type EntryDraft, type HeldEntry, type Result } from "@tillmesh/kernel";
import type { ReceiptCustomer } from "@tillmesh/fiscal-queue";
import type { DraftContext } from "@tillmesh/sales-ledger";
import type { RequestId } from "../http/route.ts";
import type { Refusal } from "../http/problem.ts";
import type { Actor } from "../identity/actor.ts";
import { commitRefusal } from "./commit-refusal.ts";
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

/**
 * `decide` runs in the same turn as the commit and reads the state as it is then. Only a seal comes between the two, and while it is
 * made nothing else is recorded here. `first` runs before, unless the request came before.
 */
export function record(
  till: Till,
  call: Call,
  decide: Decide | Steps,
): Promise<Result<Recorded, Refusal>> {
  const { first, last, customer }: Steps = typeof decide === "function" ? { last: decide } : decide;
  return till.fiscal.exclusively(async () => {
    const known = recordedBefore(till, call.request);
    if (!known.ok) return known;
    if (known.value !== undefined) return ok({ held: known.value, isRepeat: true });
    const done = await first?.();
    if (done?.ok === false) return done;
    const draft = await readyDraft(till, () => last(draftContext(till, call)), customer);
    if (!draft.ok) return draft;
    const committed = await till.replica.commit(draft.value);
    return committed.ok
      ? ok({ held: committed.value, isRepeat: false })
      : err(commitRefusal(committed.error));
  });
}

type Decide = (context: DraftContext) => Result<EntryDraft, Refusal>;

interface Steps {
  readonly first?: () => Promise<Result<unknown, Refusal>>;
  readonly last: Decide;
  /** For the fiscal document of a sale, never for its body. */
  readonly customer?: ReceiptCustomer | undefined;
}

/** Sealed where that is asked for. What the regime wants recorded first may change what is decided, such as a Z. */
export async function readyDraft(
  { fiscal }: Till,
  decide: () => Result<EntryDraft, Refusal>,
  customer?: ReceiptCustomer,
): Promise<Result<EntryDraft, Refusal>> {
  const draft = decide();
  if (!draft.ok) return draft;
  const ready = await fiscal.makeReady(draft.value);
  if (!ready.ok) return ready;
  const decided = ready.value === 0 ? draft : decide();
  return decided.ok ? fiscal.sealed(decided.value, customer) : decided;
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
