/**
 * A record with its place in the chain and its hash, not yet signed. SPEC.md §10 (RES).
 *
 * @module
 */

import { assert } from "@tillmesh/kernel";
import type { FiscalTime, StreamConfig } from "../../document.ts";
import type { FiscalCrypto } from "../../ports.ts";
import type { DocumentRequest } from "../../regime.ts";
import { localDate, offsetDateTime } from "../../time.ts";
import { altaOf, invoiceId, optional } from "./alta.ts";
import { correctionFlags, readCorrection, type CorrectionFacts } from "./corrections.ts";
import { turnDate } from "./formats.ts";
import { altaHashText, anulacionHashText, huellaOf } from "./huella.ts";
import { informationNamespace } from "./namespaces.ts";
import { installationOf, type Settings } from "./settings.ts";
import type { ChainState, RecordLink } from "./state.ts";
import { element, type XmlElement } from "./xml.ts";

export interface RecordInput {
  readonly request: DocumentRequest;
  readonly number: string;
  readonly at: FiscalTime;
  readonly config: StreamConfig;
  readonly settings: Settings;
  readonly state: ChainState;
  readonly crypto: Pick<FiscalCrypto, "sha256">;
}

export interface BuiltRecord {
  readonly root: XmlElement;
  readonly huella: string;
  readonly state: ChainState;
  /** Of an invoice. */
  readonly alta?: { readonly type: string; readonly date: string; readonly total: string };
}

export function recordOf(input: RecordInput): BuiltRecord {
  const { request } = input;
  if (request.kind === "cancellation") return anulacionRecord(input);
  const isCorrection = request.kind === "correction";
  const correction = isCorrection ? readCorrection(request) : undefined;
  assert(!isCorrection || correction !== undefined, "the facts of a correction were checked");
  return altaRecord(input, correction);
}

/** The block SistemaInformatico; the event log has the same under another namespace. */
export function softwareElements(
  config: StreamConfig,
  { software }: Settings,
): readonly XmlElement[] {
  return [
    element("sf:NombreRazon", software.producerName),
    element("sf:NIF", software.producerNif),
    element("sf:NombreSistemaInformatico", software.name),
    element("sf:IdSistemaInformatico", software.id),
    element("sf:Version", software.version),
    element("sf:NumeroInstalacion", installationOf(config)),
    element("sf:TipoUsoPosibleSoloVerifactu", yesNo(software.isOnlyVeriFactu)),
    element("sf:TipoUsoPosibleMultiOT", yesNo(software.mayServeSeveral)),
    element("sf:IndicadorMultiplesOT", yesNo(software.servesSeveral)),
  ];
}

function altaRecord(input: RecordInput, correction: CorrectionFacts | undefined): BuiltRecord {
  const { config, settings, state, request } = input;
  const { receipt } = request;
  assert(receipt !== undefined, "a receipt was checked to be there");
  const { taxpayer } = config;
  const id =
    correction === undefined
      ? { number: input.number, date: turnDate(localDate(input.at)) }
      : { number: correction.number, date: turnDate(correction.issuedOn) };
  const alta = altaOf({ receipt, taxpayer, ...id, settings, correction });
  const { type, taxTotal, total } = alta;
  const place = {
    issuer: taxpayer,
    ...id,
    previous: previousOf(state),
    time: offsetDateTime(input.at),
  };
  const huella = huellaOf(altaHashText({ ...place, type, taxTotal, total }), input.crypto);
  const root = element(
    "sf:RegistroAlta",
    [
      ...alta.elements,
      ...chainElements(input),
      optional("sf:NumRegistroAcuerdoFacturacion", settings.billingAgreement),
      ...hashElements(huella),
    ],
    namespaces,
  );
  const record: RecordLink = { ...id, huella };
  const invoices = (state.invoices ?? 0) + 1;
  const counted = request.kind === "invoice" ? { invoices } : {};
  const after = { ...state, ...counted, record };
  return { root, huella, state: after, alta: { type, date: id.date, total } };
}

function anulacionRecord(input: RecordInput): BuiltRecord {
  const { config, state } = input;
  const facts = readCorrection(input.request);
  assert(facts !== undefined, "the facts of a cancellation were checked");
  const { number } = facts;
  const date = turnDate(facts.issuedOn);
  const flags = correctionFlags.cancellation[facts.held][facts.earlier];
  const place = { previous: previousOf(state), time: offsetDateTime(input.at) };
  const issuer = config.taxpayer;
  const huella = huellaOf(anulacionHashText({ issuer, number, date, ...place }), input.crypto);
  const root = element(
    "sf:RegistroAnulacion",
    [
      element("sf:IDVersion", "1.0"),
      element("sf:IDFactura", [
        element("sf:IDEmisorFacturaAnulada", issuer),
        element("sf:NumSerieFacturaAnulada", number),
        element("sf:FechaExpedicionFacturaAnulada", date),
      ]),
      optional("sf:SinRegistroPrevio", flags.sinRegistroPrevio),
      optional("sf:RechazoPrevio", flags.rechazoPrevio),
      ...chainElements(input),
      ...hashElements(huella),
    ],
    namespaces,
  );
  return { root, huella, state: { ...state, record: { number, date, huella } } };
}

// "First" is what the recorded opening says: the state before any record.
function chainElements(input: RecordInput): readonly XmlElement[] {
  const { config, settings, state } = input;
  const { record } = state;
  return [
    element("sf:Encadenamiento", [
      record === null
        ? element("sf:PrimerRegistro", "S")
        : element("sf:RegistroAnterior", [
            ...invoiceId(config.taxpayer, record),
            element("sf:Huella", record.huella),
          ]),
    ]),
    element("sf:SistemaInformatico", softwareElements(config, settings)),
    element("sf:FechaHoraHusoGenRegistro", offsetDateTime(input.at)),
  ];
}

function hashElements(huella: string): readonly XmlElement[] {
  return [element("sf:TipoHuella", "01"), element("sf:Huella", huella)];
}

function previousOf({ record }: ChainState): string {
  return record === null ? "" : record.huella;
}

function yesNo(isSo: boolean): string {
  return isSo ? "S" : "N";
}

const namespaces = { "xmlns:sf": informationNamespace };
