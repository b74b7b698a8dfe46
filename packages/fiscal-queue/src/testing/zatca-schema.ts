/**
 * UBL 2.1 as a validator: the official schema, by libxml2 in WebAssembly.
 *
 * @module
 */

import { validateXML, type XMLFileInfo } from "xmllint-wasm";
import { conformanceFiles, conformanceText } from "./conformance.ts";

/** What the schema says against each document; nothing where it is valid. Loading it takes 0.3 s, so documents come together. */
export async function ublFaults(documents: readonly string[]): Promise<readonly string[][]> {
  const { errors } = await validateXML({
    xml: documents.map((contents, index) => ({ fileName: `document${index}.xml`, contents })),
    schema: [mainSchema()],
    preload: commonSchemas(),
    initialMemoryPages: 2048,
    maxMemoryPages: 4096,
  });
  return documents.map((_, index) =>
    errors
      .filter(({ loc }) => loc === null || loc.fileName === `document${index}.xml`)
      .map(({ message }) => message),
  );
}

function mainSchema(): XMLFileInfo {
  const text = conformanceText(`${folder}/maindoc/UBL-Invoice-2.1.xsd`);
  return { fileName: "main.xsd", contents: text.replaceAll("../common/", "") };
}

function commonSchemas(): readonly XMLFileInfo[] {
  return conformanceFiles(`${folder}/common/`, ".xsd").map((file) => ({
    fileName: file.slice(file.lastIndexOf("/") + 1),
    contents: conformanceText(file),
  }));
}

const folder = "sa-zatca/Schemas/xsds/UBL2.1/xsd";
