import type { JsonObject } from "@tillmesh/kernel";
import { beforeAll, describe, expect, test } from "vitest";
import type { SealedDocument } from "../../document.ts";
import type { Receipt } from "../../receipt.ts";
import type { DocumentRequest, VerifyFinding } from "../../regime.ts";
import { isConformanceAbsent } from "../../testing/conformance.ts";
import { schemaFaults, validOnes } from "../../testing/fake-aeat-schema.ts";
import {
  aeatShop,
  regimeOf,
  sealInSpain,
  signingShop,
  spanishCustomer,
  spanishReceipt,
} from "../../testing/fake-aeat-shop.ts";
import type { SealedRun } from "../../testing/seal-all.ts";
import { fiscalTimeAt } from "../../time.ts";
import { correctionOf } from "./corrections.ts";
import { customerIn, fullInvoiceOf } from "./full-invoice.ts";
import { readXml, textOf } from "./read-xml.ts";
import { veriFactu } from "./regime.ts";

const customer = { ...spanishCustomer, street: "Gran Vía 1", city: "Madrid", postalCode: "28013" };
const today = fiscalTimeAt(1_795_341_600_000, "Europe/Madrid");
const sale = spanishReceipt("sale", { 21: 1210 });

function instead(number: string, more: Partial<Receipt> = {}): DocumentRequest {
  const refersTo = { number, issuedOn: "2026-11-22" };
  return fullInvoiceOf({ ...sale, customer, refersTo, ...more }, today);
}

const requests = [
  sale,
  instead("B1-1-000001"),
  spanishReceipt("sale", { 10: 550 }, { customer }),
  sale,
  instead("B1-1-000003"),
];

let plain: SealedRun;
let signed: SealedRun;

beforeAll(async () => {
  plain = await sealInSpain(requests);
  signed = await sealInSpain(requests, signingShop());
});

function verified({ context }: SealedRun, documents: readonly SealedDocument[]) {
  const verifier = regimeOf(context.config).verifier(context);
  return documents.flatMap((document): readonly VerifyFinding[] => verifier.step(document));
}

const runs = () => [plain, signed] as const;
const inText = (from: string | RegExp, to: string) => (document: SealedDocument) => ({
  ...document,
  text: document.text.replace(from, to),
});

const withCount = (invoices: number) => (document: SealedDocument) => ({
  ...document,
  state: { ...(document.state as JsonObject), invoices },
});

describe("a full invoice in place of a receipt", () => {
  test("[RES21] has a series of its own, without a gap in either", () => {
    expect(plain.documents.map(({ kind, number }) => `${kind} ${number}`)).toEqual([
      "sale B1-1-000001",
      "invoice B1-1-F000001",
      "sale B1-1-000002",
      "sale B1-1-000003",
      "invoice B1-1-F000002",
    ]);
    expect(plain.head.lastNumber).toBe(3);
  });

  test("[RES21] is F3, names its customer and what it replaces, in the one chain", () => {
    const root = readXml(plain.documents[1]!.text);
    expect(textOf(root, "TipoFactura")).toBe("F3");
    expect(textOf(root, "IDFactura", "NumSerieFactura")).toBe("B1-1-F000001");
    expect(textOf(root, "Destinatarios", "IDDestinatario", "NIF")).toBe(customer.taxId);
    expect(textOf(root, "FacturasSustituidas", "IDFacturaSustituida", "NumSerieFactura")).toBe(
      "B1-1-000001",
    );
    expect(textOf(root, "Encadenamiento", "RegistroAnterior", "Huella")).toBe(
      plain.documents[0]!.hash,
    );
    const next = readXml(plain.documents[2]!.text);
    expect(textOf(next, "Encadenamiento", "RegistroAnterior", "NumSerieFactura")).toBe(
      "B1-1-F000001",
    );
  });

  test("[RES21] says on which day it was sold, if that was another", () => {
    const later = { ...today, epochMs: today.epochMs + 86_400_000 };
    const { receipt } = fullInvoiceOf(instead("B1-1-000001").receipt!, later);
    expect(receipt?.options).toEqual({ invoiceType: "F3", operationDate: "2026-11-22" });
    expect(instead("B1-1-000001").receipt?.options).toEqual({ invoiceType: "F3" });
  });

  test("[RES21] says on paper whose it is and what it replaces", () => {
    expect(plain.documents[1]!.print.lines.slice(3)).toEqual([
      "Factura",
      "Destinatario: Ñandú <Ltd> & Co.",
      "NIF: 89890002E",
      "Gran Vía 1, 28013 Madrid",
      "Sustituye B1-1-000001 de 22-11-2026",
    ]);
  });

  test("[RES21] nobody is named by a simplified invoice", () => {
    expect(customerIn({ ...sale, customer })).toEqual(customer);
    expect(customerIn({ ...sale, customer: { name: "Ana", country: "ES" } })).toBeUndefined();
    expect(customerIn(instead("B1-1-000001").receipt!)).toEqual(customer);
  });

  test("[RES21] rejected, it is put right under its own number, and the count goes on", async () => {
    const document = plain.documents[1]!;
    const verdict = { type: "rejected-fixable", code: "1", detail: "" } as const;
    const fix = instead("B1-1-000001").receipt!;
    const correction = correctionOf({ document, verdict, fix })!;
    const run = await sealInSpain([...requests, correction, sale, instead("B1-1-000004")]);
    expect(run.documents.slice(5).map(({ kind, number }) => `${kind} ${number}`)).toEqual([
      "correction B1-1-F000001",
      "sale B1-1-000004",
      "invoice B1-1-F000003",
    ]);
    expect(verified(run, run.documents)).toEqual([]);
  });
});

describe("refused before it takes a number", () => {
  const context = { config: aeatShop, at: today };
  const codesOf = (request: DocumentRequest, config = aeatShop) =>
    veriFactu
      .check(request, { ...context, config, head: plain.head })
      .map(({ pointer }) => pointer);

  test.each([
    ["nobody's", { customer: undefined }, "/receipt/customer"],
    ["without a tax number", { customer: { name: "Ana", country: "ES" } }, "/receipt/customer"],
    ["with a wrong one", { customer: { ...customer, taxId: "12" } }, "/receipt/customer/taxId"],
    ["in place of nothing", { refersTo: undefined }, "/receipt/refersTo"],
    ["of a refund", { kind: "refund", totalMinor: -1210 }, "/receipt/options/invoiceType"],
  ])("[RES21] %s", (_, more, pointer) => {
    const { receipt, ...rest } = instead("B1-1-000001");
    const changed = { ...receipt, ...more } as Receipt;
    expect(codesOf({ ...rest, receipt: changed })).toContain(pointer);
  });

  test("[RES21] of another type, or with a number that does not fit", () => {
    expect(codesOf({ kind: "invoice", receipt: { ...sale, customer } })).toContain(
      "/receipt/options/invoiceType",
    );
    const config = { ...aeatShop, series: "B".repeat(53) };
    expect(codesOf(instead("B1-1-000001"), config)).toContain("/number");
    expect(codesOf(instead("B1-1-000001"))).toEqual([]);
  });
});

describe("the verifier", () => {
  test("[RES18] nothing is wrong, signed or not", () => {
    for (const run of runs()) expect(verified(run, run.documents)).toEqual([]);
  });

  test.each<readonly [string, (document: SealedDocument) => SealedDocument]>([
    ["another type", inText("TipoFactura>F3<", "TipoFactura>F1<")],
    ["another number in the text", inText("NumSerieFactura>B1-1-F", "NumSerieFactura>B1-1-G")],
    ["another number", (one) => ({ ...one, number: "B1-1-F000009" })],
    ["a receipt's number", (one) => ({ ...one, number: "B1-1-000002" })],
    ["another kind", (one) => ({ ...one, kind: "sale" })],
    ["another sum", inText("ImporteTotal>12.10<", "ImporteTotal>12.11<")],
    ["another instant", (one) => ({ ...one, at: { ...one.at, epochMs: one.at.epochMs + 1000 } })],
    ["another count", withCount(7)],
    ["no count", withCount(0)],
  ])("[RES18] refused after %s", (_, change) => {
    for (const run of runs()) {
      const index = run.documents.findIndex(({ kind }) => kind === "invoice");
      const original = run.documents[index]!;
      const spoilt = change(original);
      expect(spoilt).not.toEqual(original);
      expect(verified(run, [...run.documents.slice(0, index), spoilt])).not.toEqual([]);
    }
  });

  test("[RES18] one left out is found, though its number is none of the receipts'", () => {
    const documents = plain.documents.filter(({ number }) => number !== "B1-1-F000001");
    expect(verified(plain, documents).map(({ code }) => code)).toContain("gap");
  });
});

describe.skipIf(isConformanceAbsent("VeriFactu schemas", 1))("schema", () => {
  test("[RES3] valid, signed or not; without its recipient's number it is not", async () => {
    const texts = [plain, signed].flatMap(({ documents }) => documents.map(({ text }) => text));
    expect(await schemaFaults(...texts)).toEqual([]);
    const twins = texts
      .filter((text) => text.includes("TipoFactura>F3<"))
      .map((text) => text.replace(/<sf:NIF>89890002E<\/sf:NIF>/, ""));
    expect(twins).toHaveLength(4);
    expect(await validOnes(twins)).toEqual([]);
  });
});
