/**
 * Checks the documents of one stream, from the first. SPEC.md §10 (RES).
 *
 * @module
 */

import { canonicalJson } from "@tillmesh/kernel";
import { streamIdOf, type SealedDocument } from "../../document.ts";
import { receiptNumber } from "../../head.ts";
import type { SealContext, Verifier, VerifyFinding } from "../../regime.ts";
import { offsetDateTime } from "../../time.ts";
import { isEventKind } from "./draft.ts";
import { invoiceNumber } from "./full-invoice.ts";
import { qrTextOf } from "./print.ts";
import { readRecord, type RecordFacts } from "./read-record.ts";
import { installationOf, settingsOf, type Settings } from "./settings.ts";
import { initialState, readState, type ChainState } from "./state.ts";
import { checkSignature } from "./verify-signature.ts";

interface Before {
  readonly sequence: number;
  readonly hash: string;
  readonly lastNumber: number;
  readonly state: ChainState;
}

/** Says what is wrong with the document at hand. */
type Find = (code: string, detail: string) => void;

interface Step {
  readonly document: SealedDocument;
  readonly before: Before;
  readonly context: SealContext;
  readonly settings: Settings;
  readonly isVeriFactu: boolean;
  readonly find: Find;
}

export function verifierOf(context: SealContext, isVeriFactu: boolean): Verifier {
  const { config } = context;
  const settings = settingsOf(config);
  let before: Before = {
    sequence: 0,
    hash: "",
    lastNumber: config.numbersFrom,
    state: initialState,
  };
  return {
    step: (document) => {
      const findings: VerifyFinding[] = [];
      const { sequence, number } = document;
      const find: Find = (code, detail) => findings.push({ sequence, number, code, detail });
      if (settings.ok) {
        checkDocument({ document, before, context, settings: settings.value, isVeriFactu, find });
      } else {
        find("settings", "the settings of the stream do not do");
      }
      before = after(before, document);
      return findings;
    },
    end: () => [],
  };
}

function checkDocument(step: Step): void {
  const { document, find } = step;
  checkEnvelope(step);
  checkNumber(step);
  const facts = readRecord(document.text, document.kind);
  if (facts === undefined) {
    find("format", `the text is no canonical record of kind ${document.kind}`);
    return;
  }
  checkHash(step, facts);
  checkOwner(step, facts);
  checkLink(step, facts);
  checkPrint(step, facts);
  for (const detail of facts.faults) find("format", detail);
  if (!step.isVeriFactu) checkSignature(document, facts, step);
  else if (facts.signature !== undefined) find("signature", "records of VERI*FACTU are not signed");
}

function checkEnvelope({ document, before, context, isVeriFactu, find }: Step): void {
  const { config } = context;
  if (document.sequence !== before.sequence + 1) find("gap", `follows ${before.sequence}`);
  if (document.previous !== before.hash) find("chain", "is not chained to the document before");
  if (document.stream !== streamIdOf(config) || document.regime !== config.regime) {
    find("stream", "is of another stream");
  }
  if (!isVeriFactu && before.sequence === 0 && document.kind !== "start") {
    find("start", "the log begins with the start of operation");
  }
}

function checkNumber({ document, before, context, find }: Step): void {
  const { config } = context;
  const isInvoice = document.kind === "invoice";
  if (!isInvoice && !numbered.has(document.kind)) return;
  const expected = isInvoice
    ? invoiceNumber(config, before.state)
    : receiptNumber(config.series, before.lastNumber + 1);
  if (document.number !== expected) find("number", `should be ${expected}`);
}

function checkHash({ document, context, find }: Step, facts: RecordFacts): void {
  const { huella } = facts;
  if (huella !== facts.huellaBy(context.crypto)) find("hash", "is not the hash of what it says");
  if (huella !== document.hash) find("hash", "is not the hash in the record");
}

function checkOwner({ document, context, find }: Step, facts: RecordFacts): void {
  const { config } = context;
  if (facts.issuer !== config.taxpayer) find("taxpayer", `is of ${facts.issuer}`);
  if (facts.installation !== installationOf(config)) find("installation", facts.installation);
  if (facts.time !== offsetDateTime(document.at)) find("time", `says ${facts.time}`);
  if (!isEventKind(document.kind) && facts.number !== document.number) {
    find("number", `the record says ${facts.number}`);
  }
}

function checkLink({ document, before, find }: Step, facts: RecordFacts): void {
  const isEvent = isEventKind(document.kind);
  const link = isEvent ? before.state.event : before.state.record;
  if (canonicalJson(facts.link) !== canonicalJson(link)) {
    find("chain", "does not name the record before");
  }
  const invoices = (before.state.invoices ?? 0) + 1;
  const counted = document.kind === "invoice" ? { invoices } : {};
  const state = isEvent
    ? { ...before.state, event: facts.own, events: before.state.events + 1 }
    : { ...before.state, ...counted, record: facts.own };
  if (canonicalJson(document.state) !== canonicalJson(state)) {
    find("state", "is not what follows from the records so far");
  }
}

function checkPrint(step: Step, facts: RecordFacts): void {
  const { document, context, settings, isVeriFactu, find } = step;
  const { alta, number } = facts;
  const expected =
    alta === undefined
      ? undefined
      : qrTextOf({ config: context.config, settings, isVeriFactu, number, alta });
  if (document.print.qr?.text !== expected) find("qr", "is not the address of this record");
}

// Goes on from what the document claims, so that one fault is told once.
function after(before: Before, document: SealedDocument): Before {
  const suffix = /-(\d{6,})$/.exec(document.number)?.[1];
  const lastNumber = numbered.has(document.kind) ? Number(suffix) : before.lastNumber;
  return {
    sequence: document.sequence,
    hash: document.hash,
    lastNumber: Number.isSafeInteger(lastNumber) ? lastNumber : before.lastNumber + 1,
    state: readState(document.state) ?? before.state,
  };
}

const numbered: ReadonlySet<string> = new Set(["sale", "refund", "void"]);
