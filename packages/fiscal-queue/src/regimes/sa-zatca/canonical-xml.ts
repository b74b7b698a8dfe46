/**
 * Inclusive canonical XML without comments (W3C C14N 1.0 and 1.1 agree on these documents), of a whole
 * document less what is left out. SPEC.md §11 (RSA).
 *
 * @module
 */

import type { XmlElement } from "./xml-tree.ts";

/** `isOmitted` leaves out an element with all below it; the white space around it stays. */
export function canonicalXml(
  root: XmlElement,
  isOmitted: (element: XmlElement) => boolean = () => false,
): string {
  return render(root, new Map(), isOmitted);
}

/** Text between tags. */
export function escapeText(text: string): string {
  return text.replaceAll(/[&<>\r]/g, (character) => textEscapes.get(character) ?? character);
}

export function escapeAttribute(text: string): string {
  return text.replaceAll(
    /[&<"\t\n\r]/g,
    (character) => attributeEscapes.get(character) ?? character,
  );
}

/** What XML 1.0 cannot hold at all, such as control characters, is left out. */
export function withoutForbidden(text: string): string {
  // Most texts are figures and codes.
  if (/^[ -~]*$/.test(text)) return text;
  return text.replaceAll(/[\p{Cs}\uFFFE\uFFFF]|(?![\t\n\r\u007F-\u009F])\p{Cc}/gu, "");
}

function render(
  element: XmlElement,
  outer: ReadonlyMap<string, string>,
  isOmitted: (element: XmlElement) => boolean,
): string {
  const fresh = [...element.declared].filter(([prefix, uri]) => (outer.get(prefix) ?? "") !== uri);
  const scope = fresh.length === 0 ? outer : new Map([...outer, ...fresh]);
  const namespaces = fresh
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([prefix, uri]) => ` xmlns${prefix === "" ? "" : ":"}${prefix}="${escapeAttribute(uri)}"`);
  const attributes = element.attributes
    .toSorted((a, b) => (`${a.namespace}\n${a.local}` < `${b.namespace}\n${b.local}` ? -1 : 1))
    .map(({ name, value }) => ` ${name}="${escapeAttribute(value)}"`);
  const content = element.children.map((child) => {
    if (typeof child === "string") return escapeText(child);
    return isOmitted(child) ? "" : render(child, scope, isOmitted);
  });
  const head = `${element.name}${namespaces.join("")}${attributes.join("")}`;
  return `<${head}>${content.join("")}</${element.name}>`;
}

const textEscapes: ReadonlyMap<string, string> = new Map([
  ["&", "&amp;"],
  ["<", "&lt;"],
  [">", "&gt;"],
  ["\r", "&#xD;"],
]);

const attributeEscapes: ReadonlyMap<string, string> = new Map([
  ["&", "&amp;"],
  ["<", "&lt;"],
  ['"', "&quot;"],
  ["\t", "&#x9;"],
  ["\n", "&#xA;"],
  ["\r", "&#xD;"],
]);
