/**
 * Answers as the authority of Spain writes them.
 *
 * @module
 */

import { informationNamespace } from "../regimes/es-verifactu/namespaces.ts";
import { element, renderXml, type XmlElement } from "../regimes/es-verifactu/xml.ts";
import type { KeptRecord, RecordFate } from "./authority-books.ts";
import { headerOf, type AeatRecord } from "./fake-aeat-reading.ts";
import type { AnswerContext, AuthorityAnswer } from "./scripted-authority.ts";

export type AeatState = "Correcta" | "AceptadaConErrores" | "Anulada";

export interface SubmissionFacts {
  readonly csv: string;
  readonly waitSeconds: number;
  /** How the authority holds the invoice of a duplicate. */
  stateOf(record: AeatRecord): AeatState;
}

export function submissionAnswer(
  fates: readonly RecordFate[],
  context: AnswerContext,
  facts: SubmissionFacts,
): AuthorityAnswer {
  const { incidencia, name, nif } = headerOf(context.request);
  const lines = fates.map((fate) => line(fate, facts));
  const refused = fates.filter(isRefused).length;
  const isRefusedWhole = refused === fates.length;
  const state = isRefusedWhole ? "Incorrecto" : refused > 0 ? "ParcialmenteCorrecto" : "Correcto";
  const presented = [
    element("tikR:CSV", facts.csv),
    element("tikR:DatosPresentacion", presentation(nif, context.nowMs)),
  ];
  return soap(
    element(
      "tikR:RespuestaRegFactuSistemaFacturacion",
      [
        ...(isRefusedWhole ? [] : presented),
        element("tikR:Cabecera", [
          element("tik:ObligadoEmision", person(name, nif)),
          element("tik:RemisionVoluntaria", [element("tik:Incidencia", incidencia)]),
        ]),
        element("tikR:TiempoEsperaEnvio", String(facts.waitSeconds)),
        element("tikR:EstadoEnvio", state),
        ...lines,
      ],
      namespaces("RespuestaSuministro.xsd"),
    ),
  );
}

export function queryAnswer(
  found: KeptRecord | undefined,
  context: AnswerContext,
  state: AeatState,
): AuthorityAnswer {
  const { name, nif } = headerOf(context.request);
  const time = timeText(context.nowMs);
  const [year = "", month = ""] = time.split("-");
  return soap(
    element(
      "tikR:RespuestaConsultaFactuSistemaFacturacion",
      [
        element("tikR:Cabecera", [
          element("tik:IDVersion", "1.0"),
          element("tik:ObligadoEmision", person(name, nif)),
        ]),
        element("tikR:PeriodoImputacion", [
          element("tikR:Ejercicio", year),
          element("tikR:Periodo", month),
        ]),
        element("tikR:IndicadorPaginacion", "N"),
        element("tikR:ResultadoConsulta", found === undefined ? "SinDatos" : "ConDatos"),
        found === undefined ? undefined : recordElement(found as KeptAeatRecord, context, state),
      ],
      namespaces("RespuestaConsultaLR.xsd"),
    ),
  );
}

export function faultAnswer(
  side: "Client" | "Server",
  code: string,
  words: string,
): AuthorityAnswer {
  const fault = element("env:Fault", [
    element("faultcode", `env:${side}`),
    element("faultstring", `Codigo[${code}].${words}`),
  ]);
  return { ...soap(fault), status: 500 };
}

type KeptAeatRecord = KeptRecord & AeatRecord;

function line(fate: RecordFate, facts: SubmissionFacts): XmlElement {
  const record = fate.record as AeatRecord;
  return element("tikR:RespuestaLinea", [
    element("tikR:IDFactura", invoiceId(record)),
    element("tikR:Operacion", [
      element("tik:TipoOperacion", record.operation),
      optional("tik:Subsanacion", record.subsanacion),
      optional("tik:RechazoPrevio", record.rechazoPrevio),
      optional("tik:SinRegistroPrevio", record.sinRegistroPrevio),
    ]),
    ...outcome(fate, record, facts),
  ]);
}

function outcome(
  fate: RecordFate,
  record: AeatRecord,
  facts: SubmissionFacts,
): readonly (XmlElement | undefined)[] {
  switch (fate.type) {
    case "accepted":
      if (record.warning === "") return [element("tikR:EstadoRegistro", "Correcto")];
      return told("AceptadoConErrores", record.warning, "aviso");
    case "duplicate":
      return [
        ...told("Incorrecto", record.operation === "Alta" ? "3000" : "3001", "registro duplicado"),
        element("tikR:RegistroDuplicado", [
          element("tik:IdPeticionRegistroDuplicado", fate.kept.receiptId),
          element("tik:EstadoRegistroDuplicado", facts.stateOf(record)),
          ...warning((fate.kept as KeptAeatRecord).warning),
        ]),
      ];
    case "fork":
      return told("Incorrecto", "9001", `otro registro sigue al mismo: ${fate.rival}`);
    case "rejected":
      return told("Incorrecto", /^\d+$/.test(fate.code) ? fate.code : "1100", fate.detail);
    default:
      return fate satisfies never;
  }
}

function warning(code: string): readonly XmlElement[] {
  if (code === "") return [];
  return [
    element("tik:CodigoErrorRegistro", code),
    element("tik:DescripcionErrorRegistro", "aviso"),
  ];
}

function told(state: string, code: string, words: string): readonly XmlElement[] {
  return [
    element("tikR:EstadoRegistro", state),
    element("tikR:CodigoErrorRegistro", code),
    element("tikR:DescripcionErrorRegistro", words),
  ];
}

function isRefused(fate: RecordFate): boolean {
  return fate.type !== "accepted";
}

function recordElement(
  record: KeptAeatRecord,
  { nowMs }: AnswerContext,
  state: AeatState,
): XmlElement {
  return element("tikR:RegistroRespuestaConsultaFactuSistemaFacturacion", [
    element("tikR:IDFactura", invoiceId(record)),
    element("tikR:DatosRegistroFacturacion", [element("tikR:Huella", record.hash)]),
    element("tikR:DatosPresentacion", [
      ...presentation(record.issuer, record.atMs),
      element("tik:IdPeticion", record.receiptId),
    ]),
    element("tikR:EstadoRegistro", [
      element("tikR:TimestampUltimaModificacion", timeText(nowMs)),
      element("tikR:EstadoRegistro", storedStates[state]),
    ]),
  ]);
}

const storedStates = {
  Correcta: "Correcto",
  AceptadaConErrores: "AceptadoConErrores",
  Anulada: "Anulado",
} as const;

function invoiceId({ date, issuer, number }: AeatRecord): readonly XmlElement[] {
  return [
    element("tik:IDEmisorFactura", issuer),
    element("tik:NumSerieFactura", number),
    element("tik:FechaExpedicionFactura", date),
  ];
}

function presentation(nif: string, atMs: number): readonly XmlElement[] {
  return [element("tik:NIFPresentador", nif), element("tik:TimestampPresentacion", timeText(atMs))];
}

function person(name: string, nif: string): readonly XmlElement[] {
  return [element("tik:NombreRazon", name), element("tik:NIF", nif)];
}

function optional(name: string, value: string): XmlElement | undefined {
  return value === "" ? undefined : element(name, value);
}

function timeText(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 19)}+00:00`;
}

function namespaces(schema: string): Readonly<Record<string, string>> {
  return {
    "xmlns:tik": informationNamespace,
    "xmlns:tikR": informationNamespace.replace("SuministroInformacion.xsd", schema),
  };
}

function soap(content: XmlElement): AuthorityAnswer {
  const envelope = element(
    "env:Envelope",
    [element("env:Header", ""), element("env:Body", [content])],
    { "xmlns:env": "http://schemas.xmlsoap.org/soap/envelope/" },
  );
  return {
    status: 200,
    headers: { "content-type": "text/xml; charset=utf-8" },
    body: `<?xml version="1.0" encoding="UTF-8"?>${renderXml(envelope)}`,
  };
}
