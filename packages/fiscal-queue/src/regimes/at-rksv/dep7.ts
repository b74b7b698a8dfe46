/**
 * The export for the authority (Datenerfassungsprotokoll, DEP7), in pieces. SPEC.md §9 (RAT).
 *
 * @module
 */

import type { Json } from "@tillmesh/kernel";
import type { SealedDocument } from "../../document.ts";
import type { ExportInput, RegimeExport } from "../../regime.ts";
import { localDate } from "../../time.ts";
import { cashBoxIdOf } from "./settings.ts";

/**
 * Always from the start receipt: an authority takes a later first receipt for a missing start. `to` ends it before the first receipt
 * of a later day. A group holds what one certificate signed in a row, so that groups read one after the other are the chain.
 */
export const dep7: RegimeExport = {
  mediaType: "application/json",
  fileName: (config, at) => `dep7-${cashBoxIdOf(config)}-${localDate(at)}.json`,
  async *write(documents, input) {
    yield '{"Belege-Gruppe":[';
    let keyId: string | undefined;
    for await (const document of documents) {
      if (isAfter(document, input.to)) break;
      const isNew = document.keyId !== keyId;
      if (isNew && keyId !== undefined) yield "]},";
      yield isNew ? groupHead(document.keyId, input) : ",";
      yield JSON.stringify(document.text);
      keyId = document.keyId;
    }
    yield keyId === undefined ? "]}" : "]}]}";
  },
};

function isAfter({ at }: SealedDocument, to: string | undefined): boolean {
  return to !== undefined && localDate(at) > to;
}

function groupHead(keyId: string, { config }: ExportInput): string {
  const certificate = config.keys.find((key) => key.keyId === keyId)?.certificate ?? "";
  const { authorities } = config.settings;
  const above = isTable(authorities) ? (authorities[keyId] ?? []) : [];
  return `{"Signaturzertifikat":${JSON.stringify(certificate)},"Zertifizierungsstellen":${JSON.stringify(above)},"Belege-kompakt":[`;
}

function isTable(value: Json | undefined): value is { readonly [keyId: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
