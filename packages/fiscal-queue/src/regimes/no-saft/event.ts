/**
 * Events of a till as documents: drawer openings, copies, X and Z reports, and what else list 13 names. SPEC.md §12 (RNR).
 *
 * @module
 */

import { assert, unreachable, type Json } from "@tillmesh/kernel";
import type { FiscalTime } from "../../document.ts";
import type { SealFault, TillEvent } from "../../regime.ts";
import { codeLists, isEventName, type NorwayEventName } from "./codes.ts";
import { isInteger, isText, optional, shape, type EventRecord } from "./record.ts";
import { localTime } from "./signed-text.ts";
import { reportOf, type NorwayState } from "./state.ts";

/** `DocumentRequest.facts` of an `event`. */
export type NorwayEvent = {
  readonly event: NorwayEventName;
  readonly cashier?: string;
  /** The number of the transaction it belongs to: of a copy always, of a drawer that opened with a sale. */
  readonly transaction?: string;
  /** Of copies, pro-forma and delivery receipts, price look-ups, removed lines, cash put in or taken out, the float. */
  readonly amountMinor?: number;
  /** Of a price look-up: list 04. */
  readonly group?: string;
  readonly text?: string;
  /** Of a copy: how many there were before, as the till's books have it. More than one is against the law. */
  readonly copiesBefore?: number;
};

export type UnsignedEvent = Omit<EventRecord, "signature">;

export function eventOf(
  facts: NorwayEvent,
  input: {
    readonly number: string;
    readonly at: FiscalTime;
    readonly state: NorwayState;
    readonly keyVersion: string;
  },
): UnsignedEvent {
  const { event, copiesBefore, ...said } = facts;
  assert(event !== "copy" || copiesBefore === 0, "a receipt is copied once");
  const isReport = event === "x-report" || event === "z-report";
  return {
    type: "event",
    id: input.number,
    ...localTime(input.at),
    event,
    ...said,
    ...(isReport && { report: reportOf(input.state, event) }),
    keyVersion: input.keyVersion,
  };
}

export function isNorwayEvent(facts: Json | undefined): facts is NorwayEvent {
  return hasShape(facts);
}

/** What a till tells of itself, as an event of list 13. */
export function notedEvent(event: TillEvent): NorwayEvent {
  const { cashier } = event;
  const by = cashier === undefined ? {} : { cashier };
  switch (event.type) {
    case "drawer-opened":
      return {
        event: event.type,
        ...by,
        ...(event.reason && { text: event.reason.slice(0, 999) }),
      };
    case "receipt-copied": {
      const { number: transaction, amountMinor, copiesBefore } = event;
      return { event: "copy", ...by, transaction, amountMinor, copiesBefore };
    }
    case "cash-moved": {
      const isOut = event.amountMinor < 0;
      const amountMinor = Math.abs(event.amountMinor);
      return { event: isOut ? "cash-withdrawn" : "cash-added", ...by, amountMinor };
    }
    case "float-set":
      return { event: event.type, ...by, amountMinor: event.amountMinor };
    case "x-report":
      return { event: event.type, ...by };
    default:
      return unreachable(event);
  }
}

export function eventFaults(facts: Json | undefined, state: NorwayState): readonly SealFault[] {
  if (!isNorwayEvent(facts)) return faultUnless(false, "", "shape");
  const { event, amountMinor, group } = facts;
  const isGroupMissing = event === "price-inquiry" && group === undefined;
  const isGroupUnknown = group !== undefined && !Object.hasOwn(codeLists["04"], group);
  return [
    ...faultUnless(!withAmount.has(event) || amountMinor !== undefined, "amountMinor", "amount"),
    ...faultUnless(!isGroupMissing && !isGroupUnknown, "group", "group"),
    ...(event === "copy" ? copyFaults(facts, state) : []),
  ];
}

function copyFaults(
  { transaction, copiesBefore }: NorwayEvent,
  state: NorwayState,
): readonly SealFault[] {
  const isCopied = copiesBefore !== 0 || state.copied.includes(transaction ?? "");
  return [
    ...faultUnless(transaction !== undefined, "transaction", "reference"),
    ...faultUnless(!isCopied, "copiesBefore", "copies"),
  ];
}

const withAmount: ReadonlySet<NorwayEventName> = new Set([
  "copy",
  "pro-forma",
  "delivery",
  "price-inquiry",
  "line-removed",
  "cash-added",
  "cash-withdrawn",
  "float-set",
] as const);

const idOf = (value: Json | undefined): boolean =>
  typeof value === "string" && value.length >= 1 && value.length <= 35;

const hasShape = shape({
  event: (value) => typeof value === "string" && isEventName(value),
  cashier: optional(isText),
  transaction: optional(idOf),
  amountMinor: optional(isInteger),
  group: optional(isText),
  text: optional((value) => typeof value === "string" && value.length <= 999),
  copiesBefore: optional(isInteger),
});

const details = {
  shape: "facts of an event that is known here",
  amount: "this event has an amount",
  reference: "the number of the receipt that is copied",
  copies: "a receipt is copied once, and the till says that it was not yet",
  group: "a code of list 04",
} as const;

function faultUnless(
  isRight: boolean,
  name: string,
  code: keyof typeof details,
): readonly SealFault[] {
  return isRight ? [] : [{ pointer: `/facts/${name}`, code, detail: details[code] }];
}
