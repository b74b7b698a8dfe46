/**
 * The code lists of SAF-T Cash Register, and what stands for what here. SPEC.md §12 (RNR).
 *
 * Source: Skatteetaten, Norwegian SAF-T Cash Register data, code lists (basic types 04, 10, 11, 12, 13) and
 * standard tax codes.
 *
 * @module
 */

import type { ReceiptTax } from "../../receipt.ts";

/** English descriptions by code, by basic type. */
export const codeLists = {
  "04": {
    "04001": "Withdrawal of treatment services",
    "04002": "Withdrawal of goods used for treatment services",
    "04003": "Sale of goods",
    "04004": "Sale of treatment services",
    "04005": "Sale of haircut",
    "04006": "Food",
    "04007": "Beer",
    "04008": "Wine",
    "04009": "Liquor",
    "04010": "Alcopops/Cider",
    "04011": "Soft drinks/Mineral water",
    "04012": "Other drinks (tea, coffe etc)",
    "04013": "Tobacco",
    "04014": "Other goods",
    "04015": "Entrance fee (cover charge)",
    "04016": "Free entrance (members etc)",
    "04017": "Cloakroom fee",
    "04018": "Free cloakroom",
    "04019": "Accomodation - full board",
    "04020": "Accomodation - half board",
    "04021": "Accomodation - with breakfast",
    "04999": "Other",
  },
  "10": { "10001": "Amount from gratuity/tip" },
  "11": {
    "11001": "Cash sale",
    "11002": "Credit sale",
    "11006": "Return payment",
    "11009": "Correction",
    "11015": "Cash and credit sale",
    "11016": "Cash sale and return",
  },
  "12": {
    "12001": "Cash",
    "12002": "Debit card",
    "12003": "Credit card",
    "12004": "Bank account",
    "12005": "Gift token",
    "12006": "Customer card",
    "12007": "Loyalty, stamps",
    "12008": "Bottle deposit",
    "12009": "Check",
    "12010": "Credit note",
    "12011": "Mobile phone apps",
    "12999": "Other",
  },
  "13": {
    "13001": "POS application start",
    "13002": "POS application shut down",
    "13003": "Employee log in",
    "13004": "Employee log out",
    "13005": "Open cash drawer",
    "13006": "Close cash drawer",
    "13007": "Update of POS application",
    "13008": "X report",
    "13009": "Z report",
    "13010": "Suspend transaction",
    "13011": "Resume transaction",
    "13012": "Sales receipt printed",
    "13013": "Return receipt",
    "13014": "Copy receipt",
    "13015": "Provisional receipt",
    "13016": "Delivery receipt",
    "13017": "Training receipt",
    "13018": "Other reports or receipts",
    "13019": "Cash withdrawal",
    "13020": "Export of journal to external storage (cash register)",
    "13021": "Price change",
    "13022": "Price look-up",
    "13023": "Training mode on",
    "13024": "Training mode off",
    "13025": "Memory full (cash register)",
    "13026": "Emergency mode on",
    "13027": "Emergency mode off",
    "13028": "Void receipt",
    "13029": "STEB receipt",
    "13030": "Concluded sale without receipt printed",
    "13999": "Other",
  },
} as const;

/** What a till may seal as an event, or tell an export of. */
export const eventCodes = {
  "application-started": "13001",
  "application-stopped": "13002",
  "signed-in": "13003",
  "signed-out": "13004",
  "drawer-opened": "13005",
  "drawer-closed": "13006",
  "application-updated": "13007",
  "x-report": "13008",
  "z-report": "13009",
  suspended: "13010",
  resumed: "13011",
  copy: "13014",
  "pro-forma": "13015",
  delivery: "13016",
  "other-report": "13018",
  "cash-withdrawn": "13019",
  "journal-exported": "13020",
  "price-changed": "13021",
  "price-inquiry": "13022",
  "training-on": "13023",
  "training-off": "13024",
  "memory-full": "13025",
  "emergency-on": "13026",
  "emergency-off": "13027",
  "without-receipt": "13030",
  "cash-added": "13999",
  "float-set": "13999",
  "line-removed": "13999",
  other: "13999",
} as const;

export type NorwayEventName = keyof typeof eventCodes;

export function isEventName(name: string): name is NorwayEventName {
  return Object.hasOwn(eventCodes, name);
}

/** List 12 by the kinds of payment that tills here know. */
export const paymentCodes: Readonly<Record<string, string>> = {
  cash: "12001",
  card: "12002",
  "debit-card": "12002",
  "credit-card": "12003",
  transfer: "12004",
  "gift-card": "12005",
  voucher: "12010",
  account: "12006",
  "on-account": "12006",
  "foreign-cash": "12001",
  loyalty: "12007",
  deposit: "12008",
  cheque: "12009",
  mobile: "12011",
};

/** Names come from elsewhere, and "constructor" is one that every object has. */
export function ownValue<T>(
  map: Readonly<Record<string, T>> | undefined,
  name: string,
): T | undefined {
  return map !== undefined && Object.hasOwn(map, name) ? map[name] : undefined;
}

export const otherPayment = "12999";
export const creditPayment = "12006";
export const defaultGroup = "04003";

/** Output VAT by rate in basis points: regular, middle, raw fish, low. */
const standardCodes: Readonly<Record<number, string>> = {
  2500: "3",
  1500: "31",
  1111: "32",
  1200: "33",
};

const untaxedCodes: Readonly<Record<string, string>> = {
  Z: "5",
  E: "6",
  O: "7",
  AE: "51",
  G: "52",
};

/** The standard VAT code of a rate; undefined where Norway has none. */
export function standardVatCode({
  category,
  rateBp,
}: Pick<ReceiptTax, "category" | "rateBp">): string | undefined {
  return category === "S" ? standardCodes[rateBp] : ownValue(untaxedCodes, category);
}
