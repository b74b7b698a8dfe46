/**
 * An Austrian till's life with every kind of receipt in it, an outage included; and ways to spoil it.
 *
 * @module
 */

import { sign, type KeyObject } from "node:crypto";
import type { SealedDocument } from "../document.ts";
import type { FiscalSigner } from "../ports.ts";
import { rksvReceipt, sealInShop, type RksvShop } from "./rksv-shop.ts";
import type { SealedRun } from "./seal-all.ts";

/** Fails at once, as an unplugged card reader does. */
export const brokenSigner: FiscalSigner = {
  sign: () =>
    Promise.resolve({
      ok: false,
      error: { type: "SignFailed", reason: "no card", isUnknown: false },
    }),
};

/** Every kind before, in and after an outage; the last two are sales, so that something follows each. */
export async function sealWeek(shop: RksvShop): Promise<SealedRun> {
  const before = await sealInShop(
    [
      rksvReceipt("sale", [1200, 550, 113, 90, 4]),
      rksvReceipt("refund", [-600, 0, 0, 0, 0]),
      rksvReceipt("void", [-1200, -550, -113, -90, -4]),
      rksvReceipt("training", [9900, 100, 0, 0, 0]),
      { kind: "zero" },
      rksvReceipt("sale", [0, 0, 2260, 0, 0]),
    ],
    shop,
  );
  const within = await goOn(before, shop, brokenSigner, [
    rksvReceipt("sale", [700, 0, 0, 0, 12]),
    rksvReceipt("training", [800, 0, 0, 0, 0]),
    rksvReceipt("void", [-700, 0, 0, 0, -12]),
    { kind: "month", closes: "month" },
  ]);
  return goOn(within, shop, shop.signer, [
    { kind: "collective" },
    { kind: "month", closes: "month" },
    { kind: "year", closes: "year" },
    rksvReceipt("sale", [100, 0, 0, 0, 0]),
    rksvReceipt("sale", [0, 100, 0, 0, 0]),
  ]);
}

/** The same receipts with other fields, signed again: what somebody could forge who has the key. */
export function forge(
  text: string,
  change: (fields: readonly string[]) => readonly string[],
  key: KeyObject,
): string {
  const [header = "", body = "", tail = ""] = text.split(".");
  const fields = Buffer.from(body, "base64url").toString("utf8").split("_");
  const payload = Buffer.from(change(fields).join("_")).toString("base64url");
  const isSigned = tail.length === 86;
  const data = Buffer.from(`${header}.${payload}`);
  const signature = sign("sha256", data, { key, dsaEncoding: "ieee-p1363" }).toString("base64url");
  return `${header}.${payload}.${isSigned ? signature : tail}`;
}

/** The fields of a receipt's payload, the first of them empty. */
export function fieldsOf(text: string): readonly string[] {
  return Buffer.from(text.split(".")[1] ?? "", "base64url")
    .toString("utf8")
    .split("_");
}

async function goOn(
  { breaker, documents, head }: SealedRun,
  shop: RksvShop,
  ...[signer, requests]: readonly [FiscalSigner, Parameters<typeof sealInShop>[0]]
): Promise<SealedRun> {
  const fromMs = lastMs(documents) + 60_000;
  const run = await sealInShop(requests, shop, { breaker, head, signer, fromMs });
  return { ...run, documents: [...documents, ...run.documents] };
}

function lastMs(documents: readonly SealedDocument[]): number {
  return documents.at(-1)?.at.epochMs ?? 0;
}
