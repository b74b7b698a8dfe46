/**
 * What the fake authority of Spain reads out of a request.
 *
 * @module
 */

import { createHash } from "node:crypto";
import type { WireRequest } from "../ports.ts";
import { parseTime } from "../regimes/es-verifactu/parse-time.ts";
import {
  childrenOf,
  elementsOf,
  find,
  findDeep,
  localName,
  readXml,
  textOf,
} from "../regimes/es-verifactu/read-xml.ts";
import type { XmlElement } from "../regimes/es-verifactu/xml.ts";
import type { AuthorityRecord } from "./authority-books.ts";

export interface AeatRecord extends AuthorityRecord {
  readonly operation: "Alta" | "Anulacion";
  readonly issuer: string;
  readonly number: string;
  readonly date: string;
  /** Issuer, number and date: what the authority knows an invoice by. */
  readonly invoice: string;
  readonly subsanacion: string;
  readonly rechazoPrevio: string;
  readonly sinRegistroPrevio: string;
  /** What is wrong with it, though it is accepted. */
  readonly warning: string;
}

export type AeatReading =
  | { readonly type: "submission"; readonly records: readonly AeatRecord[] }
  | { readonly type: "query"; readonly invoice: string }
  | { readonly type: "fault"; readonly code: string; readonly words: string };

export function readAeatRequest({ body }: WireRequest, nowMs: number): AeatReading {
  const envelope = readXml(body);
  const [content] = elementsOf(find(envelope, "Body") ?? emptyElement);
  if (content === undefined) return fault("4103", "error al parsear el XML");
  if (localName(content) === "ConsultaFactuSistemaFacturacion") return queryOf(content);
  if (localName(content) !== "RegFactuSistemaFacturacion") return fault("4108", "etiqueta raíz");
  return submissionOf(content, nowMs);
}

/** The header of a request as its answer repeats it. */
export function headerOf({ body }: WireRequest): {
  readonly name: string;
  readonly nif: string;
  readonly incidencia: string;
} {
  const header = findDeep(readXml(body) ?? emptyElement, "Cabecera");
  return {
    name: textOf(header, "ObligadoEmision", "NombreRazon"),
    nif: textOf(header, "ObligadoEmision", "NIF"),
    incidencia: textOf(header, "RemisionVoluntaria", "Incidencia"),
  };
}

function queryOf(query: XmlElement): AeatReading {
  const issuer = textOf(query, "Cabecera", "ObligadoEmision", "NIF");
  const filter = find(query, "FiltroConsulta");
  const date = textOf(filter, "FechaExpedicionFactura", "FechaExpedicionFactura");
  return { type: "query", invoice: [issuer, textOf(filter, "NumSerieFactura"), date].join("|") };
}

function submissionOf(submission: XmlElement, nowMs: number): AeatReading {
  const taxpayer = textOf(submission, "Cabecera", "ObligadoEmision", "NIF");
  const isLate = textOf(submission, "Cabecera", "RemisionVoluntaria", "Incidencia") === "S";
  const elements = childrenOf(submission, "RegistroFactura").flatMap(elementsOf);
  if (elements.length < 1 || elements.length > 1000) return fault("4113", "límite de registros");
  const records = elements.map((element) => recordOf(element, { isLate, nowMs }));
  const isForeign = records.some(({ issuer }) => issuer !== taxpayer);
  if (isForeign) return fault("4104", "el NIF del bloque ObligadoEmision no está identificado");
  return { type: "submission", records };
}

function recordOf(
  element: XmlElement,
  sending: { readonly isLate: boolean; readonly nowMs: number },
): AeatRecord {
  const isAlta = localName(element) === "RegistroAlta";
  const ending = isAlta ? "" : "Anulada";
  const id = (name: string): string => textOf(element, "IDFactura", `${name}${ending}`);
  const issuer = id("IDEmisorFactura");
  const number = id("NumSerieFactura");
  const date = id("FechaExpedicionFactura");
  const invoice = [issuer, number, date].join("|");
  const hash = textOf(element, "Huella");
  const subsanacion = textOf(element, "Subsanacion");
  const isFirstAlta = isAlta && subsanacion !== "S";
  return {
    id: isFirstAlta ? invoice : `${invoice}|${isAlta ? "S" : "A"}|${hash}`,
    hash,
    chain: `${issuer}|${textOf(element, "SistemaInformatico", "NumeroInstalacion")}`,
    previous: textOf(element, "Encadenamiento", "RegistroAnterior", "Huella"),
    operation: isAlta ? "Alta" : "Anulacion",
    issuer,
    number,
    date,
    invoice,
    subsanacion,
    rechazoPrevio: textOf(element, "RechazoPrevio"),
    sinRegistroPrevio: textOf(element, "SinRegistroPrevio"),
    warning: warningOf(element, sending),
  };
}

// The authority makes the hash again, and compares times with its own clock.
function warningOf(
  element: XmlElement,
  { isLate, nowMs }: { readonly isLate: boolean; readonly nowMs: number },
): string {
  if (hashOf(element) !== textOf(element, "Huella")) return "2000";
  const madeMs = parseTime(textOf(element, "FechaHoraHusoGenRegistro")) ?? 0;
  const isAhead = madeMs - nowMs > marginMs;
  const isBehind = !isLate && nowMs - madeMs > marginMs;
  return isAhead || isBehind ? "2004" : "";
}

function hashOf(record: XmlElement): string {
  const isAlta = localName(record) === "RegistroAlta";
  const ending = isAlta ? "" : "Anulada";
  const ids = ["IDEmisorFactura", "NumSerieFactura", "FechaExpedicionFactura"].map(
    (name) => `${name}${ending}=${textOf(record, "IDFactura", `${name}${ending}`)}`,
  );
  const own = (name: string): string => `${name}=${textOf(record, name)}`;
  const amounts = isAlta ? ["TipoFactura", "CuotaTotal", "ImporteTotal"].map(own) : [];
  const previous = textOf(record, "Encadenamiento", "RegistroAnterior", "Huella");
  const time = own("FechaHoraHusoGenRegistro");
  const text = [...ids, ...amounts, `Huella=${previous}`, time].join("&");
  return createHash("sha256").update(text).digest("hex").toUpperCase();
}

function fault(code: string, words: string): AeatReading {
  return { type: "fault", code, words };
}

const emptyElement: XmlElement = { name: "", attributes: {}, children: [] };
const marginMs = 240_000;
