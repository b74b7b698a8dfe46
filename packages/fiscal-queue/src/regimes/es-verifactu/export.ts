/**
 * Records, and the event log, of a range of days as one XML file. SPEC.md §10 (RES).
 *
 * @module
 */

import type { SealedDocument } from "../../document.ts";
import type { DocumentRequest, ExportInput, RegimeExport } from "../../regime.ts";
import { localDate, offsetDateTime } from "../../time.ts";
import { batchMax } from "./delivery.ts";
import { isEventKind } from "./draft.ts";
import type { ExportEnd, ExportFacts } from "./event.ts";
import { formatHundredths, parseHundredths } from "./formats.ts";
import { informationNamespace, submissionNamespace } from "./namespaces.ts";
import { readXml, textOf } from "./read-xml.ts";
import { installationOf } from "./settings.ts";
import { headerElement, linkOf } from "./soap.ts";
import { element, renderXml } from "./xml.ts";

/**
 * Submissions of at most 1000 records, each valid by itself, and between them the entries of the log, all in the
 * order of the stream. Days are those on which records were made.
 */
export const xmlExport: RegimeExport = {
  mediaType: "application/xml",
  fileName: (config, at) =>
    `verifactu-${config.taxpayer}-${installationOf(config)}-${localDate(at)}.xml`.replaceAll(
      /[^\w.-]/g,
      "_",
    ),
  write: writeExport,
};

async function* writeExport(
  documents: AsyncIterable<SealedDocument>,
  input: ExportInput,
): AsyncIterable<string> {
  const { config, from = "", to = "" } = input;
  const opening = renderXml(
    element("Exportacion", "", {
      from,
      installation: installationOf(config),
      taxpayer: config.taxpayer,
      to,
    }),
  );
  yield `<?xml version="1.0" encoding="UTF-8"?>\n${opening.replace("</Exportacion>", "")}\n`;
  const header = renderXml(headerElement(config));
  let count = 0;
  for await (const document of within(documents, input)) {
    if (isEventKind(document.kind)) {
      if (count > 0) yield submissionEnd;
      count = 0;
      yield `${document.text}\n`;
      continue;
    }
    if (count === 0) yield `${submissionStart}${header}\n`;
    yield `<sfLR:RegistroFactura>${document.text}</sfLR:RegistroFactura>\n`;
    count += 1;
    if (count === batchMax) yield submissionEnd;
    count %= batchMax;
  }
  if (count > 0) yield submissionEnd;
  yield "</Exportacion>\n";
}

/** The entry of the event log that tells of an export; `undefined` where it holds no record. */
export async function exportEventOf(
  documents: AsyncIterable<SealedDocument>,
  range: { readonly from?: string; readonly to?: string },
): Promise<DocumentRequest | undefined> {
  let sums: Sums | undefined;
  for await (const document of within(documents, range)) {
    if (!isEventKind(document.kind)) sums = summed(sums, document);
  }
  if (sums === undefined) return undefined;
  const exported: ExportFacts = {
    from: sums.from,
    to: sums.to,
    first: sums.first,
    last: sums.last,
    altas: String(sums.altas),
    taxTotal: formatHundredths(sums.taxMinor),
    total: formatHundredths(sums.totalMinor),
    cancellations: String(sums.cancellations),
  };
  return { kind: "event", facts: { event: "export-records", exported } };
}

interface Sums {
  readonly from: string;
  readonly to: string;
  readonly first: ExportEnd;
  readonly last: ExportEnd;
  readonly altas: number;
  readonly cancellations: number;
  readonly taxMinor: number;
  readonly totalMinor: number;
}

function summed(before: Sums | undefined, document: SealedDocument): Sums {
  const { number, date, huella } = linkOf(document);
  const last = { number, date, huella };
  const to = offsetDateTime(document.at);
  const so = before ?? { from: to, first: last, ...nothing };
  if (document.kind === "cancellation") {
    return { ...so, to, last, cancellations: so.cancellations + 1 };
  }
  const record = readXml(document.text);
  const minor = (name: string): number => parseHundredths(textOf(record, name)) ?? 0;
  return {
    ...so,
    to,
    last,
    altas: so.altas + 1,
    taxMinor: so.taxMinor + minor("CuotaTotal"),
    totalMinor: so.totalMinor + minor("ImporteTotal"),
  };
}

const nothing = { altas: 0, cancellations: 0, taxMinor: 0, totalMinor: 0 };

async function* within(
  documents: AsyncIterable<SealedDocument>,
  { from = "", to = "9999-12-31" }: { readonly from?: string; readonly to?: string },
): AsyncIterable<SealedDocument> {
  for await (const document of documents) {
    const day = localDate(document.at);
    if (from <= day && day <= to) yield document;
  }
}

const submissionStart = `<sfLR:RegFactuSistemaFacturacion xmlns:sf="${informationNamespace}" xmlns:sfLR="${submissionNamespace}">`;
const submissionEnd = "</sfLR:RegFactuSistemaFacturacion>\n";
