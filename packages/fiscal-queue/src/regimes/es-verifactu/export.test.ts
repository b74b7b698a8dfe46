import { expect, test } from "vitest";
import type { SealedDocument } from "../../document.ts";
import { conformanceText, isConformanceAbsent } from "../../testing/conformance.ts";
import { schemaFaults } from "../../testing/fake-aeat-schema.ts";
import {
  aeatShop,
  sealInSpain,
  signingShop,
  spanishReceipt,
} from "../../testing/fake-aeat-shop.ts";
import { exportEventOf, xmlExport } from "./export.ts";
import { elementsOf, find, localName, readXml, textOf } from "./read-xml.ts";

const sale = spanishReceipt("sale", { 21: 1210 });
const dayMs = 86_400_000;
const back = spanishReceipt(
  "void",
  { 21: -1210 },
  {
    refersTo: { number: "B1-1-000001", issuedOn: "2026-11-22" },
  },
);
const context = async () => (await sealInSpain([])).context;

async function* stream(documents: Iterable<SealedDocument>): AsyncIterable<SealedDocument> {
  yield* documents;
}

async function exported(
  documents: Iterable<SealedDocument>,
  range: { from?: string; to?: string } = {},
): Promise<string> {
  const at = { epochMs: 0, offsetMinutes: 60 };
  const input = { ...(await context()), at, ...range };
  let text = "";
  for await (const piece of xmlExport.write(stream(documents), input)) text += piece;
  return text;
}

test("[RES17] records stand in it byte for byte, in submissions of at most 1000", async () => {
  const { documents } = await sealInSpain([sale]);
  const many = Array.from({ length: 2001 }, () => documents[0]!);
  const text = await exported(many);
  expect(text.split(documents[0]!.text)).toHaveLength(2002);
  const submissions = text.split("</sfLR:RegFactuSistemaFacturacion>").slice(0, -1);
  const counts = submissions.map((part) => part.split("<sfLR:RegistroFactura>").length - 1);
  expect(counts).toEqual([1000, 1000, 1]);
});

test("[RES17] only the days asked for, both ends included", async () => {
  const { documents } = await sealInSpain([sale, sale, sale, sale], { stepMs: dayMs });
  const text = await exported(documents, { from: "2026-11-23", to: "2026-11-24" });
  expect(documents.map(({ text: record }) => text.includes(record))).toEqual([
    false,
    true,
    true,
    false,
  ]);
  expect(await exported(documents, { from: "2027-01-01" })).toMatch(
    /^<\?xml[^>]*\?>\n<Exportacion [^>]*>\n<\/Exportacion>\n$/,
  );
});

test("[RES17] nothing is held: each record is out before the next is read", async () => {
  const { documents } = await sealInSpain([sale, sale, sale]);
  let read = 0;
  async function* counted(): AsyncIterable<SealedDocument> {
    for (const document of documents) {
      read += 1;
      yield document;
    }
  }
  const at = { epochMs: 0, offsetMinutes: 60 };
  for await (const piece of xmlExport.write(counted(), { ...(await context()), at })) {
    if (piece.includes(documents[0]!.text)) expect(read).toBe(1);
  }
  expect(xmlExport.fileName(aeatShop, at)).toBe("verifactu-89890001K-B1-1-1970-01-01.xml");
});

test.skipIf(isConformanceAbsent("VeriFactu export", 1))(
  "[RES17] each submission and each event of an export is valid by itself",
  async () => {
    const run = await sealInSpain(
      [
        sale,
        { kind: "cancellation", receipt: back },
        { kind: "event", facts: { event: "end" } },
        sale,
      ],
      signingShop(),
    );
    const text = await exported(run.documents);
    const parts = text
      .split("\n")
      .slice(2, -2)
      .join("")
      .split(/(?<=<\/sfLR:RegFactuSistemaFacturacion>|<\/sf:RegistroEvento>)/);
    expect(parts.map((part) => /^<\w+:(\w+)/.exec(part)?.[1])).toEqual([
      "RegistroEvento",
      "RegFactuSistemaFacturacion",
      "RegistroEvento",
      "RegFactuSistemaFacturacion",
    ]);
    expect(await schemaFaults(...parts)).toEqual([]);
    expect(conformanceText("es-verifactu/schema/EventosSIF.xsd")).toContain("RegistroEvento");
  },
);

test.skipIf(isConformanceAbsent("VeriFactu export event", 1))(
  "[RES16] an export is told in the log: its ends, counts and sums",
  async () => {
    const shop = signingShop();
    const run = await sealInSpain([sale, { kind: "cancellation", receipt: back }, back], shop);
    const request = await exportEventOf(stream(run.documents), {});
    const { documents } = await sealInSpain([request!], {
      ...shop,
      head: run.head,
      fromMs: run.head.sealedAtMs + 1000,
    });
    const root = readXml(documents[0]!.text);
    const facts = find(root, "Evento", "DatosPropiosEvento", "ExportacionRegFacturacionPeriodo");
    const told = elementsOf(facts!).map(
      (part) => `${localName(part)} ${textOf(part, "Huella") || textOf(facts, localName(part))}`,
    );
    expect(told).toEqual([
      "FechaHoraHusoInicioPeriodoExport 2026-11-22T11:01:00+01:00",
      "FechaHoraHusoFinPeriodoExport 2026-11-22T11:03:00+01:00",
      `RegistroFacturacionInicialPeriodo ${run.documents[1]!.hash}`,
      `RegistroFacturacionFinalPeriodo ${run.documents[3]!.hash}`,
      "NumeroDeRegistrosFacturacionAltaExportados 2",
      "SumaCuotaTotalAlta 0.00",
      "SumaImporteTotalAlta 0.00",
      "NumeroDeRegistrosFacturacionAnulacionExportados 1",
      "RegistrosFacturacionExportadosDejanDeConservarse N",
    ]);
    expect(await schemaFaults(documents[0]!.text)).toEqual([]);
    expect(await exportEventOf(stream([]), {})).toBeUndefined();
  },
);

test("[RES16] the log is a chain of its own beside that of the records", async () => {
  const run = await sealInSpain(
    [sale, { kind: "event", facts: { event: "other", detail: "x" } }, sale],
    signingShop(),
  );
  const [start, first, event, second] = run.documents;
  expect(run.documents.map(({ number }) => number)).toEqual([
    "EV-1",
    "B1-1-000001",
    "EV-2",
    "B1-1-000002",
  ]);
  expect(link(start, "Evento", "Encadenamiento", "PrimerEvento")).toBe("S");
  expect(link(start, "Evento", "TipoEvento")).toBe("01");
  expect(link(first, "Encadenamiento", "PrimerRegistro")).toBe("S");
  expect(link(event, "Evento", "Encadenamiento", "EventoAnterior", "HuellaEvento")).toBe(
    start!.hash,
  );
  expect(link(second, "Encadenamiento", "RegistroAnterior", "Huella")).toBe(first!.hash);
});

function link(document: SealedDocument | undefined, ...path: string[]): string {
  return textOf(readXml(document!.text), ...path);
}
