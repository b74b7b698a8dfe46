/**
 * What headquarters says, from this device: only what changed, in parts of at most 500 items.
 *
 * A request that needs several publications may be cut short by a crash. Its key and part numbers are in
 * each of them, so the same request asked again adds the parts that are missing and no others.
 *
 * @module
 */

import { err, ok, type Publication, type PublicationItem, type Result } from "@tillmesh/kernel";
import type { Refusal } from "../http/problem.ts";
import { commitRefusal } from "./commit-refusal.ts";
import { recordedBefore, type Call } from "./record.ts";
import { requestItem } from "./publication-request.ts";
import type { Till } from "./till.ts";

export interface PublishRequest {
  readonly topic: string;
  readonly items: readonly PublicationItem[];
}

export interface PublishedParts {
  readonly publications: readonly Publication[];
  readonly isRepeat: boolean;
}

/** One part after the other, so that a large request leaves the till its turns. */
export async function publish(
  till: Till,
  call: Call,
  { topic, items }: PublishRequest,
): Promise<Result<PublishedParts, Refusal>> {
  const parts = partsOf(items);
  const publications: Publication[] = [];
  let isRepeat = true;
  for (const [index, part] of parts.entries()) {
    const place = { part: index + 1, parts: parts.length };
    const done = await publishPart(till, call, { topic, items: part, ...place });
    if (!done.ok) return done;
    publications.push(done.value.publication);
    isRepeat &&= done.value.isRepeat;
    if (parts.length > 1) await new Promise((resolve) => setImmediate(resolve));
  }
  return ok({ publications, isRepeat });
}

/** Refused before any work when this device is not headquarters, or the key means something else. */
export function checkPublish(till: Till, { request }: Call): Result<null, Refusal> {
  if (!till.replica.device.roles.includes("hq")) return err({ type: "NotHq" });
  const published = till.published.find(request.key);
  if (published !== undefined) {
    return published.request.bodyHash === request.bodyHash
      ? ok(null)
      : err({ type: "IdempotencyKeyReused" });
  }
  const recorded = recordedBefore(till, request);
  if (!recorded.ok) return recorded;
  return recorded.value === undefined ? ok(null) : err({ type: "IdempotencyKeyReused" });
}

interface PartRequest extends PublishRequest {
  readonly part: number;
  readonly parts: number;
}

interface PartDone {
  readonly publication: Publication;
  readonly isRepeat: boolean;
}

async function publishPart(
  till: Till,
  { actor, request }: Call,
  { topic, items, part, parts }: PartRequest,
): Promise<Result<PartDone, Refusal>> {
  const known = till.published.find(request.key)?.publicationByPart.get(part);
  if (known !== undefined) return ok({ publication: known, isRepeat: true });
  const { id } = till.replica.device;
  const reserved = requestItem(id, request, { part, parts, by: actor.by });
  const published = await till.replica.publish(topic, [...items, reserved]);
  return published.ok
    ? ok({ publication: published.value, isRepeat: false })
    : err(commitRefusal(published.error));
}

const itemsMax = 500;
/** Of the items as text; the engine takes 256 KiB with everything around them. */
const partMaxLength = 200_000;

function partsOf(items: readonly PublicationItem[]): readonly (readonly PublicationItem[])[] {
  const parts: PublicationItem[][] = [];
  let current: PublicationItem[] = [];
  let length = 0;
  for (const item of items) {
    const size = JSON.stringify(item).length;
    if (current.length >= itemsMax || (current.length > 0 && length + size > partMaxLength)) {
      parts.push(current);
      [current, length] = [[], 0];
    }
    current.push(item);
    length += size;
  }
  return [...parts, current];
}
