/**
 * What a till may add to its documents for SAF-T: `ExportInput.more`. All of it may be left out. SPEC.md §12 (RNR).
 *
 * @module
 */

import { assert, type Json } from "@tillmesh/kernel";
import { codeLists, isEventName, type NorwayEventName } from "../codes.ts";
import { is, isDate, isText, isTime, listOf, optional, shape } from "../record.ts";

export type SaftMore = {
  /** Who asked for the export. */
  readonly userId?: string;
  /** Names and dates of entry; without them, as the documents first mention an article. */
  readonly articles?: readonly {
    readonly sku: string;
    readonly name: string;
    readonly since: string;
    /** List 04. */
    readonly group?: string;
  }[];
  /** Names beside the opaque ids of documents. */
  readonly staff?: readonly {
    readonly cashier: string;
    readonly surname: string;
    readonly firstName?: string;
    readonly role?: string;
    readonly since: string;
  }[];
  /** What the till noted without sealing it, in the order of time. */
  readonly events?: readonly MoreEvent[];
  /** Receipts that were not printed and went to the customer otherwise, by number. */
  readonly withoutReceipt?: readonly string[];
};

export type MoreEvent = {
  readonly id: string;
  readonly event: Exclude<NorwayEventName, "x-report" | "z-report">;
  readonly date: string;
  readonly time: string;
  readonly cashier?: string;
  readonly transaction?: string;
  readonly text?: string;
};

export function readMore(more: Json | undefined): SaftMore {
  if (more === undefined) return {};
  assert(isMore(more), "what an export is given besides documents has the shape of SaftMore");
  return more as unknown as SaftMore;
}

const isId = (value: Json | undefined): boolean =>
  typeof value === "string" && value.length >= 1 && value.length <= 35;

const isGroup = is(...Object.keys(codeLists["04"]));

const isMore = shape({
  userId: optional(isId),
  articles: optional(
    listOf(shape({ sku: isText, name: isText, since: isDate, group: optional(isGroup) })),
  ),
  staff: optional(
    listOf(
      shape({
        cashier: isText,
        surname: isText,
        firstName: optional(isText),
        role: optional(isText),
        since: isDate,
      }),
    ),
  ),
  events: optional(
    listOf(
      shape({
        id: isId,
        event: (value) =>
          typeof value === "string" && isEventName(value) && !is("x-report", "z-report")(value),
        date: isDate,
        time: isTime,
        cashier: optional(isText),
        transaction: optional(isId),
        text: optional(isText),
      }),
    ),
  ),
  withoutReceipt: optional(listOf(isText)),
});
