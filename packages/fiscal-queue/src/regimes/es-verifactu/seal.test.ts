import { createHash } from "node:crypto";
import { DOMParser } from "@xmldom/xmldom";
import { describe, expect, test } from "vitest";
import { closedBreaker } from "../../breaker.ts";
import { emptyHead } from "../../head.ts";
import { seal } from "../../seal.ts";
import { everyType } from "../../testing/fake-aeat-samples.ts";
import {
  aeatShop,
  sealInSpain,
  signingShop,
  spanishCustomer,
  spanishReceipt,
} from "../../testing/fake-aeat-shop.ts";
import { neverTimer } from "../../testing/index.ts";
import { readXml, textOf } from "./read-xml.ts";
import { noVeriFactu, veriFactu } from "./regime.ts";
import { installationOf } from "./settings.ts";

const sale = spanishReceipt("sale", { 21: 1210 });
const refersTo = { number: "B1-1-000001", issuedOn: "2026-11-22" };

test("[RES1] the hash of each record, made again from the XML alone", async () => {
  const { documents } = await sealInSpain(everyType);
  expect(documents.length).toBe(everyType.length);
  for (const { text, hash } of documents) expect(hash).toBe(hashByXml(text));
});

// Shares nothing with the code under test: what the text says, in the order of the published algorithm.
function hashByXml(text: string): string {
  const parsed = new DOMParser().parseFromString(text, "text/xml");
  const said = (name: string): string =>
    parsed.getElementsByTagName(`sf:${name}`)[0]?.textContent ?? "";
  const before = parsed.getElementsByTagName("sf:RegistroAnterior")[0];
  const previous = before?.getElementsByTagName("sf:Huella")[0]?.textContent ?? "";
  const isAlta = parsed.documentElement?.tagName === "sf:RegistroAlta";
  const end = isAlta ? "" : "Anulada";
  const ids = ["IDEmisorFactura", "NumSerieFactura", "FechaExpedicionFactura"];
  const pairs = [
    ...ids.map((name) => `${name}${end}=${said(`${name}${end}`)}`),
    ...(isAlta ? ["TipoFactura", "CuotaTotal", "ImporteTotal"] : []).map(
      (name) => `${name}=${said(name)}`,
    ),
    `Huella=${previous}`,
    `FechaHoraHusoGenRegistro=${said("FechaHoraHusoGenRegistro")}`,
  ];
  return createHash("sha256").update(pairs.join("&"), "utf8").digest("hex").toUpperCase();
}

describe("chain", () => {
  test("[RES2] only the first record after the opening is the first; each other names the one before", async () => {
    const { documents } = await sealInSpain([
      sale,
      { kind: "cancellation", receipt: spanishReceipt("void", { 21: -1210 }, { refersTo }) },
      sale,
    ]);
    const links = documents.map(({ text }) => {
      const link = readXml(text);
      return {
        first: textOf(link, "Encadenamiento", "PrimerRegistro"),
        number: textOf(link, "Encadenamiento", "RegistroAnterior", "NumSerieFactura"),
        hash: textOf(link, "Encadenamiento", "RegistroAnterior", "Huella"),
      };
    });
    expect(links).toEqual([
      { first: "S", number: "", hash: "" },
      { first: "", number: "B1-1-000001", hash: documents[0]?.hash },
      { first: "", number: "B1-1-000001", hash: documents[1]?.hash },
    ]);
  });

  test("[RES2] a cancellation may be the first record", async () => {
    const facts = { number: "OLD-7", issuedOn: "2026-10-01", held: "never-sent", earlier: "none" };
    const { documents } = await sealInSpain([{ kind: "cancellation", facts }]);
    expect(textOf(readXml(documents[0]!.text), "Encadenamiento", "PrimerRegistro")).toBe("S");
  });

  test("[RES2] a head that is not of this regime seals nothing", async () => {
    const context = {
      config: aeatShop,
      secrets: {},
      crypto: (await sealInSpain([])).context.crypto,
    };
    const head = { ...emptyHead(aeatShop, null), sequence: 3, sealedAtMs: 1_795_341_500_000 };
    const at = { epochMs: 1_795_341_600_000, offsetMinutes: 60 };
    const request = { kind: "sale", receipt: sale } as const;
    const ports = { regime: veriFactu, head, context, breaker: closedBreaker, timer: neverTimer };
    expect(await seal(request, at, ports)).toMatchObject({
      ok: false,
      error: { type: "Faulty", faults: [{ code: "head" }] },
    });
  });
});

describe("texts", () => {
  test("[RES4] amounts and times are the same text in record, hash and code", async () => {
    const [document] = (await sealInSpain([sale])).documents;
    const root = readXml(document!.text);
    expect(textOf(root, "ImporteTotal")).toBe("12.10");
    expect(textOf(root, "CuotaTotal")).toBe("2.10");
    expect(document!.print.qr?.text).toContain("&importe=12.10");
    expect(textOf(root, "FechaHoraHusoGenRegistro")).toBe("2026-11-22T11:00:00+01:00");
  });

  test("[RES4] summer time, and an hour that comes twice", async () => {
    const times = ["2026-07-01T22:30:00Z", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"];
    const found = [];
    for (const time of times) {
      const { documents } = await sealInSpain([sale], { fromMs: Date.parse(time) });
      const root = readXml(documents[0]!.text);
      const date = textOf(root, "IDFactura", "FechaExpedicionFactura");
      found.push(`${date} ${textOf(root, "FechaHoraHusoGenRegistro")}`);
    }
    expect(found).toEqual([
      "02-07-2026 2026-07-02T00:30:00+02:00",
      "25-10-2026 2026-10-25T02:30:00+02:00",
      "25-10-2026 2026-10-25T02:30:00+01:00",
    ]);
  });

  test("[RES4] names with signs of XML, control characters and line ends stay one line of XML", async () => {
    const customer = { ...spanishCustomer, name: 'A\u0000 <b>\r\n& "c" \uD800😀' };
    const { documents } = await sealInSpain([spanishReceipt("sale", { 21: 1210 }, { customer })]);
    const root = readXml(documents[0]!.text);
    const name = textOf(root, "Destinatarios", "IDDestinatario", "NombreRazon");
    expect(name).toBe('A <b> & "c" 😀');
  });
});

describe("types", () => {
  const typeOf = async (receipt: typeof sale): Promise<string> => {
    const { documents } = await sealInSpain([receipt]);
    return textOf(readXml(documents[0]!.text), "TipoFactura");
  };
  const customer = spanishCustomer;

  test.each([
    ["a sale", sale, "F2"],
    ["a sale to a customer with a tax number", { ...sale, customer }, "F1"],
    [
      "a sale to a customer with a name only",
      { ...sale, customer: { name: "Ana", country: "ES" } },
      "F2",
    ],
    ["a refund", spanishReceipt("refund", { 21: -1210 }, { refersTo }), "R5"],
    ["a refund of a full invoice", spanishReceipt("refund", { 21: -1210 }, { customer }), "R1"],
    ["a void", spanishReceipt("void", { 21: -1210 }, { refersTo }), "R5"],
  ])("[RES5] %s", async (_, receipt, type) => {
    expect(await typeOf(receipt)).toBe(type);
  });

  test("[RES5] a refund rectifies by differences, with negative amounts and the original named", async () => {
    const { documents } = await sealInSpain([
      sale,
      spanishReceipt("refund", { 21: -1210 }, { refersTo }),
    ]);
    const root = readXml(documents[1]!.text);
    expect(textOf(root, "TipoRectificativa")).toBe("I");
    expect(textOf(root, "ImporteTotal")).toBe("-12.10");
    const original = ["FacturasRectificadas", "IDFacturaRectificada"];
    expect(textOf(root, ...original, "NumSerieFactura")).toBe("B1-1-000001");
    expect(textOf(root, ...original, "FechaExpedicionFactura")).toBe("22-11-2026");
  });

  test("[RES6] a void takes a number and rectifies; a cancellation takes none and keeps its invoice's", async () => {
    const back = spanishReceipt("void", { 21: -1210 }, { refersTo });
    const { documents, head } = await sealInSpain([
      sale,
      back,
      { kind: "cancellation", receipt: back },
      sale,
    ]);
    expect(documents.map(({ kind, number }) => `${kind} ${number}`)).toEqual([
      "sale B1-1-000001",
      "void B1-1-000002",
      "cancellation B1-1-000001",
      "sale B1-1-000003",
    ]);
    expect(head.lastNumber).toBe(3);
  });
});

describe("print", () => {
  test("[RES9] the code of level M and 30 mm, with what stands above and below it", async () => {
    const { documents } = await sealInSpain([sale]);
    expect(documents[0]!.print.lines).toEqual([
      "QR tributario:",
      "VERI*FACTU",
      "DOCUMENTO DE PRUEBA, SIN VALIDEZ FISCAL",
      "Factura simplificada",
    ]);
    expect(documents[0]!.print.qr).toMatchObject({ level: "M", minMm: 30 });
  });

  test("[RES9] outside VERI*FACTU the mark is absent and the address another", async () => {
    const { documents } = await sealInSpain([sale], signingShop());
    expect(documents[1]!.print.lines).not.toContain("VERI*FACTU");
    expect(documents[1]!.print.qr?.text).toContain("/ValidarQRNoVerifactu?");
  });

  test("[RES9] a rectifying invoice says what it rectifies; a cancellation has no code", async () => {
    const back = spanishReceipt("refund", { 21: -1210 }, { refersTo });
    const turned = spanishReceipt("void", { 21: -1210 }, { refersTo });
    const { documents } = await sealInSpain([back, { kind: "cancellation", receipt: turned }]);
    expect(documents[0]!.print.lines.slice(-2)).toEqual([
      "Factura rectificativa simplificada",
      "Rectifica B1-1-000001 de 22-11-2026",
    ]);
    expect(documents[1]!.print).toEqual({ lines: ["Registro de anulación de B1-1-000001"] });
  });
});

describe("settings", () => {
  const software = aeatShop.settings["software"] as Record<string, unknown>;

  test.each([
    ["taxpayer", { ...aeatShop, taxpayer: "8989" }, "/taxpayer"],
    ["till", { ...aeatShop, till: "" }, "/till"],
    ["series", { ...aeatShop, series: 'B"1' }, "/series"],
    ["series too long", { ...aeatShop, series: "B".repeat(54) }, "/series"],
    ["currency", { ...aeatShop, currency: "USD" }, "/currency"],
    ["seller", withSettings({ sellerName: " " }), "/settings/sellerName"],
    ["environment", withSettings({ environment: "staging" }), "/settings/environment"],
    ["test keys", withSettings({ environment: "production" }), "/settings/environment"],
    ["software", withSettings({ software: null }), "/settings/software/id"],
    ["software id", withSettings({ software: { ...software, id: "t1" } }), "/settings/software/id"],
    [
      "flag",
      withSettings({ software: { ...software, servesSeveral: "N" } }),
      "/settings/software/servesSeveral",
    ],
    ["tax", withSettings({ tax: "04" }), "/settings/tax"],
  ])("[RES19] %s that does not do is refused when the stream is opened", (_, config, pointer) => {
    const opened = veriFactu.open(config);
    expect(opened.ok).toBe(false);
    const pointers = opened.ok ? [] : opened.error.faults.map((fault) => fault.pointer);
    expect(pointers).toContain(pointer);
  });

  test("[RES19] a later epoch is an installation of its own", async () => {
    const config = { ...aeatShop, epoch: 2, series: "B1-2" };
    expect(installationOf(aeatShop)).toBe("B1-1");
    const { documents } = await sealInSpain([sale], { config });
    const root = readXml(documents[0]!.text);
    expect(textOf(root, "SistemaInformatico", "NumeroInstalacion")).toBe("B1-1-2");
    expect(textOf(root, "Encadenamiento", "PrimerRegistro")).toBe("S");
  });

  test("[RES19] without a certificate nothing is opened outside VERI*FACTU", () => {
    const config = { ...signingShop().config, keys: [] };
    expect(noVeriFactu.open(config)).toMatchObject({ error: { faults: [{ pointer: "/keys" }] } });
  });
});

function withSettings(settings: Record<string, unknown>): typeof aeatShop {
  return { ...aeatShop, settings: { ...aeatShop.settings, ...settings } } as typeof aeatShop;
}
