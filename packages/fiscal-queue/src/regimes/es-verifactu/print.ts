/**
 * What the receipt shows of the seal. SPEC.md §10 (RES).
 *
 * @module
 */

import type { PrintParts, StreamConfig } from "../../document.ts";
import type { Receipt } from "../../receipt.ts";
import { turnDate } from "./formats.ts";
import { customerIn } from "./full-invoice.ts";
import { qrAddress } from "./qr-address.ts";
import type { BuiltRecord } from "./record.ts";
import type { Settings } from "./settings.ts";
import { isCorrective, termsOf } from "./terms.ts";
import { plainText } from "./xml.ts";

export interface PrintInput {
  readonly built: BuiltRecord;
  readonly number: string;
  readonly config: StreamConfig;
  readonly settings: Settings;
  readonly isVeriFactu: boolean;
  readonly receipt: Receipt | undefined;
}

/** The first line stands above the code, the others below it; the code stands before the contents. */
export function printOf(input: PrintInput): PrintParts {
  const { built, config, isVeriFactu, receipt } = input;
  if (built.alta === undefined || receipt === undefined) {
    return { lines: [`Registro de anulación de ${input.number}`] };
  }
  const text = qrTextOf({ ...input, alta: built.alta });
  const lines = [
    "QR tributario:",
    ...(isVeriFactu ? ["VERI*FACTU"] : []),
    ...(config.isTest ? ["DOCUMENTO DE PRUEBA, SIN VALIDEZ FISCAL"] : []),
    titleOf(built.alta.type),
    ...recipientLines(receipt),
    ...referenceLines(receipt),
  ];
  return { lines, qr: { text, level: "M", minMm: 30 } };
}

export function qrTextOf(input: {
  readonly config: StreamConfig;
  readonly settings: Settings;
  readonly isVeriFactu: boolean;
  readonly number: string;
  readonly alta: { readonly date: string; readonly total: string };
}): string {
  const { config, settings, isVeriFactu, number, alta } = input;
  const { environment } = settings;
  return qrAddress({ isVeriFactu, environment, taxpayer: config.taxpayer, number, ...alta });
}

function titleOf(type: string): string {
  if (type === "F2") return "Factura simplificada";
  if (type === "R5") return "Factura rectificativa simplificada";
  return type.startsWith("R") ? "Factura rectificativa" : "Factura";
}

// What a full invoice says of its recipient on paper; the record itself has no address.
function recipientLines(receipt: Receipt): readonly string[] {
  const customer = customerIn(receipt);
  if (customer === undefined) return [];
  const { name, taxId = "", country, street = "", city = "", postalCode = "" } = customer;
  const place = [postalCode, city].filter((word) => word !== "").join(" ");
  const address = [street, place, country === "ES" ? "" : country].filter((word) => word !== "");
  return [
    `Destinatario: ${plainText(name, 120)}`,
    `${country === "ES" ? "NIF" : "Identificación"}: ${plainText(taxId, 20)}`,
    ...(address.length === 0 ? [] : [plainText(address.join(", "), 300)]),
  ];
}

function referenceLines(receipt: Receipt): readonly string[] {
  const terms = termsOf(receipt);
  const word = isCorrective(terms.type) ? "Rectifica" : "Sustituye";
  if (!isCorrective(terms.type) && terms.type !== "F3") return [];
  return terms.references.map(
    ({ number, issuedOn }) => `${word} ${number} de ${turnDate(issuedOn)}`,
  );
}
