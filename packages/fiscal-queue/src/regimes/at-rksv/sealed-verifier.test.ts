import { assert } from "@tillmesh/kernel";
import { describe, expect, test } from "vitest";
import type { SealedDocument } from "../../document.ts";
import { createFiscalCrypto } from "../../node/index.ts";
import type { SealContext } from "../../regime.ts";
import { rksvShop } from "../../testing/rksv-shop.ts";
import { fieldsOf, forge, sealWeek } from "../../testing/rksv-week.ts";
import { chainValue, readJws } from "./jws.ts";
import { printParts } from "./print.ts";
import { rksv } from "./rksv.ts";

const shop = rksvShop({ keyIds: ["a1", "b2"] });
const crypto = createFiscalCrypto();
const context: SealContext = { config: shop.config, secrets: shop.secrets, crypto };
const key = shop.privateKeys["a1"];
assert(key !== undefined, "the shop has its key");

describe("the verifier of our own documents (RAT)", () => {
  test.each([8, 5])(
    "[RAT15] every kind of receipt verifies, counters of %i bytes",
    async (size) => {
      const other = rksvShop({ counterBytes: size });
      const run = await sealWeek(other);
      expect(found(run.documents, run.context)).toEqual([]);
    },
  );

  test("[RAT15] at headquarters, without the key of the counter, the rest is checked", async () => {
    const { documents } = await sealWeek(shop);
    const without = { ...context, secrets: {} };
    expect(found(documents, without)).toEqual([]);
    const changed = edit(documents, 1, (one) => ({ ...one, state: { turnoverMinor: 5 } }));
    expect(found(changed, without)).toContain("2 state");
  });

  test.each<[string, string, (one: SealedDocument) => SealedDocument]>([
    ["a bit of the text", "hash", (one) => ({ ...one, text: one.text.replace(/.$/, flip) })],
    ["a text that is none", "format", (one) => ({ ...one, text: `${one.text}=` })],
    ["its hash", "hash", (one) => ({ ...one, hash: "AAAAAAAAAAA=" })],
    ["the hash before", "chain", (one) => ({ ...one, previous: "AAAAAAAAAAA=" })],
    ["its number", "number", (one) => ({ ...one, number: "B1-1-000099" })],
    ["its number beside the text", "format", (one) => ({ ...one, number: "B1-1-000099" })],
    ["its time", "format", (one) => ({ ...one, at: { ...one.at, epochMs: 0 } })],
    ["its offset", "format", (one) => ({ ...one, at: { ...one.at, offsetMinutes: 0 } })],
    ["its key", "format", (one) => ({ ...one, keyId: "b2" })],
    ["the counter kept", "state", (one) => ({ ...one, state: { turnoverMinor: 1 } })],
    ["a state that is none", "state", (one) => ({ ...one, state: null })],
    ["whether it is signed", "degraded", degraded],
    ["what is printed", "print", (one) => ({ ...one, print: { ...one.print, lines: [] } })],
    ["the QR text", "print", (one) => ({ ...one, print: { lines: one.print.lines } })],
    ["its stream", "format", (one) => ({ ...one, stream: "other" })],
    ["its regime", "format", (one) => ({ ...one, regime: "none" })],
    ["its place", "gap", (one) => ({ ...one, sequence: 99 })],
  ])("[RAT15] %s changed is found, in every receipt", async (_, code, change) => {
    const { documents } = await sealWeek(shop);
    for (const at of documents.keys()) {
      const codes = found(edit(documents, at, change), context).map((one) => one.split(" ")[1]);
      expect(codes, documents[at]?.kind).toContain(code);
    }
  });

  test("[RAT15] every kind given out as another is found", async () => {
    const { documents } = await sealWeek(shop);
    const kinds = [...new Set(documents.map(({ kind }) => kind))];
    for (const at of documents.keys()) {
      for (const kind of kinds.filter((one) => one !== documents[at]?.kind)) {
        const codes = found(
          edit(documents, at, (one) => ({ ...one, kind })),
          context,
        );
        // Sale and refund are one kind to the law: both are what was sold, with its sign.
        const isSame = [kind, documents[at]?.kind].every((one) =>
          ["sale", "refund"].includes(one ?? ""),
        );
        expect(codes.length > 0, `${documents[at]?.kind} as ${kind}`).toBe(!isSame);
      }
    }
  });

  test("[RAT15] what is left out, doubled or exchanged is found", async () => {
    const { documents } = await sealWeek(shop);
    for (const at of documents.slice(0, -1).keys()) {
      const [one, next] = [documents[at], documents[at + 1]];
      assert(one !== undefined && next !== undefined, "there is a next");
      const spoilt = [
        documents.toSpliced(at, 1),
        documents.toSpliced(at, 0, one),
        documents.with(at, next).with(at + 1, one),
      ];
      for (const all of spoilt) expect(found(all, context)).not.toEqual([]);
    }
  });

  test("[RAT15] the keys of another shop find every signature wrong, another AES key every counter", async () => {
    const { documents } = await sealWeek(shop);
    const others = rksvShop({ keyIds: ["a1", "b2"] }).config.keys;
    const signed = documents.filter((one) => one.degraded === undefined);
    expect(found(documents, { ...context, config: { ...shop.config, keys: others } })).toEqual(
      signed.map(({ sequence }) => `${sequence} signature`),
    );
    const secrets = { turnover: new Uint8Array(32).fill(1) };
    const counters = found(documents, { ...context, secrets });
    const counted = documents.filter(
      ({ text }) => !/^(?:VFJB|U1RP)$/.test(fieldsOf(text)[10] ?? ""),
    );
    expect(counters).toEqual(counted.map(({ sequence }) => `${sequence} counter`));
  });

  test("[RAT11] three sales in place of the collective receipt are found, signed and chained as they may be", async () => {
    const run = await sealWeek(shop);
    const untilOutage = run.documents.slice(0, 11);
    const forged = withVoid(withVoid(withVoid(untilOutage)));
    expect(found(forged, context).filter((one) => !one.endsWith("print"))).toEqual([
      "13 collective",
    ]);
  });

  test("[RAT12] a yearly receipt without a signature is found", async () => {
    const { documents } = await sealWeek(shop);
    const year = documents.find(({ kind }) => kind === "year");
    assert(year !== undefined, "there is one");
    const [head, body] = year.text.split(".");
    const mark = Buffer.from("Sicherheitseinrichtung ausgefallen").toString("base64url");
    const text = `${head}.${body}.${mark}`;
    const all = edit(documents, year.sequence - 1, (one) => ({ ...one, text }));
    expect(found(all, context)).toContain(`${year.sequence} signature`);
  });
});

/** Findings as `sequence code`. */
function found(documents: readonly SealedDocument[], input: SealContext): readonly string[] {
  const verifier = rksv.verifier(input);
  const all = [...documents.flatMap((document) => verifier.step(document)), ...verifier.end()];
  return all.map(({ sequence, code }) => `${sequence} ${code}`);
}

function edit(
  documents: readonly SealedDocument[],
  at: number,
  change: (one: SealedDocument) => SealedDocument,
): readonly SealedDocument[] {
  return documents.map((one, index) => (index === at ? change(one) : one));
}

function degraded(one: SealedDocument): SealedDocument {
  const { degraded: was, ...rest } = one;
  return was === undefined ? { ...one, degraded: { reason: "x" } } : rest;
}

function flip(letter: string): string {
  return letter === "A" ? "Q" : "A";
}

/** A void in its place, right in all but that the collective receipt should stand there. */
function withVoid(all: readonly SealedDocument[]): readonly SealedDocument[] {
  const last = all.at(-1);
  const [, sale] = all;
  const voids = all.filter(({ kind }) => kind === "void" || kind === "sale" || kind === "refund");
  assert(last !== undefined && sale !== undefined && key !== undefined, "there are documents");
  const number = `B1-1-${String(voids.length + 1).padStart(6, "0")}`;
  const chain = chainValue(last.text, crypto);
  const change = (fields: readonly string[]): readonly string[] =>
    [
      ...fields.slice(0, 3),
      number,
      fieldsOf(last.text)[4] ?? "",
      "0,00",
      "0,00",
      "0,00",
      "0,00",
      "0,00",
    ].concat(["U1RP", "a1", chain]);
  const text = forge(sale.text, change, key);
  const jws = readJws(text);
  assert(jws !== undefined, "it is a receipt");
  const print = printParts({
    kind: "void",
    cashBoxId: shop.config.till,
    jws,
    recovered: undefined,
  });
  const { state, at, sequence } = last;
  const place = {
    sequence: sequence + 1,
    number,
    at,
    previous: chain,
    hash: chainValue(text, crypto),
  };
  return [...all, { ...sale, ...place, kind: "void", text, print, state }];
}
