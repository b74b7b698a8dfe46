import { expect, test } from "vitest";
import { receiptFaults } from "./receipt-faults.ts";
import { plainReceipt } from "./testing/receipts.ts";

test("[FRC1] what is no integer of the minor unit is pointed at", () => {
  const plain = plainReceipt(1200);
  const [line] = plain.lines;
  const odd = { ...plain, lines: line === undefined ? [] : [{ ...line, netMinor: 10.5 }] };
  expect(receiptFaults(odd)).toMatchObject([{ pointer: "/lines/0/netMinor", code: "not-integer" }]);
  expect(receiptFaults(plain)).toEqual([]);
});

test("[FRC2] nets and taxes add up to the total", () => {
  const faults = receiptFaults(plainReceipt(1200, { totalMinor: 1201 }));
  expect(faults).toMatchObject([{ pointer: "/taxes", code: "sum" }]);
});

test("[FRC3] a refund gives money back; a void turns round whatever it voids", () => {
  expect(receiptFaults(plainReceipt(1200, { kind: "refund" }))).toMatchObject([{ code: "sign" }]);
  expect(receiptFaults(plainReceipt(-1200))).toEqual([]);
  expect(receiptFaults(plainReceipt(1200, { kind: "void" }))).toEqual([]);
});
