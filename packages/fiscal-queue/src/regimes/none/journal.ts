/**
 * The chain as JSON lines: `{"hash":"...","sealed":{...}}`, each `sealed` the very text that was hashed. SPEC.md §8 (RNO).
 *
 * @module
 */

import type { SealedDocument } from "../../document.ts";
import type { RegimeExport } from "../../regime.ts";
import { localDate } from "../../time.ts";

export const journal: RegimeExport = {
  mediaType: "application/jsonl",
  fileName: ({ series }, at) => `journal-${encodeURIComponent(series)}-${localDate(at)}.jsonl`,
  async *write(documents, { from = "0000-01-01", to = "9999-12-31" }) {
    for await (const document of documents) {
      const day = localDate(document.at);
      if (day >= from && day <= to) yield lineOf(document);
    }
  },
};

function lineOf({ hash, text }: SealedDocument): string {
  return `{"hash":${JSON.stringify(hash)},"sealed":${text}}\n`;
}
