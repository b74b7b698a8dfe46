/**
 * XML as this regime writes it: one text for one tree, and that text is its own canonical form (C14N 1.0).
 *
 * @module
 */

export interface XmlElement {
  /** With its prefix. */
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly (XmlElement | string)[];
}

/** Absent children are left out, so that optional fields read as a list. */
export function element(
  name: string,
  content: string | readonly (XmlElement | undefined)[],
  attributes: Readonly<Record<string, string>> = {},
): XmlElement {
  const children =
    typeof content === "string"
      ? content === ""
        ? []
        : [content]
      : content.filter((child) => child !== undefined);
  return { name, attributes, children };
}

/** No declaration, no white space between elements, no empty-element tags; attributes in canonical order. */
export function renderXml(root: XmlElement): string {
  const parts: string[] = [];
  render(root, parts);
  return parts.join("");
}

/** The same element with namespaces of its ancestors: what canonicalisation makes of it when it is cut out. */
export function withNamespaces(
  root: XmlElement,
  namespaces: Readonly<Record<string, string>>,
): XmlElement {
  return { ...root, attributes: { ...namespaces, ...root.attributes } };
}

/** Text that any XML can hold, in one line and at most `max` characters. */
export function plainText(text: string, max: number): string {
  const line = text.replaceAll(/[\p{Cc}\p{Cs}\uFFFE\uFFFF\s]+/gu, " ").trim();
  const characters = Array.from(line);
  return characters.length <= max ? line : characters.slice(0, max).join("").trim();
}

function render({ name, attributes, children }: XmlElement, parts: string[]): void {
  parts.push("<", name);
  for (const key of Object.keys(attributes).toSorted(byCanonicalOrder)) {
    parts.push(" ", key, '="', escapeAttribute(attributes[key] ?? ""), '"');
  }
  parts.push(">");
  for (const child of children) {
    if (typeof child === "string") parts.push(escapeText(child));
    else render(child, parts);
  }
  parts.push("</", name, ">");
}

// Namespace declarations come first; none of our attributes has a prefix.
function byCanonicalOrder(a: string, b: string): number {
  const byKind = Number(b.startsWith("xmlns")) - Number(a.startsWith("xmlns"));
  return byKind === 0 ? (a < b ? -1 : 1) : byKind;
}

function escapeText(text: string): string {
  return text.replaceAll(/[&<>\r]/g, (char) => textEscapes[char] ?? char);
}

function escapeAttribute(text: string): string {
  return text.replaceAll(/[&<"\t\n\r]/g, (char) => attributeEscapes[char] ?? char);
}

const textEscapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  "\r": "&#xD;",
};

const attributeEscapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  '"': "&quot;",
  "\t": "&#x9;",
  "\n": "&#xA;",
  "\r": "&#xD;",
};
