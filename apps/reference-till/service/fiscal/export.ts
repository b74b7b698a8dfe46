/**
 * Exports for an authority, piece by piece out of this device's own ledger.
 *
 * @module
 */

import { err, ok, type DeviceId, type Result } from "@tillmesh/kernel";
import {
  fiscalTimeAt,
  type ExportInput,
  type RegimeExport,
  type SealedDocument,
} from "@tillmesh/fiscal-queue";
import type { Refusal } from "../http/problem.ts";
import { present } from "../till/present.ts";
import type { Till } from "../till/till.ts";
import { exportMore } from "./export-more.ts";
import { foldStream } from "./fold-stream.ts";
import { regimeNamed } from "./regimes.ts";
import { secretsOf } from "./secrets-of.ts";
import { knownStreams, type KnownStream } from "./streams.ts";

export interface ExportRequest {
  readonly kind: string;
  /** Local dates, inclusive. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** The newest that has such an export, unless it is said. */
  readonly stream?: string | undefined;
}

export interface FiscalExport {
  readonly fileName: string;
  readonly mediaType: string;
  readonly pieces: AsyncIterable<string>;
}

export function exportFiscal(till: Till, request: ExportRequest): Result<FiscalExport, Refusal> {
  till.projection.sync();
  const found = findExport(till, request);
  if (found === undefined) {
    const detail = `No fiscal stream of this device has an export "${request.kind}".`;
    return err({ type: "NotKnownHere", detail });
  }
  const { stream, writer } = found;
  const { config } = stream;
  const at = fiscalTimeAt(till.clock.nowMs(), config.timeZone);
  const secrets = secretsOf(till.fiscal.keyRing(config), config);
  const range = present({ from: request.from, to: request.to });
  const more = present({ more: exportMore(request.kind, till, config) });
  const { crypto } = till.fiscal;
  const input: ExportInput = { config, secrets, crypto, at, ...range, ...more };
  const documents = { [Symbol.asyncIterator]: () => documentsOf(till, stream) };
  return ok({
    fileName: writer.fileName(config, at),
    mediaType: writer.mediaType,
    pieces: writer.write(documents, input),
  });
}

/** Kinds of export of this device's streams. */
export function exportKinds(till: Till): readonly string[] {
  const regimes = new Set(own(till).map(({ config }) => config.regime));
  return [...regimes].flatMap((id) => Object.keys(regimeNamed(id)?.exports ?? {}));
}

function findExport(
  till: Till,
  { kind, stream: wanted }: ExportRequest,
): { readonly stream: KnownStream; readonly writer: RegimeExport } | undefined {
  for (const stream of own(till).toReversed()) {
    const exports = regimeNamed(stream.config.regime)?.exports ?? {};
    const writer = Object.hasOwn(exports, kind) ? exports[kind] : undefined;
    if (writer !== undefined && (wanted ?? stream.stream) === stream.stream)
      return { stream, writer };
  }
  return undefined;
}

function own({ projection, replica }: Till): readonly KnownStream[] {
  return knownStreams(projection, replica.device.id);
}

async function* documentsOf(
  till: Till,
  { device, incarnation, sequence }: KnownStream,
): AsyncGenerator<SealedDocument> {
  const place = { device: device as DeviceId, incarnation, sequence };
  for await (const { document } of foldStream(till, place)) yield document;
}
