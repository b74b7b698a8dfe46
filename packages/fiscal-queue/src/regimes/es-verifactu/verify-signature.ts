/**
 * Checks a record's signature: makes it again, compares it with the one that is there, and verifies its value.
 *
 * @module
 */

import { fromBase64 } from "../../base64.ts";
import type { SealedDocument } from "../../document.ts";
import type { SealContext } from "../../regime.ts";
import { readKey, withSignature } from "./draft.ts";
import type { RecordFacts } from "./read-record.ts";
import { textOf } from "./read-xml.ts";
import { signatureOf } from "./xades.ts";
import { renderXml } from "./xml.ts";

export function checkSignature(
  document: SealedDocument,
  { signature, unsigned, huella }: RecordFacts,
  output: {
    readonly context: SealContext;
    readonly find: (code: string, detail: string) => void;
  },
): void {
  const { context, find } = output;
  const { crypto, config } = context;
  const known = config.keys.find(({ keyId }) => keyId === document.keyId);
  const key = known === undefined ? undefined : readKey(known);
  if (key === undefined) return find("key", `no certificate for key ${document.keyId}`);
  const value = fromBase64(textOf(signature, "SignatureValue"));
  if (value === undefined || value.length === 0) return find("signature", "there is none");
  const { certificate, facts } = key;
  const made = signatureOf({ root: unsigned, huella, at: document.at, certificate, facts, crypto });
  if (renderXml(withSignature(unsigned, made.complete(value))) !== document.text) {
    find("signature", "is not over this record, this certificate and this policy");
  }
  if (!crypto.verify("rsa-sha256", facts.publicKey, made.toSign, value)) {
    find("signature", "does not verify");
  }
}
