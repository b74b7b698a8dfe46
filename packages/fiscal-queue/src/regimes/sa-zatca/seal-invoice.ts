/**
 * From receipt to stamped document: what is signed, and what the signature completes. SPEC.md §11 (RSA).
 *
 * @module
 */

import { assert, err, hex, ok, utf8, type Json, type Result } from "@tillmesh/kernel";
import { base64 } from "../../base64.ts";
import type { Head, PrintParts, StreamConfig } from "../../document.ts";
import type { FiscalCrypto, SignatureAlgorithm } from "../../ports.ts";
import type { Draft, Finished, Regime, SealContext, SignerNeeded } from "../../regime.ts";
import { localDate, localDateTime, localTime } from "../../time.ts";
import { readCertificate, type StampCertificate } from "./certificate.ts";
import { amountText } from "./decimal.ts";
import { invoiceOf, type Invoice } from "./invoice.ts";
import { qrText } from "./qr.ts";
import { currentKey, readSettings } from "./settings.ts";
import { stampOf, stampText } from "./stamp.ts";
import { documentText, hashedText, invoiceParts, type InvoiceParts } from "./write-invoice.ts";

/** `SealedDocument.state`: what the next document follows. */
export type ChainState = { readonly icv: number; readonly hash: string; readonly uuid?: string };

export function readState(state: Json): ChainState {
  const { hash, icv } = state as Partial<ChainState>;
  assert(typeof icv === "number" && typeof hash === "string", "the head carries counter and hash");
  return { icv, hash };
}

export function prepareInvoice(
  { request, number, at, head }: Parameters<Regime["prepare"]>[0],
  { config, crypto }: SealContext,
): Draft {
  const key = currentKey(config, at.epochMs);
  assert(request.receipt !== undefined && key !== undefined, "checked before");
  const seller = readSettings(config);
  const { hash: previousHash, icv } = readState(head.state);
  const uuid = randomUuid(crypto);
  const invoice = invoiceOf(request.receipt, seller);
  const parts = invoiceParts(invoice, {
    number,
    uuid,
    issueDate: localDate(at),
    issueTime: localTime(at),
    icv: icv + 1,
    previousHash,
    vatNumber: config.taxpayer,
    seller,
  });
  const hash = crypto.sha256(utf8(hashedText(parts)));
  const content: InvoiceDraft = { invoice, parts, hash: base64(hash), uuid, keyId: key.keyId };
  // The algorithm hashes these 32 bytes once more.
  const toSign = { keyId: key.keyId, algorithm: stampAlgorithm, data: hash };
  return { request, number, at, content, toSign };
}

/** A simplified invoice without a stamp is none: there is no degraded form. */
export function finishInvoice(
  draft: Draft,
  outcome: Parameters<Regime["finish"]>[1],
  { config, crypto, head }: SealContext & { readonly head: Head },
): Result<Finished, SignerNeeded> {
  if (outcome.type !== "signed") {
    const reason = outcome.type === "failed" ? outcome.reason : "no signature";
    return err({ type: "SignerNeeded", reason });
  }
  const { hash, invoice, keyId, parts, uuid } = draft.content as InvoiceDraft;
  const certificate = certificateOf(config, keyId);
  const signedAt = localDateTime(draft.at);
  const stamp = stampOf({ hash, signature: outcome.signature, certificate, signedAt }, crypto);
  const qr = qrText({
    sellerName: readSettings(config).sellerName,
    vatNumber: config.taxpayer,
    issuedAt: signedAt,
    totalWithVat: amountText(invoice.payableMinor),
    vatTotal: amountText(invoice.taxMinor),
    hash,
    signature: stamp.signature,
    publicKey: certificate.publicKey,
    issuerSignature: certificate.signature,
  });
  const state: ChainState = { icv: readState(head.state).icv + 1, hash, uuid };
  return ok({
    text: documentText(parts, { qr, stamp: stampText(stamp) }),
    hash,
    keyId,
    print: printOf(invoice, { config, qr }),
    state,
    due: { kind: "after-ms", ms: reportWithinMs },
  });
}

export const stampAlgorithm: SignatureAlgorithm = "ecdsa-secp256k1-sha256-der";
/** Simplified documents are reported within 24 hours. */
export const reportWithinMs = 86_400_000;

interface InvoiceDraft {
  readonly invoice: Invoice;
  readonly parts: InvoiceParts;
  readonly hash: string;
  readonly uuid: string;
  readonly keyId: string;
}

/** What the law asks for beside the sale: the kind in Arabic and English, the VAT number, the VAT as reported. */
function printOf(
  invoice: Invoice,
  { config, qr }: { readonly config: StreamConfig; readonly qr: string },
): PrintParts {
  const { refersTo, roundingMinor, taxMinor, typeCode } = invoice;
  return {
    lines: [
      ...(config.isTest ? [testMark] : []),
      ...titles[typeCode],
      readSettings(config).sellerName,
      `الرقم الضريبي / VAT No. ${config.taxpayer}`,
      ...(refersTo === undefined ? [] : [`المرجع / Refers to ${refersTo}`]),
      `ضريبة القيمة المضافة / VAT ${amountText(taxMinor)}`,
      ...(roundingMinor === 0 ? [] : [`التقريب / Rounding ${amountText(roundingMinor)}`]),
    ],
    qr: { text: qr, level: "L", minMm: 30 },
  };
}

/** The key was made on the spot: nobody vouches for it. */
const testMark = "اختبار، ليست فاتورة ضريبية / TEST, NOT A TAX INVOICE";

const titles: Readonly<Record<Invoice["typeCode"], readonly string[]>> = {
  "388": ["فاتورة ضريبية مبسطة", "Simplified Tax Invoice"],
  "381": ["إشعار دائن لفاتورة ضريبية مبسطة", "Credit Note for a Simplified Tax Invoice"],
  "383": ["إشعار مدين لفاتورة ضريبية مبسطة", "Debit Note for a Simplified Tax Invoice"],
};

function certificateOf({ keys }: StreamConfig, keyId: string): StampCertificate {
  const key = keys.find((one) => one.keyId === keyId);
  const certificate = readCertificate(key?.certificate ?? "");
  assert(certificate.ok, `key ${keyId} has a certificate`);
  return certificate.value;
}

/** Version 4: drawn once, at sealing, and then in the bytes. */
function randomUuid(crypto: Pick<FiscalCrypto, "randomBytes">): string {
  const bytes = crypto.randomBytes(16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const digits = hex(bytes);
  const cuts = [0, 8, 12, 16, 20, 32];
  return cuts
    .slice(1)
    .map((end, index) => digits.slice(cuts[index], end))
    .join("-");
}
