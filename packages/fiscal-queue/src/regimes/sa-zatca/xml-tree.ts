/**
 * A strict reader for XML with namespaces, and nothing that hides in a document type. SPEC.md §11 (RSA).
 *
 * Elements, attributes, text, comments and the five named entities. A document type, a processing
 * instruction or a CDATA section is refused: no invoice needs one.
 *
 * @module
 */

import { err, ok, type Result } from "@tillmesh/kernel";

export interface XmlElement {
  /** As written, `cbc:ID`. */
  readonly name: string;
  readonly local: string;
  readonly namespace: string;
  readonly attributes: readonly XmlAttribute[];
  /** Declared here: prefix to URI, "" for the default. */
  readonly declared: ReadonlyMap<string, string>;
  readonly children: readonly (XmlElement | string)[];
}

export interface XmlAttribute {
  readonly name: string;
  readonly local: string;
  readonly namespace: string;
  readonly value: string;
}

/** Line ends are made LF, comments are left out. */
export function parseXml(source: string): Result<XmlElement, XmlFault> {
  if (source.length > sizeMax) return fault(0, "TooLarge");
  const text = source.replaceAll(/\r\n?/g, "\n");
  const open: OpenElement[] = [];
  let root: XmlElement | undefined;
  let at = text.startsWith("<?xml ") ? text.indexOf("?>") + 2 : 0;
  while (at < text.length) {
    const found = nextToken(text, at);
    if (found === undefined) return fault(at, "Markup");
    const step = take(found, open, root);
    if (!step.ok) return fault(at, step.error.code);
    root = step.value;
    at += found.length;
  }
  if (root === undefined || open.length > 0) return fault(at, "Unfinished");
  return ok(root);
}

export interface XmlFault {
  readonly type: "Xml";
  readonly at: number;
  readonly code: "TooLarge" | "TooDeep" | "Markup" | "Unfinished" | "Entity" | "Namespace" | "Name";
}

/** Text of an element and all below it. */
export function textOf(element: XmlElement): string {
  return element.children
    .map((child) => (typeof child === "string" ? child : textOf(child)))
    .join("");
}

export function elementsOf(element: XmlElement): readonly XmlElement[] {
  return element.children.filter((child) => typeof child !== "string");
}

const sizeMax = 4_000_000;
const depthMax = 64;
const xmlNamespace = "http://www.w3.org/XML/1998/namespace";
const nameText = "[A-Za-z_][\\w.-]*(?::[A-Za-z_][\\w.-]*)?";
const attributeText = `\\s+${nameText}\\s*=\\s*(?:"[^"<]*"|'[^'<]*')`;
const token = new RegExp(
  `<!--(?:(?!--)[^])*-->|</(${nameText})\\s*>|<(${nameText})((?:${attributeText})*)\\s*(/?)>|([^<]+)`,
  "y",
);
const attribute = new RegExp(`(${nameText})\\s*=\\s*(?:"([^"]*)"|'([^']*)')`, "g");

interface OpenElement extends XmlElement {
  readonly children: (XmlElement | string)[];
  readonly scope: ReadonlyMap<string, string>;
}

interface Token {
  readonly length: number;
  readonly closes?: string;
  readonly opens?: string;
  readonly attributes: string;
  readonly isEmpty: boolean;
  readonly text?: string;
}

type Refused = { readonly type: "Refused"; readonly code: XmlFault["code"] };

function nextToken(text: string, at: number): Token | undefined {
  token.lastIndex = at;
  const match = token.exec(text);
  if (match === null) return undefined;
  const [all, closes, opens, attributes = "", slash, plain] = match;
  return {
    length: all.length,
    attributes,
    isEmpty: slash === "/",
    ...(closes !== undefined && { closes }),
    ...(opens !== undefined && { opens }),
    ...(plain !== undefined && { text: plain }),
  };
}

/** The root, once it is closed. */
function take(
  found: Token,
  open: OpenElement[],
  root: XmlElement | undefined,
): Result<XmlElement | undefined, Refused> {
  if (found.text !== undefined) return takeText(found.text, open, root);
  if (found.closes !== undefined) return close(found.closes, open, root);
  if (found.opens === undefined) return ok(root);
  if (root !== undefined || open.length >= depthMax) return refused("TooDeep");
  const element = openElement(found.opens, found.attributes, open.at(-1)?.scope);
  if (!element.ok) return element;
  open.at(-1)?.children.push(element.value);
  open.push(element.value);
  return found.isEmpty ? close(found.opens, open, root) : ok(root);
}

function takeText(
  raw: string,
  open: OpenElement[],
  root: XmlElement | undefined,
): Result<XmlElement | undefined, Refused> {
  const parent = open.at(-1);
  if (parent === undefined) return raw.trim() === "" ? ok(root) : refused("Markup");
  const text = decoded(raw);
  if (text === undefined || raw.includes("]]>")) return refused("Entity");
  const last = parent.children.at(-1);
  // Text around a comment is one text.
  if (typeof last === "string") parent.children[parent.children.length - 1] = last + text;
  else parent.children.push(text);
  return ok(root);
}

function close(
  name: string,
  open: OpenElement[],
  root: XmlElement | undefined,
): Result<XmlElement | undefined, Refused> {
  const element = open.pop();
  if (element?.name !== name) return refused("Markup");
  return ok(open.length === 0 ? element : root);
}

function openElement(
  name: string,
  attributes: string,
  outer: ReadonlyMap<string, string> = new Map([["xml", xmlNamespace]]),
): Result<OpenElement, Refused> {
  const pairs = pairsIn(attributes);
  if (pairs === undefined) return refused("Entity");
  if (new Set(pairs.map(([key]) => key)).size < pairs.length) return refused("Name");
  const declared = new Map(pairs.flatMap(([key, uri]) => declarationOf(key, uri)));
  const scope = declared.size === 0 ? outer : new Map([...outer, ...declared]);
  const [local, namespace] = resolved(name, scope, scope.get("") ?? "");
  const own = attributesIn(pairs, scope);
  if (namespace === undefined || own === undefined) return refused("Namespace");
  return ok({ name, local, namespace, attributes: own, declared, children: [], scope });
}

type Pair = readonly [name: string, value: string];

function pairsIn(attributes: string): readonly Pair[] | undefined {
  const pairs: Pair[] = [];
  for (const [, key = "", double, single] of attributes.matchAll(attribute)) {
    const value = decoded((double ?? single ?? "").replaceAll(/[\t\n]/g, " "));
    if (value === undefined) return undefined;
    pairs.push([key, value]);
  }
  return pairs;
}

function attributesIn(
  pairs: readonly Pair[],
  scope: ReadonlyMap<string, string>,
): readonly XmlAttribute[] | undefined {
  const own: XmlAttribute[] = [];
  for (const [name, value] of pairs) {
    if (name === "xmlns" || name.startsWith("xmlns:")) continue;
    const [local, namespace] = resolved(name, scope, "");
    if (namespace === undefined) return undefined;
    own.push({ name, local, namespace, value });
  }
  return own;
}

function declarationOf(key: string, uri: string): readonly Pair[] {
  if (key === "xmlns") return [["", uri]];
  return key.startsWith("xmlns:") ? [[key.slice("xmlns:".length), uri]] : [];
}

function resolved(
  name: string,
  scope: ReadonlyMap<string, string>,
  unprefixed: string,
): readonly [string, string | undefined] {
  const colon = name.indexOf(":");
  if (colon < 0) return [name, unprefixed];
  return [name.slice(colon + 1), scope.get(name.slice(0, colon))];
}

/** `undefined` for an entity that XML does not name itself. */
function decoded(raw: string): string | undefined {
  if (!raw.includes("&")) return raw;
  let isSound = true;
  const text = raw.replaceAll(
    /&(?:#(\d{1,7})|#x([\dA-Fa-f]{1,6})|(\w{1,8}));|&/g,
    (all, ...groups) => {
      const [decimal, hexadecimal, name] = groups as (string | undefined)[];
      const character = characterOf(decimal, hexadecimal) ?? named.get(name ?? "");
      if (character === undefined) isSound = false;
      return character ?? all;
    },
  );
  return isSound ? text : undefined;
}

function characterOf(decimal?: string, hexadecimal?: string): string | undefined {
  const code =
    decimal === undefined ? Number.parseInt(hexadecimal ?? "", 16) : Number.parseInt(decimal, 10);
  const isCharacter = code === 9 || code === 10 || code === 13 || (code >= 32 && code <= 0x10ffff);
  return isCharacter && (code < 0xd800 || code > 0xdfff) ? String.fromCodePoint(code) : undefined;
}

const named: ReadonlyMap<string, string> = new Map([
  ["amp", "&"],
  ["lt", "<"],
  ["gt", ">"],
  ["quot", '"'],
  ["apos", "'"],
]);

function fault(at: number, code: XmlFault["code"]): Result<never, XmlFault> {
  return err({ type: "Xml", at, code });
}

function refused(code: XmlFault["code"]): Result<never, Refused> {
  return err({ type: "Refused", code });
}
