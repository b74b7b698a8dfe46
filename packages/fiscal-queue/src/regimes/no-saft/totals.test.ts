import { describe, expect, test } from "vitest";
import type { DocumentRequest } from "../../regime.ts";
import { norwayReceipt, sealInNorway } from "../../testing/norway-shop.ts";
import type { NorwayEvent } from "./event.ts";
import { readRecord, type ReportRecord } from "./record.ts";
import { stateOf } from "./state.ts";

const milk = ["1001", 2, 3280, 1500] as const;
const beer = ["3001", 6, 17_940, 2500] as const;
const annulled = ["3001", -6, -17_940, 2500] as const;

describe("X and Z reports (RNR)", () => {
  test("[RNR9] a report counts by kind, group, payment, cashier and tax", async () => {
    const report = await reportAfter([
      norwayReceipt("sale", [milk, beer], { options: { discountMinor: "500" } }),
      norwayReceipt("sale", [milk], {
        cashier: "staff_1001",
        payments: [{ kind: "cash", amountMinor: 3300 }],
      }),
      norwayReceipt("refund", [["1001", -1, -1640, 1500]]),
      norwayReceipt("void", [annulled]),
    ]);
    expect(report.id).toBe("X-1");
    expect(report.day.counts).toEqual({
      sales: [2, 24_500],
      returns: [1, 1640],
      voids: [1, 17_940],
      discounts: [1, 500],
    });
    expect(report.day.groups).toEqual({ "04003": [3000, 4920] });
    expect(report.day.payments).toEqual({ "12002": [3, 1640], "12001": [1, 3300] });
    expect(report.day.cashiers).toEqual({
      staff_1000: { "12002": [3, 1640] },
      staff_1001: { "12001": [1, 3300] },
    });
    expect(report.day.vat).toEqual({
      "mva-1500|31|1500": [4279, 641],
      "mva-2500|3|2500": [0, 0],
    });
    expect(report.grand).toEqual([24_500, 19_580]);
  });

  test("[RNR9] a Z begins a new day and leaves grand totals; an X leaves both", async () => {
    const { documents, head } = await sealInNorway([
      norwayReceipt("sale", [milk]),
      event({ event: "x-report" }),
      event({ event: "z-report" }),
      norwayReceipt("sale", [beer]),
      event({ event: "x-report" }),
      event({ event: "z-report" }),
    ]);
    const reports = documents.flatMap(({ text }) => reportsIn(text));
    expect(reports.map(({ id }) => id)).toEqual(["X-1", "Z-1", "X-2", "Z-2"]);
    expect(reports.map(({ day }) => day.counts["sales"])).toEqual([
      [1, 3280],
      [1, 3280],
      [1, 17_940],
      [1, 17_940],
    ]);
    expect(reports.map(({ grand }) => grand)).toEqual([
      [3280, 0],
      [3280, 0],
      [21_220, 0],
      [21_220, 0],
    ]);
    expect(stateOf(head.state)).toMatchObject({ reports: [2, 2], day: { counts: {} } });
  });

  test("[RNR6] training is counted as training, and in no other sum", async () => {
    const report = await reportAfter([
      norwayReceipt("training", [beer]),
      norwayReceipt("sale", [milk]),
    ]);
    expect(report.day.counts).toEqual({ trainings: [1, 17_940], sales: [1, 3280] });
    expect(report.day.groups).toEqual({ "04003": [2000, 3280] });
    expect(report.grand).toEqual([3280, 0]);
  });

  test("[RNR8] events with money are summed; a drawer counts that opens without a sale", async () => {
    const report = await reportAfter([
      event({ event: "float-set", amountMinor: 50_000 }),
      norwayReceipt("sale", [milk], { options: { drawer: "opened" } }),
      event({ event: "drawer-opened", transaction: "A1-1-000001" }),
      event({ event: "drawer-opened" }),
      event({ event: "copy", transaction: "A1-1-000001", amountMinor: 3280, copiesBefore: 0 }),
      event({ event: "pro-forma", amountMinor: 100 }),
      event({ event: "delivery", amountMinor: 200 }),
      event({ event: "line-removed", amountMinor: 300 }),
      event({ event: "price-inquiry", group: "04007", amountMinor: 2990 }),
      event({ event: "cash-withdrawn", amountMinor: 40_000 }),
      event({ event: "cash-added", amountMinor: 1000 }),
      event({ event: "signed-out", cashier: "staff_1000" }),
    ]);
    expect(report.day.counts).toEqual({
      sales: [1, 3280],
      drawers: [1, 0],
      copies: [1, 3280],
      proFormas: [1, 100],
      deliveries: [1, 200],
      lineCorrections: [1, 300],
      paidOut: [1, 40_000],
      paidIn: [1, 1000],
    });
    expect(report.day.floatMinor).toBe(50_000);
    expect(report.day.inquiries).toEqual({ "04007": [1, 2990] });
  });

  test("[RNR9] names from elsewhere are no members of every object", async () => {
    const report = await reportAfter([
      norwayReceipt("sale", [milk], { cashier: "__proto__" }),
      norwayReceipt("sale", [milk], { cashier: "constructor" }),
    ]);
    const cashiers = Object.fromEntries(Object.entries(report.day.cashiers));
    expect(Object.keys(report.day.cashiers)).toEqual(["__proto__", "constructor"]);
    expect(cashiers["constructor"]).toEqual({ "12002": [1, 3280] });
  });
});

async function reportAfter(requests: Parameters<typeof sealInNorway>[0]): Promise<ReportRecord> {
  const { documents } = await sealInNorway([...requests, event({ event: "x-report" })]);
  const [report] = reportsIn(documents.at(-1)?.text ?? "");
  if (report === undefined) throw new Error("an X event carries a report");
  return report;
}

function reportsIn(text: string): readonly ReportRecord[] {
  const record = readRecord(text);
  return record?.type === "event" && record.report ? [record.report] : [];
}

function event(facts: NorwayEvent): DocumentRequest {
  return { kind: "event", facts };
}
