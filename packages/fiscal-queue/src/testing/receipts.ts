/**
 * Receipts for tests.
 *
 * @module
 */

import type { Receipt } from "../receipt.ts";

/** One line at 20 %; a negative total makes a refund. */
export function plainReceipt(totalMinor: number, changes: Partial<Receipt> = {}): Receipt {
  const taxMinor = Math.sign(totalMinor) * Math.round(Math.abs(totalMinor) / 6);
  const netMinor = totalMinor - taxMinor;
  const tax = { taxCode: "20", category: "S", rateBp: 2000, netMinor, taxMinor } as const;
  return {
    kind: totalMinor < 0 ? "refund" : "sale",
    currency: "EUR",
    lines: [
      {
        lineId: "1",
        sku: "A",
        name: "Apple",
        quantityMilli: totalMinor < 0 ? -1000 : 1000,
        ...tax,
      },
    ],
    taxes: [tax],
    totalMinor,
    payments: [{ kind: "cash", amountMinor: totalMinor }],
    ...changes,
  };
}
