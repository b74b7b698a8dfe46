import { canonicalJson, hex, utf8, type Json } from "@tillmesh/kernel";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { factCrypto, factKeys } from "../testing/signed-facts.ts";
import { isSignedBy, openSignedText, signFact } from "./signed-text.ts";

const keys = { signer: factKeys.owner, crypto: factCrypto };
const json = fc
  .jsonValue({ maxDepth: 3, noUnicodeString: false })
  .map((value) => JSON.parse(JSON.stringify(value, (_, one) => wholeNumber(one))) as Json);

function wholeNumber(value: unknown): unknown {
  return typeof value === "number" ? Math.trunc(value % 1_000_000) || 0 : value;
}

function open(text: string) {
  return openSignedText("entry", text, factCrypto);
}

describe("signed texts (ST)", () => {
  test("[ST1] what is signed is opened to the same fact, and verifies under its key only", () => {
    fc.assert(
      fc.property(json, (fact) => {
        const signed = signFact("entry", fact, keys);
        const opened = open(signed.text);
        if (!opened.ok) throw new Error(JSON.stringify(opened.error));
        expect(canonicalJson(opened.value.fact)).toBe(canonicalJson(fact));
        expect(opened.value.hash).toBe(signed.hash);
        expect(isSignedBy(opened.value, factKeys.owner.publicKey, factCrypto)).toBe(true);
        expect(isSignedBy(opened.value, factKeys.other.publicKey, factCrypto)).toBe(false);
      }),
    );
  });

  test("[ST2] the hash is SHA-256 of the canonical JSON, and the signature is over that hash", () => {
    const { text, hash } = signFact("entry", { b: 1, a: "é" }, keys);
    const digest = factCrypto.sha256(utf8(`{"a":"é","b":1}`));
    expect(hash).toBe(hex(digest));
    expect(text.startsWith(`{"entry":{"a":"é","b":1},"signature":"`)).toBe(true);
    expect(JSON.parse(text)).toMatchObject({ entry: { a: "é", b: 1 } });
  });

  const genuine = signFact("entry", { a: 1, b: [true, null, "x"] }, keys).text;
  const inner = `{"a":1,"b":[true,null,"x"]}`;

  test.each([
    ["another kind", genuine.replace("entry", "publication")],
    ["no signature", `{"entry":${inner}}`],
    ["padding", genuine.replace(/"\}$/, `=="}`)],
    ["standard base64", genuine.replace(/"[^"]{86}"\}$/, `"${"+".repeat(86)}"}`)],
    ["stray bits in the last character", genuine.replace(/.(?="\}$)/, (c) => afterLast(c))],
    ["a shorter signature", genuine.replace(/.{4}"\}$/, `"}`)],
    ["a space before", ` ${genuine}`],
    ["a space after", `${genuine} `],
    ["another member", genuine.replace(/\}$/, `,"x":1}`)],
    ["nothing", ""],
    ["a head alone", `{"entry":`],
  ])("[ST3] refused: %s", (_, text) => {
    expect(open(text)).toMatchObject({ ok: false, error: { type: "NotSignedText" } });
  });

  test.each([
    ["spaces", `{ "a":1,"b":[true,null,"x"]}`],
    ["members in another order", `{"b":[true,null,"x"],"a":1}`],
    ["a member twice", `{"a":2,"a":1,"b":[true,null,"x"]}`],
    ["an escape that need not be", `{"a":1,"b":[true,null,"\\u0078"]}`],
    ["a fraction", `{"a":1.0,"b":[true,null,"x"]}`],
    ["an exponent", `{"a":1e0,"b":[true,null,"x"]}`],
    ["minus zero", `{"a":-0,"b":[true,null,"x"]}`],
    ["an unsafe integer", `{"a":9007199254740993,"b":[true,null,"x"]}`],
    ["no JSON", `{"a":1`],
    ["two values", `1,"x":1`],
    ["too many levels", `${"[".repeat(40)}${"]".repeat(40)}`],
  ])("[ST4] refused although signed: %s", (_, wrong) => {
    const digest = factCrypto.sha256(utf8(wrong));
    const signature = Buffer.from(factKeys.owner.sign(digest)).toString("base64url");
    const text = `{"entry":${wrong},"signature":"${signature}"}`;
    expect(open(text)).toMatchObject({ ok: false, error: { type: "NotCanonical" } });
  });

  test("[ST5] one changed character is refused, or does not verify", () => {
    fc.assert(
      fc.property(
        fc.nat(genuine.length - 1),
        fc.string({ minLength: 1, maxLength: 1 }),
        (at, c) => {
          const text = genuine.slice(0, at) + c + genuine.slice(at + 1);
          if (text === genuine) return;
          const opened = open(text);
          if (!opened.ok) return;
          expect(isSignedBy(opened.value, factKeys.owner.publicKey, factCrypto)).toBe(false);
        },
      ),
      { numRuns: 500 },
    );
  });

  test("[ST5] no text makes opening throw", () => {
    const almost = fc.string().map((text) => `{"entry":${text},"signature":"${"A".repeat(86)}"}`);
    fc.assert(fc.property(fc.oneof(fc.string(), almost), (text) => void open(text)));
  });
});

/** Another character that stands for the same two bits. */
function afterLast(char: string): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  return alphabet.charAt(alphabet.indexOf(char) | 1);
}
