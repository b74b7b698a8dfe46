import { beforeAll, describe, expect, test } from "vitest";
import type { SealedDocument } from "../../document.ts";
import type { VerifyFinding } from "../../regime.ts";
import { everyType } from "../../testing/fake-aeat-samples.ts";
import {
  regimeOf,
  sealInSpain,
  signingShop,
  spanishCustomer,
  spanishReceipt,
} from "../../testing/fake-aeat-shop.ts";
import type { SealedRun } from "../../testing/seal-all.ts";

let plain: SealedRun;
let signed: SealedRun;

const refersTo = { number: "B1-1-000001", issuedOn: "2026-11-22" };

beforeAll(async () => {
  plain = await sealInSpain(everyType);
  signed = await sealInSpain(
    [
      spanishReceipt("sale", { 21: 1210 }, { customer: spanishCustomer }),
      { kind: "cancellation", receipt: spanishReceipt("void", { 21: -1210 }, { refersTo }) },
      { kind: "event", facts: { event: "other", detail: "Prueba" } },
      spanishReceipt("refund", { 10: -550 }),
    ],
    signingShop(),
  );
});

function verified(run: SealedRun, documents = run.documents): readonly VerifyFinding[] {
  const verifier = regimeOf(run.context.config).verifier(run.context);
  return [...documents.flatMap((document) => verifier.step(document)), ...verifier.end()];
}

/** The run with one document changed. */
function changed(
  run: SealedRun,
  index: number,
  change: (document: SealedDocument) => SealedDocument,
): readonly VerifyFinding[] {
  const original = run.documents[index]!;
  const document = change(original);
  expect(document).not.toEqual(original);
  return verified(run, [...run.documents.slice(0, index), document]);
}

const inText = (from: string | RegExp, to: string) => (document: SealedDocument) => ({
  ...document,
  text: document.text.replace(from, to),
});

test("[RES18] streams of every type of record, signed or not, have nothing wrong", () => {
  expect(verified(plain)).toEqual([]);
  expect(verified(signed)).toEqual([]);
});

const ofEveryRecord: readonly [string, (document: SealedDocument) => SealedDocument][] = [
  ["another time in the text", inText(/T1\d:(\d\d):00\+01:00</, "T09:$1:00+01:00<")],
  [
    "another hash in the text",
    inText(
      /(<sf:Huella(?:Evento)?>)[^<]{64}(<\/sf:Huella(?:Evento)?>)(?!.*<sf:Huella)/s,
      `$1${"A".repeat(64)}$2`,
    ),
  ],
  ["a type of hash that is none", inText("TipoHuella>01<", "TipoHuella>99<")],
  ["another version", inText("IDVersion>1.0<", "IDVersion>1.1<")],
  ["another installation", inText("NumeroInstalacion>B1-1<", "NumeroInstalacion>B1-9<")],
  ["white space", inText("><sf:TipoHuella", ">\n<sf:TipoHuella")],
  ["a comment", inText("<sf:TipoHuella", "<!--x--><sf:TipoHuella")],
  ["another hash beside the text", (document) => ({ ...document, hash: "B".repeat(64) })],
  ["another link beside the text", (document) => ({ ...document, previous: "C".repeat(64) })],
  [
    "another instant",
    (document) => ({ ...document, at: { ...document.at, epochMs: document.at.epochMs + 1000 } }),
  ],
  ["another sequence", (document) => ({ ...document, sequence: document.sequence + 1 })],
  ["another stream", (document) => ({ ...document, stream: `${document.stream}0` })],
  [
    "another state",
    (document) => ({ ...document, state: { record: null, event: null, events: 7 } }),
  ],
];

// One of each type of alta, the void, a correction, and both cancellations.
describe.each([0, 1, 3, 4, 5, 6, 7, 8, 9, 10, 14, 15, 16])("record %i", (index) => {
  test.each(ofEveryRecord)("[RES18] refused after %s", (_, change) => {
    expect(changed(plain, index, change)).not.toEqual([]);
  });
});

describe.each([0, 1, 2, 3, 4])("signed document %i", (index) => {
  test.each(ofEveryRecord)("[RES18] refused after %s", (_, change) => {
    expect(changed(signed, index, change)).not.toEqual([]);
  });

  test.each([
    ["the seller's name", inText("Café", "Cafe"), "Tillmesh"],
    ["the software's name", inText("Tillmesh till", "Tillmesh tilt"), ""],
    ["the policy", inText("2.16.724", "2.16.725"), ""],
    ["the value of the signature", inText(/(SignatureValue Id="[^"]*">)./, "$1+"), ""],
    ["no signature", inText(/<ds:Signature .*<\/ds:Signature>/, ""), ""],
    ["another key", (document: SealedDocument) => ({ ...document, keyId: "K2" }), ""],
  ])("[RES18] refused after a change of %s", (_, change, otherwise) => {
    const document = signed.documents[index]!;
    const isThere =
      change(document).text !== document.text || change(document).keyId !== document.keyId;
    const fitting = isThere ? change : inText(otherwise, "Other");
    const codes = changed(signed, index, fitting).map(({ code }) => code);
    expect(codes.some((code) => code === "signature" || code === "key")).toBe(true);
  });
});

describe("altas", () => {
  const ofAlta: readonly [string, (document: SealedDocument) => SealedDocument, string][] = [
    ["another taxpayer", inText("IDEmisorFactura>89890001K", "IDEmisorFactura>89890009K"), "hash"],
    [
      "another number",
      inText("NumSerieFactura>B1-1-000001", "NumSerieFactura>B1-1-000009"),
      "number",
    ],
    ["another date", inText("Factura>22-11-2026", "Factura>21-11-2026"), "hash"],
    ["another type", inText("TipoFactura>F2", "TipoFactura>F1"), "hash"],
    ["another total", inText(/ImporteTotal>\d/, "ImporteTotal>9"), "hash"],
    ["another base", inText(/NoSujeto>\d/, "NoSujeto>9"), "format"],
    [
      "a correction's mark",
      inText("<sf:TipoFactura>", "<sf:Subsanacion>S</sf:Subsanacion><sf:TipoFactura>"),
      "format",
    ],
    [
      "a signature nobody asked for",
      inText("</sf:RegistroAlta>", '<ds:Signature xmlns:ds="x"></ds:Signature></sf:RegistroAlta>'),
      "signature",
    ],
    [
      "another code",
      (document) => ({
        ...document,
        print: { ...document.print, qr: { text: "https://example.org", level: "M" } },
      }),
      "qr",
    ],
    ["no code", (document) => ({ ...document, print: { lines: [] } }), "qr"],
    [
      "another number beside the text",
      (document) => ({ ...document, number: "B1-1-000002" }),
      "number",
    ],
    ["another kind", (document) => ({ ...document, kind: "refund" }), "format"],
    ["an element of another kind", (document) => ({ ...document, kind: "cancellation" }), "format"],
  ];

  test.each(ofAlta)("[RES18] refused after %s", (_, change, code) => {
    expect(changed(plain, 0, change).map((finding) => finding.code)).toContain(code);
  });
});

describe("streams", () => {
  test("[RES18] a record taken out, two exchanged, one twice", () => {
    const { documents } = plain;
    const [first, second, ...rest] = documents;
    const codes = (changedOnes: readonly SealedDocument[]): readonly string[] =>
      verified(plain, changedOnes).map(({ code }) => code);
    expect(codes([first!, ...rest])).toEqual(expect.arrayContaining(["gap", "chain", "number"]));
    expect(codes([second!, first!, ...rest])).toContain("chain");
    expect(codes([first!, first!, second!, ...rest])).toContain("gap");
  });

  test("[RES18] a record that claims to be the first once more", async () => {
    const again = await sealInSpain([spanishReceipt("sale", { 21: 1210 })]);
    const [restarted] = again.documents;
    const [first] = plain.documents;
    const forged = { ...restarted!, sequence: 2, previous: first!.hash, number: "B1-1-000002" };
    expect(verified(plain, [first!, forged]).map(({ code }) => code)).toContain("chain");
  });

  test("[RES18] a log that does not begin with the start of operation", () => {
    const verifier = regimeOf(signed.context.config).verifier(signed.context);
    const codes = verifier.step({ ...signed.documents[1]!, sequence: 1 }).map(({ code }) => code);
    expect(codes).toContain("start");
  });
});
