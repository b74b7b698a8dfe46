/**
 * Sabotages of the Spanish regimes.
 *
 * @module
 */

import type { Sabotage } from "./sabotages.ts";

const spain = "packages/fiscal-queue/src/regimes/es-verifactu";

export const spainSabotages: readonly Sabotage[] = [
  {
    name: "the type of invoice is not hashed",
    file: `${spain}/huella.ts`,
    find: '    ["TipoFactura", alta.type],\n',
    replace: "",
    tests: [`${spain}/vectors.test.ts`],
  },
  {
    name: "every record claims to be the first",
    file: `${spain}/record.ts`,
    find: 'record === null\n        ? element("sf:PrimerRegistro"',
    replace: 'record !== undefined\n        ? element("sf:PrimerRegistro"',
    tests: [`${spain}/seal.test.ts`],
  },
  {
    name: "a record is escaped in a way of its own",
    file: `${spain}/xml.ts`,
    find: '  ">": "&gt;",\n',
    replace: "",
    tests: [`${spain}/xades.test.ts`],
  },
  {
    name: "a half full batch goes before its time",
    file: `${spain}/delivery.ts`,
    find: "now.epochMs < throttle.notBeforeMs && documents.length < batchMax",
    replace: "now.epochMs < throttle.notBeforeMs && documents.length < 1",
    tests: [`${spain}/delivery.test.ts`],
  },
  {
    name: "a correction goes with its original",
    file: `${spain}/delivery.ts`,
    find: "isLateAt(document, nowMs) !== isLate || invoices.has(invoice)",
    replace: "isLateAt(document, nowMs) !== isLate",
    tests: [`${spain}/delivery.test.ts`],
  },
  {
    name: "late records go with others",
    file: `${spain}/delivery.ts`,
    find: "isLateAt(document, nowMs) !== isLate || invoices.has(invoice)",
    replace: "invoices.has(invoice)",
    tests: [`${spain}/delivery.test.ts`],
  },
  {
    name: "a refusal of an alta is corrected as if it were stored",
    file: `${spain}/corrections.ts`,
    find: 'refused: { none: flags("S", "X", ""), refused: flags("S", "X", "") },\n    stored',
    replace: 'refused: { none: flags("S", "", ""), refused: flags("S", "S", "") },\n    stored',
    tests: [`${spain}/corrections.test.ts`],
  },
  {
    name: "a duplicate is taken for a refusal",
    file: `${spain}/answers.ts`,
    find: 'earlier === "" && state === "" && !duplicateCodes.has(code)',
    replace: 'earlier === "" || state === ""',
    tests: [`${spain}/delivery.test.ts`],
  },
  {
    name: "an answer sets no wait",
    file: `${spain}/answers.ts`,
    find: "return { notBeforeMs: nowMs + waitMs, waitMs, lastSentMs: nowMs };",
    replace: "return { notBeforeMs: nowMs, waitMs, lastSentMs: nowMs };",
    tests: [`${spain}/delivery.test.ts`],
  },
  {
    name: "a simplified invoice may be of any amount",
    file: `${spain}/check-amounts.ts`,
    find: "totalMinor <= simplifiedMaxMinor + toleranceMinor",
    replace: "totalMinor > 0",
    tests: [`${spain}/check.test.ts`],
  },
  {
    name: "the value of a signature is not verified",
    file: `${spain}/verify-signature.ts`,
    find: '!crypto.verify("rsa-sha256", facts.publicKey, made.toSign, value)',
    replace: "value.length === 0",
    tests: [`${spain}/verify.test.ts`],
  },
  {
    name: "a record's own hash is not made again",
    file: `${spain}/verify.ts`,
    find: "huella !== facts.huellaBy(context.crypto)",
    replace: 'huella === ""',
    tests: [`${spain}/verify.test.ts`],
  },
];
