/**
 * Which flags a correction or a cancellation carries, by what the authority has of the invoice. SPEC.md §10 (RES).
 *
 * @module
 */

import type { Json } from "@tillmesh/kernel";
import type { SealedDocument } from "../../document.ts";
import type { Verdict } from "../../delivery.ts";
import type { Receipt } from "../../receipt.ts";
import type { DocumentRequest } from "../../regime.ts";
import { turnDate } from "./formats.ts";
import { readXml, textOf } from "./read-xml.ts";
import { isObject, numberPattern } from "./settings.ts";
import { readState } from "./state.ts";

export type Wanted = "correction" | "cancellation";

/** What the authority holds: nothing since it refused, a record, or nothing since none was ever sent. */
export type Held = "refused" | "stored" | "never-sent";

/** Was a correction (or cancellation) of it refused before? */
export type Earlier = "none" | "refused";

export interface Flags {
  readonly subsanacion: "S" | "";
  readonly rechazoPrevio: "S" | "X" | "";
  readonly sinRegistroPrevio: "S" | "";
}

export const correctionFlags: Record<Wanted, Record<Held, Record<Earlier, Flags>>> = {
  correction: {
    refused: { none: flags("S", "X", ""), refused: flags("S", "X", "") },
    stored: { none: flags("S", "", ""), refused: flags("S", "S", "") },
    "never-sent": { none: flags("S", "X", ""), refused: flags("S", "X", "") },
  },
  cancellation: {
    refused: { none: flags("", "", "S"), refused: flags("", "S", "S") },
    stored: { none: flags("", "", ""), refused: flags("", "S", "") },
    "never-sent": { none: flags("", "", "S"), refused: flags("", "S", "S") },
  },
};

/** What a correction or cancellation says besides its receipt. */
export interface CorrectionFacts {
  readonly number: string;
  /** `2026-11-22`: the invoice's own date. */
  readonly issuedOn: string;
  readonly held: Held;
  readonly earlier: Earlier;
}

/** A sale that should never have been, of which nothing was handed over. A cancellation consumes no number. */
export function cancellationOf(
  document: SealedDocument,
  situation: { readonly held: Held; readonly earlier: Earlier } = {
    held: "stored",
    earlier: "none",
  },
): DocumentRequest | undefined {
  const facts = factsOf(document, situation);
  return facts === undefined ? undefined : { kind: "cancellation", facts };
}

/** The record that puts `document` right after the authority's verdict; an alta needs the right contents in `fix`. */
export function correctionOf(input: {
  readonly document: SealedDocument;
  readonly verdict: Verdict;
  readonly fix: Receipt | undefined;
}): DocumentRequest | undefined {
  const { document, verdict, fix } = input;
  const situation = situationOf(document, verdict);
  const facts = situation === undefined ? undefined : factsOf(document, situation);
  if (facts === undefined) return undefined;
  if (document.kind === "cancellation") return { kind: "cancellation", facts };
  return fix === undefined ? undefined : { kind: "correction", receipt: fix, facts };
}

/** Of a till's own request (`receipt.refersTo`) as of one made here (`facts`). */
export function readCorrection({ facts, receipt }: DocumentRequest): CorrectionFacts | undefined {
  const refersTo = receipt?.refersTo;
  if (facts === undefined && refersTo !== undefined) {
    const { number, issuedOn } = refersTo;
    return checked({ number, issuedOn, held: "stored", earlier: "none" });
  }
  return checked(facts);
}

function situationOf(
  document: SealedDocument,
  verdict: Verdict,
): Pick<CorrectionFacts, "held" | "earlier"> | undefined {
  if (verdict.type === "accepted-warn") return { held: "stored", earlier: "none" };
  if (verdict.type !== "rejected-fixable" && verdict.type !== "rejected-final") return undefined;
  const record = readXml(document.text);
  if (document.kind === "cancellation") {
    const isWithout = textOf(record, "SinRegistroPrevio") === "S";
    return { held: isWithout ? "refused" : "stored", earlier: "refused" };
  }
  const isCorrection = textOf(record, "Subsanacion") === "S";
  const isOfNothing = !isCorrection || textOf(record, "RechazoPrevio") === "X";
  return { held: isOfNothing ? "refused" : "stored", earlier: isCorrection ? "refused" : "none" };
}

function factsOf(
  document: SealedDocument,
  { held, earlier }: Pick<CorrectionFacts, "held" | "earlier">,
): { readonly [member: string]: string } | undefined {
  const link = readState(document.state)?.record ?? undefined;
  if (link === undefined || document.kind === "event" || document.kind === "start")
    return undefined;
  return { number: link.number, issuedOn: turnDate(link.date), held, earlier };
}

function checked(facts: Json | undefined): CorrectionFacts | undefined {
  if (!isObject(facts)) return undefined;
  const { number, issuedOn, held, earlier } = facts;
  if (typeof number !== "string" || !numberPattern.test(number)) return undefined;
  if (typeof issuedOn !== "string" || !/^\d{4}-\d\d-\d\d$/.test(issuedOn)) return undefined;
  if (!isHeld(held) || !isEarlier(earlier)) return undefined;
  return { number, issuedOn, held, earlier };
}

function isHeld(value: Json | undefined): value is Held {
  return value === "refused" || value === "stored" || value === "never-sent";
}

function isEarlier(value: Json | undefined): value is Earlier {
  return value === "none" || value === "refused";
}

function flags(
  subsanacion: Flags["subsanacion"],
  rechazoPrevio: Flags["rechazoPrevio"],
  sinRegistroPrevio: Flags["sinRegistroPrevio"],
): Flags {
  return { subsanacion, rechazoPrevio, sinRegistroPrevio };
}
