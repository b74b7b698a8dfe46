/**
 * For places without a fiscal regime: gapless numbers and a hash chain. SPEC.md §8 (RNO).
 *
 * A document's text is the canonical JSON of what was sold and of its place in the stream, the hash of the document before included;
 * its hash is SHA-256 of that text, in hex. There is no key: the chain shows that nothing was taken out or changed
 * since, to everybody who knows a later hash. The customer of an invoice is left out: who bought can be erased, the chain cannot.
 *
 * No settings; `taxpayer` may be "".
 *
 * @module
 */

import { assert, err, hex, ok, utf8, type Json } from "@tillmesh/kernel";
import { streamIdOf, type StreamConfig } from "../../document.ts";
import type { Receipt } from "../../receipt.ts";
import type { DocumentRequest, Regime, SealFault } from "../../regime.ts";
import { chainText } from "./chain-text.ts";
import { chainVerifier } from "./chain-verifier.ts";
import { journal } from "./journal.ts";

export const noRegime: Regime = {
  id: "none",
  builtOn: "1",
  capabilities: {
    signer: "none",
    transmit: "none",
    handOver: "forbidden",
    offline: "final",
    training: "apart",
  },
  open(config) {
    const faults = settingsFaults(config);
    return faults.length === 0 ? ok({ state: {} }) : err({ type: "Settings", faults });
  },
  isNumbered: () => true,
  check({ kind, receipt }, { config }) {
    if (kind !== "sale" && kind !== "refund" && kind !== "void") {
      return [fault("/kind", "kind", `without a regime there is no ${kind}`)];
    }
    const isForeign = receipt !== undefined && receipt.currency !== config.currency;
    return isForeign ? [fault("/currency", "currency", `amounts are in ${config.currency}`)] : [];
  },
  prepare({ request, number, at, head }, { config }) {
    const { sequence, hash: previous } = head;
    const place = { stream: streamIdOf(config), sequence: sequence + 1, previous };
    const content = chainText({
      ...place,
      kind: request.kind,
      number,
      at,
      receipt: factsOf(request),
    });
    return { request, number, at, content };
  },
  finish({ content }, _outcome, { crypto }) {
    assert(typeof content === "string", "the draft is one of this regime");
    const hash = hex(crypto.sha256(utf8(content)));
    return ok({ text: content, hash, keyId: "", print: { lines: [] }, state: {} });
  },
  exports: { journal },
  verifier: chainVerifier,
};

/** Whatever the receipt says, but who bought. */
function factsOf({ receipt }: DocumentRequest): Json {
  assert(receipt !== undefined, "a receipt was checked before");
  const { customer: _, ...facts }: Receipt = receipt;
  return facts;
}

function settingsFaults({ series, numbersFrom }: StreamConfig): readonly SealFault[] {
  return [
    ...(series === "" ? [fault("/series", "series", "receipts are numbered in a series")] : []),
    ...(numbersFrom < 0 ? [fault("/numbersFrom", "number", "numbers begin at 1")] : []),
  ];
}

function fault(pointer: string, code: string, detail: string): SealFault {
  return { pointer, code, detail };
}
