import type { Element } from "@xmldom/xmldom";
import { beforeAll, describe, expect, test } from "vitest";
import { beer, milk, norwayDay, norwayDays, norwayFromMs } from "../../../testing/norway-days.ts";
import { elements, parsed, signaturesIn, textIn } from "../../../testing/norway-second-opinion.ts";
import {
  again,
  exportText,
  norwayConfig,
  norwayReceipt,
  sealInNorway,
} from "../../../testing/norway-shop.ts";
import type { SealedRun } from "../../../testing/seal-all.ts";
import { norwaySaft } from "../norway-saft.ts";

let day: SealedRun;
let days: SealedRun;

beforeAll(async () => {
  day = await norwayDay();
  days = await norwayDays();
});

describe("SAF-T Cash Register export (RNR)", () => {
  test("[RNR14] each signature verifies from the file alone, by node's own primitives", async () => {
    const xml = parsed(await exportText(days));
    expect(signaturesIn(xml)).toEqual([true, true, true]);
    const versions = elements(xml, "keyVersion").map((one) => one.textContent);
    expect(versions).toEqual(["1", "2", "3"]);
  });

  test("[RNR14] so do those of a part, whose comment says what the first chains to", async () => {
    const all3 = ["2026-11-22", "2026-11-23", "2026-11-24"] as const;
    for (const from of all3) {
      for (const to of all3.filter((date) => date >= from)) {
        const xml = parsed(await exportText(days, { from, to }));
        const count = all3.indexOf(to) - all3.indexOf(from) + 1;
        expect(signaturesIn(xml)).toEqual(Array.from({ length: count }, () => true));
        expect([textIn(xml, "startDate"), textIn(xml, "endDate")]).toEqual([from, to]);
      }
    }
  });

  test("[RNR14] a changed amount, time, number or order does not verify", async () => {
    const xml = await exportText(days);
    const twins = [
      xml.replace("<transAmntIn>179.40<", "<transAmntIn>179.41<"),
      xml.replace("<transAmntEx>28.53<", "<transAmntEx>28.52<"),
      xml.replace("<cashtransaction><nr>A1-1-000002<", "<cashtransaction><nr>A1-1-000009<"),
      xml.replace("<transDate>2026-11-23<", "<transDate>2026-11-21<"),
      xml.replace(/<cashtransaction>.*?<\/cashtransaction>\n/, ""),
    ];
    for (const twin of twins) {
      expect(twin).not.toBe(xml);
      expect(signaturesIn(parsed(twin))).toContain(false);
    }
  });

  test("[RNR14] control totals stand in the comment and are those of the file", async () => {
    const xml = parsed(await exportText(day));
    const comment = textIn(xml, "headerComment");
    const transactions = elements(xml, "cashtransaction");
    const inMinor = transactions.reduce((sum, one) => sum + minorIn(one, "transAmntIn"), 0);
    const exMinor = transactions.reduce((sum, one) => sum + minorIn(one, "transAmntEx"), 0);
    expect(comment).toContain(`transactions=${transactions.length}; events=6;`);
    expect(comment).toContain(`transAmntIn=${(inMinor / 100).toFixed(2)};`);
    expect(comment).toContain(`transAmntEx=${(exMinor / 100).toFixed(2)};`);
    expect(comment).toContain("first=A1-1-000001; last=A1-1-000005; previousSignature=0");
  });

  test("[RNR14] lines, VAT, payments and rounding of each transaction add up to it", async () => {
    for (const one of elements(parsed(await exportText(day)), "cashtransaction")) {
      const inMinor = minorIn(one, "transAmntIn");
      const exMinor = minorIn(one, "transAmntEx");
      expect(sumIn(one, "lineAmntIn")).toBe(inMinor);
      expect(sumIn(one, "lineAmntEx")).toBe(exMinor);
      const paid = sumIn(one, "paidAmnt") - sumIn(one, "roundingAmnt") - sumIn(one, "raiseAmnt");
      expect(paid).toBe(inMinor);
      // Once a line and once a transaction.
      expect(sumIn(one, "vatAmnt")).toBe(2 * (inMinor - exMinor));
    }
  });

  test("[RNR6] [RNR7] training, voids and copies are marked in the file", async () => {
    const transactions = elements(parsed(await exportText(day)), "cashtransaction");
    const marks = (name: string) => transactions.map((one) => textIn(one, name));
    expect(marks("trainingID")).toEqual(["false", "false", "false", "true", "false"]);
    expect(marks("voidTransaction")).toEqual(["false", "false", "true", "false", "false"]);
    expect(marks("receiptCopyNum")).toEqual(["1", "0", "0", "0", "0"]);
    expect(marks("transType")).toEqual(["11001", "11006", "11009", "11001", "11015"]);
  });

  test("[RNR8] receipts bring their events, sealed ones stand among them in order", async () => {
    const events = elements(parsed(await exportText(day)), "event");
    const types = events.map((one) => textIn(one, "eventType"));
    expect(types).toEqual([
      "13012",
      "13005",
      "13013",
      "13028",
      "13017",
      "13012",
      "13005",
      "13014",
      "13022",
      "13999",
      "13008",
      "13009",
    ]);
    expect(events.map((one) => textIn(one, "eventText")).filter((text) => text !== "")).toEqual([
      "amount 212.20",
      "artGroupID 04007; amount 29.90",
      "line-removed; amount 3.00; artID 1001 & <more>",
    ]);
  });

  test("[RNR9] reports in the file show grand totals and what was not printed as a sale", async () => {
    const [x] = elements(parsed(await exportText(day)), "eventReport");
    if (x === undefined) throw new Error("there is a report");
    const figures = [
      "totalCashSaleAmnt",
      "reportReceiptNum",
      "reportOpenCashBoxNum",
      "reportReceiptCopyAmnt",
      "reportReturnAmnt",
      "reportVoidTransAmnt",
      "reportTrainingAmnt",
      "reportGrandTotalSales",
      "reportGrandTotalReturn",
      "reportGrandTotalSalesNet",
    ].map((name) => textIn(x, name));
    expect(figures).toEqual([
      "16.40",
      "2",
      "1",
      "212.20",
      "16.40",
      "179.40",
      "179.40",
      "215.10",
      "195.80",
      "19.30",
    ]);
    expect(textIn(x, "creditSalesAmnt")).toBe("2.90");
    expect(textIn(x, "tipAmnt")).toBe("10.00");
  });

  test("[RNR15] it comes in small pieces, and none holds two documents", async () => {
    const many = await sealInNorway(
      Array.from({ length: 300 }, () => norwayReceipt("sale", [milk, beer])),
    );
    const at = { epochMs: norwayFromMs, offsetMinutes: 60 };
    let pieces = 0;
    for await (const piece of saft(again(many.documents), { ...many.context, at })) {
      pieces += 1;
      expect(piece.length).toBeLessThan(4000);
      expect(piece.split("<cashtransaction>").length).toBeLessThanOrEqual(2);
    }
    expect(pieces).toBeGreaterThan(600);
  });

  test("[RNR15] documents that can be read once only are a bug, later ones are left out", async () => {
    const at = { epochMs: norwayFromMs, offsetMinutes: 60 };
    const once = again(day.documents)[Symbol.asyncIterator]();
    const oneTime = { [Symbol.asyncIterator]: () => once };
    await expect(drain(saft(oneTime, { ...day.context, at }))).rejects.toThrow("more than once");
    let reads = 0;
    const growing = {
      async *[Symbol.asyncIterator]() {
        reads += 1;
        yield* day.documents.slice(0, 2 + reads);
      },
    };
    const text = (await drain(saft(growing, { ...day.context, at }))).join("");
    expect(elements(parsed(text), "cashtransaction")).toHaveLength(3);
    expect(textIn(parsed(text), "headerComment")).toContain("transactions=3;");
  });

  test("[RNR12] the file is named after company and time", () => {
    const at = { epochMs: norwayFromMs, offsetMinutes: 60 };
    expect(norwaySaft.exports["saft-cr"]?.fileName(norwayConfig(), at)).toBe(
      "SAF-T Cash Register_999999999_20261122110000.xml",
    );
  });
});

function saft(
  ...[documents, input]: Parameters<(typeof norwaySaft.exports)[string]["write"]>
): AsyncIterable<string> {
  const written = norwaySaft.exports["saft-cr"]?.write(documents, input);
  if (written === undefined) throw new Error("Norway exports saft-cr");
  return written;
}

async function drain(pieces: AsyncIterable<string>): Promise<readonly string[]> {
  const read: string[] = [];
  for await (const piece of pieces) read.push(piece);
  return read;
}

function minorIn(element: Element, name: string): number {
  return Math.round(Number(textIn(element, name)) * 100);
}

function sumIn(element: Element, name: string): number {
  return elements(element, name).reduce(
    (sum, one) => sum + Math.round(Number(one.textContent) * 100),
    0,
  );
}
