/**
 * What must add up within one body. SPEC.md §2 (RB).
 *
 * @module
 */

import type {
  GoodsLine,
  KnownBody,
  RefundBody,
  ReversalBody,
  SaleBody,
  ShiftClosedBody,
} from "./bodies.ts";
import type { BodyFault } from "./checks.ts";
import { differs, sumOf } from "./differs.ts";
import { lineSumFaults } from "./line-sums.ts";
import { taxRowFaults } from "./tax-sums.ts";
import { tenderFaults } from "./tender-sums.ts";

/** Faults of sums in a body whose shape is right. */
export function sumFaults({ kind, body }: KnownBody): readonly BodyFault[] {
  if (kind === "sale") return saleFaults(body);
  if (kind === "refund" || kind === "reversal") return givenBackFaults(body);
  return kind === "shift-closed" ? shiftClosedFaults(body) : [];
}

function saleFaults(body: SaleBody): readonly BodyFault[] {
  const { lines, taxes, totalMinor, tenders, changeMinor } = body;
  const tendered = sumOf(tenders, (tender) => tender.amountMinor);
  return [
    ...receiptFaults({ lines, priced: lines, taxes, totalMinor }),
    ...differs("/changeMinor", tendered - settledMinor(body), changeMinor),
    ...lineSumFaults(lines, body.basis),
    ...tenderFaults(body),
    ...roundingFaults(body),
  ];
}

function givenBackFaults(body: RefundBody | ReversalBody): readonly BodyFault[] {
  const { lines, repriced = [], taxes, totalMinor, tenders } = body;
  const tendered = sumOf(tenders, (tender) => tender.amountMinor);
  return [
    ...receiptFaults({ lines, priced: [...lines, ...repriced], taxes, totalMinor }),
    ...repeatedLines(repriced, "repriced"),
    ...differs("/tenders", settledMinor(body), tendered),
    ...lineSumFaults(lines, body.basis),
    ...tenderFaults(body),
  ];
}

function settledMinor({
  totalMinor,
  roundingMinor = 0,
  tipMinor = 0,
}: SaleBody | RefundBody | ReversalBody): number {
  return totalMinor + roundingMinor + tipMinor;
}

/** Only what is paid in cash, or paid out, is rounded. */
function roundingFaults({
  roundingMinor = 0,
  tenders,
  changeMinor,
}: SaleBody): readonly BodyFault[] {
  const isInCash = changeMinor > 0 || tenders.some(({ kind }) => cashKinds.has(kind));
  return isInCash ? [] : differs("/roundingMinor", 0, roundingMinor);
}

const cashKinds: ReadonlySet<string> = new Set(["cash", "foreign-cash"]);

type Priced = Pick<GoodsLine, "amountMinor" | "taxMinor" | "taxCode" | "rateBp" | "taxes">;

interface Receipt extends Pick<SaleBody, "taxes" | "totalMinor"> {
  readonly lines: readonly GoodsLine[];
  /** All that adds up to the total. */
  readonly priced: readonly Priced[];
}

function receiptFaults({ lines, priced, taxes, totalMinor }: Receipt): readonly BodyFault[] {
  const pricedMinor = sumOf(priced, (line) => line.amountMinor);
  return [
    ...differs("/totalMinor", pricedMinor, totalMinor),
    ...taxRowFaults(priced, taxes, totalMinor),
    ...repeatedLines(lines, "lines"),
  ];
}

function repeatedLines(
  lines: readonly { readonly lineId: string }[],
  member: "lines" | "repriced",
): readonly BodyFault[] {
  const seen = new Set<string>();
  return lines.flatMap(({ lineId }, index) => {
    if (!seen.has(lineId)) {
      seen.add(lineId);
      return [];
    }
    return [{ pointer: `/${member}/${index}/lineId`, expected: "a line id once", found: lineId }];
  });
}

function shiftClosedFaults(body: ShiftClosedBody): readonly BodyFault[] {
  return differs("/differenceMinor", body.countedMinor - body.expectedMinor, body.differenceMinor);
}
