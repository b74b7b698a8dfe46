/**
 * Verifies the documents of one stream: each by itself, and counter and chain from one to the next. SPEC.md §11 (RSA).
 *
 * @module
 */

import type { SealedDocument, StreamConfig } from "../../document.ts";
import type { SealContext, Verifier, VerifyFinding } from "../../regime.ts";
import { localDate, localTime } from "../../time.ts";
import { invoiceRules } from "./invoice-rules.ts";
import type { StampedDocument } from "./read-document.ts";
import type { ChainState } from "./seal-invoice.ts";
import { readSettings } from "./settings.ts";
import { stampText } from "./stamp.ts";
import { verifyDocument, type DocumentFinding } from "./verify-document.ts";
import { documentText } from "./write-invoice.ts";
import { invoiceOpening } from "./ubl.ts";

export function createStreamVerifier(context: SealContext): Verifier {
  const { crypto } = context;
  const { counterFrom, previousHash } = readSettings(context.config);
  let chain = { sequence: 0, icv: counterFrom, hash: "", previousHash };
  return {
    step: (sealed) => {
      const { document, findings } = verifyDocument(sealed.text, crypto);
      const own =
        document === undefined
          ? []
          : [
              ...formFindings(sealed, document),
              ...sealedFindings(sealed, document, context.config),
              ...chainFindings(sealed, document, chain),
              ...invoiceRules(document.root).map(({ rule, detail }) =>
                finding("rule", `${rule} ${detail}`),
              ),
            ];
      chain = {
        sequence: sealed.sequence,
        icv: chain.icv + 1,
        hash: sealed.hash,
        previousHash: sealed.hash,
      };
      return [...findings, ...own].map((one) => found(sealed, one));
    },
    end: () => [],
  };
}

/** What stands before and behind the place of QR code and signature in what is hashed. */
const placeMark = "<cac:AccountingSupplierParty>";

// Our own documents have one form, so a byte that no digest covers is still the one we wrote.
function formFindings(
  { text }: SealedDocument,
  { facts, hashed, stamp }: StampedDocument,
): readonly DocumentFinding[] {
  const place = hashed.indexOf(placeMark);
  const before = hashed.slice(invoiceOpening.length, place);
  const behind = hashed.slice(place, -"</Invoice>".length);
  const rewritten = documentText({ before, behind }, { qr: facts.qr, stamp: stampText(stamp) });
  return unless(rewritten === text, "format", "the bytes are not as this regime writes them");
}

function sealedFindings(
  sealed: SealedDocument,
  { facts, stamp }: StampedDocument,
  config: StreamConfig,
): readonly DocumentFinding[] {
  const state = sealed.state as Partial<ChainState>;
  const key = config.keys.find(({ keyId }) => keyId === sealed.keyId);
  const isState =
    String(state.icv) === facts.icv && state.hash === stamp.hash && state.uuid === facts.uuid;
  const isMoment =
    facts.issueDate === localDate(sealed.at) && facts.issueTime === localTime(sealed.at);
  return [
    ...unless(sealed.hash === stamp.hash, "hash", "not the hash of the record"),
    ...unless(sealed.number === facts.number, "number", `the document says ${facts.number}`),
    ...unless(isMoment, "time", `the document says ${facts.issueDate} ${facts.issueTime}`),
    ...unless(key?.certificate === stamp.certificate, "certificate", "not of this stream's key"),
    ...unless(facts.vatNumber === config.taxpayer, "taxpayer", `of ${facts.vatNumber}`),
    ...unless(isState, "counter", "counter or UUID are not those of the record"),
    ...unless(sealed.print.qr?.text === facts.qr, "qr", "another was printed"),
  ];
}

function chainFindings(
  sealed: SealedDocument,
  { facts }: StampedDocument,
  chain: {
    readonly sequence: number;
    readonly icv: number;
    readonly hash: string;
    readonly previousHash: string;
  },
): readonly DocumentFinding[] {
  const isNext = sealed.sequence === chain.sequence + 1;
  const isChained = facts.previousHash === chain.previousHash && sealed.previous === chain.hash;
  return [
    ...unless(isNext, "gap", `${sealed.sequence} follows ${chain.sequence}`),
    ...unless(
      facts.icv === String(chain.icv + 1),
      "counter",
      `ICV ${facts.icv} after ${chain.icv}`,
    ),
    ...unless(isChained, "chain", "does not follow the document before"),
  ];
}

function found(
  { number, sequence }: SealedDocument,
  { code, detail }: DocumentFinding,
): VerifyFinding {
  return { sequence, number, code, detail };
}

function finding(code: string, detail: string): DocumentFinding {
  return { code, detail };
}

function unless(isSound: boolean, code: string, detail: string): readonly DocumentFinding[] {
  return isSound ? [] : [{ code, detail }];
}
