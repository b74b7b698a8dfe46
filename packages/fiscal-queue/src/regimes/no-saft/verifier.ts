/**
 * Checks a Norwegian stream from its first document: chain, signatures, numbers, totals, reports. SPEC.md §12 (RNR).
 *
 * @module
 */

import { canonicalJson, utf8 } from "@tillmesh/kernel";
import { streamIdOf, type SealedDocument, type StreamConfig } from "../../document.ts";
import { receiptNumber } from "../../head.ts";
import type { SealContext, Verifier, VerifyFinding } from "../../regime.ts";
import { base64, fromBase64 } from "../../base64.ts";
import { checkSignature, documentHash } from "./chain.ts";
import {
  readRecord,
  type EventRecord,
  type LineRecord,
  type NorwayRecord,
  type TransactionRecord,
  type VatRecord,
} from "./record.ts";
import { localTime, noSignature, signedEventText, signedText } from "./signed-text.ts";
import { emptyState, reportOf, stateAfter, type NorwayState } from "./state.ts";
import { vatKey } from "./totals.ts";

export function norwayVerifier(context: SealContext): Verifier {
  let known: Known = {
    sequence: 0,
    lastNumber: context.config.numbersFrom,
    hash: "",
    state: emptyState,
  };
  const copied = new Set<string>();
  return {
    step: (document) => {
      const record = readRecord(document.text);
      const findings = record
        ? [...documentFindings({ document, record, known }, context), ...copyFindings(record)]
        : [["format", "not a record of this regime"] as const];
      known = knownAfter(known, document, record);
      return findings.map(([code, detail]) => ({
        sequence: document.sequence,
        number: document.number,
        code,
        detail,
      }));
    },
    end: () => [],
  };

  function copyFindings(record: NorwayRecord): readonly Finding[] {
    if (record.type !== "event" || record.event !== "copy") return [];
    const number = record.transaction ?? "";
    const isSecond = copied.has(number);
    copied.add(number);
    return isSecond ? [["copy", `${number} was copied before`]] : [];
  }
}

type Finding = readonly [code: VerifyFinding["code"], detail: string];

interface Known {
  readonly sequence: number;
  readonly lastNumber: number;
  readonly hash: string;
  readonly state: NorwayState;
}

interface Step {
  readonly document: SealedDocument;
  readonly record: NorwayRecord;
  readonly known: Known;
}

function knownAfter(
  { sequence, lastNumber, hash, state }: Known,
  document: SealedDocument,
  record: NorwayRecord | undefined,
): Known {
  const isNumbered = record === undefined ? document.kind !== "event" : record.type !== "event";
  return {
    sequence: Math.max(sequence + 1, document.sequence),
    lastNumber: isNumbered ? lastNumber + 1 : lastNumber,
    hash: record === undefined ? hash : document.hash,
    state: record === undefined ? state : stateAfter(state, record),
  };
}

function documentFindings(step: Step, context: SealContext): readonly Finding[] {
  const { document, record, known } = step;
  const { config, crypto } = context;
  const { previous, text } = document;
  return [
    ...unless(document.stream === streamIdOf(config), "stream", "of another stream"),
    ...unless(document.sequence === known.sequence + 1, "gap", `after ${known.sequence}`),
    ...unless(previous === known.hash, "chain", "does not continue the document before"),
    ...unless(document.hash === documentHash({ previous, text }, crypto), "hash", "other bytes"),
    ...unless(text === canonicalJson(record), "format", "not in its one form"),
    ...unless(isOfRecord(document, record), "format", "the document says other than its record"),
    ...unless(
      canonicalJson(document.state) === canonicalJson(stateAfter(known.state, record)),
      "counter",
      "state does not follow from what came before",
    ),
    ...signatureFindings(step, context),
    ...(record.type === "event"
      ? eventFindings(record, document, { known, config })
      : transactionFindings(record, document, { known, config })),
  ];
}

function isOfRecord({ kind, at, keyId }: SealedDocument, record: NorwayRecord): boolean {
  const { date, time } = localTime(at);
  const recordKind = record.type === "event" ? "event" : record.kind;
  return (
    kind === recordKind &&
    date === record.date &&
    time === record.time &&
    keyId === record.keyVersion
  );
}

function signatureFindings({ record, known }: Step, context: SealContext): readonly Finding[] {
  const key = context.config.keys.find(({ keyId }) => keyId === record.keyVersion);
  if (key === undefined) return [["key", `key version ${record.keyVersion} is not known`]];
  const signature = fromBase64(record.signature);
  const data = utf8(signedTextOf(record, known, context));
  const checked = signature && checkSignature(key, { data, signature }, context);
  if (checked === "unknown") return [["key", `key version ${key.keyId} is not on this device`]];
  return unless(checked === "right", "signature", "does not verify");
}

function signedTextOf(record: NorwayRecord, { hash, state }: Known, context: SealContext): string {
  if (record.type === "transaction") {
    return signedText({ ...record, previousSignature: state.signature });
  }
  const { signature: _, ...content } = record;
  const contentHash = base64(context.crypto.sha256(utf8(canonicalJson(content))));
  return signedEventText({ previousHash: hash || noSignature, contentHash });
}

interface Expected {
  readonly known: Known;
  readonly config: StreamConfig;
}

function eventFindings(
  record: EventRecord,
  { number, sequence }: SealedDocument,
  { known, config }: Expected,
): readonly Finding[] {
  const { event, report } = record;
  const isReport = event === "x-report" || event === "z-report";
  const expected = isReport ? reportOf(known.state, event) : undefined;
  const isNumber = number === `${config.series}-E${sequence}` && record.id === number;
  return [
    ...unless(isNumber, "number", "an event is numbered by its place"),
    ...unless(
      canonicalJson(report ?? null) === canonicalJson(expected ?? null),
      "report",
      "differs from what was sold",
    ),
  ];
}

function transactionFindings(
  record: TransactionRecord,
  { number }: SealedDocument,
  { known, config }: Expected,
): readonly Finding[] {
  const expected = receiptNumber(config.series, known.lastNumber + 1);
  return [
    ...unless(number === expected && record.nr === number, "number", `${expected} was next`),
    ...totalsFindings(record),
  ];
}

function totalsFindings(record: TransactionRecord): readonly Finding[] {
  const { lines, vat, payments, inMinor, exMinor, roundingMinor, tipMinor = 0 } = record;
  const linesIn = sum(lines.map((line) => line.inMinor));
  const linesEx = sum(lines.map((line) => line.exMinor));
  const vatEx = sum(vat.map((one) => one.exMinor));
  const vatIn = vatEx + sum(vat.map(({ vatMinor }) => vatMinor));
  const paid = sum(payments.map(({ amountMinor }) => amountMinor));
  const isPaid = payments.length === 0 || paid === inMinor + roundingMinor + tipMinor;
  return [
    ...unless(linesIn === inMinor && linesEx === exMinor, "totals", "lines and total differ"),
    ...unless(vatIn === inMinor && vatEx === exMinor, "totals", "VAT and total differ"),
    ...unless(isPaid, "totals", "payments and total differ"),
    ...unless(
      vat.every((one) => isSumOfLines(one, lines)),
      "totals",
      "lines and VAT differ",
    ),
  ];
}

function isSumOfLines(vat: VatRecord, lines: readonly LineRecord[]): boolean {
  const own = lines.filter((line) => vatKey(line) === vatKey(vat));
  return (
    sum(own.map(({ exMinor }) => exMinor)) === vat.exMinor &&
    sum(own.map(({ inMinor }) => inMinor)) === vat.exMinor + vat.vatMinor
  );
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function unless(isRight: boolean, code: string, detail: string): readonly Finding[] {
  return isRight ? [] : [[code, detail]];
}
