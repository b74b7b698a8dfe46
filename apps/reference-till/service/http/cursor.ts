/**
 * Where a page ended, as opaque text.
 *
 * @module
 */

import { base64url, err, fromBase64url, ok, utf8, type Result } from "@tillmesh/kernel";
import type { Refusal } from "./problem.ts";

export function writeCursor(place: object): string {
  return base64url(utf8(JSON.stringify(place)));
}

/** Undefined for none; refused when it is not one that `writeCursor` made, by its members' types. */
export function readCursor<Place extends object>(
  cursor: string | undefined,
  members: Readonly<Record<keyof Place, "string" | "number" | "object">>,
): Result<Place | undefined, Refusal> {
  if (cursor === undefined || cursor === "") return ok(undefined);
  const bytes = fromBase64url(cursor);
  const place = bytes.ok ? parsed(bytes.value) : undefined;
  const isRight =
    typeof place === "object" &&
    place !== null &&
    Object.entries(members).every(([name, type]) => {
      const member = (place as Readonly<Record<string, unknown>>)[name];
      return (
        typeof member === type &&
        member !== null &&
        (type !== "number" || Number.isSafeInteger(member))
      );
    });
  return isRight ? ok(place as Place) : refused;
}

const refused: Result<never, Refusal> = err({
  type: "InvalidQuery",
  detail: "The cursor is not one that this list gave.",
  faults: [{ pointer: "/cursor", code: "cursor", detail: "is not one that this list gave" }],
});

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}
