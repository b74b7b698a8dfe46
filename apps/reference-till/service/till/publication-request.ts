/**
 * The request a publication was made for, inside the publication itself.
 *
 * A publication has no field for an idempotency key, and a note beside it could be lost between
 * two writes. So a reserved item carries key, hash and who asked: signed, durable and replicated with
 * what it belongs to. Its key is the same for each of a device's publications, so books of readers that know
 * nothing of it keep one.
 *
 * @module
 */

import type { EntryBy, Json, Publication, PublicationItem } from "@tillmesh/kernel";
import type { RequestId } from "../http/route.ts";

export interface PublicationRequest {
  readonly key: string;
  readonly bodyHash: string;
  /** From 1: a large request becomes several publications. */
  readonly part: number;
  readonly parts: number;
  readonly by: EntryBy;
}

export function requestItem(
  device: string,
  { key, bodyHash }: RequestId,
  rest: Omit<PublicationRequest, "key" | "bodyHash">,
): PublicationItem {
  return { key: `${reserved}${device}`, value: { key, bodyHash, ...rest } };
}

export function isReservedKey(key: string): boolean {
  return key.startsWith(reserved);
}

/** The request of a publication made here; undefined for one that names none. */
export function requestOf(publication: Publication): PublicationRequest | undefined {
  const item = publication.items.find(({ key }) => key === `${reserved}${publication.publisher}`);
  return item !== undefined && isRequest(item.value) ? item.value : undefined;
}

const reserved = "@request/";

function isRequest(value: Json): value is Json & PublicationRequest {
  if (typeof value !== "object" || value === null || !("key" in value)) return false;
  const { key, bodyHash, part, parts, by } = value;
  const areTexts = typeof key === "string" && typeof bodyHash === "string";
  return (
    areTexts && typeof part === "number" && typeof parts === "number" && typeof by === "object"
  );
}
