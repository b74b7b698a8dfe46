/**
 * Errors of the framework and of the schemas, as refusals with a pointer each.
 *
 * @module
 */

import type { Socket } from "node:net";
import { problemOf, type Fault, type ProblemCode, type Refusal } from "./problem.ts";

/** What the JSON Schema validator reports. */
export interface SchemaFault {
  readonly keyword: string;
  readonly instancePath: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message?: string;
}

export function refusalOfError(error: unknown): Refusal {
  const { code = "" } = (error ?? {}) as { readonly code?: string };
  return { type: codesOfFramework[code] ?? "Internal" };
}

/** A fault of a combination ("anyOf") is told by its branches' own, unless it has none. */
export function schemaFaults(faults: readonly SchemaFault[]): readonly Fault[] {
  const seen = new Set<string>();
  return faults.flatMap((fault) => {
    const pointer = pointerOf(fault);
    const text = `${pointer} ${fault.keyword} ${fault.message}`;
    if (seen.has(text)) return [];
    seen.add(text);
    return [{ pointer, code: fault.keyword, detail: detailOf(fault) }];
  });
}

const codesOfFramework: Readonly<Record<string, ProblemCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: "BodyTooLarge",
  FST_ERR_CTP_INVALID_MEDIA_TYPE: "UnsupportedMediaType",
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: "MalformedBody",
  FST_ERR_CTP_EMPTY_JSON_BODY: "MalformedBody",
  FST_ERR_CTP_INVALID_JSON_BODY: "MalformedBody",
  ECONNRESET: "RequestTimeout",
};

/** Points at the member that is missing or not known, not at the object around it. */
function pointerOf({ instancePath, params }: SchemaFault): string {
  const member = params["missingProperty"] ?? params["additionalProperty"];
  return typeof member === "string" ? `${instancePath}/${escapePointer(member)}` : instancePath;
}

function escapePointer(member: string): string {
  return member.slice(0, 100).replaceAll("~", "~0").replaceAll("/", "~1");
}

function detailOf({ keyword, params, message }: SchemaFault): string {
  if (keyword === "required") return "is missing";
  if (keyword === "additionalProperties") return "is not a member of this body";
  const allowed = params["allowedValues"];
  if (Array.isArray(allowed)) return `must be one of ${allowed.join(", ")}`;
  return message ?? keyword;
}

/** Bytes that are not HTTP, or headers that never end. */
export function answerClientError(error: Error & { readonly code?: string }, socket: Socket): void {
  if (!socket.writable || error.code === "ECONNRESET") return void socket.destroy();
  const type = error.code === "ERR_HTTP_REQUEST_TIMEOUT" ? "RequestTimeout" : "MalformedBody";
  const status = type === "RequestTimeout" ? "408 Request Timeout" : "400 Bad Request";
  const detail = type === "RequestTimeout" ? undefined : "This is not an HTTP request.";
  const body = JSON.stringify(problemOf({ type, ...(detail === undefined ? {} : { detail }) }));
  socket.end(
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: application/problem+json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
