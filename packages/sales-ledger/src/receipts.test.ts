import type { HeldEntry } from "@tillmesh/kernel";
import { describe, expect, test } from "vitest";
import { readEntry } from "./parse-entry-body.ts";
import {
  formatReceiptNumber,
  nextReceiptNumber,
  noReceipts,
  parseReceiptNumber,
  stepReceipts,
} from "./receipts.ts";
import { saleDraft } from "./drafts.ts";
import { exampleBodies } from "./testing/example-bodies.ts";
import { append, testContext, testDate, testLedger } from "./testing/test-ledger.ts";

const ledger = testLedger("dev_1");
const context = testContext(ledger, testDate(0));

function sale(receiptNumber: string): HeldEntry {
  const body = { ...exampleBodies.sale, receiptNumber };
  return append(ledger, saleDraft(context, body)).entries.at(-1)!;
}

function raisedBy(...receiptNumbers: readonly string[]) {
  let series = noReceipts;
  return receiptNumbers.flatMap((receiptNumber) => {
    const step = stepReceipts(series, readEntry(sale(receiptNumber)));
    series = step.state;
    return step.raised;
  });
}

describe("receipt numbers (RN)", () => {
  test("[RN1] numbers of a till count up by one in each incarnation", () => {
    expect(nextReceiptNumber({}, "K7QF", 2)).toBe("K7QF-2-000001");
    expect(nextReceiptNumber({ "K7QF-2": 42 }, "K7QF", 2)).toBe("K7QF-2-000043");
    expect(raisedBy("K7QF-1-000001", "K7QF-1-000002")).toEqual([]);
  });

  test("[RN2] a gap and a duplicate are raised", () => {
    expect(raisedBy("K7QF-1-000001", "K7QF-1-000004", "K7QF-1-000004")).toMatchObject([
      { type: "ReceiptGap", receiptNumber: "K7QF-1-000004", expected: "K7QF-1-000002" },
      { type: "ReceiptRepeated", receiptNumber: "K7QF-1-000004" },
    ]);
  });

  test("[RN3] a number of another series is raised and moves none", () => {
    expect(raisedBy("K7QF-2-000001", "17", "K7QF-1-000001")).toMatchObject([
      { type: "ReceiptForeign", receiptNumber: "K7QF-2-000001" },
      { type: "ReceiptForeign", receiptNumber: "17" },
    ]);
  });

  test("[RN4] a receipt number has one way to be written", () => {
    const parsed = { code: "K7QF", incarnation: 1, number: 1_234_567 };
    expect(formatReceiptNumber(parsed)).toBe("K7QF-1-1234567");
    expect(parseReceiptNumber("K7QF-1-1234567")).toEqual(parsed);
    for (const text of ["K7QF-1-01234567", "K7QF-01-000001", "K7QF-1-000000", "k7qf-1-000001"]) {
      expect(parseReceiptNumber(text)).toBeNull();
    }
  });
});
