/**
 * Header, company and the tables that events and transactions refer to. SPEC.md §12 (RNR).
 *
 * @module
 */

import { codeLists } from "../codes.ts";
import { settingsOf, type NorwayAddress } from "../settings.ts";
import { amountText, localTime } from "../signed-text.ts";
import type { ExportInput } from "../../../regime.ts";
import type { SaftMore } from "./more.ts";
import type { Survey, VatCode } from "./survey.ts";
import type { Words } from "./words.ts";
import { fitted, group, optionalTag, tag } from "./xml.ts";

export function headerXml(seen: Survey, input: ExportInput, more: SaftMore): string {
  const { date, time } = localTime(input.at);
  const [startDate, endDate] = periodOf(seen, input);
  const { software = thisSoftware } = settingsOf(input.config);
  return group("header", [
    tag("fiscalYear", startDate.slice(0, 4)),
    tag("startDate", startDate),
    tag("endDate", endDate),
    tag("curCode", input.config.currency),
    tag("dateCreated", date),
    tag("timeCreated", time),
    tag("softwareDesc", software.name),
    tag("softwareVersion", software.version),
    tag("softwareCompanyName", software.vendor),
    tag("auditfileVersion", "1.0"),
    tag("headerComment", fitted(controlText(seen), 999)),
    optionalTag("userID", more.userId),
  ]);
}

const thisSoftware = { name: "Tillmesh", version: "0.1.0", vendor: "Tillmesh" };

/** As asked for; where a side is open, what the documents span. */
function periodOf(
  { firstDate, lastDate }: Survey,
  { from, to, at }: ExportInput,
): readonly [startDate: string, endDate: string] {
  const startDate = from ?? firstDate ?? to ?? localTime(at).date;
  return [startDate, to ?? lastDate ?? startDate];
}

/** The schema has no control totals: they stand in the comment, with what the first signature chains to. */
function controlText(seen: Survey): string {
  const { transactionCount, eventCount, firstNumber, lastNumber } = seen;
  return [
    `transactions=${transactionCount}`,
    `events=${eventCount}`,
    `transAmntIn=${amountText(seen.inMinor)}`,
    `transAmntEx=${amountText(seen.exMinor)}`,
    ...(firstNumber === undefined ? [] : [`first=${firstNumber}`, `last=${lastNumber}`]),
    `previousSignature=${seen.signatureBefore}`,
  ].join("; ");
}

/** From `companyIdent` to `basics`: the company element stays open for its location. */
export function companyXml(seen: Survey, input: ExportInput): string {
  const { taxpayer } = input.config;
  const { company } = settingsOf(input.config);
  const isVatRegistered = company.isVatRegistered !== false;
  return [
    tag("companyIdent", taxpayer),
    tag("companyName", company.name),
    tag("taxRegistrationCountry", "NO"),
    isVatRegistered ? tag("taxRegIdent", `${taxpayer}MVA`) : "",
    addressXml(company),
  ].join("");
}

export function addressXml(address: NorwayAddress): string {
  return group("streetAddress", [
    optionalTag("streetname", address.street),
    optionalTag("number", address.streetNumber),
    tag("city", address.city),
    tag("postalCode", address.postalCode),
    optionalTag("region", address.region),
    tag("country", address.country ?? "NO"),
  ]);
}

export function* vatCodesXml({ vatCodes }: Survey, words: Words): Generator<string> {
  if (vatCodes.size === 0) return;
  yield "<vatCodeDetails>";
  for (const code of vatCodes.values()) yield vatCodeXml(code, words);
  yield "</vatCodeDetails>";
}

function vatCodeXml({ taxCode, vatCode, rateBp, since }: VatCode, words: Words): string {
  return group("vatCodeDetail", [
    tag("vatCode", words.vatId(taxCode)),
    tag("dateOfEntry", since),
    tag("vatDesc", fitted(`${taxCode} ${amountText(rateBp)} %`, 100)),
    tag("standardVatCode", vatCode),
  ]);
}

export function* employeesXml({ staff }: Survey, words: Words): Generator<string> {
  if (staff.size === 0) return;
  yield "<employees>";
  for (const { cashier, surname, firstName, role, since, sinceTime } of staff.values()) {
    yield group("employee", [
      tag("empID", words.id(cashier)),
      tag("dateOfEntry", since),
      tag("timeOfEntry", sinceTime),
      firstName === undefined ? "" : tag("firstName", fitted(firstName, 50)),
      tag("surName", fitted(surname, 100)),
      role === undefined ? "" : group("employeeRole", [tag("roleType", fitted(role, 50))]),
    ]);
  }
  yield "</employees>";
}

export function* articlesXml({ articles }: Survey, words: Words): Generator<string> {
  if (articles.size === 0) return;
  yield "<articles>";
  for (const { sku, name, group: articleGroup, since } of articles.values()) {
    yield group("article", [
      tag("artID", words.id(sku)),
      tag("dateOfEntry", since),
      optionalTag("artGroupID", articleGroup),
      tag("artDesc", fitted(name, 999)),
    ]);
  }
  yield "</articles>";
}

/** The code that a line of a transaction has. No list of the authority names them. */
export const lineTypes = { SAL: "Sale line", RET: "Return line" } as const;

/** Ids are the authority's own codes: unique over all lists. Article groups only as far as they are used. */
export function* basicsXml({ groups }: Survey): Generator<string> {
  yield "<basics>";
  for (const code of groups) yield basicXml("04", code);
  for (const [id, description] of Object.entries(lineTypes)) {
    yield group("basic", [
      tag("basicType", "05"),
      tag("basicID", id),
      tag("basicDesc", description),
    ]);
  }
  for (const type of ["10", "11", "12", "13"] as const) {
    for (const code of Object.keys(codeLists[type])) yield basicXml(type, code);
  }
  yield "</basics>";
}

function basicXml(type: keyof typeof codeLists, code: string): string {
  const descriptions: Readonly<Record<string, string>> = codeLists[type];
  return group("basic", [
    tag("basicType", type),
    tag("basicID", code),
    tag("predefinedBasicID", code),
    tag("basicDesc", descriptions[code] ?? code),
  ]);
}
