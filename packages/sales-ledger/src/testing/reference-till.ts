/**
 * The till without a fold: everything again from the whole list, in the plainest way. The oracle of the folds.
 *
 * @module
 */

import type { BusinessDate, DeviceId, HeldEntry } from "@tillmesh/kernel";
import type { BodyByKind, EntryKind, RefundBody, ReversalBody, SaleBody } from "../bodies.ts";
import type { Counted, Report, ShiftReport, TaxTotal, TenderTotal } from "../report.ts";

/** `entries` of one till in the order they were learned. */
export function referenceReport(
  entries: readonly HeldEntry[],
  device: DeviceId,
  businessDate: BusinessDate,
): Report {
  const lastZ = entries.findLastIndex(({ entry }) => entry.kind === "z");
  const day = entries.slice(lastZ + 1);
  const opening = day.find(({ entry }) => moneyKinds.has(entry.kind));
  const openDate = opening?.entry.businessDate ?? businessDate;
  const before = netOf(entries.slice(0, lastZ + 1));
  const numbers = receiptsOf(day).toSorted(byNumber);
  return {
    v: 1,
    device,
    businessDate: openDate,
    currency: day.some(({ entry }) => entry.kind !== "drawer-opened" && isMoney(entry.kind))
      ? "GBP"
      : null,
    sales: counted(bodies(day, "sale").map((body) => body.totalMinor)),
    refunds: counted(bodies(day, "refund").map((body) => body.totalMinor)),
    reversals: counted(bodies(day, "reversal").map((body) => body.totalMinor)),
    netMinor: netOf(day),
    taxes: taxesOf(day),
    tenders: tendersOf(day),
    changeMinor: sum(bodies(day, "sale").map((body) => body.changeMinor)),
    ...extras({
      roundingMinor: signedSum(day, (body) => body.roundingMinor ?? 0),
      discountMinor: signedSum(day, (body) => sum(body.lines.map(discountOf))),
      tipMinor: signedSum(day, (body) => body.tipMinor ?? 0),
    }),
    cash: { in: cashOf(day, "in"), out: cashOf(day, "out"), drop: cashOf(day, "drop") },
    drawerOpenings: bodies(day, "drawer-opened").length,
    unread: 0,
    shifts: bodies(day, "shift-opened")
      .map((body) => shiftOf(day, body))
      .toSorted((a, b) => (a.shiftId < b.shiftId ? -1 : 1)),
    receipts: { count: numbers.length, first: numbers[0] ?? null, last: numbers.at(-1) ?? null },
    otherDates: otherDatesOf(day, openDate),
    runs: runsOf(day),
    grandTotalBeforeMinor: before,
    grandTotalMinor: before + netOf(day),
  };
}

type Receipt = SaleBody | RefundBody | ReversalBody;

/** Sales less what was given back. */
function signedSum(entries: readonly HeldEntry[], amountOf: (body: Receipt) => number): number {
  const sold = sum(bodies(entries, "sale").map(amountOf));
  return sold - sum(returns(entries).map(amountOf));
}

function discountOf({ discounts = [] }: Receipt["lines"][number]): number {
  return sum(discounts.map(({ amountMinor }) => amountMinor));
}

/** Without those that are nothing. */
function extras(amounts: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(amounts).filter(([, amount]) => amount !== 0));
}

const moneyKinds: ReadonlySet<string> = new Set([
  "sale",
  "refund",
  "reversal",
  "cash",
  "drawer-opened",
  "shift-opened",
  "shift-closed",
]);

function isMoney(kind: string): boolean {
  return moneyKinds.has(kind) && kind !== "shift-closed";
}

function bodies<Kind extends EntryKind>(
  entries: readonly HeldEntry[],
  kind: Kind,
): readonly BodyByKind[Kind][] {
  return entries
    .filter(({ entry }) => entry.kind === kind)
    .map(({ entry }) => entry.body as BodyByKind[Kind]);
}

function returns(entries: readonly HeldEntry[]): readonly (RefundBody | ReversalBody)[] {
  return [...bodies(entries, "refund"), ...bodies(entries, "reversal")];
}

function receipts(
  entries: readonly HeldEntry[],
): readonly (SaleBody | RefundBody | ReversalBody)[] {
  return [...bodies(entries, "sale"), ...returns(entries)];
}

function netOf(entries: readonly HeldEntry[]): number {
  const sold = sum(bodies(entries, "sale").map((body) => body.totalMinor));
  return sold - sum(returns(entries).map((body) => body.totalMinor));
}

function taxesOf(entries: readonly HeldEntry[]): readonly TaxTotal[] {
  const sold = bodies(entries, "sale").flatMap((body) => body.taxes);
  const given = returns(entries).flatMap((body) => body.taxes);
  const all = [...sold, ...given];
  const codes = [...new Set(all.map((tax) => tax.taxCode))].toSorted();
  return codes.map((taxCode) => {
    const plus = sold.filter((tax) => tax.taxCode === taxCode);
    const minus = given.filter((tax) => tax.taxCode === taxCode);
    const one = all.find((tax) => tax.taxCode === taxCode);
    return {
      taxCode,
      name: one?.name ?? "",
      rateBp: one?.rateBp ?? 0,
      grossMinor: sum(plus.map((t) => t.grossMinor)) - sum(minus.map((t) => t.grossMinor)),
      netMinor: sum(plus.map((t) => t.netMinor)) - sum(minus.map((t) => t.netMinor)),
      taxMinor: sum(plus.map((t) => t.taxMinor)) - sum(minus.map((t) => t.taxMinor)),
    };
  });
}

function tendersOf(entries: readonly HeldEntry[]): readonly TenderTotal[] {
  const taken = bodies(entries, "sale").flatMap((body) => body.tenders);
  const given = returns(entries).flatMap((body) => body.tenders);
  const change = sum(bodies(entries, "sale").map((body) => body.changeMinor));
  const named = [...taken, ...given].map((tender) => tender.kind);
  const kinds = [...new Set(change === 0 ? named : [...named, "cash"])].toSorted();
  return kinds.map((kind) => ({
    kind,
    takenMinor:
      sum(taken.filter((tender) => tender.kind === kind).map((tender) => tender.amountMinor)) -
      (kind === "cash" ? change : 0),
    givenMinor: sum(given.filter((tender) => tender.kind === kind).map((t) => t.amountMinor)),
  }));
}

function cashOf(entries: readonly HeldEntry[], kind: "in" | "out" | "drop"): Counted {
  const moved = bodies(entries, "cash").filter((body) => body.kind === kind);
  return counted(moved.map((body) => body.amountMinor));
}

function shiftOf(
  entries: readonly HeldEntry[],
  { shiftId, staff, floatMinor }: BodyByKind["shift-opened"],
): ShiftReport {
  const sales = bodies(entries, "sale").filter((body) => body.shiftId === shiftId);
  const given = returns(entries).filter((body) => body.shiftId === shiftId);
  const moved = bodies(entries, "cash").filter((body) => body.shiftId === shiftId);
  const closing = bodies(entries, "shift-closed").find((body) => body.shiftId === shiftId);
  const expectedMinor =
    floatMinor +
    sum(sales.flatMap((body) => cashTenders(body))) -
    sum(sales.map((body) => body.changeMinor)) -
    sum(given.flatMap((body) => cashTenders(body))) +
    sum(moved.map((body) => (body.kind === "in" ? body.amountMinor : -body.amountMinor)));
  return {
    shiftId,
    staff,
    floatMinor,
    expectedMinor,
    countedMinor: closing?.countedMinor ?? null,
    differenceMinor: closing === undefined ? null : closing.countedMinor - expectedMinor,
  };
}

function cashTenders({ tenders }: Pick<SaleBody, "tenders">): readonly number[] {
  return tenders.filter((tender) => tender.kind === "cash").map((tender) => tender.amountMinor);
}

function otherDatesOf(entries: readonly HeldEntry[], openDate: BusinessDate): Report["otherDates"] {
  const others = entries.filter(
    ({ entry }) => moneyKinds.has(entry.kind) && entry.businessDate !== openDate,
  );
  const dates = [...new Set(others.map(({ entry }) => entry.businessDate))].toSorted();
  return dates.map((businessDate) => {
    const own = others.filter(({ entry }) => entry.businessDate === businessDate);
    return { businessDate, count: own.length, netMinor: netOf(own) };
  });
}

function runsOf(entries: readonly HeldEntry[]): Report["runs"] {
  const incarnations = [...new Set(entries.map(({ entry }) => entry.incarnation))];
  return incarnations
    .toSorted((a, b) => a - b)
    .map((incarnation) => {
      const own = entries.filter(({ entry }) => entry.incarnation === incarnation);
      return {
        incarnation,
        from: own[0]?.entry.sequence ?? 0,
        through: own.at(-1)?.entry.sequence ?? 0,
        head: own.at(-1)?.hash ?? "",
      };
    });
}

function receiptsOf(entries: readonly HeldEntry[]): readonly string[] {
  return receipts(entries).map((body) => body.receiptNumber);
}

function byNumber(a: string, b: string): number {
  const [, incarnationA, numberA] = a.split("-");
  const [, incarnationB, numberB] = b.split("-");
  return Number(incarnationA) - Number(incarnationB) || Number(numberA) - Number(numberB);
}

function counted(amounts: readonly number[]): Counted {
  return { count: amounts.length, totalMinor: sum(amounts) };
}

function sum(amounts: readonly number[]): number {
  return amounts.reduce((total, amount) => total + amount, 0);
}
