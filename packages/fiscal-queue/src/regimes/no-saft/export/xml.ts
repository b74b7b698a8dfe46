/**
 * XML in pieces, with what the schema limits. SPEC.md §12 (RNR).
 *
 * @module
 */

/** `<name>` around elements, or around text that is escaped here. */
export function tag(name: string, text: string | number): string {
  return `<${name}>${escaped(String(text))}</${name}>`;
}

export function group(name: string, parts: readonly string[]): string {
  return `<${name}>${parts.join("")}</${name}>`;
}

/** Nothing where there is no value. */
export function optionalTag(name: string, text: string | undefined): string {
  return text === undefined ? "" : tag(name, text);
}

/** At most so many characters; a cut text ends in an ellipsis. */
export function fitted(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max - 1)}…`;
}

/** What XML 1.0 has no way to write becomes U+FFFD; carriage returns would be read as line feeds. */
function escaped(text: string): string {
  return text
    .replaceAll(forbidden, "\ufffd")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll("\r", "&#13;");
}

const forbidden = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;
