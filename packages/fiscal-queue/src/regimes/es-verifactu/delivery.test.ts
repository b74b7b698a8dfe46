import { beforeAll, describe, expect, test } from "vitest";
import type { Throttle, Verdict } from "../../delivery.ts";
import type { SealedDocument } from "../../document.ts";
import type { WireAnswer } from "../../ports.ts";
import { aeatShop, sealInSpain, spanishReceipt } from "../../testing/fake-aeat-shop.ts";
import { faultAnswer } from "../../testing/fake-aeat-answers.ts";
import { createFakeAeat } from "../../testing/fake-aeat.ts";
import { batchMax, lateAfterMs, veriFactuDelivery } from "./delivery.ts";

const regime = veriFactuDelivery;
const config = aeatShop;
const fromMs = 1_795_341_600_000;
const sale = spanishReceipt("sale", { 21: 1210 });

let documents: readonly SealedDocument[] = [];

beforeAll(async () => {
  ({ documents } = await sealInSpain([sale, sale, sale], { stepMs: 1000 }));
});

function planAt(nowMs: number, pending = documents, throttle: Partial<Throttle> = {}) {
  return regime.plan(pending, {
    now: { epochMs: nowMs, offsetMinutes: 60 },
    throttle: { ...veriFactuDelivery.initialThrottle, ...throttle },
    waitingCount: pending.length,
    config,
  });
}

describe("batches", () => {
  test("[RES11] what waits goes at once when the wait is over, in order", () => {
    expect(planAt(fromMs + 3000)).toEqual({ type: "send", group: { documents, isLate: false } });
  });

  test("[RES11] before that nothing goes", () => {
    const notBeforeMs = fromMs + 60_000;
    expect(planAt(notBeforeMs - 1, documents, { notBeforeMs })).toEqual({
      type: "wait",
      untilMs: notBeforeMs,
    });
    expect(planAt(notBeforeMs, documents, { notBeforeMs }).type).toBe("send");
  });

  test("[RES11] a full batch goes early; one record fewer waits", () => {
    const [first] = documents;
    const many = Array.from({ length: 1001 }, (_, index) => numbered(first!, index));
    const notBeforeMs = fromMs + 60_000;
    const planned = planAt(fromMs, many, { notBeforeMs });
    expect(planned).toMatchObject({ type: "send" });
    expect(planned.type === "send" && planned.group.documents).toHaveLength(batchMax);
    expect(planAt(fromMs, many.slice(0, 999), { notBeforeMs }).type).toBe("wait");
  });

  test("[RES11] two records of one invoice never go together, and the later waits for the earlier", async () => {
    const facts = {
      number: "B1-1-000001",
      issuedOn: "2026-11-22",
      held: "refused",
      earlier: "none",
    };
    const run = await sealInSpain([sale, sale, { kind: "correction", receipt: sale, facts }, sale]);
    const planned = planAt(fromMs + 200_000, run.documents);
    expect(planned.type === "send" && planned.group.documents).toEqual(run.documents.slice(0, 2));
  });

  test("[RES12] later than 240 s after it was made a record is late, and goes apart from others", () => {
    const [first, second] = documents;
    const edge = first!.at.epochMs + lateAfterMs;
    expect(planAt(edge)).toMatchObject({ group: { documents, isLate: false } });
    expect(planAt(edge + 1)).toMatchObject({ group: { documents: [first], isLate: true } });
    expect(planAt(edge + 1, [second!])).toMatchObject({ group: { isLate: false } });
  });

  test("[RES12] Incidencia says it for the whole batch", () => {
    const on = regime.encode({ documents, isLate: true }, config).body;
    const off = regime.encode({ documents, isLate: false }, config).body;
    expect(on).toContain("<sf:Incidencia>S</sf:Incidencia>");
    expect(off).toContain("<sf:Incidencia>N</sf:Incidencia>");
  });

  test("[RES3] a request carries each record as it was sealed, and is the same whenever made", () => {
    const request = regime.encode({ documents, isLate: false }, config);
    expect(request).toEqual(regime.encode({ documents, isLate: false }, config));
    for (const { text } of documents) expect(request.body).toContain(text);
    expect(request.path).toBe("/wlpl/TIKE-CONT/ws/SistemaFacturacion/VerifactuSOAP");
    expect(request.headers).toMatchObject({ "content-type": "text/xml; charset=utf-8" });
  });
});

describe("answers", () => {
  const throttle = { notBeforeMs: 0, waitMs: 60_000, lastSentMs: 0 };
  const nowMs = fromMs + 10_000;
  const read = (answer: WireAnswer) =>
    regime.interpret({ documents, isLate: false }, answer, { config, nowMs, throttle });
  const verdicts = (answer: WireAnswer): readonly Verdict[] => read(answer).verdicts;
  const lines = (...inner: readonly string[]): WireAnswer =>
    body(
      `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><r:RespuestaRegFactuSistemaFacturacion xmlns:r="R" xmlns:t="T"><r:CSV>A-XYZ</r:CSV><r:DatosPresentacion><t:TimestampPresentacion>2026-11-22T11:00:12+01:00</t:TimestampPresentacion></r:DatosPresentacion><r:TiempoEsperaEnvio>90</r:TiempoEsperaEnvio>${inner
        .map(
          (state, index) =>
            `<r:RespuestaLinea>${idOf(`B1-1-00000${index + 1}`)}${state}</r:RespuestaLinea>`,
        )
        .join("")}</r:RespuestaRegFactuSistemaFacturacion></e:Body></e:Envelope>`,
    );
  const duplicate =
    "<r:RegistroDuplicado><t:IdPeticionRegistroDuplicado>P7</t:IdPeticionRegistroDuplicado><t:EstadoRegistroDuplicado>Correcta</t:EstadoRegistroDuplicado></r:RegistroDuplicado>";

  test("[RES13] line by line: registered, registered with errors, refused; the CSV is kept", () => {
    const found = verdicts(
      lines(
        stateOf("Correcto"),
        stateOf("AceptadoConErrores", "2000"),
        stateOf("Incorrecto", "1100"),
      ),
    );
    expect(found).toEqual([
      { type: "accepted", receiptId: "A-XYZ" },
      {
        type: "accepted-warn",
        receiptId: "A-XYZ",
        code: "2000",
        detail: "words",
        asksCorrection: true,
      },
      { type: "rejected-fixable", code: "1100", detail: "words" },
    ]);
  });

  test.each(["2004", "2009"])("[RES13] warning %s asks for no correction", (code) => {
    const [found] = verdicts(lines(stateOf("AceptadoConErrores", code)));
    expect(found).toMatchObject({ type: "accepted-warn", asksCorrection: false });
  });

  test("[RES13] lines in another order are matched by invoice; a missing one is asked again", () => {
    const answer = lines(stateOf("Correcto"), stateOf("Incorrecto", "1100"));
    const [one, two, three] = verdicts(answer);
    expect([one?.type, two?.type, three?.type]).toEqual(["accepted", "rejected-fixable", "retry"]);
    expect(three).toMatchObject({ mayBeDuplicate: true });
  });

  test("[RES14] a duplicate is known by its block or its code, and its hash is not told", () => {
    const found = verdicts(
      lines(
        stateOf("Incorrecto", "3000", duplicate),
        stateOf("Incorrecto", "3001"),
        stateOf("Incorrecto", "3002"),
      ),
    );
    expect(found.map(({ type }) => type)).toEqual(["duplicate", "duplicate", "rejected-fixable"]);
    expect(found[0]).toEqual({ type: "duplicate", receiptId: "P7" });
    const flagged = duplicate
      .replace("Correcta<", "AceptadaConErrores<")
      .replace(
        "</r:RegistroDuplicado>",
        "<t:CodigoErrorRegistro>2000</t:CodigoErrorRegistro></r:RegistroDuplicado>",
      );
    expect(verdicts(lines(stateOf("Incorrecto", "3000", flagged)))[0]).toEqual({
      type: "duplicate",
      receiptId: "P7",
      warning: { code: "2000", detail: "", asksCorrection: true },
    });
  });

  test("[RES11] each answer brings the next wait, counted from its arrival", () => {
    expect(read(lines(stateOf("Correcto"))).throttle).toEqual({
      notBeforeMs: nowMs + 90_000,
      waitMs: 90_000,
      lastSentMs: nowMs,
    });
    expect(read({ type: "lost", reason: "x" }).throttle.notBeforeMs).toBe(nowMs + 60_000);
    expect(read({ type: "unsent", reason: "x" }).throttle).toEqual(throttle);
  });

  test("[RES13] the authority's clock is told", () => {
    expect(read(lines(stateOf("Correcto"))).authorityMs).toBe(Date.parse("2026-11-22T10:00:12Z"));
  });

  test.each<[string, WireAnswer, boolean]>([
    ["no answer", { type: "lost", reason: "reset" }, true],
    ["never left", { type: "unsent", reason: "refused" }, false],
    ["garbage", body("<html>%%"), true],
    ["nothing", body(""), true],
    ["500 without words", body("", 500), true],
    ["a page with 200", body("<html><body>Mantenimiento</body></html>"), true],
    ["a document type", body("<!DOCTYPE x><RespuestaRegFactuSistemaFacturacion/>"), true],
    ["a fault of theirs", body(faultAnswer("Server", "20009", "Error interno").body, 500), true],
    ["too many", body("", 429), true],
    ["half an answer", body('<e:Envelope xmlns:e="x"><e:Body><RespuestaReg'), true],
    ["an answer without lines", lines(), true],
    ["an unknown state", lines(...documents.map(() => stateOf("Quizás"))), true],
  ])("[RES13] %s: the same bytes again", (_, answer, mayBeDuplicate) => {
    const found = verdicts(answer);
    expect(found).toHaveLength(3);
    for (const verdict of found) expect(verdict).toMatchObject({ type: "retry", mayBeDuplicate });
  });

  test("[RES13] a fault of ours stops the stream's delivery", () => {
    const { body: text } = faultAnswer("Client", "4104", "NIF no identificado");
    for (const verdict of verdicts(body(text, 500))) {
      expect(verdict).toMatchObject({ type: "fatal-config", code: "4104" });
    }
    expect(verdicts(body("", 403))[0]).toMatchObject({ type: "fatal-config", code: "403" });
  });

  test("[RES13] an answer that nests for ever is no answer", () => {
    const deep = `${"<a>".repeat(5000)}${"</a>".repeat(5000)}`;
    expect(verdicts(body(deep))[0]).toMatchObject({ type: "retry" });
  });
});

describe("look-ups", () => {
  test("[RES14] tell the hash of what is there, or that nothing is", async () => {
    const { authority } = createFakeAeat({ nowMs: () => fromMs + 10_000 });
    await authority.transport.send(
      regime.encode({ documents: documents.slice(0, 1), isLate: false }, config),
    );
    const found = [];
    for (const document of documents.slice(0, 2)) {
      const answer = await authority.transport.send(regime.lookup!(document, config));
      found.push(regime.readLookup!(document, answer));
    }
    expect(found).toEqual([
      { type: "found", hash: documents[0]!.hash, receiptId: "R1" },
      { type: "absent" },
    ]);
  });

  test.each<[string, WireAnswer]>([
    ["no answer", { type: "lost", reason: "reset" }],
    ["garbage", { type: "answer", status: 200, headers: {}, body: "%%" }],
    [
      "a fault",
      { type: "answer", status: 500, headers: {}, body: faultAnswer("Server", "1", "x").body },
    ],
    [
      "a further page",
      {
        type: "answer",
        status: 200,
        headers: {},
        body: "<RespuestaConsultaFactuSistemaFacturacion><IndicadorPaginacion>S</IndicadorPaginacion><ResultadoConsulta>ConDatos</ResultadoConsulta></RespuestaConsultaFactuSistemaFacturacion>",
      },
    ],
  ])("[RES14] %s: nothing is known", (_, answer) => {
    expect(regime.readLookup!(documents[0]!, answer).type).toBe("unknown");
  });

  test("[RES14] the period asked is that of the operation where it has its own date", async () => {
    const receipt = spanishReceipt(
      "sale",
      { 21: 1210 },
      { options: { operationDate: "2026-10-31" } },
    );
    const run = await sealInSpain([receipt]);
    expect(regime.lookup!(run.documents[0]!, config).body).toContain("<sf:Periodo>10</sf:Periodo>");
  });
});

function numbered(document: SealedDocument, index: number): SealedDocument {
  const number = `B1-1-${String(index + 1).padStart(6, "0")}`;
  const record = { number, date: "22-11-2026", huella: document.hash };
  return { ...document, sequence: index + 1, number, state: { record, event: null, events: 0 } };
}

function body(text: string, status = 200): WireAnswer {
  return { type: "answer", status, headers: {}, body: text };
}

function idOf(number: string): string {
  return `<r:IDFactura><t:IDEmisorFactura>89890001K</t:IDEmisorFactura><t:NumSerieFactura>${number}</t:NumSerieFactura><t:FechaExpedicionFactura>22-11-2026</t:FechaExpedicionFactura></r:IDFactura>`;
}

function stateOf(name: string, code = "", more = ""): string {
  const told =
    code === ""
      ? ""
      : `<r:CodigoErrorRegistro>${code}</r:CodigoErrorRegistro><r:DescripcionErrorRegistro>words</r:DescripcionErrorRegistro>`;
  return `<r:EstadoRegistro>${name}</r:EstadoRegistro>${told}${more}`;
}
