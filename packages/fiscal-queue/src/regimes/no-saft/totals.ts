/**
 * What X and Z reports add up: a fold over records. SPEC.md §12 (RNR).
 *
 * Source: kassasystemforskrifta §§ 2-8-2 and 2-8-3. Drawer openings count where nothing was sold or paid back.
 *
 * @module
 */

import { creditPayment } from "./codes.ts";
import type {
  Counted,
  DayTotals,
  EventRecord,
  GrandTotals,
  NorwayRecord,
  TransactionRecord,
} from "./record.ts";

export const emptyDay: DayTotals = {
  counts: {},
  floatMinor: 0,
  groups: {},
  payments: {},
  cashiers: {},
  vat: {},
  inquiries: {},
};

export function dayAfter(day: DayTotals, record: NorwayRecord): DayTotals {
  return record.type === "event" ? afterEvent(day, record) : afterTransaction(day, record);
}

export function grandAfter([sales, returns]: GrandTotals, record: NorwayRecord): GrandTotals {
  if (record.type === "event" || record.kind === "training") return [sales, returns];
  const { inMinor } = record;
  return inMinor >= 0 ? [sales + inMinor, returns] : [sales, returns - inMinor];
}

export function countedOf(map: Readonly<Record<string, Counted>>, key: string): Counted {
  return (Object.hasOwn(map, key) ? map[key] : undefined) ?? [0, 0];
}

export function vatKey(vat: {
  readonly taxCode: string;
  readonly vatCode: string;
  readonly rateBp: number;
}): string {
  return `${vat.taxCode}|${vat.vatCode}|${vat.rateBp}`;
}

/** Tax codes are any text: the other two hold no bar. */
export function readVatKey(key: string): {
  readonly taxCode: string;
  readonly vatCode: string;
  readonly rateBp: number;
} {
  const parts = key.split("|");
  return {
    taxCode: parts.slice(0, -2).join("|"),
    vatCode: parts.at(-2) ?? "",
    rateBp: Number(parts.at(-1)),
  };
}

const countNames = {
  sale: "sales",
  refund: "returns",
  void: "voids",
  training: "trainings",
} as const;

function afterTransaction(day: DayTotals, record: TransactionRecord): DayTotals {
  const { kind, inMinor } = record;
  const minor = kind === "refund" || kind === "void" ? -inMinor : inMinor;
  const counts = added(day.counts, countNames[kind], [1, minor]);
  if (kind === "training") return { ...day, counts };
  return {
    ...day,
    counts: record.payments.reduce(withCredit, withExtras(counts, record)),
    groups: record.lines.reduce(
      (groups, line) => added(groups, line.group, [line.quantityMilli, line.inMinor]),
      day.groups,
    ),
    payments: withPayments(day.payments, record),
    cashiers: withCashier(day.cashiers, record),
    vat: record.vat.reduce(
      (vat, one) => added(vat, vatKey(one), [one.exMinor, one.vatMinor]),
      day.vat,
    ),
  };
}

type Map = Readonly<Record<string, Counted>>;

function withExtras(counts: Map, { discountMinor, tipMinor }: TransactionRecord): Map {
  const discounted =
    discountMinor === undefined ? counts : added(counts, "discounts", [1, discountMinor]);
  return tipMinor === undefined ? discounted : added(discounted, "tips", [1, tipMinor]);
}

function withCredit(counts: Map, payment: TransactionRecord["payments"][number]): Map {
  return payment.code === creditPayment
    ? added(counts, "credit", [1, payment.amountMinor])
    : counts;
}

function withPayments(map: Map, { payments }: TransactionRecord): Map {
  return payments.reduce((sums, { code, amountMinor }) => added(sums, code, [1, amountMinor]), map);
}

function withCashier(
  cashiers: DayTotals["cashiers"],
  record: TransactionRecord,
): DayTotals["cashiers"] {
  const { cashier } = record;
  if (cashier === undefined) return cashiers;
  const own = (Object.hasOwn(cashiers, cashier) ? cashiers[cashier] : undefined) ?? {};
  return { ...cashiers, [cashier]: withPayments(own, record) };
}

function afterEvent(day: DayTotals, record: EventRecord): DayTotals {
  const { event, transaction, group, amountMinor = 0 } = record;
  if (event === "z-report") return emptyDay;
  if (event === "float-set") return { ...day, floatMinor: amountMinor };
  if (event === "price-inquiry" && group !== undefined) {
    return { ...day, inquiries: added(day.inquiries, group, [1, amountMinor]) };
  }
  // A drawer that opens with a sale is in the journal, not in this count.
  if (event === "drawer-opened" && transaction !== undefined) return day;
  const name = countedEvents[event];
  return name === undefined ? day : { ...day, counts: added(day.counts, name, [1, amountMinor]) };
}

const countedEvents: Partial<Readonly<Record<EventRecord["event"], string>>> = {
  "drawer-opened": "drawers",
  copy: "copies",
  "pro-forma": "proFormas",
  delivery: "deliveries",
  "line-removed": "lineCorrections",
  "cash-added": "paidIn",
  "cash-withdrawn": "paidOut",
};

function added(map: Map, key: string, [count, minor]: Counted): Map {
  const [countBefore, minorBefore] = countedOf(map, key);
  return { ...map, [key]: [countBefore + count, minorBefore + minor] };
}
