/**
 * Requests to the authority: SOAP 1.1, document and literal. SPEC.md §10 (RES).
 *
 * @module
 */

import { assert } from "@tillmesh/kernel";
import type { DeliveryGroup } from "../../delivery.ts";
import type { SealedDocument, StreamConfig } from "../../document.ts";
import type { WireRequest } from "../../ports.ts";
import {
  informationNamespace,
  queryNamespace,
  servicePath,
  soapNamespace,
  submissionNamespace,
} from "./namespaces.ts";
import { readXml, textOf } from "./read-xml.ts";
import { settingsOf, type Settings } from "./settings.ts";
import { readState, type RecordLink } from "./state.ts";
import { element, renderXml, type XmlElement } from "./xml.ts";

/** The same bytes for the same group; the records stand in it as they were sealed. */
export function encodeGroup(
  { documents, isLate }: DeliveryGroup,
  config: StreamConfig,
): WireRequest {
  const header = headerElement(
    config,
    element("sf:RemisionVoluntaria", [element("sf:Incidencia", isLate ? "S" : "N")]),
  );
  return request(
    submissionText(
      header,
      documents.map(({ text }) => text),
    ),
  );
}

/** One RegFactuSistemaFacturacion of at most 1000 records. */
export function submissionText(header: XmlElement, records: readonly string[]): string {
  return [
    `<sfLR:RegFactuSistemaFacturacion xmlns:sf="${informationNamespace}" xmlns:sfLR="${submissionNamespace}">`,
    renderXml(header),
    ...records.map((text) => `<sfLR:RegistroFactura>${text}</sfLR:RegistroFactura>`),
    "</sfLR:RegFactuSistemaFacturacion>",
  ].join("");
}

/** `remission` is absent in exports. */
export function headerElement(config: StreamConfig, remission?: XmlElement): XmlElement {
  const person = [
    element("sf:NombreRazon", checkedSettings(config).sellerName),
    element("sf:NIF", config.taxpayer),
  ];
  return element("sfLR:Cabecera", [element("sf:ObligadoEmision", person), remission]);
}

/** Asks what the authority holds under a document's invoice number. */
export function encodeLookup(document: SealedDocument, config: StreamConfig): WireRequest {
  const { number, date } = linkOf(document);
  const operationDate = textOf(readXml(document.text), "FechaOperacion");
  // The period is that of the operation, where it has a date of its own.
  const [, month = "", year = ""] = (operationDate === "" ? date : operationDate).split("-");
  const query = element(
    "q:ConsultaFactuSistemaFacturacion",
    [
      element("q:Cabecera", [
        element("sf:IDVersion", "1.0"),
        element("sf:ObligadoEmision", [
          element("sf:NombreRazon", checkedSettings(config).sellerName),
          element("sf:NIF", config.taxpayer),
        ]),
      ]),
      element("q:FiltroConsulta", [
        element("q:PeriodoImputacion", [
          element("sf:Ejercicio", year),
          element("sf:Periodo", month),
        ]),
        element("q:NumSerieFactura", number),
        element("q:FechaExpedicionFactura", [element("sf:FechaExpedicionFactura", date)]),
      ]),
    ],
    { "xmlns:q": queryNamespace, "xmlns:sf": informationNamespace },
  );
  return request(renderXml(query));
}

/** Under which invoice number and date a document stands at the authority. */
export function linkOf({ state }: SealedDocument): RecordLink {
  const link = readState(state)?.record ?? undefined;
  assert(link !== undefined, "only documents of this regime are sent");
  return link;
}

function request(body: string): WireRequest {
  return {
    method: "POST",
    path: servicePath,
    headers: { "content-type": "text/xml; charset=utf-8", soapaction: '""' },
    body:
      `<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="${soapNamespace}">` +
      `<soapenv:Header></soapenv:Header><soapenv:Body>${body}</soapenv:Body></soapenv:Envelope>`,
  };
}

function checkedSettings(config: StreamConfig): Settings {
  const settings = settingsOf(config);
  assert(settings.ok, "settings were checked when the stream was opened");
  return settings.value;
}
