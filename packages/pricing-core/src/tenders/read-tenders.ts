/**
 * Tenders that come from outside and may be anything, whatever their type says. SPEC.md §19 (TN).
 *
 * @module
 */

import { roundRatio } from "../rounding.ts";
import {
  tenderKinds,
  tendersMax,
  type Due,
  type ForeignCash,
  type Tender,
  type TenderFault,
  type TenderKind,
} from "./settlement.ts";

/** The sound ones with what they are worth, and all faults of the others. */
export function readTenders(
  offered: readonly Tender[],
  due: Due,
  kinds: readonly TenderKind[] = tenderKinds,
): ReadTenders {
  if (offered.length > tendersMax) {
    const facts = { count: offered.length, tendersMax };
    return { tenders: [], faults: [{ pointer: "/tenders", code: "TooManyTenders", ...facts }] };
  }
  const read = offered.map((tender, index) => readTender(tender, { due, kinds, index }));
  return {
    tenders: read.flatMap(({ tender }) => tender),
    faults: read.flatMap(({ faults }, index) =>
      faults.map((fault) => ({ ...fault, pointer: `/tenders/${index}${fault.pointer}` })),
    ),
  };
}

export interface ReadTenders {
  readonly tenders: readonly SoundTender[];
  readonly faults: readonly TenderFault[];
}

/** Of a known kind, with the members that its kind takes; `amountMinor` is what it is worth. */
export type SoundTender = Tender & { readonly index: number };

/** What foreign cash is worth in the currency of the basket, half up; undefined for none that can be taken. */
export function worthOf({ amountMinor, rate }: ForeignCash): number | undefined {
  const isSound = [amountMinor, rate.numerator, rate.denominator].every(isPositive);
  if (!isSound) return undefined;
  const exact = BigInt(amountMinor) * BigInt(rate.numerator);
  const worth = Number(roundRatio(exact, BigInt(rate.denominator), "half-up"));
  return Number.isSafeInteger(worth) ? worth : undefined;
}

interface Reading {
  readonly due: Due;
  readonly kinds: readonly TenderKind[];
  readonly index: number;
}

interface ReadTender {
  readonly tender: readonly SoundTender[];
  readonly faults: readonly TenderFault[];
}

function readTender(tender: Tender, { due, kinds, index }: Reading): ReadTender {
  const amountMinor = amountOf(tender);
  const faults = [
    ...kindFaults(tender.kind, kinds),
    ...amountFaults({ ...tender, amountMinor }, due),
    ...tipFaults(tender),
    ...referenceFaults(tender),
    ...foreignFaults(tender, due),
  ];
  return { tender: faults.length === 0 ? [{ ...tender, amountMinor, index }] : [], faults };
}

function amountOf({ kind, amountMinor, foreign }: Tender): number {
  if (kind !== "foreign-cash" || foreign === undefined || amountMinor !== 0) return amountMinor;
  return worthOf(foreign) ?? amountMinor;
}

function kindFaults(kind: string, kinds: readonly string[]): readonly TenderFault[] {
  return kinds.includes(kind) ? [] : [{ pointer: "/kind", code: "UnknownTender", kind }];
}

// Nothing in cash says that the rest is paid in cash, where the rest may round to nothing.
function amountFaults({ kind, amountMinor }: Tender, due: Due): readonly TenderFault[] {
  const isNothing = kind === "cash" && due.cashRounding !== null && amountMinor === 0;
  if (isNothing || isPositive(amountMinor)) return [];
  return [{ pointer: "/amount", code: "TenderNotPositive", amountMinor }];
}

function tipFaults({ kind, amountMinor, tipMinor = 0 }: Tender): readonly TenderFault[] {
  const tipMaxMinor = kind === "cash" || kind === "card" ? Math.max(0, amountMinor) : 0;
  const isTaken = Number.isSafeInteger(tipMinor) && tipMinor >= 0 && !(tipMinor > tipMaxMinor);
  return isTaken ? [] : [{ pointer: "/tip", code: "TipNotTaken", tipMinor, tipMaxMinor }];
}

function referenceFaults({ kind, reference = "" }: Tender): readonly TenderFault[] {
  const isRequired = kind === "voucher" || kind === "gift-card" || kind === "on-account";
  return isRequired && reference === ""
    ? [{ pointer: "/reference", code: "ReferenceRequired" }]
    : [];
}

function foreignFaults({ kind, amountMinor, foreign }: Tender, due: Due): readonly TenderFault[] {
  const pointer = "/foreign";
  if (kind !== "foreign-cash") {
    return foreign === undefined ? [] : [{ pointer, code: "ForeignNotTaken" }];
  }
  if (foreign === undefined) return [{ pointer, code: "ForeignRequired" }];
  const faults = invalidMembers(foreign, due).map((member) => {
    return { pointer: `${pointer}/${member}`, code: "InvalidForeign", member } as const;
  });
  const worthMinor = worthOf(foreign);
  if (worthMinor === undefined || amountMinor === 0 || amountMinor === worthMinor) return faults;
  return [...faults, { pointer: "/amount", code: "ForeignAmountDiffers", amountMinor, worthMinor }];
}

function invalidMembers({ currency, amountMinor, rate }: ForeignCash, due: Due) {
  const members: ("currency" | "amount" | "rate")[] = [];
  if (!/^[A-Z]{3}$/.test(currency) || currency === due.currency) members.push("currency");
  if (!isPositive(amountMinor)) members.push("amount");
  if (!isPositive(rate.numerator) || !isPositive(rate.denominator)) members.push("rate");
  return members;
}

function isPositive(amountMinor: number): boolean {
  return Number.isSafeInteger(amountMinor) && amountMinor > 0;
}
