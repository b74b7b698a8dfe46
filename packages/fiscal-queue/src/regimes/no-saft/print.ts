/**
 * What stands on Norwegian receipts and reports beside the sale itself. SPEC.md §12 (RNR).
 *
 * Source: kassasystemforskrifta §§ 2-8-4 to 2-8-7: each kind is marked with its name.
 *
 * @module
 */

import type { PrintParts, StreamConfig } from "../../document.ts";
import type { UnsignedEvent } from "./event.ts";
import { settingsOf } from "./settings.ts";
import { amountText } from "./signed-text.ts";
import type { UnsignedTransaction } from "./transaction.ts";

export function printOf(
  record: UnsignedTransaction | UnsignedEvent,
  config: StreamConfig,
): PrintParts {
  const { taxpayer, till, isTest } = config;
  const { company } = settingsOf(config);
  const vat = company.isVatRegistered === false ? "" : " MVA";
  return {
    lines: [
      ...titleOf(record),
      ...(isTest ? [testMark] : []),
      company.name,
      `Org.nr. NO ${taxpayer}${vat}`,
      `Kasse ${till}`,
      ...detailsOf(record),
      `${record.date} ${record.time}`,
    ],
  };
}

const testMark = "TEST - IKKE GYLDIG (testnøkler)";

const titles = {
  sale: "SALGSKVITTERING",
  refund: "RETURKVITTERING",
  void: "ANNULLERING",
  training: "TRENINGSKVITTERING - IKKE GYLDIG",
} as const;

const eventTitles: Partial<Readonly<Record<UnsignedEvent["event"], string>>> = {
  copy: "KOPI",
  "pro-forma": "FORELØPIG KVITTERING - IKKE KVITTERING FOR KJØP",
  delivery: "UTLEVERINGSKVITTERING - IKKE KVITTERING FOR KJØP",
  "x-report": "X-RAPPORT",
  "z-report": "Z-RAPPORT",
};

function titleOf(record: UnsignedTransaction | UnsignedEvent): readonly string[] {
  const title = record.type === "transaction" ? titles[record.kind] : eventTitles[record.event];
  return title === undefined ? [] : [title];
}

function detailsOf(record: UnsignedTransaction | UnsignedEvent): readonly string[] {
  if (record.type === "transaction") {
    const { nr, refersTo } = record;
    return [`Kvittering ${nr}`, ...(refersTo === undefined ? [] : [`Gjelder ${refersTo}`])];
  }
  const { transaction, report } = record;
  const [salesMinor, returnsMinor] = report?.grand ?? [0, 0];
  return [
    ...(transaction === undefined ? [] : [`Kvittering ${transaction}`]),
    ...(report
      ? [
          `Rapport ${report.id}`,
          `Grand total salg ${amountText(salesMinor)}`,
          `Grand total retur ${amountText(returnsMinor)}`,
          `Grand total netto ${amountText(salesMinor - returnsMinor)}`,
        ]
      : []),
  ];
}
