import { describe, expect, test } from "vitest";
import type { Fiscal, FiscalDocument } from "../api/fiscal-shapes.ts";
import {
  canBePutRight,
  canBeSentAgain,
  documentReason,
  fiscalAlarms,
  isSkewBad,
  keyText,
  skewText,
} from "./fiscal-text.ts";

const sound: Fiscal = {
  regime: "es-verifactu",
  isTest: false,
  stopped: null,
  activation: null,
  stream: null,
  head: null,
  outage: null,
  closings: [],
  keys: [],
  delivery: {
    isSent: true,
    waiting: 3,
    inflight: 0,
    accepted: 9,
    flagged: 0,
    rejected: 0,
    parked: 0,
    corrected: 0,
    oldestWaiting: null,
    deadlines: { warning: 2, alarm: 0, late: 0 },
    notBefore: null,
    paused: null,
    skewMs: null,
    lastError: null,
  },
  exports: [],
};
const outage = { since: "2026-11-22T10:00:00.000Z", firstNumber: "A-1", lastNumber: "A-2" };
const withDeadlines = (deadlines: Fiscal["delivery"]["deadlines"]): Fiscal => ({
  ...sound,
  delivery: { ...sound.delivery, deadlines },
});
const reading = { timeZone: "UTC", nowMs: Date.parse("2026-11-22T12:00:00Z") };
const titlesOf = (fiscal: Fiscal) => fiscalAlarms(fiscal, reading).map(({ title }) => title);

describe("what whoever sells must know", () => {
  test("nothing while all is well, nor at half of the time", () => {
    expect(titlesOf(sound)).toEqual([]);
  });

  test("sealing that has stopped is the only thing that ends selling", () => {
    const stopped = {
      ...sound,
      stopped: "Document 5 is missing.",
      outage: { ...outage, ended: null },
    };
    const alarms = fiscalAlarms(stopped, reading);
    expect(alarms).toMatchObject([{ isOver: true }]);
    expect(alarms[0]?.text).toContain("Document 5 is missing.");
  });

  test("a signer that is out, until it is back", () => {
    const out = { ...sound, outage: { ...outage, ended: null } };
    const [alarm] = fiscalAlarms(out, reading);
    expect(alarm).toMatchObject({ isOver: false, title: "The fiscal signer is out" });
    expect(alarm?.text).toContain("since 10:00.");
    const later = { ...reading, nowMs: reading.nowMs + 86_400_000 };
    expect(fiscalAlarms(out, later)[0]?.text).toContain("since 22 Nov 2026, 10:00.");
    expect(titlesOf({ ...sound, outage: { ...outage, ended: outage.since } })).toEqual([]);
  });

  test.each([
    [2, 0, "2 documents must reach the authority soon."],
    [0, 1, "1 document for the authority is late."],
    [1, 2, "2 documents for the authority are late, 1 is due soon."],
  ])("deadlines from 80 %% on: %i near, %i late", (alarm, late, title) => {
    expect(titlesOf(withDeadlines({ warning: 5, alarm, late }))).toEqual([title]);
  });
});

describe("documents that need a person", () => {
  const document: FiscalDocument = {
    device: { id: "d", name: "Till 1" },
    stream: "s",
    sequence: 5,
    number: "A-000005",
    kind: "sale",
    at: outage.since,
    state: "rejected",
    attempts: 1,
    code: "1118",
    detail: "NIF no identificado",
    due: null,
    level: null,
    receiptId: null,
  };

  test("the authority's own words come first", () => {
    expect(documentReason(document)).toBe("1118: NIF no identificado");
    expect(documentReason({ ...document, code: null, detail: null })).toBe(
      "The authority refused it.",
    );
    expect(documentReason({ ...document, code: "unencodable" })).toBe("NIF no identificado");
    const conflict = { ...document, state: "conflict", detail: "the authority has 3C46" };
    expect(documentReason(conflict)).toContain("under this number (the authority has 3C46).");
  });

  test("what was accepted is not sent again", () => {
    const states = ["parked", "rejected", "conflict", "flagged", "accepted", "queued", "corrected"];
    expect(states.filter((state) => canBeSentAgain({ state }))).toEqual(states.slice(0, 3));
    expect(states.filter((state) => canBePutRight({ state }))).toEqual(["rejected", "flagged"]);
  });
});

test("a certificate that ends, a clock that differs", () => {
  const key = { keyId: "K", notAfter: outage.since, daysLeft: 1, level: "7-days" } as const;
  expect(keyText(key, "UTC")).toBe("ends 22 Nov 2026, in 1 day");
  expect(keyText({ ...key, level: "ended" }, "UTC")).toBe("ended 22 Nov 2026");
  expect([-900, 12_000, -400_000].map(skewText)).toEqual([
    "as this till’s",
    "12 s ahead of this till",
    "7 min behind this till",
  ]);
  expect([29_999, -30_000].map(isSkewBad)).toEqual([false, true]);
});
