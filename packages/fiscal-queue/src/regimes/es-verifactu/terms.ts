/**
 * Which invoice a receipt asks for: its type and what the type brings along. SPEC.md §10 (RES).
 *
 * @module
 */

import type { Receipt } from "../../receipt.ts";
import type { SealFault } from "../../regime.ts";
import { regimeKeys } from "./settings.ts";

export type InvoiceType = "F1" | "F2" | "F3" | "R1" | "R2" | "R3" | "R4" | "R5";

export interface Terms {
  readonly type: InvoiceType;
  /** Of R1 to R5: by substitution or by differences; "" otherwise. */
  readonly rectification: "S" | "I" | "";
  /** Of type S: what the invoice said that is replaced. */
  readonly rectified: RectifiedAmounts | undefined;
  readonly references: readonly InvoiceReference[];
  /** `2026-11-22`, or "". */
  readonly operationDate: string;
  /** "" for what the settings say. */
  readonly description: string;
  readonly regimeKey: string;
  readonly customerIdType: string;
  readonly isQualifiedSimplified: boolean;
  readonly isWithoutRecipient: boolean;
  readonly externalReference: string;
}

export interface RectifiedAmounts {
  readonly netMinor: number;
  readonly taxMinor: number;
  readonly surchargeMinor: number;
}

export interface InvoiceReference {
  readonly number: string;
  /** `2026-11-22`. */
  readonly issuedOn: string;
}

/** Reads `receipt.options`; what cannot be read is told in `faults`. */
export function termsOf(receipt: Receipt, faults: SealFault[] = []): Terms {
  const options = optionsOf(receipt, faults);
  const asked = options.text("invoiceType", /^(F[123]|R[1-5])$/);
  const type = asked === "" ? usualType(receipt) : (asked as InvoiceType);
  const how = options.text("rectification", /^[SI]$/);
  return {
    type,
    rectification: isCorrective(type) && how === "" ? "I" : (how as Terms["rectification"]),
    rectified: rectifiedOf(options),
    references: referencesOf(receipt, options),
    operationDate: options.text("operationDate", datePattern),
    description: options.text("description", /\S/),
    regimeKey: options.text("regimeKey", regimeKeys),
    customerIdType: options.text("customerIdType", /^0[2-7]$/),
    isQualifiedSimplified: options.text("qualifiedSimplified", /^S$/) === "S",
    isWithoutRecipient: options.text("withoutRecipient61d", /^S$/) === "S",
    externalReference: options.text("externalReference", /^[\x20-\x7E]{1,60}$/),
  };
}

export function isCorrective(type: InvoiceType): boolean {
  return type.startsWith("R");
}

/** Simplified invoices name no recipient. */
export function isSimplified(type: InvoiceType): boolean {
  return type === "F2" || type === "R5";
}

// A customer who gives a tax number asks for a full invoice. Goods taken back: article 80.2, so R1.
function usualType({ kind, customer }: Receipt): InvoiceType {
  const isFull = customer?.taxId !== undefined;
  if (kind === "refund" || kind === "void") return isFull ? "R1" : "R5";
  return isFull ? "F1" : "F2";
}

interface Options {
  /** "" where absent. */
  text(name: string, pattern: RegExp): string;
}

function optionsOf({ options = {} }: Receipt, faults: SealFault[]): Options {
  return {
    text: (name, pattern) => {
      const value = options[name] ?? "";
      if (value === "" || pattern.test(value)) return value;
      const detail = `must match ${pattern.source}`;
      faults.push({ pointer: `/receipt/options/${name}`, code: "option", detail });
      return "";
    },
  };
}

function rectifiedOf(options: Options): RectifiedAmounts | undefined {
  const net = options.text("rectifiedNetMinor", minorPattern);
  const tax = options.text("rectifiedTaxMinor", minorPattern);
  const surcharge = options.text("rectifiedSurchargeMinor", minorPattern);
  if (net === "" || tax === "") return undefined;
  return { netMinor: Number(net), taxMinor: Number(tax), surchargeMinor: Number(surcharge) };
}

// Lines of "number date": numbers hold blanks but no line end.
function referencesOf({ refersTo }: Receipt, options: Options): readonly InvoiceReference[] {
  const first =
    refersTo === undefined ? [] : [{ number: refersTo.number, issuedOn: refersTo.issuedOn }];
  const more = options.text("alsoRefersTo", /^.+ \d{4}-\d\d-\d\d(\n.+ \d{4}-\d\d-\d\d)*$/);
  const lines = more === "" ? [] : more.split("\n");
  return [
    ...first,
    ...lines.map((line) => ({ number: line.slice(0, -11), issuedOn: line.slice(-10) })),
  ];
}

const datePattern = /^\d{4}-\d\d-\d\d$/;
const minorPattern = /^-?\d{1,14}$/;
