/**
 * Drives the Austrian regime with an official scenario: a list of receipts, some of them while the signature device is out.
 *
 * @module
 */

import { assert, parseInstant } from "@tillmesh/kernel";
import type { DocumentKind, FiscalTime, Head, SealedDocument, StreamConfig } from "../document.ts";
import { emptyHead } from "../head.ts";
import { createFiscalCrypto } from "../node/index.ts";
import type { DocumentRequest, SealContext, SignOutcome } from "../regime.ts";
import { rksv } from "../regimes/at-rksv/rksv.ts";
import { finishSeal } from "../seal.ts";
import { rksvReceipt, type RksvShop } from "./rksv-shop.ts";

export interface RksvScenario {
  readonly cashBoxId: string;
  readonly numberOfSignatureDevices: number;
  readonly cashBoxInstructionList: readonly RksvInstruction[];
}

export interface RksvInstruction {
  readonly signatureDeviceDamaged: boolean;
  readonly receiptIdentifier: string;
  readonly dateToUse: string;
  readonly usedSignatureDevice: number;
  readonly simplifiedReceipt: Readonly<Record<RksvTaxSet, number>>;
  readonly typeOfReceipt: RksvReceiptType;
}

export type RksvTaxSet =
  | "taxSetNormal"
  | "taxSetErmaessigt1"
  | "taxSetErmaessigt2"
  | "taxSetNull"
  | "taxSetBesonders";

export type RksvReceiptType =
  | "START_BELEG"
  | "STANDARD_BELEG"
  | "STORNO_BELEG"
  | "TRAINING_BELEG"
  | "NULL_BELEG";

/** `shop.config.keys` are the devices, in their order. */
export async function playScenario(
  { cashBoxInstructionList }: RksvScenario,
  shop: RksvShop,
): Promise<readonly SealedDocument[]> {
  const opened = rksv.open(shop.config);
  assert(opened.ok, `the settings do: ${JSON.stringify(opened)}`);
  const documents: SealedDocument[] = [];
  let head = emptyHead(shop.config, opened.value.state);
  for (const instruction of cashBoxInstructionList) {
    const sealed = await playInstruction(instruction, head, shop);
    documents.push(sealed.document);
    ({ head } = sealed);
  }
  return documents;
}

async function playInstruction(
  instruction: RksvInstruction,
  head: Head,
  shop: RksvShop,
): Promise<{ readonly document: SealedDocument; readonly head: Head }> {
  const context = contextOf(instruction, shop);
  const request = requestOf(instruction, head);
  const at = localInstant(instruction.dateToUse);
  const faults = rksv.check(request, { config: context.config, head, at });
  assert(faults.length === 0, `${instruction.receiptIdentifier}: ${JSON.stringify(faults)}`);
  const number = instruction.receiptIdentifier;
  const draft = rksv.prepare({ request, number, at, head }, context);
  assert(draft.toSign !== undefined, "every receipt is signed");
  const signed = await shop.signer.sign(draft.toSign);
  assert(signed.ok, "the key signs");
  const outcome: SignOutcome = instruction.signatureDeviceDamaged
    ? { type: "failed", reason: "damaged" }
    : { type: "signed", signature: signed.value };
  const sealed = finishSeal(draft, outcome, { context, head, regime: rksv });
  assert(sealed.ok, `${number} is sealed`);
  return sealed.value;
}

function contextOf({ usedSignatureDevice }: RksvInstruction, shop: RksvShop): SealContext {
  const key = shop.config.keys[usedSignatureDevice];
  assert(key !== undefined, "the scenario names a device of its own");
  const config: StreamConfig = { ...shop.config, keys: [key] };
  return { config, secrets: shop.secrets, crypto: createFiscalCrypto() };
}

function requestOf(instruction: RksvInstruction, head: Head): DocumentRequest {
  const kind = kinds[instruction.typeOfReceipt];
  if (kind === "zero") return rksv.recover?.(head, neverRead)[0] ?? { kind };
  if (kind === "start") return { kind };
  const { simplifiedReceipt: sums } = instruction;
  // Doubles of euros: rounded once, cents from here on.
  const receipt = rksvReceipt(
    kind,
    taxSets.map((set) => Math.round(sums[set] * 100)),
  );
  return { kind, receipt };
}

const kinds = {
  START_BELEG: "start",
  STANDARD_BELEG: "sale",
  STORNO_BELEG: "void",
  TRAINING_BELEG: "training",
  NULL_BELEG: "zero",
} as const satisfies Record<RksvReceiptType, DocumentKind>;

const taxSets: readonly RksvTaxSet[] = [
  "taxSetNormal",
  "taxSetErmaessigt1",
  "taxSetErmaessigt2",
  "taxSetNull",
  "taxSetBesonders",
];

const neverRead = {} as StreamConfig;

function localInstant(text: string): FiscalTime {
  const localMs = parseInstant(`${text}.000Z`);
  assert(localMs !== undefined, `${text} is a time`);
  return { epochMs: localMs - 3_600_000, offsetMinutes: 60 };
}
