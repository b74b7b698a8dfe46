/**
 * Reading XML that may come from anywhere: a tree, or nothing.
 *
 * @module
 */

import { DOMParser, onWarningStopParsing } from "@xmldom/xmldom";
import type { XmlElement } from "./xml.ts";

/** `undefined` for what is not well-formed, has a document type, or nests too deep. */
export function readXml(text: string): XmlElement | undefined {
  if (/<!DOCTYPE/i.test(text)) return undefined;
  try {
    const parsed = new DOMParser({ locator: false, onError: onWarningStopParsing }).parseFromString(
      text,
      "text/xml",
    );
    return parsed.documentElement === null ? undefined : toElement(parsed.documentElement, 0);
  } catch {
    return undefined;
  }
}

/** The name without its prefix. */
export function localName({ name }: XmlElement): string {
  return name.slice(name.indexOf(":") + 1);
}

export function childrenOf(parent: XmlElement, local: string): readonly XmlElement[] {
  return elementsOf(parent).filter((child) => localName(child) === local);
}

/** The first element down a path of local names. */
export function find(root: XmlElement | undefined, ...path: string[]): XmlElement | undefined {
  let at = root;
  for (const local of path) at = at === undefined ? undefined : childrenOf(at, local)[0];
  return at;
}

/** The first element of that local name anywhere below. */
export function findDeep(root: XmlElement, local: string): XmlElement | undefined {
  if (localName(root) === local) return root;
  for (const child of elementsOf(root)) {
    const found = findDeep(child, local);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The text down a path, trimmed; "" where there is none. */
export function textOf(root: XmlElement | undefined, ...path: string[]): string {
  const found = find(root, ...path);
  if (found === undefined) return "";
  return found.children
    .filter((child) => typeof child === "string")
    .join("")
    .trim();
}

export function elementsOf({ children }: XmlElement): readonly XmlElement[] {
  return children.filter((child) => typeof child !== "string");
}

const depthMax = 64;

interface Node {
  readonly nodeType: number;
  readonly nodeName: string;
  readonly nodeValue: string | null;
  readonly childNodes: Iterable<Node>;
  readonly attributes?: Iterable<{ readonly name: string; readonly value: string }> | null;
}

function toElement(node: Node, depth: number): XmlElement {
  if (depth > depthMax) throw new RangeError("XML nests too deep");
  const attributes: Record<string, string> = {};
  for (const { name, value } of node.attributes ?? []) attributes[name] = value;
  const children: (XmlElement | string)[] = [];
  for (const child of node.childNodes) {
    if (child.nodeType === elementNode) children.push(toElement(child, depth + 1));
    if (textNodes.has(child.nodeType)) children.push(child.nodeValue ?? "");
  }
  return { name: node.nodeName, attributes, children };
}

const elementNode = 1;
const textNodes = new Set([3, 4]);
