import { assert } from "@tillmesh/kernel";
import { describe, expect, test } from "vitest";
import { createFiscalCrypto } from "../../node/index.ts";
import type { FiscalCrypto } from "../../ports.ts";
import { conformanceText, isConformanceAbsent } from "../../testing/conformance.ts";
import {
  receiptsOfDep7,
  rksvAesKey,
  rksvExport,
  rksvMaterial,
  rksvShop,
} from "../../testing/rksv-shop.ts";
import { fieldsOf, forge, sealWeek } from "../../testing/rksv-week.ts";
import { encryptTurnover } from "./turnover.ts";
import { readRksvMaterial, verifyDep7, type Dep7Report, type RksvMaterial } from "./verify-dep7.ts";

const crypto = remembering(createFiscalCrypto());
const runs = ["1-open", "1-closed", "2-open", "2-closed", "2-len5", "3-open", "3-closed", "4-open"];
const stored = [...runs, "4-closed"];
const isAbsent = isConformanceAbsent("exports of the model cash box", 2 * stored.length);

describe.skipIf(isAbsent)("exports of the ministry's model cash box (RAT)", () => {
  test.each(stored)("[RAT14] %s is accepted", (run) => {
    const { text, material } = storedRun(run);
    const report = verify(text, material);
    expect(report.findings).toEqual([]);
    expect(report.receiptCount).toBe(receiptsOfDep7(text).length);
  });

  test.each(stored)("[RAT14] %s is refused with any one receipt of each kind spoilt", (run) => {
    const { text, material } = storedRun(run);
    const receipts = receiptsOfDep7(text);
    for (const at of oneOfEachKind(receipts)) {
      for (const [what, spoil] of Object.entries(spoilers)) {
        const { findings } = verify(depOf(spoil(receipts, at).slice(0, at + 4)), material);
        expect(findings.length, `${what} at ${at}`).toBeGreaterThan(0);
      }
    }
    expect(verify(text, { ...material, aesKey: new Uint8Array(32) }).findings).not.toEqual([]);
    expect(verify(text, exchanged(material)).findings).not.toEqual([]);
    expect(verify(depOf(receipts.slice(1)), material).findings).not.toEqual([]);
  });
});

describe("exports of our own (RAT)", () => {
  const shop = rksvShop({ keyIds: ["a1", "b2"] });
  const material = rksvMaterial(shop);
  const key = shop.privateKeys["a1"];
  assert(key !== undefined, "the shop has its key");

  test("[RAT14] a life with all kinds of receipts is accepted", async () => {
    const { documents, head } = await sealWeek(shop);
    const { findings, receiptCount, turnoverMinor } = verify(
      await rksvExport(documents, shop),
      material,
    );
    expect(findings).toEqual([]);
    expect(receiptCount).toBe(documents.length);
    expect(head.state).toEqual({ turnoverMinor: Number(turnoverMinor) });
  });

  test("[RAT14] each receipt of it spoilt in each way is refused", async () => {
    const receipts = (await sealWeek(shop)).documents.map(({ text }) => text);
    for (const at of receipts.slice(0, -1).keys()) {
      for (const [what, spoil] of Object.entries(spoilers)) {
        const { findings } = verify(depOf(spoil(receipts, at).slice(0, at + 4)), material);
        expect(findings.length, `${what} at ${at}`).toBeGreaterThan(0);
      }
    }
  });

  test.each<[string, string, number, (fields: readonly string[]) => readonly string[]]>([
    ["a counter of nothing", "counter", 2, (fields) => fields.with(10, "AAAAAAAAAAA=")],
    ["a counter of another size", "counter", 2, (fields) => fields.with(10, "AAAAAAA=")],
    ["the right counter in fewer bytes", "counter", 2, shortCounter],
    ["a counter that is none", "counter", 2, (fields) => fields.with(10, "x")],
    ["a sum that the counter does not have", "counter", 2, (fields) => fields.with(5, "7,00")],
    ["a training that was a sale", "counter", 7, (fields) => fields.with(10, "VFJB")],
    ["a sale that was a training", "counter", 5, (fields) => fields.with(10, "U1RP")],
    ["a chain value of another", "chain", 2, (fields) => fields.with(12, "cg8hNU5ihto=")],
    ["a number given twice", "number", 3, (fields) => fields.with(3, "B1-1-000001")],
    ["another cash box", "format", 3, (fields) => fields.with(2, "OTHER")],
    ["a start with an amount", "start", 1, (fields) => fields.with(5, "0,01")],
    ["the key of another", "signature", 4, (fields) => fields.with(11, "b2")],
    ["a key that nobody knows", "key", 4, (fields) => fields.with(11, "c3")],
  ])("[RAT14] %s is found even if it was signed anew", async (...[, code, sequence, change]) => {
    const { documents } = await sealWeek(shop);
    const receipts = documents.map(({ text }, at) =>
      at === sequence - 1 ? forge(text, change, key) : text,
    );
    const { findings } = verify(depOf(receipts), material);
    expect(findings.map((finding) => finding.code)).toContain(code);
  });

  test("[RAT11] an outage without a collective receipt is found, even in a chain that holds", async () => {
    const { documents } = await sealWeek(shop);
    const until = documents.slice(0, 11).map(({ text }) => text);
    const texts = [...until];
    for (const amount of ["1,00", "2,00", "3,00"]) {
      const chain = chainOf(texts.at(-1) ?? "");
      // Voids: their counter field says nothing, so that nothing else is wrong.
      const change = (fields: readonly string[]): readonly string[] =>
        fields.with(3, `V${amount}`).with(5, amount).with(10, "U1RP").with(12, chain);
      texts.push(forge(documents[1]?.text ?? "", change, key));
    }
    expect(codesOf(depOf(texts.slice(0, 12)))).toEqual([]);
    expect(codesOf(depOf(texts.slice(0, 13)))).toEqual(["collective"]);
    expect(codesOf(depOf(texts))).toEqual(["collective"]);
  });

  function codesOf(text: string): readonly string[] {
    return verify(text, material).findings.map(({ code }) => code);
  }

  test.each(["", "{}", "[]", "null", '{"Belege-Gruppe":1}', '{"Belege-Gruppe":[{}]}'])(
    "[RAT14] %j is no export",
    (text) =>
      expect(verifyDep7(text, material, { crypto })).toEqual({
        ok: false,
        error: { type: "NoDep7" },
      }),
  );

  test("[RAT14] an export without receipts has no start receipt, nor has one whose first is unsigned", async () => {
    expect(codesOf('{"Belege-Gruppe":[]}')).toEqual(["start"]);
    const [start] = (await sealWeek(shop)).documents;
    expect(codesOf(depOf([marked(start?.text ?? "")]))).toEqual(["start"]);
  });

  test("[RAT14] what is no receipt is told, and so is what follows it", () => {
    const text = '{"Belege-Gruppe":[{"Belege-kompakt":["nonsense",7]}]}';
    expect(codesOf(text)).toEqual(["format", "format"]);
  });

  test.each([
    "",
    "{}",
    '{"base64AESKey":"AA==","certificateOrPublicKeyMap":{}}',
    `{"base64AESKey":"${"A".repeat(43)}=","certificateOrPublicKeyMap":{"a":1}}`,
    `{"base64AESKey":"${"A".repeat(43)}=","certificateOrPublicKeyMap":{"a":{"signatureDeviceType":"CERTIFICATE","signatureCertificateOrPublicKey":"AAAA"}}}`,
  ])("[RAT14] %j is no container of keys", (text) => {
    expect(readRksvMaterial(text)).toMatchObject({ error: { type: "NoMaterial" } });
  });
});

/** Most receipts of a spoilt export are the same as before. */
function remembering(plain: FiscalCrypto): FiscalCrypto {
  const known = new Map<string, boolean>();
  return {
    ...plain,
    verify: (algorithm, publicKey, ...rest) => {
      const call = [publicKey, ...rest].map((bytes) => Buffer.from(bytes).toString("latin1"));
      const isRight = known.get(call.join()) ?? plain.verify(algorithm, publicKey, ...rest);
      known.set(call.join(), isRight);
      return isRight;
    },
  };
}

type Spoil = (receipts: readonly string[], at: number) => readonly string[];

const spoilers: Readonly<Record<string, Spoil>> = {
  "a bit of the payload": changeOne((text) => changeFields(text, (fields) => bumped(fields))),
  "a bit of the signature": changeOne((text) => flipped(text, text.length - 40)),
  "two fields exchanged": changeOne((text) => changeFields(text, swapped)),
  "the receipt removed": (receipts, at) => receipts.toSpliced(at, 1),
  "exchanged with the next": (receipts, at) =>
    receipts.with(at, receipts[at + 1] ?? "").with(at + 1, receipts[at] ?? ""),
  "the receipt twice": (receipts, at) => receipts.toSpliced(at, 0, receipts[at] ?? ""),
  "another amount": changeOne((text) => changeFields(text, (fields) => fields.with(5, "1,23"))),
  "another counter": changeOne((text) =>
    changeFields(text, (fields) => fields.with(10, "AAAAAAAAAAA=")),
  ),
  "another time": changeOne((text) =>
    changeFields(text, (fields) => fields.with(4, "2015-01-01T00:00:00")),
  ),
  "its signature marked as failed, or a failed one as signed": changeOne(marked),
};

function changeOne(change: (text: string) => string): Spoil {
  return (receipts, at) => receipts.with(at, change(receipts[at] ?? ""));
}

function changeFields(
  text: string,
  change: (fields: readonly string[]) => readonly string[],
): string {
  const [header, , tail] = text.split(".");
  const body = Buffer.from(change(fieldsOf(text)).join("_")).toString("base64url");
  return [header, body, tail].join(".");
}

function bumped(fields: readonly string[]): readonly string[] {
  const number = fields[3] ?? "";
  return fields.with(3, `${number.slice(0, -1)}${number.endsWith("x") ? "y" : "x"}`);
}

function swapped(fields: readonly string[]): readonly string[] {
  const [one, other] = fields[5] === fields[6] ? [10, 12] : [5, 6];
  return fields.with(one, fields[other] ?? "").with(other, fields[one] ?? "");
}

/** Of the first sale of the week. */
function shortCounter(fields: readonly string[]): readonly string[] {
  const place = { cashBoxId: fields[2] ?? "", number: fields[3] ?? "" };
  const key = { aesKey: rksvAesKey, crypto };
  return fields.with(10, encryptTurnover({ minor: 1957n, sizeBytes: 5 }, place, key));
}

function flipped(text: string, at: number): string {
  return text.slice(0, at) + (text[at] === "A" ? "B" : "A") + text.slice(at + 1);
}

function marked(text: string): string {
  const at = text.lastIndexOf(".") + 1;
  const mark = Buffer.from("Sicherheitseinrichtung ausgefallen").toString("base64url");
  const other = text.endsWith(mark) ? Buffer.alloc(64, 1).toString("base64url") : mark;
  return text.slice(0, at) + other;
}

/** The first of each: by its counter field, by whether it has amounts, by whether it is signed. Never the last. */
function oneOfEachKind(receipts: readonly string[]): readonly number[] {
  const kinds = receipts.slice(0, -1).map((text, at) => {
    const fields = fieldsOf(text);
    const field = ["VFJB", "U1RP"].find((mark) => mark === fields[10]) ?? "";
    const isZero = fields.slice(5, 10).every((amount) => amount === "0,00");
    return [field, isZero, (text.split(".")[2] ?? "").length === 86, at === 0].join();
  });
  return [...new Set(kinds)].map((kind) => kinds.indexOf(kind));
}

function depOf(receipts: readonly string[]): string {
  return JSON.stringify({ "Belege-Gruppe": [{ "Belege-kompakt": receipts }] });
}

function exchanged({ aesKey, publicKeys }: RksvMaterial): RksvMaterial {
  const names = [...publicKeys.keys()];
  const keys = [...publicKeys.values()];
  return { aesKey, publicKeys: new Map(names.map((name, at) => [name, keys.at(at - 1)!])) };
}

function storedRun(run: string): { readonly text: string; readonly material: RksvMaterial } {
  const folder = `at-rksv/reference-box-deps/${run}`;
  const material = readRksvMaterial(
    conformanceText(`${folder}/cryptographicMaterialContainer.json`),
  );
  assert(material.ok, "the container is read");
  return { text: conformanceText(`${folder}/dep-export.json`), material: material.value };
}

function verify(text: string, material: RksvMaterial): Dep7Report {
  const report = verifyDep7(text, material, { crypto });
  assert(report.ok, "it is an export");
  return report.value;
}

function chainOf(text: string): string {
  return Buffer.from(crypto.sha256(Buffer.from(text)))
    .subarray(0, 8)
    .toString("base64");
}
