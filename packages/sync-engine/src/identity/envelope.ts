/**
 * A JSON file with a name, a version and a checksum.
 *
 *     { "format": "tillmesh-...", "version": 1, "checksum": "<hex>", "content": ... }
 *
 * The checksum (SHA-256 of the canonical JSON of the content) tells a file that
 * was damaged or edited by hand from one that is wrong; it proves nothing about
 * who wrote it. Rules: SPEC.md [IV2].
 *
 * @module
 */

import {
  canonicalJson,
  err,
  hex,
  ok,
  parseJson,
  utf8,
  type Crypto,
  type Json,
  type JsonError,
  type Result,
} from "@tillmesh/kernel";
import { cursorOf, member, readInteger, readText, type Fault } from "./faults.ts";

export interface EnvelopeFormat {
  readonly format: string;
  readonly version: number;
  readonly sizeMaxBytes: number;
}

export function writeEnvelope(format: EnvelopeFormat, content: Json, crypto: Crypto): string {
  const { format: name, version } = format;
  const envelope = { format: name, version, checksum: checksumOf(content, crypto), content };
  return `${JSON.stringify(envelope, null, 2)}\n`;
}

/** The content, whose shape the caller still has to check. */
export function readEnvelope(
  expected: EnvelopeFormat,
  text: string,
  crypto: Crypto,
): Result<Json, EnvelopeError> {
  const json = parseJson(text, { maxBytes: expected.sizeMaxBytes });
  if (!json.ok) return err({ type: "NotJson", cause: json.error });
  const root = cursorOf(json.value);
  const format = readText(member(root, "format"), anyText);
  if (format !== expected.format) {
    return err({ type: "OtherFormat", expected: expected.format, found: format.slice(0, 64) });
  }
  const version = readInteger(member(root, "version"), 1, Number.MAX_SAFE_INTEGER);
  const checksum = readText(member(root, "checksum"), anyText);
  if (root.faults.length > 0) return err({ type: "Faults", faults: root.faults });
  if (version !== expected.version) {
    return err({ type: "OtherVersion", expected: expected.version, found: version });
  }
  const content = member(root, "content").value ?? null;
  return checksum === checksumOf(content, crypto) ? ok(content) : err({ type: "Checksum" });
}

export type EnvelopeError =
  | { readonly type: "NotJson"; readonly cause: JsonError }
  | { readonly type: "OtherFormat"; readonly expected: string; readonly found: string }
  | { readonly type: "OtherVersion"; readonly expected: number; readonly found: number }
  | { readonly type: "Checksum" }
  | FaultsError;

/** The content is not what it should be, in every respect that is named. */
export interface FaultsError {
  readonly type: "Faults";
  readonly faults: readonly Fault[];
}

function checksumOf(content: Json, crypto: Crypto): string {
  return hex(crypto.sha256(utf8(canonicalJson(content))));
}

function anyText(): undefined {
  return undefined;
}
