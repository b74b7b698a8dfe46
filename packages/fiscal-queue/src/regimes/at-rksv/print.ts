/**
 * What an Austrian receipt shows of its seal. SPEC.md §9 (RAT).
 *
 * @module
 */

import type { DocumentKind, PrintParts } from "../../document.ts";
import { localDateTime } from "../../time.ts";
import { ocrText, outageText, qrText, type ReceiptJws } from "./jws.ts";
import type { Recovered } from "./state.ts";

export interface PrintFacts {
  readonly kind: DocumentKind;
  readonly cashBoxId: string;
  readonly jws: ReceiptJws;
  readonly recovered: Recovered | undefined;
}

export function printParts({ kind, cashBoxId, jws, recovered }: PrintFacts): PrintParts {
  const title = titles[kind];
  return {
    lines: [
      ...(title === undefined ? [] : [title]),
      ...(recovered === undefined ? [] : recoveredLines(recovered)),
      `Kassen-ID: ${cashBoxId}`,
      ...(jws.isDegraded ? [outageText] : []),
    ],
    qr: { text: qrText(jws), level: "M" },
    ocr: ocrText(jws),
  };
}

const titles: Readonly<Partial<Record<DocumentKind, string>>> = {
  start: "Startbeleg",
  void: "Stornobeleg",
  training: "Trainingsbeleg",
  zero: "Nullbeleg",
  month: "Monatsbeleg",
  year: "Jahresbeleg",
  collective: "Sammelbeleg",
};

function recoveredLines({ firstNumber, lastNumber, since, until }: Recovered): readonly string[] {
  return [
    "Ausfall der Sicherheitseinrichtung",
    `Belege: ${firstNumber} bis ${lastNumber}`,
    `Beginn: ${localDateTime(since)}`,
    `Ende: ${localDateTime(until)}`,
  ];
}
