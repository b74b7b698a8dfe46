/**
 * The event log that a system outside VERI*FACTU keeps, a chain of its own. SPEC.md §10 (RES).
 *
 * @module
 */

import { assert, type Json } from "@tillmesh/kernel";
import type { StreamConfig } from "../../document.ts";
import type { DocumentRequest } from "../../regime.ts";
import { offsetDateTime } from "../../time.ts";
import { eventHashText, huellaOf } from "./huella.ts";
import { eventsNamespace } from "./namespaces.ts";
import { softwareElements, type RecordInput } from "./record.ts";
import { installationOf, isObject } from "./settings.ts";
import type { ChainState, EventLink } from "./state.ts";
import { element, plainText, type XmlElement } from "./xml.ts";

/** The events that this till makes; the schema's other numbers are missing (SPEC.md). */
export const eventTypes = {
  start: "01",
  end: "02",
  restore: "07",
  "export-records": "08",
  other: "90",
} as const;

export type EventType = keyof typeof eventTypes;

/** What was exported: the range, its ends, and its sums as the schema asks for them. */
export type ExportFacts = {
  readonly from: string;
  readonly to: string;
  readonly first: ExportEnd;
  readonly last: ExportEnd;
  readonly altas: string;
  readonly taxTotal: string;
  readonly total: string;
  readonly cancellations: string;
};

export type ExportEnd = { readonly number: string; readonly date: string; readonly huella: string };

export interface BuiltEvent {
  /** RegistroEvento, with its Evento unsigned. */
  readonly root: XmlElement;
  readonly huella: string;
  readonly state: ChainState;
}

export function eventOf(input: RecordInput): BuiltEvent {
  const { config, settings, state, request } = input;
  const facts = readEvent(request);
  assert(facts !== undefined, "the facts of an event were checked");
  const type = eventTypes[facts.type];
  const time = offsetDateTime(input.at);
  const huella = huellaOf(
    eventHashText({
      producer: settings.software.producerNif,
      softwareId: settings.software.id,
      version: settings.software.version,
      installation: installationOf(config),
      taxpayer: config.taxpayer,
      type,
      previous: state.event === null ? "" : state.event.huella,
      time,
    }),
    input.crypto,
  );
  const event = element("sf:Evento", [
    element("sf:SistemaInformatico", softwareElements(config, settings)),
    element("sf:ObligadoEmision", [
      element("sf:NombreRazon", settings.sellerName),
      element("sf:NIF", config.taxpayer),
    ]),
    element("sf:FechaHoraHusoGenEvento", time),
    element("sf:TipoEvento", type),
    facts.exported === undefined ? undefined : exportElement(facts.exported, config),
    facts.detail === "" ? undefined : element("sf:OtrosDatosEvento", plainText(facts.detail, 100)),
    element("sf:Encadenamiento", [linkElement(state.event)]),
    element("sf:TipoHuella", "01"),
    element("sf:HuellaEvento", huella),
  ]);
  const root = element("sf:RegistroEvento", [element("sf:IDVersion", "1.0"), event], {
    "xmlns:sf": eventsNamespace,
  });
  return {
    root,
    huella,
    state: { ...state, event: { type, time, huella }, events: state.events + 1 },
  };
}

export interface EventFacts {
  readonly type: EventType;
  readonly detail: string;
  readonly exported: ExportFacts | undefined;
}

/** `{ "event": "restore", "detail": "..." }`; an export brings `exported`. */
export function readEvent({ facts }: DocumentRequest): EventFacts | undefined {
  if (!isObject(facts)) return undefined;
  const { event, detail = "", exported } = facts;
  if (typeof event !== "string" || typeof detail !== "string" || !isEventType(event))
    return undefined;
  if (event !== "export-records") return { type: event, detail, exported: undefined };
  return isExport(exported) ? { type: event, detail, exported } : undefined;
}

function linkElement(link: EventLink | null): XmlElement {
  if (link === null) return element("sf:PrimerEvento", "S");
  return element("sf:EventoAnterior", [
    element("sf:TipoEvento", link.type),
    element("sf:FechaHoraHusoGenEvento", link.time),
    element("sf:HuellaEvento", link.huella),
  ]);
}

function exportElement(facts: ExportFacts, { taxpayer }: StreamConfig): XmlElement {
  const end = ({ number, date, huella }: ExportEnd): readonly XmlElement[] => [
    element("sf:IDEmisorFactura", taxpayer),
    element("sf:NumSerieFactura", number),
    element("sf:FechaExpedicionFactura", date),
    element("sf:Huella", huella),
  ];
  return element("sf:DatosPropiosEvento", [
    element("sf:ExportacionRegFacturacionPeriodo", [
      element("sf:FechaHoraHusoInicioPeriodoExport", facts.from),
      element("sf:FechaHoraHusoFinPeriodoExport", facts.to),
      element("sf:RegistroFacturacionInicialPeriodo", end(facts.first)),
      element("sf:RegistroFacturacionFinalPeriodo", end(facts.last)),
      element("sf:NumeroDeRegistrosFacturacionAltaExportados", facts.altas),
      element("sf:SumaCuotaTotalAlta", facts.taxTotal),
      element("sf:SumaImporteTotalAlta", facts.total),
      element("sf:NumeroDeRegistrosFacturacionAnulacionExportados", facts.cancellations),
      element("sf:RegistrosFacturacionExportadosDejanDeConservarse", "N"),
    ]),
  ]);
}

function isEventType(name: string): name is EventType {
  return Object.hasOwn(eventTypes, name);
}

function isExport(value: Json | undefined): value is ExportFacts {
  if (!isObject(value)) return false;
  return (
    hasTexts(value, ["from", "to", "altas", "taxTotal", "total", "cancellations"]) &&
    hasTexts(value["first"], ["number", "date", "huella"]) &&
    hasTexts(value["last"], ["number", "date", "huella"])
  );
}

function hasTexts(of: Json | undefined, members: readonly string[]): boolean {
  return isObject(of) && members.every((member) => typeof of[member] === "string");
}
