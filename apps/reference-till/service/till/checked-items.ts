/**
 * Items to publish, each checked as every reader will check it: all of them, or all faults.
 *
 * @module
 */

import { ok, type Json, type PublicationItem, type Result } from "@tillmesh/kernel";
import type { FaultsError } from "@tillmesh/pricing-core";
import type { Fault, Refusal } from "../http/problem.ts";
import { wirePointer } from "../http/wire.ts";
import { refuseFaults } from "./refusals.ts";

export interface CheckedItem {
  readonly item: PublicationItem;
  readonly faults: readonly Fault[];
}

export function withdrawn(key: string): CheckedItem {
  return { item: { key, value: null }, faults: [] };
}

/** Faults point at members as callers know them. */
export function checkItem(
  item: PublicationItem,
  parse: (value: Json, pointer: string) => Result<unknown, FaultsError>,
  pointer: string,
): CheckedItem {
  const parsed = parse(item.value, pointer);
  if (parsed.ok) return { item, faults: [] };
  const faults = parsed.error.faults.map((fault) => {
    return { ...fault, pointer: wirePointer(fault.pointer) };
  });
  return { item, faults };
}

/** The items, one value per key; or all faults, those of all items together first. */
export function collectItems(
  all: readonly CheckedItem[],
  together: readonly Fault[] = [],
): Result<readonly PublicationItem[], Refusal> {
  const faults = [...together, ...all.flatMap((one) => one.faults)];
  if (faults.length > 0) {
    const refused = refuseFaults(faults);
    const isPlain = !refused.ok && refused.error.type === "Unprocessable";
    return isPlain ? refuseWith(faults) : refused;
  }
  const byKey = new Map(all.map(({ item }) => [item.key, item]));
  return ok([...byKey.values()]);
}

function refuseWith(faults: readonly Fault[]): Result<never, Refusal> {
  return { ok: false, error: { type: "InvalidPublication", faults } };
}
