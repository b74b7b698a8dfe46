/**
 * What a sealed text says, for the verifier: read from the XML, not from what it was made of.
 *
 * @module
 */

import type { DocumentKind } from "../../document.ts";
import type { FiscalCrypto } from "../../ports.ts";
import { isEventKind } from "./draft.ts";
import { parseHundredths } from "./formats.ts";
import { altaHashText, anulacionHashText, eventHashText, huellaOf } from "./huella.ts";
import { eventsNamespace, informationNamespace } from "./namespaces.ts";
import { childrenOf, elementsOf, find, readXml, textOf } from "./read-xml.ts";
import { renderXml, type XmlElement } from "./xml.ts";

export interface RecordFacts {
  readonly issuer: string;
  readonly number: string;
  readonly installation: string;
  readonly time: string;
  readonly huella: string;
  /** Of an invoice. */
  readonly alta: { readonly date: string; readonly total: string } | undefined;
  /** What it says of the record before; `null` for the first. */
  readonly link: Link;
  /** What the next record has to say of this one. */
  readonly own: Exclude<Link, null>;
  /** What the schema and the kind of document ask for, and is not so. */
  readonly faults: readonly string[];
  readonly signature: XmlElement | undefined;
  /** The record without its signature. */
  readonly unsigned: XmlElement;
  huellaBy(crypto: Pick<FiscalCrypto, "sha256">): string;
}

type Link = Readonly<Record<string, string>> | null;

/** `undefined` for a text that is not its own canonical form, or of another kind. */
export function readRecord(text: string, kind: DocumentKind): RecordFacts | undefined {
  const root = readXml(text);
  if (root === undefined || renderXml(root) !== text || isMixed(root)) return undefined;
  const { name, namespace } = expectedOf(kind);
  if (root.name !== name || root.attributes["xmlns:sf"] !== namespace) return undefined;
  if (isEventKind(kind)) return eventFacts(root);
  return kind === "cancellation" ? anulacionFacts(root) : altaFacts(root, kind);
}

function expectedOf(kind: DocumentKind): { readonly name: string; readonly namespace: string } {
  if (isEventKind(kind)) return { name: "sf:RegistroEvento", namespace: eventsNamespace };
  const name = kind === "cancellation" ? "sf:RegistroAnulacion" : "sf:RegistroAlta";
  return { name, namespace: informationNamespace };
}

/** Text beside elements, if only white space: no record is written so. */
function isMixed(root: XmlElement): boolean {
  const elements = elementsOf(root);
  const hasText = elements.length > 0 && elements.length < root.children.length;
  return hasText || elements.some(isMixed);
}

function altaFacts(root: XmlElement, kind: DocumentKind): RecordFacts {
  const issuer = textOf(root, "IDFactura", "IDEmisorFactura");
  const number = textOf(root, "IDFactura", "NumSerieFactura");
  const date = textOf(root, "IDFactura", "FechaExpedicionFactura");
  const type = textOf(root, "TipoFactura");
  const taxTotal = textOf(root, "CuotaTotal");
  const total = textOf(root, "ImporteTotal");
  const place = placeOf(root, issuer);
  return {
    ...place,
    number,
    alta: { date, total },
    own: { number, date, huella: place.huella },
    faults: [...versionFaults(root), ...altaFaults(root, kind), ...place.faults],
    huellaBy: (crypto) => {
      const { previous, time } = place;
      return huellaOf(
        altaHashText({ issuer, number, date, type, taxTotal, total, previous, time }),
        crypto,
      );
    },
  };
}

function anulacionFacts(root: XmlElement): RecordFacts {
  const issuer = textOf(root, "IDFactura", "IDEmisorFacturaAnulada");
  const number = textOf(root, "IDFactura", "NumSerieFacturaAnulada");
  const date = textOf(root, "IDFactura", "FechaExpedicionFacturaAnulada");
  const place = placeOf(root, issuer);
  return {
    ...place,
    number,
    alta: undefined,
    own: { number, date, huella: place.huella },
    faults: [...versionFaults(root), ...place.faults],
    huellaBy: (crypto) => {
      const { previous, time } = place;
      return huellaOf(anulacionHashText({ issuer, number, date, previous, time }), crypto);
    },
  };
}

function eventFacts(root: XmlElement): RecordFacts {
  const event = find(root, "Evento");
  const before = find(event, "Encadenamiento", "EventoAnterior");
  const software = find(event, "SistemaInformatico");
  const taxpayer = textOf(event, "ObligadoEmision", "NIF");
  const type = textOf(event, "TipoEvento");
  const time = textOf(event, "FechaHoraHusoGenEvento");
  const huella = textOf(event, "HuellaEvento");
  const link = {
    type: textOf(before, "TipoEvento"),
    time: textOf(before, "FechaHoraHusoGenEvento"),
    huella: textOf(before, "HuellaEvento"),
  };
  const isFirst = textOf(event, "Encadenamiento", "PrimerEvento") === "S";
  const installation = textOf(software, "NumeroInstalacion");
  return {
    issuer: taxpayer,
    number: "",
    installation,
    time,
    huella,
    alta: undefined,
    link: isFirst ? null : link,
    own: { type, time, huella },
    faults: [...versionFaults(root), ...hashTypeFaults(event)],
    ...signed(root),
    huellaBy: (crypto) =>
      huellaOf(
        eventHashText({
          producer: textOf(software, "NIF"),
          softwareId: textOf(software, "IdSistemaInformatico"),
          version: textOf(software, "Version"),
          installation,
          taxpayer,
          type,
          previous: link.huella,
          time,
        }),
        crypto,
      ),
  };
}

function placeOf(root: XmlElement, issuer: string) {
  const before = find(root, "Encadenamiento", "RegistroAnterior");
  const isFirst = textOf(root, "Encadenamiento", "PrimerRegistro") === "S";
  const previous = textOf(before, "Huella");
  const link = {
    number: textOf(before, "NumSerieFactura"),
    date: textOf(before, "FechaExpedicionFactura"),
    huella: previous,
  };
  const isOther = before !== undefined && textOf(before, "IDEmisorFactura") !== issuer;
  return {
    issuer,
    installation: textOf(root, "SistemaInformatico", "NumeroInstalacion"),
    time: textOf(root, "FechaHoraHusoGenRegistro"),
    huella: textOf(root, "Huella"),
    previous,
    link: isFirst ? null : link,
    faults: [
      ...hashTypeFaults(root),
      ...(isOther ? ["the record before is of another taxpayer"] : []),
      ...(isFirst === (before === undefined) ? [] : ["either first, or after another"]),
    ],
    ...signed(root),
  } as const;
}

function altaFaults(root: XmlElement, kind: DocumentKind): readonly string[] {
  const isCorrection = textOf(root, "Subsanacion") === "S";
  const type = textOf(root, "TipoFactura");
  const isBackwards = kind === "refund" || kind === "void";
  return [
    ...(isCorrection === (kind === "correction") ? [] : ["Subsanacion marks corrections only"]),
    ...(kind === "invoice" && type !== "F3"
      ? [`an invoice afterwards is not of type ${type}`]
      : []),
    ...(isBackwards && !type.startsWith("R") ? [`${kind} is not of type ${type}`] : []),
    ...(type.startsWith("R") === (textOf(root, "TipoRectificativa") !== "")
      ? []
      : ["TipoRectificativa stands with R1 to R5 only"]),
    ...sumFaults(root),
  ];
}

function sumFaults(root: XmlElement): readonly string[] {
  const details = childrenOf(find(root, "Desglose") ?? root, "DetalleDesglose");
  const sumOf = (...names: readonly string[]): bigint =>
    details
      .flatMap((detail) => names.map((name) => parseHundredths(textOf(detail, name)) ?? 0))
      .reduce((sum, amount) => sum + BigInt(amount), 0n);
  const isTotal = (name: string, sum: bigint): boolean =>
    BigInt(parseHundredths(textOf(root, name)) ?? Number.MAX_SAFE_INTEGER) === sum;
  const taxes = ["CuotaRepercutida", "CuotaRecargoEquivalencia"];
  const isRight =
    isTotal("CuotaTotal", sumOf(...taxes)) &&
    isTotal("ImporteTotal", sumOf("BaseImponibleOimporteNoSujeto", ...taxes));
  return isRight ? [] : ["the totals are not the sums of the breakdown"];
}

function versionFaults(root: XmlElement): readonly string[] {
  return textOf(root, "IDVersion") === "1.0" ? [] : ["IDVersion is 1.0"];
}

function hashTypeFaults(root: XmlElement | undefined): readonly string[] {
  return textOf(root, "TipoHuella") === "01" ? [] : ["TipoHuella is 01"];
}

function signed(root: XmlElement): Pick<RecordFacts, "signature" | "unsigned"> {
  const event = find(root, "Evento");
  const signature = childrenOf(event ?? root, "Signature").at(-1);
  const without = (parent: XmlElement): XmlElement => ({
    ...parent,
    children: parent.children.filter((child) => child !== signature),
  });
  if (event === undefined) return { signature, unsigned: without(root) };
  const children = root.children.map((child) => (child === event ? without(event) : child));
  return { signature, unsigned: { ...root, children } };
}
