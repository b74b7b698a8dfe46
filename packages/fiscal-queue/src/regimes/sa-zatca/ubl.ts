/**
 * The vocabulary of UBL 2.1: namespaces, and finding elements whatever prefixes a document chose. SPEC.md §11 (RSA).
 *
 * @module
 */

import { elementsOf, textOf, type XmlElement } from "./xml-tree.ts";

export const invoiceNamespace = "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2";

/** In canonical order. */
export const invoiceOpening: string =
  `<Invoice xmlns="${invoiceNamespace}"` +
  ' xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"' +
  ' xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"' +
  ' xmlns:ext="urn:oasis:names:specification:ubl:schema:xsd:CommonExtensionComponents-2">';

/** All elements at the end of a path such as `cac:Party/cbc:ID`, in the document's order. */
export function all(from: XmlElement | undefined, path: string): readonly XmlElement[] {
  let found = from === undefined ? [] : [from];
  for (const step of path.split("/")) {
    found = found.flatMap((element) => elementsOf(element).filter((child) => isNamed(child, step)));
  }
  return found;
}

export function first(from: XmlElement | undefined, path: string): XmlElement | undefined {
  return all(from, path)[0];
}

/** The text of the first, without white space around it; "" where there is none. */
export function text(from: XmlElement | undefined, path: string): string {
  const found = first(from, path);
  return found === undefined ? "" : textOf(found).trim();
}

export function attribute(element: XmlElement | undefined, name: string): string {
  return element?.attributes.find((one) => one.name === name)?.value ?? "";
}

export function isNamed(element: XmlElement, name: string): boolean {
  const [prefix = "", local] = name.split(":");
  return element.local === local && element.namespace === namespaces.get(prefix);
}

/** The additional document with this id: ICV, PIH, QR. */
export function additionalDocument(root: XmlElement, id: string): XmlElement | undefined {
  return all(root, "cac:AdditionalDocumentReference").find((one) => text(one, "cbc:ID") === id);
}

/** What the invoice hash leaves out: the stamp and what is made of it. */
export function isOutsideHash(element: XmlElement): boolean {
  if (isNamed(element, "ext:UBLExtensions") || isNamed(element, "cac:Signature")) return true;
  return isNamed(element, "cac:AdditionalDocumentReference") && text(element, "cbc:ID") === "QR";
}

const namespaces: ReadonlyMap<string, string> = new Map([
  ["cac", "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"],
  ["cbc", "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"],
  ["ext", "urn:oasis:names:specification:ubl:schema:xsd:CommonExtensionComponents-2"],
  ["sig", "urn:oasis:names:specification:ubl:schema:xsd:CommonSignatureComponents-2"],
  ["sac", "urn:oasis:names:specification:ubl:schema:xsd:SignatureAggregateComponents-2"],
  ["sbc", "urn:oasis:names:specification:ubl:schema:xsd:SignatureBasicComponents-2"],
  ["ds", "http://www.w3.org/2000/09/xmldsig#"],
  ["xades", "http://uri.etsi.org/01903/v1.3.2#"],
]);
