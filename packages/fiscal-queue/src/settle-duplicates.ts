/**
 * Settles "it was there before" by the hash: ours is success, another is an alarm. SPEC.md §6 (FDE).
 *
 * @module
 */

import { assert, unreachable } from "@tillmesh/kernel";
import type { LookupAnswer, RegimeDelivery, Verdict, Warning } from "./delivery.ts";
import type { SealedDocument, StreamConfig } from "./document.ts";
import type { Waiting } from "./outbox-store.ts";
import type { Transport } from "./ports.ts";

export type Settled =
  | Exclude<Verdict, { readonly type: "duplicate" }>
  | { readonly type: "same-duplicate"; readonly receiptId?: string }
  | { readonly type: "other-duplicate"; readonly found: string };

interface Desk {
  readonly config: StreamConfig;
  readonly delivery: RegimeDelivery;
  readonly transport: Transport;
}

/** One look-up for each duplicate whose hash the answer does not tell. */
export async function settleDuplicates(
  verdicts: readonly Verdict[],
  { group, ports }: { readonly group: readonly Waiting[]; readonly ports: Desk },
): Promise<readonly Settled[]> {
  const settled: Settled[] = [];
  for (const [index, verdict] of verdicts.entries()) {
    const one = group[index];
    assert(one !== undefined, "each verdict has a document");
    settled.push(
      verdict.type === "duplicate"
        ? warned(await settle(verdict, one, ports), verdict.warning)
        : verdict,
    );
  }
  return settled;
}

/** Ours, and accepted with a fault: the fault is not lost with the answer that told it first. */
function warned(settled: Settled, warning: Warning | undefined): Settled {
  if (settled.type !== "same-duplicate" || warning === undefined) return settled;
  return { ...settled, type: "accepted-warn", ...warning };
}

async function settle(
  { hash, receiptId }: Extract<Verdict, { type: "duplicate" }>,
  { document, item }: Waiting,
  desk: Desk,
): Promise<Settled> {
  if (hash !== undefined) return judged(document, hash, receiptId);
  if (desk.delivery.lookup === undefined) return unasked(item.mayBeDuplicate, receiptId);
  const found = await lookUp(document, desk);
  switch (found.type) {
    case "found":
      return judged(document, found.hash, found.receiptId ?? receiptId);
    case "absent":
      return again("told to be there, and not found");
    case "unknown":
      return again(found.reason);
    default:
      return unreachable(found);
  }
}

function judged(document: SealedDocument, hash: string, receiptId: string | undefined): Settled {
  if (hash !== document.hash) return { type: "other-duplicate", found: hash };
  return receiptId === undefined
    ? { type: "same-duplicate" }
    : { type: "same-duplicate", receiptId };
}

/** Nobody can be asked. What we may have sent ourselves is ours; anything else is somebody's who used our name. */
function unasked(mayBeDuplicate: boolean, receiptId: string | undefined): Settled {
  if (!mayBeDuplicate) return { type: "other-duplicate", found: "something never sent from here" };
  return receiptId === undefined
    ? { type: "same-duplicate" }
    : { type: "same-duplicate", receiptId };
}

function again(reason: string): Settled {
  return { type: "retry", reason, mayBeDuplicate: true };
}

async function lookUp(document: SealedDocument, desk: Desk): Promise<LookupAnswer> {
  const { config, delivery, transport } = desk;
  try {
    const request = delivery.lookup?.(document, config);
    if (request === undefined) return { type: "unknown", reason: "there is no look-up" };
    const answer = await transport.send(request);
    return delivery.readLookup?.(document, answer) ?? { type: "unknown", reason: "unread" };
  } catch (cause) {
    return { type: "unknown", reason: cause instanceof Error ? cause.message : "look-up failed" };
  }
}
