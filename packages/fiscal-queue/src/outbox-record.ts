/**
 * The outbox as the ledger tells it: for a till that lost its own, and for a device that takes over. SPEC.md §6 (FDE).
 *
 * @module
 */

import { unreachable } from "@tillmesh/kernel";
import type { Verdict } from "./delivery.ts";
import type { SealedDocument } from "./document.ts";
import { outboxItemAfter, type OutboxEvent, type OutboxItem } from "./outbox.ts";
import type { FiscalRecord } from "./records.ts";

/** One document's item after a record of its stream; the same item where the record says nothing of it. */
export function outboxItemAfterRecord(
  item: OutboxItem,
  record: FiscalRecord,
  document: Pick<SealedDocument, "hash">,
): OutboxItem {
  const event = eventOfRecord(item.sequence, record, document.hash);
  return event === undefined ? item : outboxItemAfter(item, event);
}

/** The sequences that a record says something of. */
export function sequencesOf(record: FiscalRecord): readonly number[] {
  if (record.type === "answered") return record.verdicts.map(({ sequence }) => sequence);
  const isOfOne =
    record.type === "parked" || record.type === "released" || record.type === "corrected";
  return isOfOne ? [record.sequence] : [];
}

function eventOfRecord(
  sequence: number,
  record: FiscalRecord,
  hash: string,
): OutboxEvent | undefined {
  if (record.type === "answered") {
    const found = record.verdicts.find((one) => one.sequence === sequence);
    return found && eventOfVerdict(found.verdict, hash);
  }
  if (!sequencesOf(record).includes(sequence)) return undefined;
  if (record.type === "parked") return { type: "unencodable", detail: record.detail };
  if (record.type === "corrected") return { type: "corrected", by: String(record.by) };
  return { type: "released" };
}

function eventOfVerdict(verdict: Verdict, hash: string): OutboxEvent | undefined {
  switch (verdict.type) {
    case "accepted":
      return verdict;
    case "accepted-warn":
      return { ...verdict, type: "flagged" };
    case "duplicate":
      return verdict.hash === undefined || verdict.hash === hash
        ? { ...verdict, type: "same-duplicate" }
        : { type: "other-duplicate", found: verdict.hash };
    case "rejected-fixable":
    case "rejected-final":
      return { ...verdict, type: "rejected" };
    // Not answers: the document waits as before.
    case "retry":
    case "fatal-config":
      return undefined;
    default:
      return unreachable(verdict);
  }
}
