/**
 * A second opinion on a Norwegian export: its signatures from what the file shows, by node's own primitives. Nothing
 * of the regime takes part.
 *
 * @module
 */

import { createHmac, createPublicKey, verify } from "node:crypto";
import { DOMParser, type Element } from "@xmldom/xmldom";
import { norwayKey1024, norwayKey2048 } from "./norway-keys.ts";

/** Of each transaction in its order. The comment says what the first one chains to. */
export function signaturesIn(xml: Element): readonly boolean[] {
  let previous = /previousSignature=(\S+)/.exec(textIn(xml, "headerComment"))?.[1] ?? "";
  return elements(xml, "cashtransaction").map((one) => {
    const names = ["transDate", "transTime", "nr", "transAmntIn", "transAmntEx"];
    const text = [previous, ...names.map((name) => textIn(one, name))].join(";");
    const signature = textIn(one, "signature");
    previous = signature;
    return isSigned(text, signature, textIn(one, "keyVersion"));
  });
}

function isSigned(text: string, signature: string, keyVersion: string): boolean {
  if (keyVersion === "3") {
    return createHmac("sha1", "SkatteetatenSign").update(text).digest("base64") === signature;
  }
  const key = createPublicKey(keyVersion === "1" ? norwayKey1024 : norwayKey2048);
  return verify("sha1", Buffer.from(text), key, Buffer.from(signature, "base64"));
}

export function parsed(text: string): Element {
  const root = new DOMParser().parseFromString(text, "text/xml").documentElement;
  if (root === null) throw new Error("an export has a root");
  return root;
}

export function elements(element: Element, name: string): readonly Element[] {
  return Array.from(element.getElementsByTagName(name));
}

/** Of the first such element, "" where there is none. */
export function textIn(element: Element | undefined, name: string): string {
  return element?.getElementsByTagName(name)[0]?.textContent ?? "";
}
