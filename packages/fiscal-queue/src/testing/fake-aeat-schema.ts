/**
 * The authority's schemas as a validator, for tests.
 *
 * @module
 */

import { validateXML, type XMLFileInfo } from "xmllint-wasm";
import { conformanceText } from "./conformance.ts";

/** Empty for a document that the schemas find valid; the signature schema comes first, as the others import it from the network. */
export async function schemaFaults(...documents: readonly string[]): Promise<readonly string[]> {
  const result = await validateXML({
    xml: documents.map((contents, index) => ({ fileName: `document-${index}.xml`, contents })),
    schema: [conformanceText(`${folder}/all.xsd`)],
    preload: schemas(),
    initialMemoryPages: 512,
    maxMemoryPages: 2048,
  });
  return result.errors.map(({ rawMessage }) => rawMessage);
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
