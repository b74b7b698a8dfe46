/**
 * The text of a document without a regime: what was sold, and its place in the chain. SPEC.md §8 (RNO).
 *
 * @module
 */

import { canonicalJson, type Json } from "@tillmesh/kernel";
import type { FiscalTime } from "../../document.ts";

export interface ChainFacts {
  readonly stream: string;
  /** From 1. */
  readonly sequence: number;
  readonly kind: string;
  readonly number: string;
  readonly at: FiscalTime;
  /** Hash of the document before; "" for the first. */
  readonly previous: string;
  /** The receipt, without its customer. */
  readonly receipt: Json;
}

export function chainText({ at, receipt, ...place }: ChainFacts): string {
  const { epochMs, offsetMinutes } = at;
  return canonicalJson({ v: 1, ...place, at: { epochMs, offsetMinutes }, receipt });
}
