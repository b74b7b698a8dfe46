/**
 * What of a file differs from what is in force is published, and nothing else.
 *
 * @module
 */

import { canonicalJson, ok, type Json, type PublicationItem, type Result } from "@tillmesh/kernel";
import type { Refusal } from "../http/problem.ts";
import { publish } from "./publish.ts";
import type { Call } from "./record.ts";
import type { Till } from "./till.ts";

/** How many items differed. */
export async function publishChanged(
  till: Till,
  call: Call,
  {
    topic,
    items,
  }: {
    readonly topic: "catalogue" | "prices" | "taxes" | "promotions";
    readonly items: readonly PublicationItem[];
  },
): Promise<Result<number, Refusal>> {
  const {
    book,
  }: { readonly book: { inForce(key: string): { readonly value: Json } | undefined } } =
    till.books[topic];
  const changed = items.filter(({ key, value }) => {
    const known = book.inForce(key)?.value;
    return known === undefined || canonicalJson(known) !== canonicalJson(value);
  });
  if (changed.length === 0) return ok(0);
  const request = { ...call.request, key: `${call.request.key}/${topic}` };
  const published = await publish(till, { ...call, request }, { topic, items: changed });
  return published.ok ? ok(changed.length) : published;
}
