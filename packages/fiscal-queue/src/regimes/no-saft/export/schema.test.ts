import { beforeAll, describe, expect, test } from "vitest";
import type { Json } from "@tillmesh/kernel";
import { conformanceText } from "../../../testing/conformance.ts";
import { isSaftSchemaAbsent, saftFaults } from "../../../testing/saft-schema.ts";
import { norwayDay, norwayDays, norwayEvent } from "../../../testing/norway-days.ts";
import { elements, parsed, textIn } from "../../../testing/norway-second-opinion.ts";
import { exportText, norwayReceipt, sealInNorway } from "../../../testing/norway-shop.ts";
import type { SealedRun } from "../../../testing/seal-all.ts";

const folder = "no-saft-cr";
const exampleFile = `${folder}/ExampleFile SAF-T Cash Register_999999999_20210330104000.xml`;
const isAbsent = isSaftSchemaAbsent(20);

let day: SealedRun;
let days: SealedRun;

beforeAll(async () => {
  day = await norwayDay();
  days = await norwayDays();
});

describe("SAF-T Cash Register export against schema and lists (RNR)", () => {
  test.skipIf(isAbsent)(
    "[RNR12] the official example is valid, and mutated twins are not",
    async () => {
      const example = conformanceText(exampleFile);
      expect(await saftFaults(example)).toEqual([]);
      expect(
        await saftFaults(example.replace("<transAmntIn>86.40<", "<transAmntIn>86,40<")),
      ).not.toEqual([]);
      expect(await saftFaults(example.replace("<artID>1001<", "<artID>9<"))).not.toEqual([]);
    },
  );

  test.skipIf(isAbsent)("[RNR12] an export of documents alone is valid", async () => {
    expect(await saftFaults(await exportText(day))).toEqual([]);
    expect(await saftFaults(await exportText(days))).toEqual([]);
  });

  test.skipIf(isAbsent)("[RNR12] so is one of nothing", async () => {
    const empty = await sealInNorway([]);
    expect(await saftFaults(await exportText(empty))).toEqual([]);
    const noSales = await sealInNorway([norwayEvent({ event: "z-report" })]);
    expect(await saftFaults(await exportText(noSales))).toEqual([]);
  });

  test.skipIf(isAbsent)("[RNR12] and one of names, ids and texts as bad as they come", async () => {
    const bad = "]]> & <x>\u0000\u0007\r\n\ud800\ufffe 😀";
    const hard = norwayReceipt(
      "sale",
      [
        ["s".repeat(64), 1, 100, 2500],
        [bad, 1, 50, 1500],
      ],
      {
        cashier: `staff_${"1".repeat(40)}`,
        reason: bad,
      },
    );
    const renamed = {
      ...hard,
      lines: hard.lines.map((line) => ({
        ...line,
        name: bad,
        taxCode: "t".repeat(40) + line.rateBp,
      })),
      taxes: hard.taxes.map((tax) => ({ ...tax, taxCode: "t".repeat(40) + tax.rateBp })),
    };
    const run = await sealInNorway([renamed, norwayEvent({ event: "z-report" })]);
    expect(await saftFaults(await exportText(run))).toEqual([]);
  });

  test.skipIf(isAbsent).each<readonly [string, string | RegExp, string]>([
    ["an amount of three digits", /<transAmntIn>[^<]*</, "<transAmntIn>1.234<"],
    ["an event of no basic", "<eventType>13009<", "<eventType>13008x<"],
    ["a line of no basic", "<lineType>SAL<", "<lineType>SALE<"],
    ["an article that is not listed", "<article><artID>1001<", "<article><artID>1002<"],
    ["a cashier who is not listed", "<employee><empID>staff_1000<", "<employee><empID>staff_1<"],
    ["a number of 36 characters", "<nr>A1-1-000001<", `<nr>${"9".repeat(36)}<`],
    ["a side that is neither C nor D", "<amntTp>C<", "<amntTp>X<"],
    ["a transaction without a signature", /<signature>[^<]*<\/signature>/, ""],
    ["a transaction without a key version", "<keyVersion>1</keyVersion>", ""],
    [
      "events after transactions",
      /(<event><eventID>R-1<.*?<\/event>)([\s\S]*)(<\/cashregister>)/,
      "$2$1$3",
    ],
    ["a report of another type", "<reportType>Z report<", "<reportType>Y report<"],
    ["a report without grand totals", /<reportGrandTotalSales>[^<]*<\/reportGrandTotalSales>/, ""],
    ["two reports of one id", "<reportID>X-1<", "<reportID>Z-1<"],
    ["a country that is none", "<country>NO<", "<country>XX<"],
  ])("[RNR12] a twin is not valid: %s", async (_, from, to) => {
    const xml = await exportText(day);
    const twin = xml.replace(from, to);
    expect(twin).not.toBe(xml);
    expect(await saftFaults(twin)).not.toEqual([]);
  });

  test.skipIf(isAbsent)(
    "[RNR13] each code in an export is in the lists, under its type",
    async () => {
      const official = officialCodes();
      const xml = parsed(await exportText(day));
      const basics = elements(xml, "basic").map((basic) => ({
        type: textIn(basic, "basicType"),
        id: textIn(basic, "basicID"),
        code: textIn(basic, "predefinedBasicID"),
      }));
      for (const { type, id, code } of basics.filter((basic) => basic.type !== "05")) {
        expect(official.get(type), type).toContain(code);
        expect(id).toBe(code);
      }
      const ids = new Set(basics.map(({ id }) => id));
      expect(ids.size).toBe(basics.length);
      const used = ["eventType", "transType", "lineType", "paymentType", "artGroupID", "raiseType"];
      const codes = used.flatMap((name) => elements(xml, name).map((one) => one.textContent ?? ""));
      expect(codes.filter((code) => !ids.has(code))).toEqual([]);
      expect(new Set(codes).size).toBeGreaterThan(15);
    },
  );

  test.skipIf(isAbsent)("[RNR16] names, notes and receipts not printed may be added", async () => {
    const more: Json = {
      userId: "auditor",
      articles: [{ sku: "1001", name: "Lettmelk 1 l", since: "2026-01-01", group: "04006" }],
      staff: [
        {
          cashier: "staff_1000",
          surname: "Nordmann",
          firstName: "Kari",
          role: "Kasse",
          since: "2026-01-01",
        },
      ],
      events: [
        { id: "n1", event: "signed-in", cashier: "staff_9", date: "2026-11-22", time: "08:00:00" },
        { id: "n2", event: "application-stopped", date: "2026-11-22", time: "23:00:00" },
        { id: "n3", event: "signed-in", date: "2020-01-01", time: "08:00:00" },
      ],
      withoutReceipt: ["A1-1-000001"],
    };
    const text = await exportText(day, { more, from: "2026-11-22" });
    expect(await saftFaults(text)).toEqual([]);
    const xml = parsed(text);
    const events = elements(xml, "event");
    expect(textIn(events[0], "eventType")).toBe("13003");
    expect(textIn(events[1], "eventType")).toBe("13030");
    expect(textIn(events.at(-1), "eventID")).toBe("n2");
    expect(text).not.toContain(">n3<");
    expect(elements(xml, "artDesc")[0]?.textContent).toBe("Lettmelk 1 l");
    expect(elements(xml, "surName").map((one) => one.textContent)).toEqual([
      "Nordmann",
      "staff_1001",
      "staff_9",
    ]);
    expect(textIn(elements(xml, "cashtransaction")[0], "receiptNum")).toBe("0");
    await expect(exportText(day, { more: { articles: [{ sku: 1 }] } })).rejects.toThrow("SaftMore");
  });
});

function officialCodes(): ReadonlyMap<string, readonly string[]> {
  const name = `${folder}/Norwegian SAF-T Cash Register data - Code list - PredefinedBasicID-`;
  const lists = ["04", "10", "11", "12", "13"];
  return new Map(
    lists.map((type) => {
      const encoding = type === "13" ? "utf-8" : "iso-8859-1";
      const rows = conformanceText(`${name}${type}.csv`, encoding).split("\r\n").slice(1);
      return [type, rows.map((row) => row.split(";")[0] ?? "")] as const;
    }),
  );
}
