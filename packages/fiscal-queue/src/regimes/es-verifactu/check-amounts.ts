/**
 * Amounts and rates of an invoice, checked before it is sealed. SPEC.md §10 (RES).
 *
 * @module
 */

import { sumSafe } from "@tillmesh/kernel";
import type { Receipt, ReceiptTax } from "../../receipt.ts";
import type { SealFault } from "../../regime.ts";
import { breakdownOf, isSurchargeEntry, surchargeRates, type Detail } from "./breakdown.ts";
import type { Settings } from "./settings.ts";
import { isSimplified, type Terms } from "./terms.ts";

export interface AmountRules {
  readonly terms: Terms;
  readonly settings: Settings;
  readonly currency: string;
}

export function checkAmounts(receipt: Receipt, rules: AmountRules, faults: SealFault[]): void {
  const { settings, terms } = rules;
  if (receipt.currency !== rules.currency) {
    faults.push(at("/receipt/currency", "currency", `must be ${rules.currency}`));
  }
  receipt.taxes.forEach((tax, index) => {
    checkEntry(tax, `/receipt/taxes/${index}`, { receipt, settings, faults });
  });
  const details = breakdownOf(receipt.taxes, settings, settings.regimeKey);
  if (details.length < 1 || details.length > detailsMax) {
    faults.push(
      at("/receipt/taxes", "breakdown", `1 to ${detailsMax} kinds of operation and rate`),
    );
  }
  checkTotal(receipt, faults);
  checkSimplifiedLimit(receipt, rules, faults);
  if (isSimplified(terms.type) && details.some(({ operation }) => operation === "S2")) {
    faults.push(at("/receipt/taxes", "reverse-charge", "a reverse charge names its recipient"));
  }
  for (const detail of details) checkTax(detail, faults);
}

function checkEntry(tax: ReceiptTax, pointer: string, { receipt, settings, faults }: Entry): void {
  if (isSurchargeEntry(tax, settings)) {
    if (!hasVatRate(tax, receipt)) {
      faults.push(at(pointer, "surcharge", "stands with the VAT rate it belongs to"));
    }
    return;
  }
  const isTaxed = tax.category === "S" || tax.category === "Z";
  if (!isTaxed && tax.taxMinor !== 0) {
    faults.push(at(`${pointer}/taxMinor`, "untaxed", `no tax in category ${tax.category}`));
  }
  if (isTaxed && !isRate(tax.rateBp, settings)) {
    const detail = settings.tax === "01" ? "VAT is 0, 4, 10 or 21 %" : "three digits of percent";
    faults.push(at(`${pointer}/rateBp`, "rate", detail));
  }
}

interface Entry {
  readonly receipt: Receipt;
  readonly settings: Settings;
  readonly faults: SealFault[];
}

function hasVatRate({ rateBp }: ReceiptTax, { taxes }: Receipt): boolean {
  const vat = surchargeRates[rateBp];
  return taxes.some((tax) => tax.category === "S" && tax.rateBp === vat && tax.netMinor !== 0);
}

function isRate(rateBp: number, { tax }: Settings): boolean {
  return tax === "01" ? vatRates.has(rateBp) : rateBp >= 0 && rateBp <= 99_999;
}

// The authority lets 10.00 pass between the breakdown and the totals; a till's receipt adds up exactly.
function checkTotal({ taxes, totalMinor }: Receipt, faults: SealFault[]): void {
  const amounts = taxes.flatMap((tax) => [tax.netMinor, tax.taxMinor]);
  const sum = sumSafe(amounts);
  if (!sum.ok || sum.value !== totalMinor) {
    faults.push(at("/receipt/totalMinor", "total", "is the sum of net amounts and taxes"));
  }
  if ([...amounts, totalMinor].some((amount) => Math.abs(amount) > amountMax)) {
    faults.push(at("/receipt", "amount", "at most twelve digits before the point"));
  }
}

function checkSimplifiedLimit(
  { totalMinor }: Receipt,
  { terms, settings }: AmountRules,
  faults: SealFault[],
): void {
  if (terms.type !== "F2" || totalMinor <= simplifiedMaxMinor + toleranceMinor) return;
  if (terms.isWithoutRecipient || settings.billingAgreement !== "") return;
  faults.push(
    at("/receipt/totalMinor", "simplified-limit", "over 3,000.00 asks for a full invoice"),
  );
}

function checkTax(detail: Detail, faults: SealFault[]): void {
  const { operation, netMinor, taxMinor, rateBp, surchargeBp, surchargeMinor } = detail;
  if (operation !== "S1") return;
  const isFar = (bp: number, tax: number): boolean => {
    const offBy = BigInt(tax) * 10_000n - BigInt(netMinor) * BigInt(bp);
    return (offBy < 0n ? -offBy : offBy) > BigInt(toleranceMinor) * 10_000n;
  };
  if (isFar(rateBp, taxMinor) || isFar(surchargeBp, surchargeMinor)) {
    faults.push(at("/receipt/taxes", "tax", `tax at ${rateBp} bp is off by more than 10.00`));
  }
}

function at(pointer: string, code: string, detail: string): SealFault {
  return { pointer, code, detail };
}

const vatRates: ReadonlySet<number> = new Set([0, 400, 1000, 2100]);
const detailsMax = 12;
const amountMax = 99_999_999_999_999;
const simplifiedMaxMinor = 300_000;
const toleranceMinor = 1000;
