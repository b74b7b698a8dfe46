/**
 * The record of an invoice (RegistroAlta), without its hash. SPEC.md §10 (RES).
 *
 * @module
 */

import { assert } from "@tillmesh/kernel";
import type { Receipt, ReceiptCustomer } from "../../receipt.ts";
import { breakdownOf, isTaxed, taxTotalOf, type Detail } from "./breakdown.ts";
import { correctionFlags, type CorrectionFacts } from "./corrections.ts";
import { formatHundredths, turnDate } from "./formats.ts";
import type { Settings } from "./settings.ts";
import { isCorrective, isSimplified, termsOf, type InvoiceReference, type Terms } from "./terms.ts";
import { element, plainText, type XmlElement } from "./xml.ts";

export interface AltaInput {
  readonly receipt: Receipt;
  readonly taxpayer: string;
  readonly number: string;
  /** `22-11-2026`. */
  readonly date: string;
  readonly settings: Settings;
  /** Of a correction record. */
  readonly correction: CorrectionFacts | undefined;
}

export interface Alta {
  readonly type: string;
  readonly taxTotal: string;
  readonly total: string;
  /** Everything before Encadenamiento. */
  readonly elements: readonly (XmlElement | undefined)[];
}

export function altaOf(input: AltaInput): Alta {
  const { receipt, settings } = input;
  const terms = termsOf(receipt);
  const regimeKey = terms.regimeKey === "" ? settings.regimeKey : terms.regimeKey;
  const details = breakdownOf(receipt.taxes, settings, regimeKey);
  const taxTotalMinor = taxTotalOf(details);
  assert(taxTotalMinor !== undefined, "the sum of taxes was checked");
  const taxTotal = formatHundredths(taxTotalMinor);
  const total = formatHundredths(receipt.totalMinor);
  const elements = [
    ...identity(input, terms),
    ...rectification(input, terms),
    ...description(input, terms),
    recipients(receipt.customer, terms),
    element(
      "sf:Desglose",
      details.map((detail) => detailElement(detail, settings)),
    ),
    element("sf:CuotaTotal", taxTotal),
    element("sf:ImporteTotal", total),
  ];
  return { type: terms.type, taxTotal, total, elements };
}

export function invoiceId(
  issuer: string,
  { number, date }: { readonly number: string; readonly date: string },
): readonly XmlElement[] {
  return [
    element("sf:IDEmisorFactura", issuer),
    element("sf:NumSerieFactura", number),
    element("sf:FechaExpedicionFactura", date),
  ];
}

export function optional(name: string, value: string): XmlElement | undefined {
  return value === "" ? undefined : element(name, value);
}

function identity(input: AltaInput, terms: Terms): readonly (XmlElement | undefined)[] {
  const { correction, settings, taxpayer } = input;
  const flags =
    correction === undefined
      ? undefined
      : correctionFlags.correction[correction.held][correction.earlier];
  return [
    element("sf:IDVersion", "1.0"),
    element("sf:IDFactura", invoiceId(taxpayer, input)),
    optional("sf:RefExterna", terms.externalReference),
    element("sf:NombreRazonEmisor", settings.sellerName),
    optional("sf:Subsanacion", flags?.subsanacion ?? ""),
    optional("sf:RechazoPrevio", flags?.rechazoPrevio ?? ""),
    element("sf:TipoFactura", terms.type),
  ];
}

function rectification({ taxpayer }: AltaInput, terms: Terms): readonly (XmlElement | undefined)[] {
  const { references, rectified, type } = terms;
  const invoices = (list: string, item: string): XmlElement | undefined =>
    references.length === 0
      ? undefined
      : element(
          list,
          references.map((reference) => element(item, referenceId(taxpayer, reference))),
        );
  return [
    optional("sf:TipoRectificativa", terms.rectification),
    isCorrective(type) ? invoices("sf:FacturasRectificadas", "sf:IDFacturaRectificada") : undefined,
    type === "F3" ? invoices("sf:FacturasSustituidas", "sf:IDFacturaSustituida") : undefined,
    terms.rectification !== "S" || rectified === undefined
      ? undefined
      : element("sf:ImporteRectificacion", [
          element("sf:BaseRectificada", formatHundredths(rectified.netMinor)),
          element("sf:CuotaRectificada", formatHundredths(rectified.taxMinor)),
          element("sf:CuotaRecargoRectificado", formatHundredths(rectified.surchargeMinor)),
        ]),
  ];
}

function referenceId(
  taxpayer: string,
  { number, issuedOn }: InvoiceReference,
): readonly XmlElement[] {
  return invoiceId(taxpayer, { number, date: turnDate(issuedOn) });
}

function description(
  { receipt, settings }: AltaInput,
  terms: Terms,
): readonly (XmlElement | undefined)[] {
  const text = [terms.description, receipt.reason ?? ""].find((words) => words.trim() !== "");
  return [
    optional("sf:FechaOperacion", terms.operationDate === "" ? "" : turnDate(terms.operationDate)),
    element("sf:DescripcionOperacion", plainText(text ?? settings.description, 500)),
    optional("sf:FacturaSimplificadaArt7273", terms.isQualifiedSimplified ? "S" : ""),
    optional("sf:FacturaSinIdentifDestinatarioArt61d", terms.isWithoutRecipient ? "S" : ""),
    optional("sf:Macrodato", Math.abs(receipt.totalMinor) >= macroMinor ? "S" : ""),
  ];
}

function recipients(customer: ReceiptCustomer | undefined, terms: Terms): XmlElement | undefined {
  if (customer === undefined || isSimplified(terms.type)) return undefined;
  return element("sf:Destinatarios", [
    element("sf:IDDestinatario", [
      element("sf:NombreRazon", plainText(customer.name, 120)),
      taxIdElement(customer, terms),
    ]),
  ]);
}

// 02 is a VAT number of another member state, 04 the document of any other country.
function taxIdElement({ country, taxId = "" }: ReceiptCustomer, terms: Terms): XmlElement {
  if (country === "ES" && terms.customerIdType === "") return element("sf:NIF", taxId);
  const usual = unionCountries.has(country) ? "02" : "04";
  return element("sf:IDOtro", [
    element("sf:CodigoPais", country),
    element("sf:IDType", terms.customerIdType === "" ? usual : terms.customerIdType),
    element("sf:ID", plainText(taxId, 20)),
  ]);
}

function detailElement(detail: Detail, { tax }: Settings): XmlElement {
  const isExempt = detail.operation.startsWith("E");
  const taxed = isTaxed(detail);
  const hasSurcharge = detail.surchargeBp !== 0;
  return element("sf:DetalleDesglose", [
    element("sf:Impuesto", tax),
    element("sf:ClaveRegimen", detail.regimeKey),
    element(isExempt ? "sf:OperacionExenta" : "sf:CalificacionOperacion", detail.operation),
    optional("sf:TipoImpositivo", amountIf(detail.rateBp, taxed)),
    element("sf:BaseImponibleOimporteNoSujeto", formatHundredths(detail.netMinor)),
    optional("sf:CuotaRepercutida", amountIf(detail.taxMinor, taxed)),
    optional("sf:TipoRecargoEquivalencia", amountIf(detail.surchargeBp, hasSurcharge)),
    optional("sf:CuotaRecargoEquivalencia", amountIf(detail.surchargeMinor, hasSurcharge)),
  ]);
}

function amountIf(value: number, isThere: boolean): string {
  return isThere ? formatHundredths(value) : "";
}

const macroMinor = 10_000_000_000;

const unionCountries: ReadonlySet<string> = new Set(
  "AT BE BG CY CZ DE DK EE EL FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split(" "),
);
