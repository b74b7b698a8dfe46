import { err } from "@tillmesh/kernel";
import { describe, expect, test } from "vitest";
import { closedBreaker } from "../../breaker.ts";
import type { Head } from "../../document.ts";
import type { FiscalSigner } from "../../ports.ts";
import type { Receipt } from "../../receipt.ts";
import type { DocumentRequest, TillEvent } from "../../regime.ts";
import { seal } from "../../seal.ts";
import {
  findingsOf,
  norwayConfig,
  norwayReceipt,
  sealInNorway,
} from "../../testing/norway-shop.ts";
import { neverTimer, requestOf, type SealedRun } from "../../testing/seal-all.ts";
import type { NorwayEvent } from "./event.ts";
import { norwaySaft } from "./norway-saft.ts";
import { readRecord } from "./record.ts";
import { stateOf } from "./state.ts";

const milk = ["1001", 2, 3280, 1500] as const;
const beer = ["3001", 6, 17_940, 2500] as const;
const sale = norwayReceipt("sale", [milk, beer]);
const refund = norwayReceipt("refund", [["1001", -1, -1640, 1500]]);
const annulment = norwayReceipt("void", [["3001", -6, -17_940, 2500]]);
const training = norwayReceipt("training", [beer]);

describe("sealing in Norway (RNR)", () => {
  test("[RNR2] signatures chain over events and key changes, from 0", async () => {
    const first = await sealInNorway([sale, event({ event: "drawer-opened" }), refund]);
    const second = await goOn(first, [annulment, event({ event: "z-report" })], "2");
    const third = await goOn(second, [training, sale], "3");
    const documents = [first, second, third].flatMap((run) => run.documents);
    expect(documents.map(({ keyId }) => keyId)).toEqual(["1", "1", "1", "2", "2", "3", "3"]);
    expect(findingsOf(documents, third.context)).toEqual([]);
    expect(stateOf(third.head.state).signature).toBe(signatureOf(documents.at(-1)?.text));
  });

  test("[RNR3] receipts number the series, events their place", async () => {
    const { documents } = await sealInNorway([
      sale,
      event({ event: "drawer-opened" }),
      training,
      refund,
      event({ event: "x-report" }),
      annulment,
    ]);
    expect(documents.map(({ number }) => number)).toEqual([
      "A1-1-000001",
      "A1-1-E2",
      "A1-1-000002",
      "A1-1-000003",
      "A1-1-E5",
      "A1-1-000004",
    ]);
  });

  test.each<readonly [string, Partial<Receipt>, string]>([
    ["another currency", { currency: "SEK" }, "currency"],
    ["lines that do not make the total", { lines: sale.lines.slice(1) }, "totals"],
    [
      "a line of a rate that no tax has",
      { taxes: sale.taxes.slice(1), totalMinor: 17_940 },
      "totals",
    ],
    ["a rate that Norway has not", norwayReceipt("sale", [["1", 1, 1200, 2000]]), "rate"],
    ["payments of another sum", { payments: [{ kind: "card", amountMinor: 1 }] }, "payments"],
    ["an article group of no list", { options: { "articleGroup/line_0": "99" } }, "code"],
    ["a discount that is no amount", { options: { discountMinor: "1.50" } }, "amount"],
    ["a void of nothing", { ...annulment, refersTo: undefined } as unknown as Receipt, "reference"],
  ])("[RNR5] refused before a number is taken: %s", async (_, change, code) => {
    const run = await sealInNorway([]);
    const receipt = { ...sale, ...change };
    const sealed = await trySeal(run, requestOf(receipt));
    const faults = !sealed.ok && sealed.error.type === "Faulty" ? sealed.error.faults : [];
    expect(faults.map((fault) => fault.code)).toContain(code);
  });

  test("[RNR5] cash is rounded to a krone, and a tip is no rounding", async () => {
    const paid = { ...sale, payments: [{ kind: "cash", amountMinor: 21_200 }] };
    const listed = { ...sale, payments: [...paid.payments, { kind: "rounding", amountMinor: 20 }] };
    const tipped = {
      ...sale,
      payments: [{ kind: "card", amountMinor: 23_220 }],
      options: { tipMinor: "2000" },
    };
    const { documents } = await sealInNorway([paid, tipped, listed]);
    const records = documents.map(({ text }) => readRecord(text));
    expect(records[0]).toMatchObject({ roundingMinor: -20, payments: [{ code: "12001" }] });
    expect(records[1]).toMatchObject({ roundingMinor: 0, tipMinor: 2000 });
    expect(records[2]).toMatchObject({ roundingMinor: -20, payments: [{ code: "12001" }] });
  });

  test("[RNR5] groups, VAT codes and means of payment come from receipt, settings, or what is usual", async () => {
    const settings = {
      articleGroups: { "mva-1500": "04006" },
      vatCodes: { "mva-0": "52" },
      payments: { vipps: "12011" },
    };
    const receipt = norwayReceipt("sale", [milk, beer, ["9", 1, 100, 0]], {
      payments: [
        { kind: "vipps", amountMinor: 20_000 },
        { kind: "constructor", amountMinor: 1320 },
      ],
      options: { "articleGroup/line_1": "04007" },
    });
    const { documents } = await sealInNorway([receipt], { config: norwayConfig("1", settings) });
    const record = readRecord(documents[0]?.text ?? "");
    expect(record).toMatchObject({
      lines: [
        { group: "04006", vatCode: "31" },
        { group: "04007", vatCode: "3" },
        { group: "04003", vatCode: "52" },
      ],
      payments: [{ code: "12011" }, { code: "12999" }],
    });
  });

  test("[RNR6] each kind is marked, and test keys are told", async () => {
    const copy = event({
      event: "copy",
      transaction: "A1-1-000001",
      amountMinor: 21_220,
      copiesBefore: 0,
    });
    const { documents } = await sealInNorway([sale, refund, annulment, training, copy]);
    expect(documents.map(({ print }) => print.lines[0])).toEqual([
      "SALGSKVITTERING",
      "RETURKVITTERING",
      "ANNULLERING",
      "TRENINGSKVITTERING - IKKE GYLDIG",
      "KOPI",
    ]);
    for (const { print } of documents) {
      expect(print.lines.join("\n")).toContain("testnøkler");
      expect(print.lines).toContain("Org.nr. NO 999999999 MVA");
    }
  });

  test("[RNR7] a receipt is copied once, whatever the till's books or the day say", async () => {
    const copy = (copiesBefore: number) =>
      event({ event: "copy", transaction: "A1-1-000001", amountMinor: 21_220, copiesBefore });
    const run = await sealInNorway([sale, copy(0)]);
    expect(await codesOf(run, copy(0))).toEqual(["copies"]);
    const nextDay = await goOn(run, [event({ event: "z-report" })]);
    expect(await codesOf(nextDay, copy(1))).toEqual(["copies"]);
    const forced = await goOn(nextDay, [copy(0)]);
    const documents = [...run.documents, ...nextDay.documents, ...forced.documents];
    expect(findingsOf(documents, forced.context)).toEqual(["4 copy"]);
  });

  test.each<readonly [string, DocumentRequest, string]>([
    ["no such event", { kind: "event", facts: { event: "party" } }, "shape"],
    ["a member that nobody knows", { kind: "event", facts: { event: "copy", x: 1 } }, "shape"],
    ["a copy of nothing", event({ event: "copy", amountMinor: 1, copiesBefore: 0 }), "reference"],
    ["money without an amount", event({ event: "cash-withdrawn" }), "amount"],
    ["a look-up without a group", event({ event: "price-inquiry", amountMinor: 1 }), "group"],
    ["a document of other countries", { kind: "collective" }, "kind"],
  ])("[RNR8] refused: %s", async (_, request, code) => {
    const run = await sealInNorway([]);
    expect(await codesOf(run, request)).toContain(code);
  });

  test.each<readonly [TillEvent, NorwayEvent]>([
    [
      { type: "drawer-opened", reason: "change" },
      { event: "drawer-opened", text: "change" },
    ],
    [
      { type: "receipt-copied", number: "A1-1-000001", amountMinor: 5, copiesBefore: 0 },
      { event: "copy", transaction: "A1-1-000001", amountMinor: 5, copiesBefore: 0 },
    ],
    [
      { type: "cash-moved", amountMinor: -5 },
      { event: "cash-withdrawn", amountMinor: 5 },
    ],
    [
      { type: "cash-moved", amountMinor: 5 },
      { event: "cash-added", amountMinor: 5 },
    ],
    [
      { type: "float-set", amountMinor: 5 },
      { event: "float-set", amountMinor: 5 },
    ],
    [
      { type: "x-report", cashier: "staff_1" },
      { event: "x-report", cashier: "staff_1" },
    ],
  ])("[RNR8] what a till tells of itself is sealed: %o", async (told, facts) => {
    const request = norwaySaft.noted?.(told);
    expect(request).toEqual({ kind: "event", facts });
    const { documents, context } = await sealInNorway(request === undefined ? [] : [request]);
    expect(findingsOf(documents, context)).toEqual([]);
  });

  test("[RNR10] without a signature nothing is sealed, and no number is taken", async () => {
    const run = await sealInNorway([sale]);
    const out: FiscalSigner = {
      sign: () =>
        Promise.resolve(err({ type: "SignFailed", reason: "no card", isUnknown: false } as const)),
    };
    const sealed = await trySeal(run, requestOf(sale), out);
    expect(sealed).toMatchObject({ ok: false, error: { type: "SignerNeeded", reason: "no card" } });
    const after = await goOn(run, [sale]);
    expect(after.documents[0]?.number).toBe("A1-1-000002");
  });

  test("[RNR10] a signature by another key than the registered one is refused", async () => {
    const run = await sealInNorway([]);
    const wrong: FiscalSigner = {
      sign: () => Promise.resolve({ ok: true, value: new Uint8Array(128) }),
    };
    const sealed = await trySeal(run, requestOf(sale), wrong);
    expect(sealed).toMatchObject({ ok: false, error: { type: "SignerNeeded" } });
  });

  test("[RNR9] the day closes with a Z", () => {
    const run = norwaySaft.closing?.("day", norwayConfig(), {} as Head);
    expect(run).toEqual({ kind: "event", facts: { event: "z-report" } });
    expect(norwaySaft.closing?.("month", norwayConfig(), {} as Head)).toBeUndefined();
  });
});

function event(facts: NorwayEvent): DocumentRequest {
  return { kind: "event", facts };
}

function goOn(
  { head }: SealedRun,
  requests: Parameters<typeof sealInNorway>[0],
  keyVersion = "1",
): Promise<SealedRun> {
  const fromMs = head.sealedAtMs + 60_000;
  return sealInNorway(requests, { head, fromMs, config: norwayConfig(keyVersion) });
}

function trySeal(
  { head, context }: SealedRun,
  request: DocumentRequest,
  signer?: FiscalSigner,
): ReturnType<typeof seal> {
  const epochMs = Math.max(head.sealedAtMs, 1_795_341_600_000) + 60_000;
  const at = { epochMs, offsetMinutes: 60 };
  const ports = { regime: norwaySaft, head, context, breaker: closedBreaker, timer: neverTimer };
  return seal(request, at, signer === undefined ? ports : { ...ports, signer });
}

async function codesOf(run: SealedRun, request: DocumentRequest): Promise<readonly string[]> {
  const sealed = await trySeal(run, request);
  return !sealed.ok && sealed.error.type === "Faulty"
    ? sealed.error.faults.map(({ code }) => code)
    : [];
}

function signatureOf(text = ""): string | undefined {
  return readRecord(text)?.signature;
}
