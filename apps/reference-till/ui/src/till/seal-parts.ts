/**
 * The order of a seal on paper.
 *
 * @module
 */

import type { Seal, SealCode } from "../api/fiscal-shapes.ts";

export interface SealParts {
  /** The code stands before what was sold. */
  readonly isCodeFirst: boolean;
  readonly above: readonly SealLine[];
  readonly code: SealCode | null;
  readonly below: readonly SealLine[];
}

export interface SealLine {
  readonly text: string;
  /** Test keys: nobody may miss it. */
  readonly isWarning: boolean;
}

/** Undefined where there is nothing to show. */
export function sealParts({ regime, lines, qr, isTest }: Seal): SealParts | undefined {
  if (lines.length === 0 && qr === null) return undefined;
  const shown = lines.map((text, index) => ({ text, isWarning: isTest && index === 0 }));
  const caption = regime.startsWith(spain) ? lines.indexOf(spanishCaption) : -1;
  const isCodeFirst = qr !== null && caption >= 0;
  const aboveCount = isCodeFirst ? caption + 1 : lines.length;
  return {
    isCodeFirst,
    above: shown.slice(0, aboveCount),
    code: qr,
    below: shown.slice(aboveCount),
  };
}

// The code stands before the contents, its caption above it and the rest below (fiscal-queue's SPEC.md, RES).
const spain = "es-";
const spanishCaption = "QR tributario:";
