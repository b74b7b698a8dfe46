/**
 * Reads the envelope of a publication that came from elsewhere. SPEC.md §2 (PF).
 *
 * @module
 */

import { err, isHlc, ok, type Json, type Publication, type Result } from "@tillmesh/kernel";

/** No publication is longer than this as text: at three bytes a character it still fits a frame in base64. */
export const publicationMaxLength = 196_608;

/** No publication sets more keys than this. */
export const publicationItemsMax = 1_000;

/** The publication in `json`, or the first member that is wrong. */
export function readPublication(json: Json): Result<Publication, PublicationFormatError> {
  if (!isObject(json)) return err({ type: "PublicationFormat", member: "" });
  const wrong = members.find(([member, isRight]) => !isRight(json[member]));
  if (wrong) return err({ type: "PublicationFormat", member: wrong[0] });
  const publication = json as unknown as Publication;
  const highest = Math.max(0, ...Object.values(publication.seen));
  return publication.sequence === highest + 1
    ? ok(publication)
    : err({ type: "PublicationFormat", member: "sequence" });
}

/** The envelope's member `member` is missing or malformed. */
export interface PublicationFormatError {
  readonly type: "PublicationFormat";
  readonly member: string;
}

type Check = (value: Json | undefined) => boolean;

const isText =
  (pattern: RegExp): Check =>
  (value) =>
    typeof value === "string" && pattern.test(value);
const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 1;

const members: readonly (readonly [string, Check])[] = [
  ["v", (value) => value === 1],
  ["topic", isText(/^[a-z][a-z0-9-]{0,31}$/)],
  ["id", isText(/^[a-z0-9_]{1,64}$/)],
  ["epoch", isCount],
  ["publisher", isText(/^[a-z0-9_]{1,64}$/)],
  ["sequence", isCount],
  ["previous", isText(/^(?:[0-9a-f]{64})?$/)],
  ["actor", isText(/^[0-9a-f]{16}$/)],
  ["at", (value) => typeof value === "string" && isHlc(value)],
  ["seen", (value) => isObject(value) && Object.values(value).every(isCount)],
  ["items", isItems],
];

function isItems(value: Json | undefined): boolean {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.length <= publicationItemsMax &&
    value.every(
      (item) =>
        isObject(item) &&
        typeof item["key"] === "string" &&
        item["key"].length <= 256 &&
        item["value"] !== undefined,
    )
  );
}

function isObject(value: Json | undefined): value is { readonly [member: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
