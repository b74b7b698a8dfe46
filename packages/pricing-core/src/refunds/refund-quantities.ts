/**
 * How much of each line goes back: what was asked for, and what follows it. SPEC.md §21 (GB).
 *
 * @module
 */

import { err, ok, type Result } from "@tillmesh/kernel";
import { roundRatio } from "../rounding.ts";
import { serviceLine, type GivenBackSale, type SoldLine, type SoldSale } from "./sold-sale.ts";
import { sumOf } from "./tally.ts";

/** Thousandths by line id, in the order of the sale's lines; or all that is wrong. The service charge is not among them. */
export function refundQuantities(
  sale: SoldSale,
  before: readonly GivenBackSale[],
  asked: readonly AskedPart[],
): Result<ReadonlyMap<string, number>, RefundPartsError> {
  const sums = new Map<string, number>();
  const faults: RefundPartFault[] = [];
  for (const [index, part] of asked.entries()) {
    const line = sale.lines.find(({ lineId }) => lineId === part.lineId);
    faults.push(...faultsOf(part, { index, line, before, sums }));
    sums.set(part.lineId, (sums.get(part.lineId) ?? 0) + part.quantityMilli);
  }
  if (faults.length > 0) return err({ type: "RefundParts", faults });
  const parts = sale.lines.map((line) => {
    const quantityMilli = sums.get(line.lineId) ?? followingMilli(sale, { line, before, sums });
    return [line.lineId, quantityMilli] as const;
  });
  return ok(new Map(parts.filter(([, quantityMilli]) => quantityMilli > 0)));
}

export interface AskedPart {
  readonly lineId: string;
  readonly quantityMilli: number;
}

export interface RefundPartsError {
  readonly type: "RefundParts";
  readonly faults: readonly RefundPartFault[];
}

/** `pointer` is a JSON pointer into what was asked, such as `/lines/0/quantity`. */
export type RefundPartFault = { readonly pointer: string } & (
  | { readonly code: "UnknownLine"; readonly lineId: string }
  | {
      readonly code: "RefundQuantity" | "OverRefund";
      readonly quantityMilli: number;
      readonly leftMilli: number;
    }
);

export function givenMilli(lineId: string, before: readonly GivenBackSale[]): number {
  const lines = before.flatMap((each) => each.lines).filter((line) => line.lineId === lineId);
  return sumOf(lines, ({ quantityMilli }) => quantityMilli);
}

interface Context {
  readonly before: readonly GivenBackSale[];
  /** Asked so far, by line id. */
  readonly sums: ReadonlyMap<string, number>;
}

function faultsOf(
  { lineId, quantityMilli }: AskedPart,
  {
    index,
    line,
    before,
    sums,
  }: Context & { readonly index: number; readonly line: SoldLine | undefined },
): readonly RefundPartFault[] {
  const pointer = `/lines/${index}`;
  if (line === undefined) return [{ pointer: `${pointer}/lineId`, code: "UnknownLine", lineId }];
  const left = line.quantityMilli - givenMilli(lineId, before) - (sums.get(lineId) ?? 0);
  const facts = { pointer: `${pointer}/quantity`, quantityMilli, leftMilli: Math.max(0, left) };
  if (!Number.isSafeInteger(quantityMilli) || quantityMilli <= 0) {
    return [{ code: "RefundQuantity", ...facts }];
  }
  return quantityMilli > facts.leftMilli ? [{ code: "OverRefund", ...facts }] : [];
}

/** A deposit that nobody asked for goes back as far as its article does; whole pieces stay whole. */
function followingMilli(
  sale: SoldSale,
  { line, before, sums }: Context & { readonly line: SoldLine },
): number {
  const article = sale.lines.find(({ lineId }) => lineId === line.linkedTo);
  const askedMilli = article === undefined ? 0 : (sums.get(article.lineId) ?? 0);
  if (article === undefined || askedMilli === 0) return 0;
  const reachedMilli = givenMilli(article.lineId, before) + askedMilli;
  const pieceMilli = line.quantityMilli % 1000 === 0 ? 1000 : 1;
  const throughMilli = partOf(line.quantityMilli / pieceMilli, reachedMilli, article) * pieceMilli;
  return Math.max(0, throughMilli - givenMilli(line.lineId, before));
}

function partOf(whole: number, reachedMilli: number, { quantityMilli }: SoldLine): number {
  const reached = BigInt(Math.min(reachedMilli, quantityMilli));
  return Number(roundRatio(BigInt(whole) * reached, BigInt(quantityMilli), "half-down"));
}

export function isService({ lineId }: Pick<SoldLine, "lineId">): boolean {
  return lineId === serviceLine;
}
