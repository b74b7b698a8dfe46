/**
 * What one receipt hands on to the next: the counter, and an outage that is not settled. SPEC.md §9 (RAT).
 *
 * @module
 */

import { assert, type Json } from "@tillmesh/kernel";
import type { DocumentKind, FiscalTime } from "../../document.ts";

/** An alias, not an interface: see Json. */
export type RksvState = {
  readonly turnoverMinor: number;
  /** Receipts were sealed without a signature, and no collective receipt was since. */
  readonly outage?: Outage;
  /** Only of a collective receipt: the outage that it settles. */
  readonly recovered?: Recovered;
};

export type Outage = {
  readonly firstNumber: string;
  readonly lastNumber: string;
  /** When the first was sealed. */
  readonly since: FiscalTime;
  readonly count: number;
};

export type Recovered = Outage & { readonly until: FiscalTime };

export const emptyState: RksvState = { turnoverMinor: 0 };

export interface SealedFacts {
  readonly kind: DocumentKind;
  readonly number: string;
  readonly at: FiscalTime;
  /** Sum of the five fields. */
  readonly sumMinor: number;
  readonly isDegraded: boolean;
}

export function stateAfter(state: RksvState, facts: SealedFacts): RksvState {
  const turnoverMinor = turnoverAfter(state.turnoverMinor, facts);
  if (facts.isDegraded) return { turnoverMinor, outage: outageAfter(state.outage, facts) };
  const { outage } = state;
  if (outage === undefined) return { turnoverMinor };
  return facts.kind === "collective"
    ? { turnoverMinor, recovered: { ...outage, until: facts.at } }
    : { turnoverMinor, outage };
}

/** Every receipt counts with the sign of its sum, whatever its kind; training never does. */
export function turnoverAfter(
  turnoverMinor: number,
  { kind, sumMinor }: Pick<SealedFacts, "kind" | "sumMinor">,
): number {
  return kind === "training" ? turnoverMinor : turnoverMinor + sumMinor;
}

/** Of `Head.state`, which this regime made itself. */
export function stateOf(state: Json): RksvState {
  const found = readState(state);
  assert(found !== undefined, "the state is one of the RKSV");
  return found;
}

export function readState(state: Json): RksvState | undefined {
  const found = state as RksvState | null;
  return Number.isSafeInteger(found?.turnoverMinor) ? (state as RksvState) : undefined;
}

function outageAfter(outage: Outage | undefined, { number, at }: SealedFacts): Outage {
  return outage === undefined
    ? { firstNumber: number, lastNumber: number, since: at, count: 1 }
    : { ...outage, lastNumber: number, count: outage.count + 1 };
}
