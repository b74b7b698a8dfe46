import { DOMParser, onWarningStopParsing } from "@xmldom/xmldom";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { C14nCanonicalization } from "xml-crypto";
import { canonicalXml, escapeAttribute, escapeText, withoutForbidden } from "./canonical-xml.ts";
import { parseXml, textOf } from "./xml-tree.ts";

/** What a document may hold; `\r` only as a reference, since readers take it for a line end. */
const words = fc
  .string({
    unit: fc.constantFrom("a", "Ω", "ش", "𝄞", "<", "&", '"', "'", ">", " ", "\n", "\t", "\r"),
  })
  .map(withoutForbidden);
const prefixes = ["", "p", "q", "cbc"] as const;
// None with an ampersand: xml-crypto writes it unescaped, which is no XML.
const uris = ["urn:a", "urn:b", "http://example.org/ns#"] as const;

interface Tree {
  readonly prefix: (typeof prefixes)[number];
  readonly declared: Readonly<Record<string, string>>;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly (Tree | string)[];
  readonly comment: boolean;
  readonly quote: '"' | "'";
}

const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.record({
    prefix: fc.constantFrom(...prefixes),
    declared: fc.dictionary(fc.constantFrom(...prefixes), fc.constantFrom(...uris), { maxKeys: 3 }),
    attributes: fc.dictionary(fc.constantFrom("b", "a", "Id", "name", "currencyID"), words, {
      maxKeys: 3,
    }),
    children: fc.array(fc.oneof({ maxDepth: 3, depthSize: "small" }, words, tie("tree")), {
      maxLength: 4,
    }),
    comment: fc.boolean(),
    quote: fc.constantFrom('"', "'"),
  }),
}));

// Every prefix is declared at the top, so that each tree is a document.
function written(root: Tree): string {
  const declared = {
    ...Object.fromEntries(prefixes.map((prefix) => [prefix, "urn:top"])),
    ...root.declared,
  };
  return element({ ...root, declared });
}

function element({ attributes, children, comment, declared, prefix, quote }: Tree): string {
  const name = prefix === "" ? "e" : `${prefix}:e`;
  const pairs = [
    ...Object.entries(attributes),
    ...Object.entries(declared).map(
      ([of, uri]) => [of === "" ? "xmlns" : `xmlns:${of}`, uri] as const,
    ),
  ].map(([key, value]) => ` ${key}=${quote}${quoted(value)}${quote}`);
  const inner = children.map((one) => (typeof one === "string" ? escapeText(one) : element(one)));
  if (inner.length === 0 && !comment) return `<${name}${pairs.join("")}/>`;
  return `<${name}${pairs.join("")} >${inner.join("")}${comment ? "<!-- - x -->" : ""}</${name} >`;
}

function quoted(value: string): string {
  return escapeAttribute(value).replaceAll("'", "&#39;");
}

describe("XML (RSA)", () => {
  test("[RSA5] canonical form is what xml-crypto makes of the same document", () => {
    fc.assert(
      fc.property(tree, (root) => {
        const text = written(root);
        const dom = new DOMParser({ onError: onWarningStopParsing }).parseFromString(
          text,
          "text/xml",
        );
        const parsed = parseXml(text);
        const other = dom.documentElement;
        expect(parsed.ok && canonicalXml(parsed.value)).toBe(
          other && new C14nCanonicalization().process(other, {}),
        );
      }),
    );
  });

  test("[RSA5] what is canonical stays as it is", () => {
    fc.assert(
      fc.property(tree, (root) => {
        const once = parseXml(written(root));
        const canonical = once.ok ? canonicalXml(once.value) : "";
        const twice = parseXml(canonical);
        expect(twice.ok && canonicalXml(twice.value)).toBe(canonical);
      }),
    );
  });

  test("[RSA5] whatever is read ends in a tree or a fault", () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom("<", ">", "/", "a", "&", ";", "!", "-", "?", '"', "=", " ", "#"),
        }),
        (text) => {
          expect(typeof parseXml(text).ok).toBe("boolean");
        },
      ),
    );
  });

  test.each([
    ["", "Unfinished"],
    ["<a>", "Unfinished"],
    ["<a/><b/>", "TooDeep"],
    ["<a></b>", "Markup"],
    ["<a/>x", "Markup"],
    ["<a b=1/>", "Markup"],
    ["<a b='1' b='2'/>", "Name"],
    ["<a>&x;</a>", "Entity"],
    ["<a>&#0;</a>", "Entity"],
    ["<a>&#xD800;</a>", "Entity"],
    ["<a>& </a>", "Entity"],
    ["<a>]]></a>", "Entity"],
    ["<p:a/>", "Namespace"],
    ["<a p:b='1'/>", "Namespace"],
    ["<!DOCTYPE a><a/>", "Markup"],
    ["<a><![CDATA[x]]></a>", "Markup"],
    ["<a><?x y?></a>", "Markup"],
    ["<a>".repeat(65) + "</a>".repeat(65), "TooDeep"],
    ["x".repeat(4_000_001), "TooLarge"],
  ])("[RSA6] %.30s is refused: %s", (text, code) => {
    expect(parseXml(text)).toMatchObject({ ok: false, error: { code } });
  });

  test("[RSA5] references, line ends and comments", () => {
    const parsed = parseXml("<a>&lt;&#65;&#x42;\r\n&quot;<!-- x -->&apos;&amp;</a>");
    expect(parsed.ok && textOf(parsed.value)).toBe("<AB\n\"'&");
    expect(parsed.ok && parsed.value.children).toHaveLength(1);
  });
});
