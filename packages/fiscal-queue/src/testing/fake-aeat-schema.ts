/**
 * The authority's schemas as a validator, for tests.
 *
 * @module
 */

import { validateXML, type XMLFileInfo, type XMLValidationError } from "xmllint-wasm";
import { conformanceText, isConformanceAbsent } from "./conformance.ts";

/** Why documents are not valid; empty where all are. The signature schema comes first, as the others import it from the network. */
export async function schemaFaults(...documents: readonly string[]): Promise<readonly string[]> {
  return (await errorsOf(documents)).map(({ rawMessage }) => rawMessage);
}

/** Which of the documents are valid, by index: for twins, none of which may be. */
export async function validOnes(documents: readonly string[]): Promise<readonly number[]> {
  const faulty = new Set((await errorsOf(documents)).map(({ loc }) => loc?.fileName));
  return [...documents.keys()].filter((index) => !faulty.has(fileNameOf(index)));
}

/** True where the schemas are not at hand; says how many cases are then not tried. */
export function isAeatSchemaAbsent(cases: number): boolean {
  return isConformanceAbsent("VeriFactu schemas", cases);
}

async function errorsOf(documents: readonly string[]): Promise<readonly XMLValidationError[]> {
  const result = await validateXML({
    xml: documents.map((contents, index) => ({ fileName: fileNameOf(index), contents })),
    schema: [conformanceText(`${folder}/all.xsd`)],
    preload: schemas(),
    initialMemoryPages: 512,
    maxMemoryPages: 2048,
  });
  return result.errors;
}

function fileNameOf(index: number): string {
  return `document-${index}.xml`;
}

function schemas(): readonly XMLFileInfo[] {
  return names.map((fileName) => ({
    fileName,
    contents: conformanceText(`${folder}/${fileName}`),
  }));
}

const folder = "es-verifactu/schema";
const names = [
  "xmldsig-core-schema.xsd",
  "soap-envelope.xsd",
  "SuministroInformacion.xsd",
  "SuministroLR.xsd",
  "RespuestaSuministro.xsd",
  "ConsultaLR.xsd",
  "RespuestaConsultaLR.xsd",
  "EventosSIF.xsd",
];
