/**
 * A Norwegian till with keys that are worth nothing, for tests.
 *
 * @module
 */

import { createSecretKey, type KeyObject } from "node:crypto";
import { utf8 } from "@tillmesh/kernel";
import type { SealedDocument, StreamConfig, StreamKey } from "../document.ts";
import { createSoftwareSigner } from "../node/index.ts";
import type { Receipt, ReceiptLine } from "../receipt.ts";
import { norwaySaft } from "../regimes/no-saft/norway-saft.ts";
import type { ExportInput, SealContext } from "../regime.ts";
import { norwayKey1024, norwayKey2048, publicKeyText } from "./norway-keys.ts";
import { sealAll, type SealAllOptions, type SealedRun } from "./seal-all.ts";

export const norwayHmacKey = "SkatteetatenSign";

/** Key 1 of 1024 bits, key 2 of 2048, key 3 shared. */
export const norwayKeys: readonly StreamKey[] = [
  { keyId: "1", publicKey: publicKeyText(norwayKey1024) },
  { keyId: "2", publicKey: publicKeyText(norwayKey2048) },
  { keyId: "3" },
];

export const norwayPrivateKeys: Readonly<Record<string, KeyObject>> = {
  "1": norwayKey1024,
  "2": norwayKey2048,
  "3": createSecretKey(utf8(norwayHmacKey)),
};

export const norwaySecrets: SealContext["secrets"] = { "no-saft:3": utf8(norwayHmacKey) };

export function norwayConfig(
  keyVersion = "1",
  settings: StreamConfig["settings"] = {},
): StreamConfig {
  return {
    regime: "no-saft",
    taxpayer: "999999999",
    till: "KASSE-1",
    series: "A1-1",
    epoch: 1,
    numbersFrom: 0,
    timeZone: "Europe/Oslo",
    currency: "NOK",
    currencyDigits: 2,
    isTest: true,
    keys: norwayKeys,
    settings: {
      company: {
        name: "Kolonialen på Hjørnet AS",
        street: "Frognergaten",
        streetNumber: "1",
        postalCode: "0200",
        city: "Oslo",
      },
      keyVersion,
      ...settings,
    },
  };
}

/** Opens the stream, or goes on from `head`, and seals. */
export function sealInNorway(
  requests: Parameters<typeof sealAll>[1],
  options: Partial<SealAllOptions> = {},
): Promise<SealedRun> {
  const signer = createSoftwareSigner(norwayPrivateKeys);
  const config = norwayConfig();
  return sealAll(norwaySaft, requests, { config, signer, secrets: norwaySecrets, ...options });
}

/** What the verifier finds in documents, as `sequence code`. */
export function findingsOf(
  documents: readonly SealedDocument[],
  context: SealContext,
): readonly string[] {
  const verifier = norwaySaft.verifier(context);
  return [...documents.flatMap((document) => verifier.step(document)), ...verifier.end()].map(
    ({ sequence, code }) => `${sequence} ${code}`,
  );
}

export async function exportText(
  run: Pick<SealedRun, "documents" | "context">,
  input: Partial<ExportInput> = {},
): Promise<string> {
  const pieces: string[] = [];
  const at = { epochMs: 1_800_000_000_000, offsetMinutes: 60 };
  const { exports } = norwaySaft;
  const written = exports["saft-cr"]?.write(again(run.documents), { ...run.context, at, ...input });
  for await (const piece of written ?? []) pieces.push(piece);
  return pieces.join("");
}

/** Documents that can be read as often as one likes, as a ledger gives them. */
export function again<T>(items: readonly T[]): AsyncIterable<T> {
  return {
    async *[Symbol.asyncIterator]() {
      yield* items;
    },
  };
}

/** Of lines `[sku, quantity, amount with VAT, rate]`; refunds and voids negative. */
export function norwayReceipt(
  kind: Receipt["kind"],
  rows: readonly (readonly [sku: string, quantity: number, inMinor: number, rateBp: number])[],
  more: Partial<Receipt> = {},
): Receipt {
  const lines = rows.map(([sku, quantity, inMinor, rateBp], index) =>
    lineOf({ sku, quantity, inMinor, rateBp, lineId: `line_${index}` }),
  );
  const rates = [...new Set(lines.map(({ rateBp }) => rateBp))];
  const totalMinor = rows.reduce((sum, [, , inMinor]) => sum + inMinor, 0);
  return {
    kind,
    currency: "NOK",
    cashier: "staff_1000",
    lines,
    taxes: rates.map((rateBp) => taxOf(lines.filter((line) => line.rateBp === rateBp))),
    totalMinor,
    payments: [{ kind: "card", amountMinor: totalMinor }],
    ...(kind === "refund" || kind === "void"
      ? { refersTo: { number: "A1-1-000001", issuedOn: "2026-11-22" }, reason: "Angret kjøp" }
      : {}),
    ...more,
  };
}

function lineOf({
  sku,
  quantity,
  inMinor,
  rateBp,
  lineId,
}: {
  readonly sku: string;
  readonly quantity: number;
  readonly inMinor: number;
  readonly rateBp: number;
  readonly lineId: string;
}): ReceiptLine {
  const taxMinor = Math.trunc((inMinor * rateBp) / (10_000 + rateBp));
  return {
    lineId,
    sku,
    name: `Vare <${sku}> & co`,
    quantityMilli: quantity * 1000,
    netMinor: inMinor - taxMinor,
    taxMinor,
    taxCode: `mva-${rateBp}`,
    category: rateBp === 0 ? "Z" : "S",
    rateBp,
  };
}

function taxOf(lines: readonly ReceiptLine[]): Receipt["taxes"][number] {
  const [{ taxCode, category, rateBp }] = lines as [ReceiptLine];
  const sum = (pick: (line: ReceiptLine) => number): number =>
    lines.reduce((total, line) => total + pick(line), 0);
  const netMinor = sum((line) => line.netMinor);
  return { taxCode, category, rateBp, netMinor, taxMinor: sum((line) => line.taxMinor) };
}
