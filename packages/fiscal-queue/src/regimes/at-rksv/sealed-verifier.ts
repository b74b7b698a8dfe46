/**
 * Verifies our own documents: the chain of receipts, and that everything kept beside each text says the same. SPEC.md §9 (RAT).
 *
 * Where `secrets.turnover` is not at hand, as at headquarters, encrypted counters are not read; the amounts still have to add
 * up to the state of each document.
 *
 * @module
 */

import { canonicalJson } from "@tillmesh/kernel";
import { streamIdOf, type SealedDocument, type StreamConfig } from "../../document.ts";
import { receiptNumber } from "../../head.ts";
import type { SealContext, Verifier, VerifyFinding } from "../../regime.ts";
import { localDateTime } from "../../time.ts";
import { chainValue, type ReceiptJws } from "./jws.ts";
import { sumMinor, type RksvPayload } from "./payload.ts";
import { printParts } from "./print.ts";
import { isNumberedKind, isReceiptKind, mustBeSigned, ownNumber } from "./receipt-kinds.ts";
import {
  walkFrom,
  walkReceipt,
  type WalkFault,
  type WalkInput,
  type WalkState,
} from "./receipt-walk.ts";
import { cashBoxIdOf, publicKeyOf, readSettings } from "./settings.ts";
import { emptyState, readState, stateAfter, type RksvState } from "./state.ts";
import { trainingMark, voidMark } from "./turnover.ts";

export function sealedVerifier(context: SealContext): Verifier {
  const input = walkInputOf(context);
  let place: Place = {
    walk: walkFrom(input),
    state: emptyState,
    previous: "",
    lastNumber: context.config.numbersFrom,
  };
  return {
    step(document) {
      const step = stepOver(document, place, { context, input });
      place = step.place;
      const { sequence, number } = document;
      return step.faults.map(({ code, detail }): VerifyFinding => ({
        sequence,
        number,
        code,
        detail,
      }));
    },
    end: () => [],
  };
}

type Fault = { readonly code: string; readonly detail: string };

interface Place {
  readonly walk: WalkState;
  readonly state: RksvState;
  /** Hash of the document before. */
  readonly previous: string;
  readonly lastNumber: number;
}

type Keys = ReadonlyMap<string, Uint8Array | undefined>;

interface StepInput {
  readonly context: SealContext;
  readonly input: WalkInput;
}

function walkInputOf(context: SealContext): WalkInput {
  const { config, crypto, secrets } = context;
  let known: { readonly config: StreamConfig; readonly keys: Keys } | undefined;
  const keys = () => {
    if (known?.config !== context.config) {
      const ofNow = context.config.keys.map((key) => [key.keyId, publicKeyOf(key)] as const);
      known = { config: context.config, keys: new Map(ofNow) };
    }
    return known.keys;
  };
  const settings = readSettings(config);
  return {
    crypto,
    aesKey: secrets["turnover"],
    cashBoxId: cashBoxIdOf(config),
    ...(settings.ok ? { counterBytes: settings.value.counterBytes } : {}),
    publicKeyOf: (serial) => keys().get(serial),
  };
}

function stepOver(
  document: SealedDocument,
  place: Place,
  { context, input }: StepInput,
): { readonly place: Place; readonly faults: readonly Fault[] } {
  const { config, crypto } = context;
  const settles = document.kind === "collective";
  const walked = walkReceipt(document.text, place.walk, { ...input, settles });
  const hash = chainValue(document.text, crypto);
  const isNumbered = isSeriesNumber(document, config, place);
  const next = {
    walk: walked.state,
    previous: hash,
    lastNumber: place.lastNumber + (isNumbered ? 1 : 0),
  };
  const faults = [
    ...placeFaults(document, place, config),
    ...unless(document.hash === hash, "hash", `the text has ${hash}`),
    ...numberFaults(document, config, isNumbered),
    ...walked.faults,
  ];
  const { jws, payload } = walked;
  if (jws === undefined || payload === undefined) {
    return { place: { ...next, state: readState(document.state) ?? place.state }, faults };
  }
  const state = stateAfter(place.state, {
    kind: document.kind,
    number: document.number,
    at: document.at,
    sumMinor: sumMinor(payload.amountsMinor),
    isDegraded: jws.isDegraded,
  });
  const isState = isSame(document.state, state);
  return {
    // Goes on from what stands there, so that one fault is told once.
    place: { ...next, state: isState ? state : (readState(document.state) ?? state) },
    faults: [
      ...faults,
      ...unless(isState, "state", "is not what the receipts add up to"),
      ...fieldFaults(document, payload),
      ...kindFaults(document, payload, jws),
      ...printFaults(document, { jws, payload, state }),
    ],
  };
}

function placeFaults(
  { v, regime, sequence, stream, previous }: SealedDocument,
  place: Place,
  config: StreamConfig,
): readonly Fault[] {
  const expected = place.walk.count + 1;
  const isOurs = v === 1 && regime === config.regime && stream === streamIdOf(config);
  return [
    ...unless(isOurs, "format", `is of ${stream}`),
    ...unless(sequence === expected, "gap", `expected ${expected}`),
    ...unless(previous === place.previous, "chain", `expected ${place.previous}`),
  ];
}

function isSeriesNumber({ number }: SealedDocument, config: StreamConfig, place: Place): boolean {
  return number === receiptNumber(config.series, place.lastNumber + 1);
}

function numberFaults(
  { kind, number, sequence }: SealedDocument,
  { series }: StreamConfig,
  isNumbered: boolean,
): readonly Fault[] {
  const own = ownNumber(kind, series, sequence);
  const isRight = isNumberedKind(kind) ? isNumbered : number === own;
  return unless(isRight, "number", "is not the next of its series");
}

function fieldFaults(document: SealedDocument, payload: RksvPayload): readonly Fault[] {
  const time = localDateTime(document.at);
  return [
    ...unless(payload.number === document.number, "format", `the text is of ${payload.number}`),
    ...unless(payload.time === time, "format", `the text is of ${payload.time}`),
    ...unless(payload.serial === document.keyId, "format", `the text names ${payload.serial}`),
  ];
}

function kindFaults(
  { degraded, kind, sequence }: SealedDocument,
  { amountsMinor, counter }: RksvPayload,
  { isDegraded }: ReceiptJws,
): readonly Fault[] {
  const isZero = amountsMinor.every((amount) => amount === 0);
  return [
    ...unless((kind === "start") === (sequence === 1), "start", `a ${kind} stands here`),
    ...unless((kind === "training") === (counter === trainingMark), "kind", "training or not?"),
    ...unless((kind === "void") === (counter === voidMark), "kind", "void or not?"),
    ...unless(isReceiptKind(kind) || isZero, "kind", `a ${kind} has no amounts`),
    ...unless((degraded !== undefined) === isDegraded, "degraded", "signed or not?"),
    ...unless(!isDegraded || !mustBeSigned(kind), "signature", `a ${kind} is always signed`),
  ];
}

function printFaults(
  { kind, print }: SealedDocument,
  {
    jws,
    payload,
    state,
  }: { readonly jws: ReceiptJws; readonly payload: RksvPayload; readonly state: RksvState },
): readonly Fault[] {
  const { cashBoxId } = payload;
  const expected = printParts({ kind, cashBoxId, jws, recovered: state.recovered });
  return unless(isSame(print, expected), "print", "does not show the text");
}

function isSame(one: Parameters<typeof canonicalJson>[0], other: typeof one): boolean {
  return canonicalJson(one) === canonicalJson(other);
}

function unless(
  isRight: boolean,
  code: WalkFault["code"] | Code,
  detail: string,
): readonly Fault[] {
  return isRight ? [] : [{ code, detail }];
}

type Code = "degraded" | "gap" | "hash" | "kind" | "print" | "state";
