/**
 * Days of a Norwegian till on which everything happens that an export has a place for.
 *
 * @module
 */

import type { DocumentRequest } from "../regime.ts";
import type { NorwayEvent } from "../regimes/no-saft/event.ts";
import { norwayConfig, norwayReceipt, sealInNorway } from "./norway-shop.ts";
import type { SealedRun } from "./seal-all.ts";

export const milk = ["1001", 2, 3280, 1500] as const;
export const beer = ["3001", 6, 17_940, 2500] as const;

/** When the first document is sealed: 2026-11-22, 11:00 in Oslo. */
export const norwayFromMs = 1_795_341_600_000;

/** One day, one key. */
export function norwayDay(): Promise<SealedRun> {
  return sealInNorway([
    norwayReceipt("sale", [milk, beer], {
      options: { discountMinor: "500", drawer: "opened" },
      payments: [{ kind: "cash", amountMinor: 21_200 }],
    }),
    norwayReceipt("refund", [["1001", -1, -1640, 1500]]),
    norwayReceipt("void", [["3001", -6, -17_940, 2500]]),
    norwayReceipt("training", [beer]),
    norwayReceipt("sale", [milk, ["3001", -1, -2990, 2500]], {
      options: { tipMinor: "1000" },
      payments: [
        { kind: "card", amountMinor: 1000 },
        { kind: "account", amountMinor: 290 },
      ],
    }),
    norwayEvent({ event: "drawer-opened", cashier: "staff_1000" }),
    norwayEvent({
      event: "copy",
      transaction: "A1-1-000001",
      amountMinor: 21_220,
      copiesBefore: 0,
    }),
    norwayEvent({ event: "price-inquiry", group: "04007", amountMinor: 2990 }),
    norwayEvent({ event: "line-removed", amountMinor: 300, text: "artID 1001 & <more>" }),
    norwayEvent({ event: "x-report" }),
    norwayEvent({ event: "z-report", cashier: "staff_1001" }),
  ]);
}

/** Three days, three keys. */
export async function norwayDays(): Promise<SealedRun> {
  const first = await sealInNorway([norwayReceipt("sale", [milk])], { fromMs: norwayFromMs });
  const more = [norwayReceipt("sale", [beer]), norwayEvent({ event: "z-report" })];
  const second = await sealInNorway(more, {
    head: first.head,
    fromMs: norwayFromMs + dayMs,
    config: norwayConfig("2"),
  });
  const third = await sealInNorway(more, {
    head: second.head,
    fromMs: norwayFromMs + 2 * dayMs,
    config: norwayConfig("3"),
  });
  const documents = [first, second, third].flatMap((run) => run.documents);
  return { ...third, documents };
}

const dayMs = 86_400_000;

export function norwayEvent(facts: NorwayEvent): DocumentRequest {
  return { kind: "event", facts };
}
