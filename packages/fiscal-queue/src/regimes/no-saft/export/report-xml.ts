/**
 * The report within an X or Z event. SPEC.md §12 (RNR).
 *
 * Lists that the schema wants filled hold one line of nothing where there was nothing.
 *
 * @module
 */

import type { StreamConfig } from "../../../document.ts";
import { defaultGroup } from "../codes.ts";
import type { Counted, DayTotals, EventRecord, ReportRecord } from "../record.ts";
import { settingsOf } from "../settings.ts";
import { amountText } from "../signed-text.ts";
import { countedOf, readVatKey } from "../totals.ts";
import { quantityText, sideOf } from "./transaction-xml.ts";
import type { Words } from "./words.ts";
import { group, tag } from "./xml.ts";

export function reportXml(
  event: EventRecord & { readonly report: ReportRecord },
  config: StreamConfig,
  words: Words,
): string {
  const { day, grand, id } = event.report;
  const [salesMinor, returnsMinor] = grand;
  return group("eventReport", [
    tag("reportID", id),
    tag("reportType", event.event === "z-report" ? "Z report" : "X report"),
    tag("companyIdent", config.taxpayer),
    tag("companyName", settingsOf(config).company.name),
    tag("reportDate", event.date),
    tag("reportTime", event.time),
    tag("registerID", config.till),
    group("reportTotalCashSales", [tag("totalCashSaleAmnt", amountText(cashSalesMinor(day)))]),
    groupsXml(day),
    paymentsXml(day),
    cashiersXml(day, words),
    tipsXml(day),
    vatXml(day, words),
    tag("reportOpeningChangeFloat", amountText(day.floatMinor)),
    ...countsXml(day),
    tag("reportGrandTotalSales", amountText(salesMinor)),
    tag("reportGrandTotalReturn", amountText(returnsMinor)),
    tag("reportGrandTotalSalesNet", amountText(salesMinor - returnsMinor)),
  ]);
}

/** What was sold less what was taken back, without what customers owe. */
function cashSalesMinor({ groups, counts }: DayTotals): number {
  const [, creditMinor] = countedOf(counts, "credit");
  return Object.values(groups).reduce((sum, [, minor]) => sum + minor, -creditMinor);
}

function groupsXml({ groups }: DayTotals): string {
  return group(
    "reportArtGroups",
    rowsOf(groups, defaultGroup).map(([code, [milli, minor]]) =>
      group("reportArtGroup", [
        tag("artGroupID", code),
        tag("artGroupNum", quantityText(milli)),
        tag("artGroupAmnt", amountText(minor)),
      ]),
    ),
  );
}

function paymentsXml({ payments }: DayTotals): string {
  return group(
    "reportPayments",
    rowsOf(payments, "12001").map(([code, [count, minor]]) =>
      group("reportPayment", [
        tag("paymentType", code),
        tag("paymentNum", count),
        tag("paymentAmnt", amountText(minor)),
      ]),
    ),
  );
}

function cashiersXml({ cashiers }: DayTotals, words: Words): string {
  const rows = Object.entries(cashiers).flatMap(([cashier, payments]) =>
    Object.entries(payments).map(([code, [count, minor]]) =>
      group("reportEmpPayment", [
        tag("empID", words.id(cashier)),
        tag("paymentType", code),
        tag("paymentNum", count),
        tag("paymentAmnt", amountText(minor)),
      ]),
    ),
  );
  return rows.length === 0 ? "" : group("reportEmpPayments", rows);
}

function tipsXml({ counts }: DayTotals): string {
  const [count, minor] = countedOf(counts, "tips");
  return count === 0
    ? ""
    : group("reportTip", [tag("tipNum", count), tag("tipAmnt", amountText(minor))]);
}

function vatXml({ vat }: DayTotals, words: Words): string {
  return group(
    "reportCashSalesVat",
    rowsOf(vat, "none|7|0").map(([key, [exMinor, vatMinor]]) => {
      const { taxCode, rateBp } = readVatKey(key);
      return group("reportCashSaleVat", [
        tag("vatCode", words.vatId(taxCode)),
        tag("vatPerc", amountText(rateBp)),
        tag("cashSaleAmnt", amountText(exMinor)),
        tag("vatAmnt", amountText(vatMinor)),
        tag("vatAmntTp", sideOf(vatMinor)),
      ]);
    }),
  );
}

function countsXml(day: DayTotals): readonly string[] {
  const of = (name: string): Counted => countedOf(day.counts, name);
  return [
    tag("reportReceiptNum", of("sales")[0]),
    tag("reportOpenCashBoxNum", of("drawers")[0]),
    numberAndAmount("reportReceiptCopy", of("copies")),
    numberAndAmount("reportReceiptProforma", of("proFormas")),
    numberAndAmount("reportReturn", of("returns")),
    numberAndAmount("reportDiscount", of("discounts")),
    numberAndAmount("reportVoidTrans", of("voids")),
    group("reportCorrLines", [
      group("reportCorrLine", [
        tag("corrLineType", "Removed lines"),
        numberAndAmount("corrLine", of("lineCorrections")),
      ]),
    ]),
    group(
      "reportPriceInquiries",
      rowsOf(day.inquiries, defaultGroup).map(([code, counted]) =>
        group("reportPriceInquiry", [
          tag("priceInquiryGroup", code),
          numberAndAmount("priceInquiry", counted),
        ]),
      ),
    ),
    group("reportOtherCorrs", [
      group("reportOtherCorr", [
        tag("otherCorrType", "None"),
        numberAndAmount("otherCorr", [0, 0]),
      ]),
    ]),
    numberAndAmount("reportReceiptDelivery", of("deliveries")),
    numberAndAmount("reportTraining", of("trainings")),
    group("reportCreditSales", [numberAndAmount("creditSales", of("credit"))]),
    group("reportPayIns", [
      group("reportPayIn", [tag("payInType", "Cash"), numberAndAmount("payIn", of("paidIn"))]),
    ]),
    group("reportPayOuts", [
      group("reportPayOut", [tag("payOutType", "Cash"), numberAndAmount("payOut", of("paidOut"))]),
    ]),
  ];
}

function numberAndAmount(name: string, [count, minor]: Counted): string {
  return tag(`${name}Num`, count) + tag(`${name}Amnt`, amountText(minor));
}

/** In the order of keys: a report reads the same however its sums came about. */
function rowsOf(
  map: Readonly<Record<string, Counted>>,
  nothing: string,
): readonly (readonly [string, Counted])[] {
  const rows = Object.entries(map).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return rows.length === 0 ? [[nothing, [0, 0]]] : rows;
}
