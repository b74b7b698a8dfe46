/**
 * What the calls of headquarters have in common: allowed, checked, published, told.
 *
 * @module
 */

import { ok, type PublicationItem, type Result } from "@tillmesh/kernel";
import { deviceNamed } from "../../till/names.ts";
import { checkPublish, publish, type PublishedParts } from "../../till/publish.ts";
import { refuseFaults } from "../../till/refusals.ts";
import type { Till } from "../../till/till.ts";
import type { Fault, Refusal } from "../problem.ts";
import type { ApiRequest, Handled } from "../route.ts";
import { array, integer, object, text, type Schema } from "../schema.ts";
import { wireTime } from "../wire.ts";
import { id, instant, who } from "./shapes.ts";
import { callOf } from "./till-routes.ts";

export const itemsMax = 20_000;

export const publishing = {
  method: "POST",
  tag: "Headquarters",
  right: "publish",
  bodyMaxBytes: 16_777_216,
  problems: ["NotHq", "InvalidPublication", "Unprocessable"],
} as const;

export const publishedAnswer: { readonly status: number; readonly schema: Schema } = {
  status: 201,
  schema: object({
    items: integer(0, itemsMax),
    publications: array(
      object({ id, topic: text(), sequence: integer(1, 1e15), publisher: who, at: instant }),
    ),
  }),
};

export interface Publishing {
  readonly topic: string;
  readonly items: () => ItemsResult | Promise<ItemsResult>;
}

export type ItemsResult = Result<readonly PublicationItem[], Refusal>;

export async function publishItems(
  till: Till,
  request: ApiRequest,
  { topic, items }: Publishing,
): Promise<Handled> {
  const call = callOf(request);
  const allowed = checkPublish(till, call);
  if (!allowed.ok) return allowed;
  const made = await items();
  if (!made.ok) return made;
  const published = await publish(till, call, { topic, items: made.value });
  if (!published.ok) return published;
  return ok({
    status: published.value.isRepeat ? 200 : 201,
    body: answerOf(till, published.value),
  });
}

/** From the publications alone, so that a repeated request gets the first answer. */
function answerOf(till: Till, { publications }: PublishedParts): object {
  const items = publications.flatMap((one) => one.items).filter(({ key }) => !key.startsWith("@"));
  const isStaff = publications[0]?.topic === "staff";
  return {
    items: items.length,
    publications: publications.map(({ id: publicationId, topic, sequence, publisher, at }) => {
      return {
        id: publicationId,
        topic,
        sequence,
        publisher: deviceNamed(till, publisher),
        at: wireTime(at),
      };
    }),
    ...(isStaff ? { staff: items.flatMap(staffOf) } : {}),
  };
}

function staffOf({ key, value }: PublicationItem): readonly object[] {
  if (typeof value !== "object" || value === null || !("name" in value)) return [];
  return [{ id: key, name: value.name }];
}

export function withFaults(items: ItemsResult, faults: readonly Fault[]): ItemsResult {
  if (faults.length === 0) return items;
  return refuseFaults([...faults, ...(items.ok ? [] : (items.error.faults ?? []))]);
}

export function atLeastOne<T>(schema: Schema<T>, members: readonly string[]): Schema<T> {
  return {
    ...schema,
    anyOf: members.map((member) => ({
      required: [member],
      properties: { [member]: { minItems: 1 } },
    })),
  };
}
