/**
 * One sale and all that was given back of it, by whichever device. SPEC.md §7 (RF).
 *
 * The state is a set of facts by hash, so it merges by union: order, repetition and
 * the path by which a fact arrived do not matter. All the rest is computed from it.
 *
 * @module
 */

import { err, type EntryRef, type HeldEntry, ok, type Result, type SaleId } from "@tillmesh/kernel";
import type { GoodsLine, RefundBody, ReversalBody, SaleBody } from "./bodies.ts";
import { compareText, refOf } from "./chain.ts";
import type { SaleException } from "./exceptions.ts";
import { restOfLine } from "./line-rest.ts";
import { readEntry } from "./parse-entry-body.ts";
import { addMinor } from "./totals.ts";

export interface SaleState {
  readonly saleId: SaleId;
  /** By entry hash. More than one sale is an exception. */
  readonly facts: Readonly<Record<string, SaleFact>>;
}

export type SaleFact =
  | { readonly kind: "sale"; readonly entry: EntryRef; readonly body: SaleBody }
  | { readonly kind: "refund"; readonly entry: EntryRef; readonly body: RefundBody }
  | { readonly kind: "reversal"; readonly entry: EntryRef; readonly body: ReversalBody };

/** What became of one line. `remaining` is negative after an over-refund. */
export interface LineState {
  readonly lineId: string;
  /** As sold; as given back where the sale is not known here. */
  readonly line: GoodsLine;
  readonly sold: Share;
  readonly refunded: Share;
  readonly reversed: Share;
  readonly remaining: Share;
}

export interface Share {
  readonly quantityMilli: number;
  readonly amountMinor: number;
  readonly taxMinor: number;
}

export function emptySale(saleId: SaleId): SaleState {
  return { saleId, facts: {} };
}

/** Entries of other sales, unreadable and revoked ones change nothing. */
export function foldSale(state: SaleState, held: HeldEntry): SaleState {
  const fact = saleFactOf(held);
  if (fact === null || fact.body.saleId !== state.saleId) return state;
  return { ...state, facts: { ...state.facts, [held.hash]: fact } };
}

/** The fact of a sale, refund or reversal; `fact.body.saleId` says which sale's. */
export function saleFactOf(held: HeldEntry): SaleFact | null {
  if (held.flags.includes("revoked") || !saleKinds.has(held.entry.kind)) return null;
  const { kind, body } = readEntry(held);
  const entry = refOf(held.entry);
  if (kind === "sale") return { kind, entry, body };
  if (kind === "refund") return { kind, entry, body };
  return kind === "reversal" ? { kind, entry, body } : null;
}

/** Both states must be of one sale. */
export function mergeSales(a: SaleState, b: SaleState): SaleState {
  return { saleId: a.saleId, facts: { ...a.facts, ...b.facts } };
}

/** In the order of the sale's lines; lines that only a refund names come last, by id. */
export function lineStates(state: SaleState): readonly LineState[] {
  const facts = sortedFacts(state);
  const lineById = new Map<string, GoodsLine>();
  for (const { kind, body } of facts.toSorted((a, b) => rank(a) - rank(b))) {
    const lines: readonly GoodsLine[] =
      kind === "sale" ? body.lines : body.lines.toSorted((a, b) => compareText(a.lineId, b.lineId));
    for (const line of lines) if (!lineById.has(line.lineId)) lineById.set(line.lineId, line);
  }
  return [...lineById.values()].map((line) => lineState(facts, line));
}

/** What a reversal has to give back: every line with something left. */
export function remainingLines(state: SaleState): readonly GoodsLine[] {
  const givenBacks = givenBack(state);
  return lineStates(state)
    .filter(({ remaining }) => remaining.quantityMilli > 0)
    .map(({ lineId, line, remaining }) =>
      restOfLine(line, remaining, {
        before: givenBacks.flatMap((body) => body.lines.filter((each) => each.lineId === lineId)),
        repriced: givenBacks.flatMap(({ repriced = [] }) =>
          repriced.filter((each) => each.lineId === lineId),
        ),
        basis: knownSale(state)?.body.basis,
      }),
    );
}

/** Refunds and reversals as known here, in the order of their hashes. */
export function givenBack(state: SaleState): readonly (RefundBody | ReversalBody)[] {
  return sortedFacts(state).flatMap((fact) => (fact.kind === "sale" ? [] : [fact.body]));
}

/** The sale itself; `null` until it arrives here. Of several the one with the lowest hash. */
export function knownSale(state: SaleState): Extract<SaleFact, { kind: "sale" }> | null {
  return sortedFacts(state).find((fact) => fact.kind === "sale") ?? null;
}

/** Would giving back `lines` exceed what is left, as known here? All lines that do, at once. */
export function checkGivingBack(
  state: SaleState,
  lines: readonly AskedLine[],
): Result<null, GivingBackError> {
  if (knownSale(state) === null) return err({ type: "SaleNotKnown", saleId: state.saleId });
  const stateById = new Map(lineStates(state).map((each) => [each.lineId, each]));
  const excess = sumByLine(lines).flatMap((asked): readonly ExcessLine[] => {
    const remaining = stateById.get(asked.lineId)?.remaining ?? noShare;
    const fits =
      asked.quantityMilli <= remaining.quantityMilli && asked.amountMinor <= remaining.amountMinor;
    return fits ? [] : [{ ...asked, remaining }];
  });
  return excess.length === 0 ? ok(null) : err({ type: "MoreThanSold", lines: excess });
}

export interface AskedLine {
  readonly lineId: string;
  readonly quantityMilli: number;
  readonly amountMinor: number;
}

export type GivingBackError =
  | { readonly type: "SaleNotKnown"; readonly saleId: SaleId }
  | { readonly type: "MoreThanSold"; readonly lines: readonly ExcessLine[] };

export interface ExcessLine extends AskedLine {
  readonly remaining: Share;
}

/** Over-refund per line, a refund without its sale, a sale that exists twice. */
export function saleExceptions(state: SaleState): readonly SaleException[] {
  const facts = sortedFacts(state);
  const sales = facts.filter((fact) => fact.kind === "sale");
  const { saleId } = state;
  if (sales.length === 0) {
    const entries = facts.map((fact) => fact.entry);
    return entries.length === 0 ? [] : [{ type: "SaleNotKnown", saleId, entries }];
  }
  const repeated = {
    type: "SaleRepeated",
    saleId,
    entries: sales.map((fact) => fact.entry),
  } as const;
  return [
    ...(sales.length > 1 ? [repeated] : []),
    ...lineStates(state).flatMap((line) => overRefund(saleId, facts, line)),
  ];
}

/** What is asked of a line in all, should it be named more than once. */
function sumByLine(lines: readonly AskedLine[]): readonly AskedLine[] {
  const sums = new Map<string, AskedLine>();
  for (const { lineId, quantityMilli, amountMinor } of lines) {
    const before = sums.get(lineId);
    sums.set(lineId, {
      lineId,
      quantityMilli: addMinor(before?.quantityMilli ?? 0, quantityMilli),
      amountMinor: addMinor(before?.amountMinor ?? 0, amountMinor),
    });
  }
  return [...sums.values()];
}

const saleKinds: ReadonlySet<string> = new Set(["sale", "refund", "reversal"]);
const noShare: Share = { quantityMilli: 0, amountMinor: 0, taxMinor: 0 };

function overRefund(
  saleId: SaleId,
  facts: readonly SaleFact[],
  { lineId, line, sold, remaining }: LineState,
): readonly SaleException[] {
  if (remaining.quantityMilli >= 0 && remaining.amountMinor >= 0) return [];
  const entries = facts
    .filter(
      (fact) => fact.kind !== "sale" && fact.body.lines.some((each) => each.lineId === lineId),
    )
    .map((fact) => fact.entry);
  return [
    {
      type: "OverRefund",
      saleId,
      lineId,
      sku: line.sku,
      soldMilli: sold.quantityMilli,
      givenBackMilli: addMinor(sold.quantityMilli, -remaining.quantityMilli),
      soldMinor: sold.amountMinor,
      givenBackMinor: addMinor(sold.amountMinor, -remaining.amountMinor),
      entries,
    },
  ];
}

function lineState(facts: readonly SaleFact[], line: GoodsLine): LineState {
  const { lineId } = line;
  const sold = shareOf(facts, "sale", lineId);
  const refunded = shareOf(facts, "refund", lineId);
  const reversed = shareOf(facts, "reversal", lineId);
  const remaining = addShare(addShare(sold, refunded, -1), reversed, -1);
  return { lineId, line, sold, refunded, reversed, remaining };
}

function shareOf(facts: readonly SaleFact[], kind: SaleFact["kind"], lineId: string): Share {
  return facts
    .filter((fact) => fact.kind === kind)
    .flatMap(sharesOf)
    .filter((line) => line.lineId === lineId)
    .reduce<Share>((sum, line) => addShare(sum, line, 1), noShare);
}

/** A kept line that is priced again changes its amount and nothing of its quantity. */
function sharesOf(fact: SaleFact): readonly (Share & { readonly lineId: string })[] {
  if (fact.kind === "sale") return fact.body.lines;
  const { lines, repriced = [] } = fact.body;
  return [...lines, ...repriced.map((line) => ({ ...line, quantityMilli: 0 }))];
}

function addShare(a: Share, b: Share, sign: 1 | -1): Share {
  return {
    quantityMilli: addMinor(a.quantityMilli, sign * b.quantityMilli),
    amountMinor: addMinor(a.amountMinor, sign * b.amountMinor),
    taxMinor: addMinor(a.taxMinor, sign * b.taxMinor),
  };
}

function rank({ kind }: SaleFact): number {
  return kind === "sale" ? 0 : 1;
}

function sortedFacts({ facts }: SaleState): readonly SaleFact[] {
  return Object.keys(facts)
    .toSorted(compareText)
    .flatMap((hash) => facts[hash] ?? []);
}
