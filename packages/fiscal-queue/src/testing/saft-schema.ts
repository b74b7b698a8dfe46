/**
 * SAF-T Cash Register 1.00 as a validator: the official schema, by libxml2 in WebAssembly.
 *
 * @module
 */

import { conformanceText, isConformanceAbsent } from "./conformance.ts";

const schemaFile = "no-saft-cr/Norwegian_SAF-T_Cash_Register_Schema_v_1.00.xsd";

/** True, and said aloud, where the official schema is not at hand. */
export function isSaftSchemaAbsent(cases: number): boolean {
  return isConformanceAbsent("SAF-T Cash Register schema", cases);
}

/** What the schema says against an export, and what its keys would say if they selected anything; nothing where it is valid. */
export async function saftFaults(xml: string): Promise<readonly string[]> {
  return [
    ...(await schemaFaults(xml, conformanceText(schemaFile))),
    ...(await schemaFaults(xml, strictSchema())),
  ];
}

/**
 * The keys of the official schema select nothing: their paths name elements without a namespace. With the prefix that they lack, they
 * check every reference.
 */
function strictSchema(): string {
  return conformanceText(schemaFile)
    .replace(
      "<xsd:schema ",
      '<xsd:schema xmlns:n="urn:StandardAuditFile-Taxation-CashRegister:NO" ',
    )
    .replaceAll(/ xpath="([^"]*)"/g, (_, path: string) => {
      return ` xpath="${path.replaceAll(/[A-Za-z]+/g, (name) => `n:${name}`)}"`;
    });
}

async function schemaFaults(xml: string, schema: string): Promise<readonly string[]> {
  // Whoever uses other parts of /testing needs no libxml2.
  const { validateXML } = await import("xmllint-wasm");
  const { valid, errors } = await validateXML({
    xml: [{ fileName: "export.xml", contents: xml }],
    schema: [{ fileName: "saft-cr.xsd", contents: schema }],
  });
  return valid ? [] : ["", ...errors.map(({ message }) => message)];
}
