/**
 * A file of promotions: a JSON array of them, or `{"promotions": […]}`.
 *
 * @module
 */

import { err, ok, type Json, type Result } from "@tillmesh/kernel";
import type { Fault, Refusal } from "../http/problem.ts";
import type { Imported, ImportRequest } from "./import-request.ts";
import { promotionItems } from "./pricing-items.ts";
import { publishChanged } from "./publish-changed.ts";
import type { Call } from "./record.ts";
import type { Till } from "./till.ts";

/** Those that differ are published; those that the file does not name stay as they are. */
export async function importPromotions(
  till: Till,
  call: Call,
  { text }: ImportRequest,
): Promise<Result<Imported, Refusal>> {
  const read = readPromotions(text);
  if (!read.ok) return read;
  const { values, pointer } = read.value;
  const items = promotionItems(till, values, { pointer });
  if (!items.ok) return refuseFile(items.error.faults ?? []);
  const published = await publishChanged(till, call, { topic: "promotions", items: items.value });
  if (!published.ok) return published;
  const rows = values.length;
  return ok({
    rows,
    published: { promotions: published.value },
    openingStock: 0,
    unknownTaxCodes: [],
  });
}

interface PromotionFile {
  readonly values: readonly Json[];
  /** Of the list within the file. */
  readonly pointer: string;
}

const promotionsMax = 5000;

function readPromotions(text: string): Result<PromotionFile, Refusal> {
  const file = parsed(text.replace(/^\uFEFF/, ""));
  if (file instanceof SyntaxError) {
    return refuseFile([{ pointer: "the file", code: "json", detail: file.message }]);
  }
  const isList = Array.isArray(file);
  const list = isList ? file : (file as { readonly promotions?: Json } | null)?.promotions;
  if (!Array.isArray(list) || list.length > promotionsMax) {
    const detail = `is no list of at most ${promotionsMax} promotions, and has none as "promotions"`;
    return refuseFile([{ pointer: "the file", code: "json", detail }]);
  }
  return ok({ values: list as readonly Json[], pointer: isList ? "" : "/promotions" });
}

function parsed(text: string): Json | SyntaxError {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    return error as SyntaxError;
  }
}

function refuseFile(faults: readonly Fault[]): Result<never, Refusal> {
  const count = faults.length === 1 ? "a fault" : `${faults.length} faults`;
  const detail = `The file has ${count}; nothing of it was imported.`;
  return err({ type: "ImportFaults", detail, faults });
}
